/*
 * Capture, see profiler/capture.h: inputs, the report, life and death.
 */
#include "profiler/capture.h"

#include <string.h>

#include "capture_internal.h"
#include "core/clock.h"
#include "core/mem.h"

static rh_status on_skipped(void *ctx, const char *reason, uint64_t line, rh_error *err)
{
    rh_capture *c = ctx;

    (void)err;
    capture_skip_add(c, reason, c->source, line);
    return RH_OK;
}

/* Events are PostgreSQL's. */
static rh_status on_event(void *ctx, const rh_log_event *event, rh_error *err)
{
    rh_capture *c = ctx;
    rh_status status = RH_OK;

    if (c->writer == NULL || c->dialect != RH_SQL_POSTGRES)
        status = capture_engine(c, RH_SQL_POSTGRES, err);
    return status == RH_OK ? capture_event(c, event, err) : status;
}

rh_status rh_capture_new(const char *path, const rh_capture_options *options, rh_capture **out,
                         rh_error *err)
{
    rh_status status = rh_workload_writer_check(path, options->replace, err);
    rh_capture *c;

    if (status != RH_OK)
        return status;
    c = rh_mem_zalloc(sizeof *c);
    if (c == NULL)
        return rh_error_oom(err);
    c->options = *options;
    c->path = rh_mem_strdup(path);
    c->arena = rh_arena_new(0);
    c->inputs = json_array();
    c->settings = json_object();
    if (c->path == NULL || c->arena == NULL || c->inputs == NULL || c->settings == NULL) {
        rh_capture_free(c);
        return rh_error_oom(err);
    }
    *out = c;
    return RH_OK;
}

void rh_capture_free(rh_capture *capture)
{
    if (capture == NULL)
        return;
    capture_session_free_all(capture);
    capture_shapes_free(capture->shapes);
    rh_workload_writer_free(capture->writer);
    rh_arena_free(capture->arena);
    json_decref(capture->inputs);
    json_decref(capture->settings);
    rh_mem_free(capture->per_source);
    rh_mem_free(capture->path);
    rh_mem_free(capture);
}

/* ---- inputs ---- */

static rh_status report_input(rh_capture *c, const char *name, const rh_log_summary *summary,
                              rh_error *err)
{
    json_t *input = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b}", "path", name, "format",
                              rh_log_format_name(summary->format), "compression",
                              summary->compression, "lines", (json_int_t)summary->lines, "bytes",
                              (json_int_t)summary->bytes, "damaged", (int)summary->damaged);
    int failed = input == NULL;

    if (!failed && summary->prefix[0] != '\0') {
        failed |= json_object_set_new(input, "prefix", json_string(summary->prefix));
        failed |=
            json_object_set_new(input, "prefix_inferred", json_boolean(summary->prefix_inferred));
    }
    if (!failed && summary->later_count > 0) {
        json_t *later = json_array();

        for (size_t i = 0; i < summary->later_count; i++)
            failed |= json_array_append_new(later, json_string(summary->later_prefixes[i]));
        failed |= json_object_set_new(input, "later_prefixes", later);
    }
    if (!failed && summary->unknown_zone > 0)
        failed |= json_object_set_new(input, "unknown_time_zone",
                                      json_integer((json_int_t)summary->unknown_zone));
    if (failed || json_array_append(c->inputs, input) != 0) {
        json_decref(input);
        return rh_error_oom(err);
    }
    json_decref(input);
    return RH_OK;
}

rh_status capture_source_next(rh_capture *c, rh_error *err)
{
    if (c->source == c->source_cap) {
        size_t cap = c->source_cap == 0 ? 16 : c->source_cap * 2;
        uint64_t *larger = rh_mem_rearray(c->per_source, cap, sizeof *larger);

        if (larger == NULL)
            return rh_error_oom(err);
        c->per_source = larger;
        c->source_cap = cap;
    }
    c->per_source[c->source++] = 0;
    return RH_OK;
}

static rh_status write_source(rh_capture *c, const char *name, const rh_log_summary *summary,
                              rh_error *err)
{
    const rh_capture_origin *origin = c->options.origin;
    rh_workload_source source = {.id = c->source,
                                 .path = name,
                                 .format = rh_log_format_name(summary->format),
                                 .lines = summary->lines,
                                 .bytes = summary->bytes};

    if (origin != NULL) {
        source.system_id = origin->system_id;
        source.database = origin->database;
        source.server_version = origin->server_version;
    }
    return c->writer == NULL ? RH_OK : rh_workload_writer_source(c->writer, &source, err);
}

