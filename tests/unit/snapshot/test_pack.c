/*
 * Packs: every single byte is proved, sealed or not.
 */
#include "repo_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "pack_reader.h"
#include "pack_writer.h"

enum { CHUNKS = 5 };

static const char *const texts[CHUNKS] = {"1\tone\n2\ttwo\n3\tthree\n", "4\tfour\n",
                                          "5\tfive five five five five five five five\n", "a list",
                                          "an object"};
static const uint32_t rows[CHUNKS] = {3, 1, 1, 0, 0};
static const rh_chunk_kind kinds[CHUNKS] = {RH_CHUNK_ROWS, RH_CHUNK_ROWS, RH_CHUNK_ROWS,
                                            RH_CHUNK_LIST, RH_CHUNK_OBJECT};

static rh_status write_chunks(rh_repo *repo, rh_pack_writer *writer, size_t from, size_t to,
                              rh_error *err)
{
    rh_pack_encoder *encoder = rh_pack_encoder_new();
    rh_status status = encoder == NULL ? rh_error_oom(err) : RH_OK;
    size_t stored;

    for (size_t i = from; status == RH_OK && i < to; i++) {
        rh_chunk chunk = {(const uint8_t *)texts[i], strlen(texts[i]), {{0}}, rows[i], kinds[i]};

        rh_hash_id(rh_repo_id_key(repo), chunk.data, chunk.len, &chunk.id);
        status = rh_pack_writer_add(writer, encoder, &chunk, &stored, err);
    }
    rh_pack_encoder_free(encoder);
    return status;
}

static rh_status write_pack(rh_repo *repo, const char *path, char *name, rh_error *err)
{
    static const uint8_t key[RH_PACK_SPAN_KEY_BYTES] = {1, 2, 3};
    const rh_pack_writer_options options = {path, NULL, false};
    rh_pack_writer *writer = NULL;
    uint64_t bytes;
    rh_status status = rh_pack_writer_open(repo, &options, &writer, err);

    if (status == RH_OK) {
        rh_pack_writer_span(writer, key, INT64_MIN, 100);
        status = write_chunks(repo, writer, 0, 2, err);
    }
    if (status == RH_OK) {
        rh_pack_writer_span(writer, key, 100, INT64_MAX);
        status = write_chunks(repo, writer, 2, 3, err);
    }
    if (status == RH_OK) {
        rh_pack_writer_span(writer, NULL, 0, 0);
        status = write_chunks(repo, writer, 3, CHUNKS, err);
    }
    if (status == RH_OK)
        status = rh_pack_writer_end(writer, name, &bytes, err);
    if (status == RH_OK)
        status = rh_pack_writer_sync(writer, err);
    if (status == RH_OK)
        rh_pack_writer_taken(writer);
    rh_pack_writer_free(writer);
    return status;
}

/* Open by path, read and prove everything. */
static rh_status read_pack(rh_repo *repo, const char *path, const char *name, rh_error *err)
{
    rh_pack_decoder *decoder = rh_pack_decoder_new();
    rh_buf stored = RH_BUF_INIT;
    rh_pack *pack = NULL;
    const uint8_t *plain;
    rh_status status =
        decoder == NULL ? rh_error_oom(err) : rh_pack_open_path(repo, path, name, true, &pack, err);

    for (size_t i = 0; status == RH_OK && i < rh_pack_get_table(pack)->count; i++) {
        status = rh_pack_read_stored(pack, i, 1, &stored, err);
        if (status == RH_OK)
            status = rh_pack_check_stored(pack, i, stored.data, err);
        if (status == RH_OK)
            status = rh_pack_decode(pack, i, stored.data, NULL, decoder, &plain, err);
        if (status == RH_OK) {
            assert_int_equal(rh_pack_get_table(pack)->entries[i].plain_bytes, strlen(texts[i]));
            assert_memory_equal(plain, texts[i], strlen(texts[i]));
            assert_int_equal(rh_pack_get_table(pack)->entries[i].rows, rows[i]);
            assert_int_equal(rh_pack_get_table(pack)->entries[i].kind, kinds[i]);
        }
    }
    if (status == RH_OK)
        assert_int_equal(rh_pack_get_table(pack)->count, CHUNKS);
    rh_buf_done(&stored);
    rh_pack_free(pack);
    rh_pack_decoder_free(decoder);
    return status;
}

/* A repository with one pack beside it. */
typedef struct pack_case {
    fixture fix;
    rh_repo *repo; /* a reader's */
    char path[128];
    char name[RH_REPO_PACK_NAME_BYTES];
    rh_buf bytes;
} pack_case;

