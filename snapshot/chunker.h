/*
 * Rows in, chunks out: boundaries by content, as docs/format.md §3.3 says. Copies only the rows of
 * a chunk that is spread over two batches.
 */
#ifndef SNAPSHOT_CHUNKER_H
#define SNAPSHOT_CHUNKER_H

#include "core/hash.h"
#include "core/rows.h"
#include "pack_format.h"
#include "repo.h"

/** Where chunks go; data is borrowed until rh_chunker_rows or rh_chunker_end returns. rows is 0 for
 * RH_CHUNK_PART. */
typedef rh_status (*rh_chunk_sink)(void *ctx, const uint8_t *data, size_t len, uint32_t rows,
                                   rh_chunk_kind kind, rh_error *err);

typedef struct rh_chunker {
    rh_chunk_limits limits;
    uint64_t factor; /* floor(2^64 / (target - min)) */
    const uint8_t *secret;
    rh_chunk_sink sink;
    void *sink_ctx;
    rh_buf carry;  /* rows of the open chunk that came in earlier batches */
    rh_buf lent;   /* the carry before, which the sink may still look at */
    uint32_t rows; /* of the open chunk */
    rh_u128 row_hash;
    int64_t total_rows;
    int64_t total_bytes;
} rh_chunker;

/** secret (RH_ROW_SECRET_BYTES) is borrowed. */
void rh_chunker_init(rh_chunker *chunker, const rh_chunk_limits *limits, const uint8_t *secret,
                     rh_chunk_sink sink, void *sink_ctx);
void rh_chunker_done(rh_chunker *chunker); /* wipes */

/** Start a range: sums go to 0. */
void rh_chunker_begin(rh_chunker *chunker);
rh_status rh_chunker_rows(rh_chunker *chunker, const rh_batch *batch, rh_error *err) RH_MUST_CHECK;
/** The range ends: what is open becomes the last chunk. */
rh_status rh_chunker_end(rh_chunker *chunker, rh_error *err) RH_MUST_CHECK;

#endif
