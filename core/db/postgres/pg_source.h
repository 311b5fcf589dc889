/*
 * The source: a main connection that holds the exported snapshot and the locks, and sessions that
 * import it. See pg_source.c for the states.
 */
#ifndef PG_SOURCE_H
#define PG_SOURCE_H

#include <pthread.h>

#include "core/engine.h"
#include "pg_connection.h"
#include "pg_conninfo.h"
#include "pg_identity.h"

enum { RH_PG_SNAPSHOT_ID_BYTES = 64 };

typedef struct rh_pg_source {
    rh_source_options options;
    rh_pg_conninfo *info; /* pinned to the host that was reached */
    rh_pg *main;
    rh_pg_identity identity;
    bool in_recovery;
    bool begun;
    char snapshot[RH_PG_SNAPSHOT_ID_BYTES];
    rh_catalog *catalog; /* NULL before begin */
    char *dump_program;  /* NULL before rh_pg_dump_find */
    rh_pg **spare;       /* sessions opened by begin, not yet handed out; guarded by lock */
    size_t spare_count;
    pthread_mutex_t lock;
} rh_pg_source;

rh_status rh_pg_source_open(const char *name, const rh_source_options *options, void **out,
                            rh_error *err);
rh_status rh_pg_source_preflight(void *handle, rh_problems *problems, rh_error *err);
rh_status rh_pg_source_begin(void *handle, rh_error *err);
rh_status rh_pg_source_catalog(void *handle, const rh_catalog **out, rh_error *err);
rh_status rh_pg_source_facts(void *handle, json_t **out, rh_error *err);
rh_status rh_pg_source_section(void *handle, const char *section, rh_buf *out, rh_error *err);
void rh_pg_source_end(void *handle);
void rh_pg_source_close(void *handle);

/** A connection on the source's snapshot; from the spare ones where there is one. */
rh_status rh_pg_source_connect(rh_pg_source *source, rh_pg **out, rh_error *err) RH_MUST_CHECK;

/** Tables under the main connection's snapshot (pg_catalog_read.c). */
rh_status rh_pg_catalog_read(rh_pg_source *source, rh_catalog **out, rh_error *err) RH_MUST_CHECK;

/** Find pg_dump, once for all sections: it is started to learn its version. RH_ENOTFOUND (hint).
 * Not for two threads at a time. */
rh_status rh_pg_dump_find(rh_pg_source *source, rh_error *err) RH_MUST_CHECK;

/** pg_dump text of one section under the snapshot (pg_dump_section.c). */
rh_status rh_pg_dump_section(rh_pg_source *source, const char *section, rh_buf *out,
                             rh_error *err) RH_MUST_CHECK;

/** Planner statistics as JSON lines (pg_statistics_capture.c). */
rh_status rh_pg_statistics_capture(rh_pg_source *source, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** The rows of a query of one column, each as a line; taken one by one, so nothing is held twice.
 * param: its $1, or NULL. */
rh_status rh_pg_append_lines(rh_pg *pg, const char *sql, const char *param, rh_buf *out,
                             rh_error *err) RH_MUST_CHECK;

/** The section "structure" (pg_structure.c). */
rh_status rh_pg_structure(rh_pg_source *source, rh_buf *out, rh_error *err) RH_MUST_CHECK;

rh_status rh_pg_check_extra(void *handle, const rh_table *table, const rh_extra_column *extra,
                            rh_error *err);
rh_status rh_pg_set_extras(void *handle, const rh_table *table, const rh_extra_column *extras,
                           size_t count, rh_error *err);
/** The expression as it stands in a SELECT list. */
rh_status rh_pg_put_extra(const rh_table *table, const rh_extra_column *extra, rh_buf *out,
                          rh_error *err) RH_MUST_CHECK;

rh_status rh_pg_session_open(void *handle, void **out, rh_error *err);
void rh_pg_session_close(void *handle);
rh_status rh_pg_session_rows(void *handle, const rh_table *table, const rh_range *range,
                             const rh_row_sink *sink, rh_error *err);
rh_status rh_pg_session_explain(void *handle, const char *sql, json_t **out, rh_error *err);

#endif
