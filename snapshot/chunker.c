/*
 * The inner loop of a snapshot: one hash per row decides the boundary and adds to the row hash.
 */
#include "chunker.h"

#include <string.h>

enum { PIECE_BYTES = RH_PACK_MAX_PLAIN_BYTES };

void rh_chunker_init(rh_chunker *chunker, const rh_chunk_limits *limits, const uint8_t *secret,
                     rh_chunk_sink sink, void *sink_ctx)
{
    uint64_t span = limits->target - limits->min;

    memset(chunker, 0, sizeof *chunker);
    chunker->limits = *limits;
    /* 2^64 does not fit: (2^64 - 1) / span is the same but for powers of two. */
    chunker->factor = UINT64_MAX / span + (UINT64_MAX % span == span - 1 && span > 1 ? 1 : 0);
    chunker->secret = secret;
    chunker->sink = sink;
    chunker->sink_ctx = sink_ctx;
    rh_buf_init_wiping(&chunker->carry, RH_PACK_MAX_PLAIN_BYTES);
    rh_buf_init_wiping(&chunker->lent, RH_PACK_MAX_PLAIN_BYTES);
}

void rh_chunker_done(rh_chunker *chunker)
{
    rh_buf_wipe_done(&chunker->carry);
    rh_buf_wipe_done(&chunker->lent);
}

void rh_chunker_begin(rh_chunker *chunker)
{
    rh_buf_clear(&chunker->carry);
    chunker->rows = 0;
    chunker->row_hash = (rh_u128){0, 0};
    chunker->total_rows = 0;
    chunker->total_bytes = 0;
}

static void swap(rh_buf *a, rh_buf *b)
{
    const rh_buf kept = *a;

    *a = *b;
    *b = kept;
}

/* The open chunk is carry plus data[from, to); both may be empty. */
static rh_status close_chunk(rh_chunker *chunker, const uint8_t *data, size_t len, rh_error *err)
{
    uint32_t rows = chunker->rows;
    rh_status status;

    chunker->rows = 0;
    if (chunker->carry.len == 0)
        return len == 0 ? RH_OK
                        : chunker->sink(chunker->sink_ctx, data, len, rows, RH_CHUNK_ROWS, err);
    status = rh_buf_append(&chunker->carry, data, len, err);
    /* At most once in a call: what carries on is put aside at its end only. */
    swap(&chunker->carry, &chunker->lent);
    rh_buf_clear(&chunker->carry);
    if (status == RH_OK)
        status = chunker->sink(chunker->sink_ctx, chunker->lent.data, chunker->lent.len, rows,
                               RH_CHUNK_ROWS, err);
    return status;
}

static rh_status put_long_row(rh_chunker *chunker, const uint8_t *row, size_t len, rh_error *err)
{
    rh_status status = RH_OK;

    for (; status == RH_OK && len > PIECE_BYTES; row += PIECE_BYTES, len -= PIECE_BYTES)
        status = chunker->sink(chunker->sink_ctx, row, PIECE_BYTES, 0, RH_CHUNK_PART, err);
    if (status == RH_OK)
        status = chunker->sink(chunker->sink_ctx, row, len, 1, RH_CHUNK_ROWS, err);
    return status;
}

static bool ends_after(const rh_chunker *chunker, size_t chunk_len, size_t row_len, rh_u128 hash)
{
    if (chunk_len < chunker->limits.min)
        return false;
    return row_len >= chunker->limits.target - chunker->limits.min ||
           hash.low < row_len * chunker->factor;
}

rh_status rh_chunker_rows(rh_chunker *chunker, const rh_batch *batch, rh_error *err)
{
    size_t max = chunker->limits.max;
    size_t start = 0; /* of the open chunk's part in this batch */
    size_t row = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < batch->rows; i++) {
        size_t end = batch->ends[i];
        size_t len = end - row;
        rh_u128 hash = rh_hash_row(chunker->secret, batch->data + row, len);

        rh_u128_add(&chunker->row_hash, hash);
        if (chunker->carry.len + (row - start) + len > max) {
            status = close_chunk(chunker, batch->data + start, row - start, err);
            start = row;
        }
        if (status == RH_OK && len > max) {
            status = put_long_row(chunker, batch->data + row, len, err);
            start = end;
        } else if (status == RH_OK) {
            chunker->rows++;
            if (ends_after(chunker, chunker->carry.len + (end - start), len, hash)) {
                status = close_chunk(chunker, batch->data + start, end - start, err);
                start = end;
            }
        }
        row = end;
    }
    if (status == RH_OK && start < row)
        status = rh_buf_append(&chunker->carry, batch->data + start, row - start, err);
    chunker->total_rows += (int64_t)batch->rows;
    chunker->total_bytes += (int64_t)row;
    return status;
}

rh_status rh_chunker_end(rh_chunker *chunker, rh_error *err)
{
    return close_chunk(chunker, NULL, 0, err);
}
