/*
 * An SQLite file that is being read: one control connection and one per session, all of them in
 * read transactions on the same snapshot.
 */
#ifndef LITE_SOURCE_H
#define LITE_SOURCE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine_ops.h"
#include "lite_schema.h"
#include "lite_table.h"

/* Where the write-ahead log stood when the snapshot was taken. */
typedef struct rh_lite_wal {
    bool on;
    uint32_t frames;  /* frames of the log that the snapshot sees */
    uint32_t salt[2]; /* of this log; changes when it starts again */
} rh_lite_wal;

typedef struct rh_lite_source {
    rh_source_options options;
    char *path;    /* absolute */
    sqlite3 *main; /* control: catalog, facts, sections. Behind a mutex of its own */

    pthread_mutex_t lock; /* guards taken */
    sqlite3 **readers;    /* options.jobs of them, or fewer: see reader_count */
    bool *taken;
    size_t reader_count; /* connections on the snapshot; 0: a session borrows main */
    bool main_taken;

    bool began;
    rh_lite_wal wal;
    rh_lite_schema schema; /* read at begin */
    bool utf16;
    const char *encoding; /* "UTF-8", "UTF-16le", "UTF-16be" */
    int64_t file_bytes;
    rh_catalog *catalog; /* NULL until asked for */
} rh_lite_source;

/* lite_source.c */
rh_status rh_lite_source_open(const char *name, const rh_source_options *options, void **out,
                              rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_source_preflight(void *ctx, rh_problems *problems, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_source_begin(void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_source_section(void *ctx, const char *section, rh_buf *out,
                                 rh_error *err) RH_MUST_CHECK;
void rh_lite_source_end(void *ctx);
void rh_lite_source_close(void *ctx);

/* lite_snapshot.c */

/** Put main and as many readers as possible on one snapshot. RH_EBUSY after lock_wait_us. */
rh_status rh_lite_snapshot_begin(rh_lite_source *source, rh_error *err) RH_MUST_CHECK;

/** End all read transactions and close the readers. Idempotent. */
void rh_lite_snapshot_end(rh_lite_source *source);

/* lite_catalog.c */
rh_status rh_lite_catalog(void *ctx, const rh_catalog **out, rh_error *err) RH_MUST_CHECK;

/* lite_ranges.c */

/** Fill the table's ranges and estimates. stored: how it stores its rows. */
rh_status rh_lite_ranges(rh_lite_source *source, rh_arena *arena, const rh_lite_table *stored,
                         rh_table *table, rh_error *err) RH_MUST_CHECK;

/* lite_facts.c */
rh_status rh_lite_facts(void *ctx, json_t **out, rh_error *err) RH_MUST_CHECK;

/** What makes two names the same database: hash of this machine's id and the absolute path. */
rh_status rh_lite_system_id(const char *path, char out[65], rh_error *err) RH_MUST_CHECK;

/* lite_extra.c */
rh_status rh_lite_check_extra(void *ctx, const rh_table *table, const rh_extra_column *extra,
                              rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_set_extras(void *ctx, const rh_table *table, const rh_extra_column *extras,
                             size_t count, rh_error *err) RH_MUST_CHECK;

/* lite_read.c */
rh_status rh_lite_session_open(void *ctx, void **out, rh_error *err) RH_MUST_CHECK;
void rh_lite_session_close(void *ctx);
rh_status rh_lite_session_rows(void *ctx, const rh_table *table, const rh_range *range,
                               const rh_row_sink *sink, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_session_spread(void *ctx, const rh_table *table, size_t rows,
                                 const rh_row_look *look, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_session_explain(void *ctx, const char *sql, json_t **out,
                                  rh_error *err) RH_MUST_CHECK;

#endif
