/*
 * pg_stat_statements of a running server: the shapes that it counts, without values.
 */
#ifndef CORE_QUERY_STATS_H
#define CORE_QUERY_STATS_H

#include <stdint.h>

#include "core/cancel.h"

/** One entry. Texts are borrowed for the call. */
typedef struct rh_query_stat {
    const char *text; /* with $1 ... in the place of values; may be cut by the server's memory */
    const char *user; /* NULL: a role that is gone */
    const char *database; /* NULL: a database that is gone */
    int64_t calls;
    int64_t total_us; /* execution; with planning where the server counts it */
    int64_t rows;
} rh_query_stat;

typedef struct rh_query_stats_server {
    const char *system_id;
    const char *database;
    const char *server_version;
    const char *extension_version;
} rh_query_stats_server;

/**
 * Visit every top-level entry that is not hidden from this role. cancel and server may be NULL.
 * RH_ENOTFOUND: the extension is not installed in this database; RH_EPRIVILEGE: all texts are
 * hidden (needs pg_read_all_stats); RH_ECONNECT, RH_EDB; a status of visit ends the visit.
 */
rh_status rh_query_stats_read(const char *conninfo, const rh_cancel *cancel,
                              rh_status (*server)(void *ctx, const rh_query_stats_server *server,
                                                  rh_error *err),
                              rh_status (*visit)(void *ctx, const rh_query_stat *stat,
                                                 rh_error *err),
                              void *ctx, rh_error *err) RH_MUST_CHECK;

#endif