static void case_init(pack_case *test, bool sealed)
{
    rh_repo *writer;

    memset(test, 0, sizeof *test);
    fixture_init(&test->fix, sealed);
    (void)snprintf(test->path, sizeof test->path, "%s/pack", test->fix.root);
    writer = fixture_open_writer(&test->fix);
    assert_int_equal(write_pack(writer, test->path, test->name, NULL), RH_OK);
    rh_repo_close(writer);
    test->repo = fixture_open_reader(&test->fix);
    read_whole(test->path, &test->bytes);
}

static void case_done(pack_case *test)
{
    rh_buf_done(&test->bytes);
    rh_repo_close(test->repo);
    fixture_done(&test->fix);
}

static void chunks_come_back(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        pack_case test;
        rh_pack *pack = NULL;
        const rh_pack_table *table;

        case_init(&test, sealed);
        assert_int_equal(read_pack(test.repo, test.path, test.name, NULL), RH_OK);
        assert_int_equal(rh_pack_open_path(test.repo, test.path, test.name, true, &pack, NULL),
                         RH_OK);
        table = rh_pack_get_table(pack);
        assert_int_equal(table->span_count, 2);
        assert_true(table->spans[0].first == 0 && table->spans[0].count == 2);
        assert_true(table->spans[0].from == INT64_MIN && table->spans[0].to == 100);
        assert_true(table->spans[1].first == 2 && table->spans[1].count == 1);
        assert_true(table->spans[1].from == 100 && table->spans[1].to == INT64_MAX);
        rh_pack_free(pack);
        case_done(&test);
    }
}

static void a_sealed_pack_shows_no_plain_text(void **state)
{
    pack_case test;

    (void)state;
    case_init(&test, true);
    for (size_t at = 0; at + 4 <= test.bytes.len; at++)
        assert_memory_not_equal(test.bytes.data + at, "five", 4);
    case_done(&test);
}

/* An unsealed frame may have bits that zstd ignores: then the content is the same, which
 * read_pack proves, and the test accepts it. */
static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        pack_case test;
        size_t harmless = 0;

        case_init(&test, sealed);
        for (size_t at = 0; at < test.bytes.len; at++) {
            static const uint8_t flips[] = {0x01, 0x80, 0xff};

            for (size_t f = 0; f < sizeof flips; f++) {
                rh_status status;

                test.bytes.data[at] ^= flips[f];
                write_whole(test.path, test.bytes.data, test.bytes.len);
                test.bytes.data[at] ^= flips[f];
                status = read_pack(test.repo, test.path, test.name, NULL);
                if (status == RH_OK)
                    harmless++;
                else
                    assert_true(status == RH_EFORMAT || status == RH_EKEY);
            }
        }
        assert_true(harmless == 0 || !sealed);
        assert_true(harmless <= 3 * CHUNKS);
        case_done(&test);
    }
}

static void every_truncation_is_noticed(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        pack_case test;

        case_init(&test, sealed);
        for (size_t len = 0; len < test.bytes.len; len++) {
            write_whole(test.path, test.bytes.data, len);
            assert_int_equal(read_pack(test.repo, test.path, test.name, NULL), RH_EFORMAT);
        }
        case_done(&test);
    }
}

static void a_pack_under_another_name_is_refused(void **state)
{
    pack_case test;
    char name[RH_REPO_PACK_NAME_BYTES];
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test, false);
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(read_pack(test.repo, test.path, name, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, "renamed"));
    case_done(&test);
}

static void a_pack_of_another_repository_is_refused(void **state)
{
    pack_case test;
    pack_case other;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test, false);
    case_init(&other, false);
    assert_int_equal(read_pack(test.repo, other.path, other.name, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "another repository"));
    case_done(&other);
    case_done(&test);
}

static void without_the_secret_key_stored_bytes_are_still_proved(void **state)
{
    pack_case test;
    rh_repo *blind;
    rh_pack *pack = NULL;
    rh_pack_decoder *decoder = rh_pack_decoder_new();
    rh_buf stored = RH_BUF_INIT;
    const uint8_t *plain;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test, true);
    blind = fixture_open_blind(&test.fix);
    assert_false(rh_repo_can_read(blind));
    assert_int_equal(rh_pack_open_path(blind, test.path, test.name, true, &pack, NULL), RH_OK);
    assert_int_equal(rh_pack_read_stored(pack, 2, 1, &stored, NULL), RH_OK);
    assert_int_equal(rh_pack_check_stored(pack, 2, stored.data, NULL), RH_OK);
    assert_int_equal(rh_pack_decode(pack, 2, stored.data, NULL, decoder, &plain, &err), RH_EKEY);
    assert_string_not_equal(err.hint, "");
    stored.data[3] ^= 1;
    assert_int_equal(rh_pack_check_stored(pack, 2, stored.data, NULL), RH_EFORMAT);
    rh_buf_done(&stored);
    rh_pack_free(pack);
    rh_pack_decoder_free(decoder);
    rh_repo_close(blind);
    case_done(&test);
}

