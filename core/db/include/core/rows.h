/*
 * Rows on the move: batches of encoded rows, where they go, and filters that change them.
 *
 * Two encodings exist; both are described in docs/format.md §3:
 *   RH_ROWS_PGCOPY  PostgreSQL COPY text, one line per row with its '\n'
 *   RH_ROWS_SQLITE  varint length of what follows, rowid (zigzag varint; only in rowid tables),
 * then the values as an SQLite record (header of serial types, body)
 */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/catalog.h"

typedef enum rh_rows_format {
    RH_ROWS_PGCOPY = 1,
    RH_ROWS_SQLITE = 2,
} rh_rows_format;

enum {
    RH_BATCH_TARGET_BYTES = 256 * 1024, /* sources aim at this much per batch */
    RH_BATCH_MAX_ROWS = 8192,
};

/** Whole rows, back to back. ends[i] is the offset just behind row i. All borrowed. */
typedef struct rh_batch {
    const uint8_t *data;
    size_t len;
    const size_t *ends;
    size_t rows;
} rh_batch;

/** Where a source puts its rows. put is called by one thread at a time. */
typedef struct rh_row_sink {
    rh_status (*put)(void *ctx, const rh_batch *batch, rh_error *err);
    void *ctx;
} rh_row_sink;

/**
 * Where a loader gets its bytes: whole rows back to back, except that a row larger than a chunk may
 * be spread over several pieces. RH_OK with a piece (borrowed until the next call), RH_DONE at the
 * end.
 */
typedef struct rh_row_reader {
    rh_status (*next)(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err);
    void *ctx;
} rh_row_reader;

/** A caller's batch under construction: data plus row ends. */
typedef struct rh_batch_builder {
    rh_buf data;
    size_t *ends;
    size_t rows;
    size_t cap;
} rh_batch_builder;

/** max_bytes: largest content, i.e. the row limit (0 = 256 MiB). */
void rh_batch_builder_init(rh_batch_builder *builder, size_t max_bytes);
void rh_batch_builder_done(rh_batch_builder *builder); /* wipes */
void rh_batch_builder_clear(rh_batch_builder *builder);

/** Close the row that the caller appended to builder->data. RH_ENOMEM. */
rh_status rh_batch_builder_end_row(rh_batch_builder *builder, rh_error *err) RH_MUST_CHECK;

/** Append all rows of batch. RH_ENOMEM, RH_ELIMIT; the builder is to be cleared then. */
rh_status rh_batch_builder_copy(rh_batch_builder *builder, const rh_batch *batch,
                                rh_error *err) RH_MUST_CHECK;

/** True when the batch should be handed on. */
bool rh_batch_builder_full(const rh_batch_builder *builder);
rh_batch rh_batch_builder_view(const rh_batch_builder *builder);

/**
 * Find the rows in data (whole rows only): fills builder's ends, copying nothing; the view borrows
 * data. RH_EFORMAT when data does not end at a row's end or a length is impossible.
 */
rh_status rh_rows_split(rh_rows_format format, const uint8_t *data, size_t len,
                        rh_batch_builder *builder, rh_batch *out, rh_error *err) RH_MUST_CHECK;

#endif
