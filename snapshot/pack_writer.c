/*
 * Invariants
 *   1. Bytes reach the file in order, in large writes; what is in `out` follows what was written.
 *   2. Entry i of the table describes the i-th frame; a span covers whole entries.
 *   3. A sealed frame is encrypted under its entry number, which is never used twice in a pack.
 *
 *   open -> add* -> end -> sync -> taken -> free       (free at any point removes the file)
 */
#include "pack_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

enum {
    WRITE_BYTES = 256 * 1024,      /* one write(2) */
    TABLE_MAX_BYTES = 1024 * 1024, /* of entries kept in memory; a pack ends there */
    TABLE_HARD_BYTES = 2 * TABLE_MAX_BYTES + 64 * 1024,
};

struct rh_pack_writer {
    const rh_dict *dict;
    char *path;
    int fd;
    bool taken;
    rh_pack_header header;
    rh_buf header_frame;
    uint8_t key[RH_SEAL_KEY_BYTES];
    rh_buf out;   /* waits to be written */
    rh_buf frame; /* one frame before it is sealed */
    uint64_t bytes;
    rh_buf entries;
    size_t count;
    rh_pack_span *spans;
    size_t span_count;
    size_t span_cap;
    bool has_span;
    rh_pack_span span; /* of what comes next; first and count unused */
};

/* ---- file ---- */

