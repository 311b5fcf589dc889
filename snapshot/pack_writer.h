/*
 * One pack while it is written: chunks in, a complete file in a temporary place out. Used by one
 * thread at a time. Nothing is durable before the caller synced and renamed the file.
 */
#ifndef SNAPSHOT_PACK_WRITER_H
#define SNAPSHOT_PACK_WRITER_H

#include "pack_encoder.h"
#include "pack_format.h"
#include "repo.h"

typedef struct rh_pack_writer rh_pack_writer;

/** One chunk to be stored. */
typedef struct rh_chunk {
    const uint8_t *data;
    size_t len; /* 1 .. RH_PACK_MAX_PLAIN_BYTES */
    rh_id id;
    uint32_t rows;
    rh_chunk_kind kind;
} rh_chunk;

typedef struct rh_pack_writer_options {
    const char *path;    /* new file; removed by rh_pack_writer_free unless it was taken */
    const rh_dict *dict; /* prepared for writing, or NULL; must outlive the writer */
    bool in_clear;       /* a list: not sealed, also in a sealed repository */
} rh_pack_writer_options;

rh_status rh_pack_writer_open(rh_repo *repo, const rh_pack_writer_options *options,
                              rh_pack_writer **out, rh_error *err) RH_MUST_CHECK;
void rh_pack_writer_free(rh_pack_writer *writer);

/** What is stored from now on comes from this range of this table. key NULL: no span. */
void rh_pack_writer_span(rh_pack_writer *writer, const uint8_t *key, int64_t from, int64_t to);

/** Compress (with the thread's encoder), seal, append. *out_stored: bytes it takes. The chunk is
 * entry rh_pack_writer_count() - 1 afterwards. */
rh_status rh_pack_writer_add(rh_pack_writer *writer, rh_pack_encoder *encoder,
                             const rh_chunk *chunk, size_t *out_stored,
                             rh_error *err) RH_MUST_CHECK;

size_t rh_pack_writer_count(const rh_pack_writer *writer);
/** Bytes of the file so far, the table not counted. */
uint64_t rh_pack_writer_bytes(const rh_pack_writer *writer);
/** True when the table is about as long as memory allows. */
bool rh_pack_writer_table_full(const rh_pack_writer *writer);
const rh_dict *rh_pack_writer_dict(const rh_pack_writer *writer);

/** Table and end; the file is complete but not synced. out_name: RH_REPO_PACK_NAME_BYTES. */
rh_status rh_pack_writer_end(rh_pack_writer *writer, char *out_name, uint64_t *out_bytes,
                             rh_error *err) RH_MUST_CHECK;

/** fsync and close. After rh_pack_writer_end; any thread. */
rh_status rh_pack_writer_sync(rh_pack_writer *writer, rh_error *err) RH_MUST_CHECK;
const char *rh_pack_writer_path(const rh_pack_writer *writer);
/** The file was renamed: free leaves it alone. */
void rh_pack_writer_taken(rh_pack_writer *writer);

#endif
