/*
 * The write side: rows in, chunks out. One rh_store per snapshot run, one rh_store_stream per
 * worker thread. Chunks that last night's snapshot (or a killed run) stored for the same table
 * range are referenced instead of written.
 *
 *   store_begin -> { stream_open -> { range_begin -> rows* -> range_end }* -> stream_close }*
 * threads
 *               -> store_object* -> store_commit | store_free
 */
#ifndef SNAPSHOT_STORE_H
#define SNAPSHOT_STORE_H

#include <jansson.h>

#include <rehearse/repository.h>

#include "core/rows.h"
#include "manifest.h"

typedef struct rh_store rh_store;
typedef struct rh_store_stream rh_store_stream;

/** What became of one range. */
typedef struct rh_store_range {
    rh_stored_range stored;
    rh_u128 row_hash;
    int64_t new_chunks; /* written by this run */
    int64_t new_bytes;  /* stored bytes written by this run, frames only */
} rh_store_range;

/**
 * Start writing. repo is open for writing and outlives the store; system_id and database name the
 * lineage; format tells how to find rows. Loads last night's manifest of the lineage and the spans
 * of packs that no manifest references.
 */
rh_status rh_store_begin(rh_repo *repo, const char *system_id, const char *database,
                         rh_rows_format format, rh_store **out, rh_error *err) RH_MUST_CHECK;

/** The lineage as hex, for the manifest. Borrowed. */
const char *rh_store_lineage(const rh_store *store);

/** Per-thread stream; owns at most 12 MiB of buffers. */
rh_status rh_store_stream_open(rh_store *store, rh_store_stream **out, rh_error *err) RH_MUST_CHECK;

rh_status rh_store_range_begin(rh_store_stream *stream, const rh_table *table,
                               const rh_range *range, rh_error *err) RH_MUST_CHECK;
rh_status rh_store_rows(rh_store_stream *stream, const rh_batch *batch,
                        rh_error *err) RH_MUST_CHECK;
rh_status rh_store_range_end(rh_store_stream *stream, rh_store_range *out,
                             rh_error *err) RH_MUST_CHECK;

/** Finish the packs of this stream. Call on success; free alone discards open packs. */
rh_status rh_store_stream_finish(rh_store_stream *stream, rh_error *err) RH_MUST_CHECK;
void rh_store_stream_free(rh_store_stream *stream);

/** Store a section; *out is the manifest's entry {"bytes","hash","list"} (new reference).
 * One thread, no streams open. */
rh_status rh_store_object(rh_store *store, const char *name, const void *data, size_t len,
                          json_t **out, rh_error *err) RH_MUST_CHECK;

/** Dictionary of a table in this run, 0 = none. After its ranges ended. */
uint32_t rh_store_dictionary(const rh_store *store, const rh_table *table);

/** Bytes this run added to the repository so far (packs and dictionaries, complete files). */
uint64_t rh_store_new_bytes(const rh_store *store);

/**
 * Wait for all packs to be on disk, add rehearse_snapshot, features, repository, lineage, packs,
 * dictionaries, new_bytes, stored_bytes to manifest (borrowed, changed), write it: now the snapshot
 * exists. *out_id: fresh memory.
 */
rh_status rh_store_commit(rh_store *store, json_t *manifest, char **out_id,
                          rh_error *err) RH_MUST_CHECK;
void rh_store_free(rh_store *store);

/** JSON of a stored range for the manifest's "ranges" (new reference). */
rh_status rh_store_range_json(const rh_stored_range *range, json_t **out,
                              rh_error *err) RH_MUST_CHECK;

#endif