static rh_status flush(rh_pack_writer *writer, rh_error *err)
{
    size_t done = 0;

    while (done < writer->out.len) {
        ssize_t put = write(writer->fd, writer->out.data + done, writer->out.len - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return rh_error_errno(err, errno, "cannot write '%s'", writer->path);
        done += (size_t)put;
    }
    rh_buf_clear(&writer->out);
    return RH_OK;
}

static rh_status make_header(rh_pack_writer *writer, const rh_repo *repo, bool in_clear,
                             rh_error *err)
{
    rh_pack_header *header = &writer->header;
    size_t count = 0;
    const rh_repo_reader *readers = rh_repo_readers(repo, &count);
    rh_status status = RH_OK;

    memcpy(header->repo_id, rh_repo_id(repo), RH_REPO_ID_BYTES);
    rh_random(header->nonce, sizeof header->nonce);
    header->hashed = rh_repo_is_sealed(repo);
    header->sealed = header->hashed && !in_clear;
    header->dictionary = writer->dict == NULL ? 0 : rh_dict_id(writer->dict);
    if (header->sealed) {
        rh_random(writer->key, sizeof writer->key);
        header->reader_count = count;
    }
    for (size_t i = 0; status == RH_OK && i < header->reader_count; i++) {
        memcpy(header->readers[i].fingerprint, readers[i].fingerprint, RH_REPO_FINGERPRINT_BYTES);
        status = rh_seal_wrap(readers[i].public_key, writer->key, header->readers[i].wrapped, err);
    }
    if (status == RH_OK)
        status = rh_pack_header_write(header, &writer->header_frame, err);
    return status;
}

static rh_status open_parts(rh_pack_writer *writer, const rh_repo *repo,
                            const rh_pack_writer_options *options, rh_error *err)
{
    rh_status status;

    writer->path = rh_mem_strdup(options->path);
    if (writer->path == NULL)
        return rh_error_oom(err);
    writer->fd = open(writer->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (writer->fd < 0) {
        int failed = errno;

        writer->taken = true; /* not ours to remove */
        return rh_error_errno(err, failed, "cannot create '%s'", writer->path);
    }
    status = make_header(writer, repo, options->in_clear, err);
    if (status == RH_OK)
        status = rh_buf_reserve(&writer->out, WRITE_BYTES, err);
    if (status == RH_OK)
        status =
            rh_buf_append(&writer->out, writer->header_frame.data, writer->header_frame.len, err);
    writer->bytes = writer->header_frame.len;
    return status;
}

rh_status rh_pack_writer_open(rh_repo *repo, const rh_pack_writer_options *options,
                              rh_pack_writer **out, rh_error *err)
{
    rh_pack_writer *writer = rh_mem_zalloc(sizeof *writer);
    rh_status status;

    if (writer == NULL)
        return rh_error_oom(err);
    writer->fd = -1;
    writer->dict = options->dict;
    rh_buf_init(&writer->header_frame, RH_PACK_HEADER_MAX_BYTES);
    rh_buf_init_wiping(&writer->out, WRITE_BYTES + 4 * RH_PACK_MAX_PLAIN_BYTES);
    rh_buf_init_wiping(&writer->frame, 2 * RH_PACK_MAX_PLAIN_BYTES);
    rh_buf_init(&writer->entries, TABLE_HARD_BYTES);
    status = open_parts(writer, repo, options, err);
    if (status != RH_OK) {
        rh_pack_writer_free(writer);
        return status;
    }
    *out = writer;
    return RH_OK;
}

void rh_pack_writer_free(rh_pack_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->fd >= 0)
        (void)close(writer->fd);
    if (writer->path != NULL && !writer->taken)
        (void)unlink(writer->path);
    rh_buf_done(&writer->header_frame);
    rh_buf_wipe_done(&writer->out);
    rh_buf_wipe_done(&writer->frame);
    rh_buf_done(&writer->entries);
    rh_mem_free(writer->spans);
    rh_mem_free(writer->path);
    rh_mem_wipe_free(writer, sizeof *writer);
}

/* ---- spans ---- */

void rh_pack_writer_span(rh_pack_writer *writer, const uint8_t *key, int64_t from, int64_t to)
{
    writer->has_span = key != NULL;
    if (key != NULL)
        memcpy(writer->span.table, key, RH_PACK_SPAN_KEY_BYTES);
    writer->span.from = from;
    writer->span.to = to;
}

static bool same_range(const rh_pack_span *a, const rh_pack_span *b)
{
    return memcmp(a->table, b->table, RH_PACK_SPAN_KEY_BYTES) == 0 && a->from == b->from &&
           a->to == b->to;
}

/* Entry `count` (about to be added) belongs to the current span. */
static rh_status extend_span(rh_pack_writer *writer, rh_error *err)
{
    rh_pack_span *last = writer->span_count == 0 ? NULL : &writer->spans[writer->span_count - 1];

    if (!writer->has_span)
        return RH_OK;
    if (last != NULL && same_range(last, &writer->span) &&
        last->first + last->count == writer->count) {
        last->count++;
        return RH_OK;
    }
    if (writer->span_count == writer->span_cap) {
        size_t cap = writer->span_cap == 0 ? 16 : writer->span_cap * 2;
        rh_pack_span *spans = rh_mem_rearray(writer->spans, cap, sizeof *spans);

        if (spans == NULL)
            return rh_error_oom(err);
        writer->spans = spans;
        writer->span_cap = cap;
    }
    last = &writer->spans[writer->span_count++];
    *last = writer->span;
    last->first = (uint32_t)writer->count;
    last->count = 1;
    return RH_OK;
}

/* ---- chunks ---- */

static rh_status compress(rh_pack_writer *writer, rh_pack_encoder *encoder, const rh_chunk *chunk,
                          rh_buf *out, rh_error *err)
{
    const rh_pack_dict *dict = writer->dict == NULL ? NULL : rh_dict_writer(writer->dict);

    return rh_pack_encode(encoder, dict, chunk->data, chunk->len, out, err);
}

static rh_status seal(rh_pack_writer *writer, const rh_chunk *chunk, rh_error *err)
{
    uint8_t ad[RH_PACK_NONCE_BYTES + RH_ID_BYTES];
    rh_status status = rh_buf_reserve(&writer->out, writer->frame.len + RH_SEAL_TAG_BYTES, err);

    if (status != RH_OK)
        return status;
    memcpy(ad, writer->header.nonce, RH_PACK_NONCE_BYTES);
    memcpy(ad + RH_PACK_NONCE_BYTES, chunk->id.bytes, RH_ID_BYTES);
    rh_seal_frame(writer->key, writer->count, ad, sizeof ad, writer->frame.data, writer->frame.len,
                  writer->out.data + writer->out.len);
    writer->out.len += writer->frame.len + RH_SEAL_TAG_BYTES;
    return RH_OK;
}

static rh_status put_frame(rh_pack_writer *writer, rh_pack_encoder *encoder, const rh_chunk *chunk,
                           rh_error *err)
{
    rh_status status;

    if (!writer->header.sealed)
        return compress(writer, encoder, chunk, &writer->out, err);
    rh_buf_clear(&writer->frame);
    status = compress(writer, encoder, chunk, &writer->frame, err);
    if (status == RH_OK)
        status = seal(writer, chunk, err);
    return status;
}

rh_status rh_pack_writer_add(rh_pack_writer *writer, rh_pack_encoder *encoder,
                             const rh_chunk *chunk, size_t *out_stored, rh_error *err)
{
    rh_pack_entry entry = {0};
    size_t start;
    rh_status status = RH_OK;

    if (writer->out.len >= WRITE_BYTES)
        status = flush(writer, err);
    start = writer->out.len;
    if (status == RH_OK)
        status = put_frame(writer, encoder, chunk, err);
    if (status != RH_OK)
        return status;
    entry.id = chunk->id;
    entry.plain_bytes = (uint32_t)chunk->len;
    entry.rows = chunk->rows;
    entry.kind = chunk->kind;
    entry.stored_bytes = (uint32_t)(writer->out.len - start);
    if (writer->header.hashed)
        rh_hash_stored(writer->out.data + start, entry.stored_bytes, entry.stored_hash);
    status = rh_pack_entry_write(&entry, writer->header.hashed, &writer->entries, err);
    if (status == RH_OK)
        status = extend_span(writer, err);
    if (status != RH_OK)
        return status;
    writer->count++;
    writer->bytes += entry.stored_bytes;
    *out_stored = entry.stored_bytes;
    return RH_OK;
}

size_t rh_pack_writer_count(const rh_pack_writer *writer)
{
    return writer->count;
}

uint64_t rh_pack_writer_bytes(const rh_pack_writer *writer)
{
    return writer->bytes;
}

bool rh_pack_writer_table_full(const rh_pack_writer *writer)
{
    return writer->entries.len + writer->span_count * sizeof *writer->spans >= TABLE_MAX_BYTES;
}

const rh_dict *rh_pack_writer_dict(const rh_pack_writer *writer)
{
    return writer->dict;
}

/* ---- the end ---- */

rh_status rh_pack_writer_end(rh_pack_writer *writer, char *out_name, uint64_t *out_bytes,
                             rh_error *err)
{
    rh_status status = flush(writer, err);
    char name[RH_REPO_PACK_NAME_BYTES];

    if (status == RH_OK)
        status = rh_pack_table_write(&writer->entries, writer->count, writer->spans,
                                     writer->span_count, &writer->out, err);
    if (status == RH_OK)
        status = rh_pack_name(writer->header_frame.data, writer->header_frame.len, writer->out.data,
                              writer->out.len, name, err);
    if (status != RH_OK)
        return status;
    writer->bytes += writer->out.len;
    status = flush(writer, err);
    if (status != RH_OK)
        return status;
    memcpy(out_name, name, sizeof name);
    *out_bytes = writer->bytes;
    /* While it waits for its sync it should cost little. */
    rh_buf_wipe_done(&writer->out);
    rh_buf_wipe_done(&writer->frame);
    rh_buf_done(&writer->entries);
    rh_mem_free(writer->spans);
    writer->spans = NULL;
    return RH_OK;
}

rh_status rh_pack_writer_sync(rh_pack_writer *writer, rh_error *err)
{
    int fd = writer->fd;

    if (fsync(fd) != 0)
        return rh_error_errno(err, errno, "cannot sync '%s'", writer->path);
    writer->fd = -1;
    if (close(fd) != 0)
        return rh_error_errno(err, errno, "cannot close '%s'", writer->path);
    return RH_OK;
}

const char *rh_pack_writer_path(const rh_pack_writer *writer)
{
    return writer->path;
}

void rh_pack_writer_taken(rh_pack_writer *writer)
{
    writer->taken = true;
}
