/*
 * Filters: zstd and hashing. Each takes the stream below it, also when it cannot be made.
 */
#include <assert.h>
#include <string.h>
#include <zstd.h>

#include "core/mem.h"
#include "stream_internal.h"

/* ---- zstd writer ---- */

typedef struct zstd_writer {
    rh_writer base;
    ZSTD_CCtx *zstd;
    unsigned char out[STREAM_BUFFER_BYTES];
} zstd_writer;

/* Feed input to zstd and hand on what it gives; to the end of the frame for ZSTD_e_end. */
static rh_status compress(zstd_writer *w, const void *data, size_t len, ZSTD_EndDirective end,
                          rh_error *err)
{
    ZSTD_inBuffer input = {data, len, 0};

    for (;;) {
        ZSTD_outBuffer output = {w->out, sizeof w->out, 0};
        size_t left = ZSTD_compressStream2(w->zstd, &output, &input, end);

        if (ZSTD_isError(left))
            return rh_error_set(err, RH_EIO, "cannot compress: %s", ZSTD_getErrorName(left));
        if (output.pos > 0) {
            rh_status status = rh_writer_put(w->base.below, w->out, output.pos, err);

            if (status != RH_OK)
                return status;
        }
        if (end == ZSTD_e_end ? left == 0 : input.pos == input.size)
            return RH_OK;
    }
}

static rh_status zstd_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    return compress((zstd_writer *)writer, data, len, ZSTD_e_continue, err);
}

static rh_status zstd_finish(rh_writer *writer, rh_error *err)
{
    return compress((zstd_writer *)writer, NULL, 0, ZSTD_e_end, err);
}

static void zstd_writer_free(rh_writer *writer)
{
    zstd_writer *w = (zstd_writer *)writer;

    (void)ZSTD_freeCCtx(w->zstd);
    rh_mem_free(w);
}

static const writer_ops zstd_writer_ops = {zstd_put, zstd_finish, zstd_writer_free};

rh_status rh_writer_zstd(rh_writer *below, int level, rh_writer **out, rh_error *err)
{
    zstd_writer *w = NULL;

    assert(level >= 1 && level <= 19);
    w = rh_mem_alloc(sizeof *w);
    if (w == NULL) {
        rh_writer_free(below);
        return rh_error_oom(err);
    }
    w->base = (rh_writer){.ops = &zstd_writer_ops, .below = below};
    w->zstd = ZSTD_createCCtx();
    if (w->zstd == NULL ||
        ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1))) {
        rh_writer_free(&w->base);
        return rh_error_oom(err);
    }
    *out = &w->base;
    return RH_OK;
}

/* ---- zstd reader ---- */

typedef struct zstd_reader {
    rh_reader base;
    ZSTD_DCtx *zstd;
    ZSTD_inBuffer input; /* in buffer */
    bool below_done;
    bool inside_frame;
    bool more_inside; /* zstd may hold output that did not fit */
    unsigned char buffer[STREAM_BUFFER_BYTES];
} zstd_reader;

/* Get more input when all of it is used; notes the end of the stream below. */
static rh_status refill(zstd_reader *r, rh_error *err)
{
    size_t got = 0;
    rh_status status = RH_OK;

    if (r->input.pos < r->input.size || r->below_done)
        return RH_OK;
    status = rh_reader_get(r->base.below, r->buffer, sizeof r->buffer, &got, err);
    if (status == RH_DONE) {
        r->below_done = true;
        return RH_OK;
    }
    if (status != RH_OK)
        return status;
    r->input = (ZSTD_inBuffer){r->buffer, got, 0};
    return RH_OK;
}

static rh_status zstd_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    zstd_reader *r = (zstd_reader *)reader;

    for (;;) {
        ZSTD_outBuffer output = {out, max, 0};
        rh_status status = r->more_inside ? RH_OK : refill(r, err);

        if (status != RH_OK)
            return status;
        if (r->below_done && r->input.pos == r->input.size && !r->more_inside) {
            if (r->inside_frame)
                return rh_error_set(err, RH_EFORMAT, "compressed data: unexpected end");
            return RH_DONE;
        }

        size_t hint = ZSTD_decompressStream(r->zstd, &output, &r->input);

        if (ZSTD_isError(hint))
            return rh_error_set(err, RH_EFORMAT, "compressed data: %s", ZSTD_getErrorName(hint));
        r->inside_frame = hint != 0;
        r->more_inside = hint != 0 && output.pos == output.size;
        if (output.pos > 0) {
            *out_len = output.pos;
            return RH_OK;
        }
    }
}

static void zstd_reader_free(rh_reader *reader)
{
    zstd_reader *r = (zstd_reader *)reader;

    (void)ZSTD_freeDCtx(r->zstd);
    rh_mem_free(r);
}

