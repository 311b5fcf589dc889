/*
 * pg_stat_statements as a workload: one execution per entry, which cannot be executed again since
 * its values are gone; duration and rows are means over its calls, which are kept beside them.
 */
#include <stdio.h>
#include <string.h>

#include "capture_internal.h"

typedef struct stats {
    rh_capture *capture;
    rh_workload_source source;
    char name[128];
    uint64_t line;
} stats;

static rh_status on_server(void *ctx, const rh_query_stats_server *server, rh_error *err)
{
    stats *s = ctx;
    rh_status status = capture_engine(s->capture, RH_SQL_POSTGRES, err);

    (void)snprintf(s->name, sizeof s->name, "pg_stat_statements of '%.90s'", server->database);
    s->source.system_id = server->system_id;
    s->source.database = server->database;
    s->source.server_version = server->server_version;
    s->source.path = s->name;
    s->source.format = "pg_stat_statements";
    return status == RH_OK ? rh_workload_writer_source(s->capture->writer, &s->source, err)
                           : status;
}

static rh_log_text name_of(const char *text)
{
    return (rh_log_text){text, text == NULL ? 0 : strlen(text)};
}

static rh_status on_entry(void *ctx, const rh_query_stat *stat, rh_error *err)
{
    stats *s = ctx;
    rh_capture *c = s->capture;
    capture_session *session = NULL;
    capture_execution e = {.item = RH_WORKLOAD_ITEM_INIT, .sql_len = strlen(stat->text)};
    uint64_t ignored = 0;
    rh_status status;

    /* A session per user and database: there is no other order in it. */
    s->line++;
    status = capture_session_get(c, s->line | (uint64_t)1 << 61, true, &session, err);
    if (status != RH_OK)
        return status;
    capture_name_set(session->user, name_of(stat->user));
    capture_name_set(session->database, name_of(stat->database));
    e.item.sql = stat->text;
    e.item.duration_us = stat->calls > 0 ? stat->total_us / stat->calls : -1;
    e.item.rows = stat->calls > 0 ? stat->rows / stat->calls : -1;
    e.item.calls = stat->calls;
    e.item.total_us = stat->total_us;
    e.item.total_rows = stat->rows;
    e.item.source = s->source.id;
    e.item.source_line = s->line;
    e.item.protocol = RH_WORKLOAD_EXTENDED;
    e.item.unreplayable = "pg_stat_statements keeps no values";
    c->messages++;
    status = capture_emit(c, session, &e, &ignored, err);
    rh_arena_reset(c->arena);
    return status == RH_OK ? capture_session_close(c, session, err) : status;
}

rh_status rh_capture_query_stats(rh_capture *capture, const char *conninfo, rh_error *err)
{
    stats s = {.capture = capture};
    json_t *input;
    rh_status status = capture_source_next(capture, err);

    s.source.id = capture->source;
    if (status == RH_OK)
        status = rh_query_stats_read(conninfo, capture->options.log.cancel, on_server, on_entry, &s,
                                     err);
    if (status != RH_OK)
        return status;
    input = json_pack("{s:s, s:s, s:I}", "path", s.name, "format", "pg_stat_statements", "lines",
                      (json_int_t)s.line);
    if (input == NULL || json_array_append_new(capture->inputs, input) != 0)
        return rh_error_oom(err);
    return RH_OK;
}
