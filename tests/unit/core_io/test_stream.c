/* Streams: ends, filters, chains. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <zstd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/stream.h"
#include "fail_nth.h"
#include "scratch.h"

enum { BIG_BYTES = 1000000 };

/* Text that compresses a little, the same every time. */
static uint8_t *make_big(void)
{
    uint8_t *data = rh_mem_alloc(BIG_BYTES);
    uint32_t seed = 12345;

    assert_non_null(data);
    for (size_t i = 0; i < BIG_BYTES; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (uint8_t)('a' + (seed >> 28));
    }
    return data;
}

static void memory_ends_pass_bytes(void **state)
{
    rh_buf buf = RH_BUF_INIT;
    rh_writer *writer = NULL;
    rh_reader *reader = NULL;
    char part[4];
    size_t got = 0;

    (void)state;
    assert_int_equal(rh_writer_buf(&buf, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put(writer, "hel", 3, NULL), RH_OK);
    assert_int_equal(rh_writer_put(writer, NULL, 0, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "lo", NULL), RH_OK);
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_free(writer);
    rh_writer_free(NULL);
    assert_string_equal(rh_buf_cstr(&buf), "hello");

    assert_int_equal(rh_reader_mem(buf.data, buf.len, &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_get(reader, part, 4, &got, NULL), RH_OK);
    assert_int_equal(got, 4);
    assert_int_equal(rh_reader_get(reader, part, 4, &got, NULL), RH_OK);
    assert_int_equal(got, 1);
    assert_int_equal(rh_reader_get(reader, part, 4, &got, NULL), RH_DONE);
    assert_int_equal(rh_reader_get(reader, part, 4, &got, NULL), RH_DONE);
    rh_reader_free(reader);
    rh_reader_free(NULL);
    rh_buf_done(&buf);
}

static void exact_reads_complain_about_the_end(void **state)
{
    rh_reader *reader = NULL;
    rh_error err = RH_ERROR_INIT;
    char part[8];

    (void)state;
    assert_int_equal(rh_reader_mem("abcdef", 6, &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_get_exact(reader, part, 4, NULL), RH_OK);
    assert_memory_equal(part, "abcd", 4);
    assert_int_equal(rh_reader_get_exact(reader, part, 0, NULL), RH_OK);
    assert_int_equal(rh_reader_get_exact(reader, part, 4, &err), RH_EFORMAT);
    assert_string_equal(err.text, "unexpected end, 2 bytes are missing");
    rh_reader_free(reader);
}

static void reading_all_has_a_maximum(void **state)
{
    (void)state;
    for (size_t max = 0; max <= 7; max++) {
        rh_buf out = RH_BUF_INIT;
        rh_reader *reader = NULL;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_buf_append_str(&out, ">", NULL), RH_OK);
        assert_int_equal(rh_reader_mem("abcdef", 6, &reader, NULL), RH_OK);
        assert_int_equal(rh_reader_get_all(reader, max, &out, &err), max < 6 ? RH_ELIMIT : RH_OK);
        assert_string_equal(rh_buf_cstr(&out), max < 6 ? ">" : ">abcdef");
        rh_reader_free(reader);
        rh_buf_done(&out);
    }
}

static rh_status count_bytes(void *ctx, const void *data, size_t len, rh_error *err)
{
    size_t *total = ctx;

    (void)data;
    if (*total + len > 10)
        return rh_error_set(err, RH_ELIMIT, "enough");
    *total += len;
    return RH_OK;
}

static void callbacks_get_each_piece_and_may_refuse(void **state)
{
    rh_writer *writer = NULL;
    size_t total = 0;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_writer_call(count_bytes, &total, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "1234567", NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "1234567", &err), RH_ELIMIT);
    assert_string_equal(err.text, "enough");
    assert_int_equal(total, 7);
    rh_writer_free(writer);
}

static void files_appear_when_finished(void **state)
{
    rh_writer *writer = NULL;
    rh_reader *reader = NULL;
    rh_buf back = RH_BUF_INIT;
    struct stat st;
    size_t entries = scratch_entries();

    (void)state;
    assert_int_equal(rh_writer_file(scratch("f"), 0640, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "content", NULL), RH_OK);
    assert_false(rh_fs_exists(scratch("f")));
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_free(writer);
    assert_int_equal(scratch_entries(), entries + 1);
    assert_int_equal(stat(scratch("f"), &st), 0);
    assert_int_equal(st.st_mode & 0137u, 0);

    assert_int_equal(rh_reader_file(scratch("f"), &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_get_all(reader, 100, &back, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&back), "content");
    rh_reader_free(reader);
    rh_buf_done(&back);
}

static void unfinished_files_vanish(void **state)
{
    rh_writer *writer = NULL;
    size_t entries = 0;
    uint64_t bytes = 0;
    int64_t mtime_us = 0;

    (void)state;
    scratch_file("kept", "old");
    entries = scratch_entries();
    assert_int_equal(rh_writer_file(scratch("kept"), 0600, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "newer", NULL), RH_OK);
    assert_int_equal(scratch_entries(), entries + 1);
    rh_writer_free(writer);
    assert_int_equal(scratch_entries(), entries);
    assert_int_equal(rh_fs_stat(scratch("kept"), &bytes, &mtime_us, NULL), RH_OK);
    assert_int_equal(bytes, 3);
}

static void files_that_cannot_be_opened_are_named(void **state)
{
    rh_writer *writer = NULL;
    rh_reader *reader = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_writer_file(scratch("no/f"), 0600, &writer, &err), RH_EIO);
    assert_non_null(strstr(err.text, "no/f"));
    rh_error_clear(&err);
    assert_int_equal(rh_reader_file(scratch("no"), &reader, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_reader_file(scratch_dir, &reader, &err), RH_EIO);
    assert_null(writer);
    assert_null(reader);
}

static void inputs_may_be_links_and_pipes(void **state)
{
    static const char *const names[] = {"plain", "link", "fifo"};
    rh_error err = RH_ERROR_INIT;
    rh_reader *reader = NULL;

    (void)state;
    scratch_file("plain", "content");
    assert_int_equal(symlink("plain", scratch("link")), 0);
    assert_int_equal(mkfifo(scratch("fifo"), 0600), 0);
    for (size_t i = 0; i < 3; i++) {
        rh_buf back = RH_BUF_INIT;
        bool pipe = i == 2;
        int fd = -1;

        assert_int_equal(rh_reader_input(scratch(names[i]), NULL, &reader, NULL), RH_OK);
        if (pipe) {
            fd = open(scratch("fifo"), O_WRONLY);
            assert_int_equal(write(fd, "content", 7), 7);
            close(fd);
        }
        assert_int_equal(rh_reader_get_all(reader, 100, &back, NULL), RH_OK);
        assert_string_equal(rh_buf_cstr(&back), "content");
        rh_reader_free(reader);
        reader = NULL;
        rh_buf_done(&back);
    }
    assert_int_equal(rh_reader_input(scratch("no"), NULL, &reader, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_reader_input(scratch_dir, NULL, &reader, &err), RH_EIO);
    assert_null(reader);
}

/* Nobody writes into it: only the request ends the waiting. */
static void waiting_for_a_pipe_can_be_interrupted(void **state)
{
    rh_cancel cancel = {0};
    rh_error err = RH_ERROR_INIT;
    rh_reader *reader = NULL;
    char byte = 0;
    size_t got = 0;

    (void)state;
    assert_int_equal(mkfifo(scratch("silent"), 0600), 0);
    assert_int_equal(rh_reader_input(scratch("silent"), &cancel, &reader, NULL), RH_OK);
    rh_cancel_request(&cancel);
    assert_int_equal(rh_reader_get(reader, &byte, 1, &got, &err), RH_ECANCELED);
    assert_int_equal(got, 0);
    rh_reader_free(reader);
}

/* Small and large pieces mixed, around the size of the buffer. */
static void pieces_of_all_sizes_arrive_in_order(void **state)
{
    uint8_t *data = make_big();
    rh_writer *writer = NULL;
    rh_buf back = RH_BUF_INIT;
    static const size_t sizes[] = {1, 65535, 65536, 65537, 3, 200000, 65533, 7, 131072};
    size_t at = 0;

    (void)state;
    assert_int_equal(rh_writer_file(scratch("pieces"), 0600, &writer, NULL), RH_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(rh_writer_put(writer, data + at, sizes[i], NULL), RH_OK);
        at += sizes[i];
    }
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_free(writer);
    assert_int_equal(rh_fs_read(scratch("pieces"), BIG_BYTES, &back, NULL), RH_OK);
    assert_int_equal(back.len, at);
    assert_memory_equal(back.data, data, at);
    rh_buf_done(&back);
    rh_mem_free(data);
}

static void full_disk_fails_the_finish_and_leaves_nothing(void **state)
{
    rh_writer *writer = NULL;
    rh_error err = RH_ERROR_INIT;
    struct rlimit before;
    size_t entries = scratch_entries();
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);

    struct rlimit small = {10, before.rlim_max};

    assert_int_equal(rh_writer_file(scratch("full"), 0600, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "more than ten bytes", NULL), RH_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    rh_status status = rh_writer_finish(writer, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, RH_EIO);
    rh_writer_free(writer);
    assert_int_equal(scratch_entries(), entries);

    if (full < 0)
        skip();
    rh_error_clear(&err);
    assert_int_equal(rh_writer_fd(full, "stdout", &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "x", NULL), RH_OK);
    assert_int_equal(rh_writer_finish(writer, &err), RH_EIO);
    assert_int_equal(err.os_errno, ENOSPC);
    assert_non_null(strstr(err.text, "'stdout'"));
    assert_string_not_equal(err.hint, "");
    rh_writer_free(writer);
    (void)close(full);
}

/* ---- pipes and signals ---- */

static void on_alarm(int number)
{
    (void)number;
}

typedef struct drain {
    int fd;
    rh_buf *out;
    rh_status status;
} drain;

static void *drain_slowly(void *arg)
{
    drain *d = arg;
    rh_reader *reader = NULL;
    size_t got = 0;
    char part[7000];

    d->status = rh_reader_fd(d->fd, "pipe", &reader, NULL);
    while (d->status == RH_OK) {
        d->status = rh_reader_get(reader, part, sizeof part, &got, NULL);
        if (d->status == RH_OK)
            d->status = rh_buf_append(d->out, part, got, NULL);
    }
    rh_reader_free(reader);
    return NULL;
}

static void signals_and_short_writes_lose_nothing(void **state)
{
    uint8_t *data = make_big();
    rh_buf back = RH_BUF_INIT;
    rh_writer *writer = NULL;
    int ends[2];
    pthread_t thread;
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 300}, {0, 300}};
    struct itimerval never = {{0, 0}, {0, 0}};

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0); /* without SA_RESTART */

    drain d = {ends[0], &back, RH_OK};

    assert_int_equal(pthread_create(&thread, NULL, drain_slowly, &d), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(rh_writer_fd(ends[1], "pipe", &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put(writer, data, BIG_BYTES, NULL), RH_OK);
    assert_int_equal(rh_writer_put_str(writer, "end", NULL), RH_OK);
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_free(writer);
    assert_int_equal(close(ends[1]), 0); /* still ours */
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(d.status, RH_DONE);
    assert_int_equal(back.len, BIG_BYTES + 3);
    assert_memory_equal(back.data, data, BIG_BYTES);
    assert_int_equal(close(ends[0]), 0);
    rh_buf_done(&back);
    rh_mem_free(data);
}

/* ---- zstd ---- */

static void compress_to(rh_buf *out, const void *data, size_t len, int level)
{
    rh_writer *writer = NULL;

    assert_int_equal(rh_writer_buf(out, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_zstd(writer, level, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put(writer, data, len, NULL), RH_OK);
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_free(writer);
}

static rh_status decompress(const void *data, size_t len, rh_buf *out, rh_error *err)
{
    rh_reader *reader = NULL;

    assert_int_equal(rh_reader_mem(data, len, &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_zstd(reader, &reader, NULL), RH_OK);

    rh_status status = rh_reader_get_all(reader, (size_t)4 * BIG_BYTES, out, err);

    rh_reader_free(reader);
    return status;
}

static void compressed_bytes_come_back(void **state)
{
    uint8_t *data = make_big();
    static const size_t sizes[] = {0, 1, 1000, 65536, 131072, BIG_BYTES};

    (void)state;
    for (int level = 1; level <= 19; level += 9) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            rh_buf packed = RH_BUF_INIT;
            rh_buf back = RH_BUF_INIT;

            compress_to(&packed, data, sizes[i], level);
            assert_int_equal(decompress(packed.data, packed.len, &back, NULL), RH_OK);
            assert_int_equal(back.len, sizes[i]);
            if (sizes[i] > 0)
                assert_memory_equal(back.data, data, sizes[i]);
            if (sizes[i] == BIG_BYTES)
                assert_true(packed.len < BIG_BYTES * 6 / 10);
            rh_buf_done(&packed);
            rh_buf_done(&back);
        }
    }
    rh_mem_free(data);
}

static void several_frames_are_one_stream(void **state)
{
    rh_buf packed = RH_BUF_INIT;
    rh_buf back = RH_BUF_INIT;
    static const uint8_t skippable[] = {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};

    (void)state;
    compress_to(&packed, "one ", 4, 1);
    assert_int_equal(rh_buf_append(&packed, skippable, sizeof skippable, NULL), RH_OK);
    compress_to(&packed, "two", 3, 1);
    assert_int_equal(decompress(packed.data, packed.len, &back, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&back), "one two");
    rh_buf_done(&back);
    assert_int_equal(decompress("", 0, &back, NULL), RH_OK);
    assert_int_equal(back.len, 0);
    rh_buf_done(&back);
    rh_buf_done(&packed);
}

/* Output that ends exactly where the caller's room ends must not look like a cut frame. */
static void reads_that_fit_exactly_end_well(void **state)
{
    uint8_t *data = make_big();
    static const size_t sizes[] = {1, 100, 65536, 131072, 262144};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rh_buf packed = RH_BUF_INIT;
        rh_reader *reader = NULL;
        uint8_t *back = rh_mem_alloc(sizes[i]);
        size_t got = 0;
        uint8_t more = 0;

        compress_to(&packed, data, sizes[i], 1);
        assert_int_equal(rh_reader_mem(packed.data, packed.len, &reader, NULL), RH_OK);
        assert_int_equal(rh_reader_zstd(reader, &reader, NULL), RH_OK);
        assert_int_equal(rh_reader_get_exact(reader, back, sizes[i], NULL), RH_OK);
        assert_memory_equal(back, data, sizes[i]);
        assert_int_equal(rh_reader_get(reader, &more, 1, &got, NULL), RH_DONE);
        rh_reader_free(reader);
        rh_mem_free(back);
        rh_buf_done(&packed);
    }
    rh_mem_free(data);
}

static void damaged_frames_are_refused(void **state)
{
    rh_buf packed = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    compress_to(&packed, "some text, some text, some more text", 36, 3);
    for (size_t part = 1; part < packed.len; part++) {
        rh_buf back = RH_BUF_INIT;

        rh_error_clear(&err);
        assert_int_equal(decompress(packed.data, part, &back, &err), RH_EFORMAT);
        assert_int_equal(back.len, 0);
        rh_buf_done(&back);
    }
    for (size_t bit = 0; bit < packed.len * 8; bit++) {
        rh_buf back = RH_BUF_INIT;

        packed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);

        rh_status status = decompress(packed.data, packed.len, &back, NULL);

        /* a few bits of the header carry nothing; then the text is right all the same */
        if (status == RH_OK)
            assert_string_equal(rh_buf_cstr(&back), "some text, some text, some more text");
        else
            assert_int_equal(status, RH_EFORMAT);
        packed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rh_buf_done(&back);
    }
    rh_buf_done(&packed);
}

/* ---- chains ---- */

static void a_chain_hashes_what_is_stored(void **state)
{
    uint8_t *data = make_big();
    uint8_t written[RH_HASH_MAX_BYTES];
    uint8_t read_back[RH_HASH_MAX_BYTES];
    uint8_t plain[RH_HASH_MAX_BYTES];
    uint64_t written_bytes = 0;
    uint64_t read_bytes = 0;
    rh_writer *hashed = NULL;
    rh_writer *writer = NULL;
    rh_reader *hash_reader = NULL;
    rh_reader *reader = NULL;
    rh_buf back = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_writer_file(scratch("chain"), 0600, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_hash(writer, RH_HASH_SHA256, &hashed, NULL), RH_OK);
    assert_int_equal(rh_writer_zstd(hashed, 1, &writer, NULL), RH_OK);
    assert_int_equal(rh_writer_put(writer, data, BIG_BYTES, NULL), RH_OK);
    assert_int_equal(rh_writer_finish(writer, NULL), RH_OK);
    rh_writer_hash_result(hashed, written, &written_bytes);
    rh_writer_free(writer);

    assert_int_equal(rh_fs_read(scratch("chain"), BIG_BYTES, &back, NULL), RH_OK);
    rh_hash_sha256(back.data, back.len, plain);
    assert_memory_equal(written, plain, 32);
    assert_int_equal(written_bytes, back.len);
    rh_buf_done(&back);

    assert_int_equal(rh_reader_file(scratch("chain"), &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_hash(reader, RH_HASH_SHA256, &hash_reader, NULL), RH_OK);
    assert_int_equal(rh_reader_zstd(hash_reader, &reader, NULL), RH_OK);
    assert_int_equal(rh_reader_get_all(reader, BIG_BYTES, &back, NULL), RH_OK);
    rh_reader_hash_result(hash_reader, read_back, &read_bytes);
    assert_memory_equal(read_back, plain, 32);
    assert_int_equal(read_bytes, written_bytes);
    assert_memory_equal(back.data, data, BIG_BYTES);
    rh_reader_free(reader);
    rh_buf_done(&back);
    rh_mem_free(data);
}

static rh_status write_chain(void *ctx, rh_error *err)
{
    rh_writer *writer = NULL;
    rh_status status = rh_writer_file(scratch("nth"), 0600, &writer, err);

    (void)ctx;
    if (status == RH_OK) {
        rh_writer *below = writer;

        writer = NULL; /* the filter takes it, also when it fails */
        status = rh_writer_hash(below, RH_HASH_BLAKE2B_256, &writer, err);
    }
    if (status == RH_OK) {
        rh_writer *below = writer;

        writer = NULL;
        status = rh_writer_zstd(below, 1, &writer, err);
    }
    if (status == RH_OK)
        status = rh_writer_put_str(writer, "content", err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    assert_int_equal(rh_fs_remove(scratch("nth"), NULL), RH_OK); /* the last step may fail late */
    return status;
}

static rh_status read_chain(void *ctx, rh_error *err)
{
    rh_buf *packed = ctx;
    rh_buf back = RH_BUF_INIT;
    rh_reader *reader = NULL;
    rh_status status = rh_reader_mem(packed->data, packed->len, &reader, err);

    if (status == RH_OK) {
        rh_reader *below = reader;

        reader = NULL;
        status = rh_reader_hash(below, RH_HASH_BLAKE2B_256, &reader, err);
    }
    if (status == RH_OK) {
        rh_reader *below = reader;

        reader = NULL;
        status = rh_reader_zstd(below, &reader, err);
    }
    if (status == RH_OK)
        status = rh_reader_get_all(reader, 100, &back, err);
    rh_reader_free(reader);
    rh_buf_done(&back);
    return status;
}

static rh_status open_ends(void *ctx, rh_error *err)
{
    rh_writer *writers[3] = {NULL, NULL, NULL};
    rh_reader *reader = NULL;
    size_t total = 0;
    rh_status status = rh_writer_null(&writers[0], err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_writer_call(count_bytes, &total, &writers[1], err);
    if (status == RH_OK)
        status = rh_writer_fd(1, "stdout", &writers[2], err);
    if (status == RH_OK)
        status = rh_reader_file("/proc/self/cmdline", &reader, err);
    for (size_t i = 0; i < 3; i++)
        rh_writer_free(writers[i]);
    rh_reader_free(reader);
    return status;
}

static void streams_survive_each_failed_allocation(void **state)
{
    rh_buf packed = RH_BUF_INIT;
    size_t entries = scratch_entries();

    (void)state;
    compress_to(&packed, "text", 4, 1);
    assert_true(fail_nth(write_chain, NULL) >= 6);
    assert_int_equal(scratch_entries(), entries);
    assert_true(fail_nth(read_chain, &packed) >= 5);
    assert_true(fail_nth(open_ends, NULL) >= 5);
    rh_buf_done(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_ends_pass_bytes),
        cmocka_unit_test(exact_reads_complain_about_the_end),
        cmocka_unit_test(reading_all_has_a_maximum),
        cmocka_unit_test(callbacks_get_each_piece_and_may_refuse),
        cmocka_unit_test(files_appear_when_finished),
        cmocka_unit_test(unfinished_files_vanish),
        cmocka_unit_test(files_that_cannot_be_opened_are_named),
        cmocka_unit_test(inputs_may_be_links_and_pipes),
        cmocka_unit_test(waiting_for_a_pipe_can_be_interrupted),
        cmocka_unit_test(pieces_of_all_sizes_arrive_in_order),
        cmocka_unit_test(full_disk_fails_the_finish_and_leaves_nothing),
        cmocka_unit_test(signals_and_short_writes_lose_nothing),
        cmocka_unit_test(compressed_bytes_come_back),
        cmocka_unit_test(several_frames_are_one_stream),
        cmocka_unit_test(reads_that_fit_exactly_end_well),
        cmocka_unit_test(damaged_frames_are_refused),
        cmocka_unit_test(a_chain_hashes_what_is_stored),
        cmocka_unit_test(streams_survive_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