static const reader_ops zstd_reader_ops = {zstd_get, zstd_reader_free};

rh_status rh_reader_zstd(rh_reader *below, rh_reader **out, rh_error *err)
{
    zstd_reader *r = rh_mem_zalloc(sizeof *r);

    if (r == NULL) {
        rh_reader_free(below);
        return rh_error_oom(err);
    }
    r->base = (rh_reader){.ops = &zstd_reader_ops, .below = below};
    r->zstd = ZSTD_createDCtx();
    if (r->zstd == NULL) {
        rh_reader_free(&r->base);
        return rh_error_oom(err);
    }
    *out = &r->base;
    return RH_OK;
}

/* ---- hashing, both ways ---- */

typedef struct tally {
    rh_hasher *hasher;
    uint64_t bytes;
    bool ended;
    uint8_t result[RH_HASH_MAX_BYTES];
} tally;

typedef struct hashing_writer {
    rh_writer base;
    tally tally;
} hashing_writer;

typedef struct hashing_reader {
    rh_reader base;
    tally tally;
} hashing_reader;

static void tally_add(tally *t, const void *data, size_t len)
{
    rh_hasher_add(t->hasher, data, len);
    t->bytes += len;
}

static void tally_end(tally *t)
{
    if (!t->ended)
        rh_hasher_end(t->hasher, t->result);
    t->ended = true;
}

static rh_status hash_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    tally_add(&((hashing_writer *)writer)->tally, data, len);
    return rh_writer_put(writer->below, data, len, err);
}

static rh_status hash_finish(rh_writer *writer, rh_error *err)
{
    (void)err;
    tally_end(&((hashing_writer *)writer)->tally);
    return RH_OK;
}

static void hash_writer_free(rh_writer *writer)
{
    rh_hasher_free(((hashing_writer *)writer)->tally.hasher);
    rh_mem_free(writer);
}

static const writer_ops hash_writer_ops = {hash_put, hash_finish, hash_writer_free};

rh_status rh_writer_hash(rh_writer *below, rh_hash_kind kind, rh_writer **out, rh_error *err)
{
    hashing_writer *w = rh_mem_zalloc(sizeof *w);

    if (w != NULL)
        w->tally.hasher = rh_hasher_new(kind, NULL);
    if (w == NULL || w->tally.hasher == NULL) {
        rh_mem_free(w);
        rh_writer_free(below);
        return rh_error_oom(err);
    }
    w->base = (rh_writer){.ops = &hash_writer_ops, .below = below};
    *out = &w->base;
    return RH_OK;
}

void rh_writer_hash_result(const rh_writer *hash_writer, uint8_t out[RH_HASH_MAX_BYTES],
                           uint64_t *out_bytes)
{
    const hashing_writer *w = (const hashing_writer *)hash_writer;

    assert(w->base.ops == &hash_writer_ops && w->tally.ended);
    memcpy(out, w->tally.result, RH_HASH_MAX_BYTES);
    *out_bytes = w->tally.bytes;
}

static rh_status hash_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    hashing_reader *r = (hashing_reader *)reader;
    rh_status status = rh_reader_get(r->base.below, out, max, out_len, err);

    if (status == RH_OK)
        tally_add(&r->tally, out, *out_len);
    if (status == RH_DONE)
        tally_end(&r->tally);
    return status;
}

static void hash_reader_free(rh_reader *reader)
{
    rh_hasher_free(((hashing_reader *)reader)->tally.hasher);
    rh_mem_free(reader);
}

static const reader_ops hash_reader_ops = {hash_get, hash_reader_free};

rh_status rh_reader_hash(rh_reader *below, rh_hash_kind kind, rh_reader **out, rh_error *err)
{
    hashing_reader *r = rh_mem_zalloc(sizeof *r);

    if (r != NULL)
        r->tally.hasher = rh_hasher_new(kind, NULL);
    if (r == NULL || r->tally.hasher == NULL) {
        rh_mem_free(r);
        rh_reader_free(below);
        return rh_error_oom(err);
    }
    r->base = (rh_reader){.ops = &hash_reader_ops, .below = below};
    *out = &r->base;
    return RH_OK;
}

void rh_reader_hash_result(const rh_reader *hash_reader, uint8_t out[RH_HASH_MAX_BYTES],
                           uint64_t *out_bytes)
{
    const hashing_reader *r = (const hashing_reader *)hash_reader;

    assert(r->base.ops == &hash_reader_ops);
    memcpy(out, r->tally.result, RH_HASH_MAX_BYTES);
    *out_bytes = r->tally.bytes;
}