rh_status rh_capture_input(rh_capture *capture, const char *name, rh_reader *reader, rh_error *err)
{
    rh_log_sink sink = {on_event, capture_statement, on_skipped, capture};
    rh_log_summary summary = {0};
    rh_status status = capture_source_next(capture, err);

    if (status != RH_OK) {
        rh_reader_free(reader);
        return status;
    }
    capture->last = NULL; /* a file does not begin in the middle of another's message */
    status = rh_log_read(name, reader, &capture->options.log, &sink, &summary, err);
    if (status == RH_OK && summary.format == RH_LOG_FORMAT_AUTO)
        summary.compression = "plain";
    if (status == RH_OK)
        status = write_source(capture, name, &summary, err);
    if (status == RH_OK)
        status = report_input(capture, name, &summary, err);
    return status;
}

/* ---- the end ---- */

static rh_status write_skips(rh_capture *c, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < c->skip_count; i++) {
        rh_workload_skipped row = {.reason = c->skips[i].reason,
                                   .source = c->skips[i].source,
                                   .line = c->skips[i].line,
                                   .count = c->skips[i].count};

        status = rh_workload_writer_skipped(c->writer, &row, err);
    }
    return status;
}

/* Held executions were written after their input was read. */
static rh_status complete_inputs(rh_capture *c, rh_error *err)
{
    int failed = 0;

    for (size_t i = 0; i < json_array_size(c->inputs); i++) {
        json_t *input = json_array_get(c->inputs, i);

        failed |=
            json_object_set_new(input, "executions", json_integer((json_int_t)c->per_source[i]));
        failed |= json_object_set_new(input, "skipped",
                                      json_integer((json_int_t)capture_skip_total(c, i + 1)));
    }
    return failed ? rh_error_oom(err) : RH_OK;
}

static json_t *skips_json(const rh_capture *c)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < c->skip_count; i++) {
        const capture_skip *s = &c->skips[i];
        json_t *input = s->source == 0 ? NULL : json_array_get(c->inputs, (size_t)s->source - 1);
        const char *path = json_string_value(json_object_get(input, "path"));
        json_t *row = json_pack("{s:s, s:s?, s:I, s:I}", "reason", s->reason, "path", path, "line",
                                (json_int_t)s->line, "count", (json_int_t)s->count);

        if (row == NULL || json_array_append_new(list, row) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *time_json(int64_t us)
{
    char text[RH_CLOCK_TEXT_BYTES];

    return us == 0 ? json_null() : json_string(rh_clock_format(us, text));
}

static json_t *filtered_json(const capture_filtered *f)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "own", (json_int_t)f->own,
                     "database", (json_int_t)f->database, "user", (json_int_t)f->user,
                     "application", (json_int_t)f->application, "time", (json_int_t)f->time,
                     "duration", (json_int_t)f->duration, "fingerprint", (json_int_t)f->fingerprint,
                     "sample", (json_int_t)f->sample);
}

static json_t *report(const rh_capture *c)
{
    return json_pack(
        "{s:s, s:s, s:O, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "workload",
        c->path, "engine", c->dialect == RH_SQL_SQLITE ? "sqlite" : "postgresql", "inputs",
        c->inputs, "messages", (json_int_t)c->messages, "other_messages", (json_int_t)c->others,
        "executions", (json_int_t)c->executions, "unreplayable", (json_int_t)c->unreplayable,
        "multiple_statements", (json_int_t)c->multiple, "plans", (json_int_t)c->plans, "statements",
        (json_int_t)capture_shapes_count(c->shapes), "sessions", (json_int_t)c->next_session,
        "first", time_json(c->first_us), "last", time_json(c->last_us), "filtered",
        filtered_json(&c->filtered), "skipped", skips_json(c));
}

rh_status rh_capture_end(rh_capture *capture, json_t **out_report, rh_error *err)
{
    json_t *answer = NULL;
    rh_status status = RH_OK;

    if (capture->writer == NULL)
        status = capture_engine(capture, capture->options.log.dialect, err);
    if (status == RH_OK)
        status = capture_session_close_all(capture, err);
    if (status == RH_OK)
        status = write_skips(capture, err);
    if (status == RH_OK)
        status = complete_inputs(capture, err);
    if (status == RH_OK) {
        answer = report(capture);
        if (answer == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = rh_workload_writer_commit(capture->writer, err);
    if (status == RH_OK) {
        *out_report = answer;
        answer = NULL;
    }
    json_decref(answer);
    return status;
}