static void links_and_folders_are_refused(void **state)
{
    pack_case test;
    char link_path[160];

    (void)state;
    case_init(&test, false);
    (void)snprintf(link_path, sizeof link_path, "%s-link", test.path);
    assert_int_equal(symlink(test.path, link_path), 0);
    assert_int_equal(read_pack(test.repo, link_path, test.name, NULL), RH_EFORMAT);
    assert_int_equal(read_pack(test.repo, test.fix.root, test.name, NULL), RH_EFORMAT);
    assert_int_equal(read_pack(test.repo, "/nonexistent", test.name, NULL), RH_ENOTFOUND);
    case_done(&test);
}

/* Counts that promise more than the bytes hold must not take memory for it. */
static void huge_counts_are_refused_before_memory_is_taken(void **state)
{
    pack_case test;
    rh_pack_header header;
    rh_pack_table table;
    size_t table_len = 0;
    uint8_t *frame;

    (void)state;
    case_init(&test, false);
    assert_int_equal(rh_pack_header_read(test.bytes.data, test.bytes.len, &header, NULL), RH_OK);
    assert_int_equal(rh_pack_trailer_read(test.bytes.data + test.bytes.len - RH_PACK_TRAILER_BYTES,
                                          test.bytes.len, &table_len, NULL),
                     RH_OK);
    frame = test.bytes.data + test.bytes.len - table_len;
    assert_int_equal(rh_pack_table_read(frame, table_len, &header, test.bytes.len, &table, NULL),
                     RH_OK);
    rh_pack_table_done(&table);
    memset(frame + 8, 0xff, 3); /* 16,777,215 entries */
    assert_int_equal(rh_pack_table_read(frame, table_len, &header, test.bytes.len, &table, NULL),
                     RH_EFORMAT);
    frame[8] = CHUNKS;
    frame[9] = 0;
    frame[10] = 0;
    frame[12] = 0xff; /* more spans than entries */
    assert_int_equal(rh_pack_table_read(frame, table_len, &header, test.bytes.len, &table, NULL),
                     RH_EFORMAT);
    case_done(&test);
}

static void a_discarded_writer_leaves_no_file(void **state)
{
    fixture fix;
    rh_repo *repo;
    char path[128];
    rh_pack_writer *writer = NULL;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    (void)snprintf(path, sizeof path, "%s/tmp/1.zp", fix.repo_dir);
    const rh_pack_writer_options options = {path, NULL, false};

    assert_int_equal(rh_pack_writer_open(repo, &options, &writer, NULL), RH_OK);
    assert_int_equal(write_chunks(repo, writer, 0, CHUNKS, NULL), RH_OK);
    assert_true(rh_fs_exists(path));
    rh_pack_writer_free(writer);
    assert_false(rh_fs_exists(path));
    rh_repo_close(repo);
    fixture_done(&fix);
}

/* ---- allocations ---- */

static rh_status write_and_read(void *ctx, rh_error *err)
{
    fixture *fix = ctx;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    char path[128];
    char name[RH_REPO_PACK_NAME_BYTES];
    rh_status status;

    (void)snprintf(path, sizeof path, "%s/pack", fix->root);
    (void)remove(path);
    options.key_file = fix->secret_file;
    status = rh_repo_open(fix->repo_dir, &options, &repo, err);
    if (status == RH_OK)
        status = write_pack(repo, path, name, err);
    if (status == RH_OK)
        status = read_pack(repo, path, name, err);
    rh_repo_close(repo);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    fixture fix;

    (void)state;
    fixture_init(&fix, true);
    rh_repo_close(fixture_open_writer(&fix));
    assert_true(fail_nth(write_and_read, &fix) > 20);
    fixture_done(&fix);
}

static int adopt_jansson(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_come_back),
        cmocka_unit_test(a_sealed_pack_shows_no_plain_text),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(a_pack_under_another_name_is_refused),
        cmocka_unit_test(a_pack_of_another_repository_is_refused),
        cmocka_unit_test(without_the_secret_key_stored_bytes_are_still_proved),
        cmocka_unit_test(links_and_folders_are_refused),
        cmocka_unit_test(huge_counts_are_refused_before_memory_is_taken),
        cmocka_unit_test(a_discarded_writer_leaves_no_file),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, adopt_jansson, NULL);
}
