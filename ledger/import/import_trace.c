/*
 * Two passes over the workload. The first one finds the markers and where their blocks begin, which
 * may be before them; the second one writes. Executions are numbered by the order of the cursor.
 */
#include "ledger/import_trace.h"

#include <stdio.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/mem.h"
#include "trace_marker.h"

enum { CANCEL_GRAIN = 1024, HINT_STATEMENTS = 3, HINT_CHARACTERS = 50 };

typedef struct marker {
    uint64_t first; /* number of the block's first execution */
    int64_t height;
    int64_t time_us;
} marker;

/* A session's open transaction. */
typedef struct open_tx {
    uint64_t id;
    uint64_t first; /* number of its first execution */
    bool marked;    /* a marker was in it */
} open_tx;

typedef struct cutting {
    const rh_import_trace_options *options;
    rh_ledger_writer *writer;
    rh_import_trace_report *report;
    rh_workload_file *file;
    rh_workload_filter filter;
    rh_sql_dialect dialect;
    marker *markers;
    size_t count, cap;
    open_tx *sessions; /* by number */
    bool *marked;      /* likewise: has a marker */
    size_t session_count;
    uint64_t last_marker; /* number of its execution */
    size_t next;          /* marker whose block has not begun */
    uint64_t in_block;    /* statements so far */
    char writes[(HINT_CHARACTERS + 3) * HINT_STATEMENTS];
} cutting;

/* ---- the first pass ---- */

static rh_status add_marker(cutting *c, const marker *found, rh_error *err)
{
    if (c->count == c->cap) {
        size_t cap = c->cap == 0 ? 256 : 2 * c->cap;
        marker *grown = rh_mem_rearray(c->markers, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        c->markers = grown;
        c->cap = cap;
    }
    c->markers[c->count++] = *found;
    return RH_OK;
}

static rh_status look(cutting *c, const rh_workload_item *item, uint64_t number, rh_error *err)
{
    open_tx *tx = item->session < c->session_count ? &c->sessions[item->session] : NULL;
    marker found = {number, -1, item->time_us};

    if (tx != NULL && (item->transaction == 0 || item->transaction != tx->id))
        *tx = (open_tx){item->transaction, number, false};
    if (!rh_trace_is_marker(c->dialect, c->options->marker, item->sql))
        return RH_OK;
    found.height = rh_trace_height(c->dialect, item);
    if (c->options->ends)
        found.first = c->count == 0 ? 0 : c->last_marker + 1;
    else if (tx != NULL && tx->id != 0 && !tx->marked &&
             (c->count == 0 || tx->first > c->last_marker))
        found.first = tx->first;
    if (tx != NULL) {
        tx->marked = true;
        c->marked[item->session] = true;
    }
    c->last_marker = number;
    return add_marker(c, &found, err);
}

/* Heights must rise; otherwise the numbers in the markers are something else. */
static void settle_heights(cutting *c)
{
    int64_t next = c->options->first_height < 0 ? 0 : c->options->first_height;
    bool told = c->options->first_height < 0;

    for (size_t i = 0; i < c->count; i++) {
        told = told && c->markers[i].height >= 0 &&
               (i == 0 || c->markers[i].height > c->markers[i - 1].height);
    }
    for (size_t i = 0; i < c->count && !told; i++)
        c->markers[i].height = next++;
    c->report->heights_told = told;
}

/* ---- the second pass ---- */

static void end_block(cutting *c)
{
    rh_import_trace_report *r = c->report;

    r->least = r->most == 0 || c->in_block < r->least ? c->in_block : r->least;
    r->most = c->in_block > r->most ? c->in_block : r->most;
    c->in_block = 0;
}

static rh_status begin_block(cutting *c, size_t at, rh_error *err)
{
    rh_ledger_block *block = rh_ledger_block_new();
    rh_status status;

    if (block == NULL)
        return rh_error_oom(err);
    if (at > 0)
        end_block(c);
    block->height = c->markers[at].height;
    block->time = c->markers[at].time_us <= 0 ? -1 : c->markers[at].time_us / 1000000;
    status = rh_ledger_writer_add(c->writer, block, err);
    rh_ledger_block_free(block);
    return status;
}

static rh_status put(cutting *c, const rh_workload_item *item, rh_error *err)
{
    if (++c->in_block > RH_IMPORT_TRACE_MAX_STATEMENTS) {
        rh_error_set(err, RH_ELIMIT, "a block has more than %d statements",
                     (int)RH_IMPORT_TRACE_MAX_STATEMENTS);
        rh_error_hint(err, "does '%.80s' stand in every block?", c->options->marker);
        return RH_ELIMIT;
    }
    c->report->unreplayable += item->unreplayable != NULL;
    return rh_ledger_writer_statement(c->writer, item, err);
}

static rh_status write_item(cutting *c, const rh_workload_item *item, uint64_t number,
                            rh_error *err)
{
    rh_status status = RH_OK;

    if (c->next < c->count && number == c->markers[c->next].first)
        status = begin_block(c, c->next++, err);
    if (status != RH_OK)
        return status;
    if (item->session >= c->session_count || !c->marked[item->session])
        c->report->other_sessions++;
    else if (c->next == 0)
        c->report->before++;
    else if (c->options->ends && number > c->last_marker)
        c->report->after++;
    else
        status = put(c, item, err);
    return status;
}

/* ---- both ---- */

typedef rh_status (*item_work)(cutting *c, const rh_workload_item *item, uint64_t number,
                               rh_error *err);

static rh_status each_item(cutting *c, const rh_workload *items, item_work work, rh_error *err)
{
    rh_workload_item item;
    rh_status status = RH_OK;

    for (uint64_t number = 0; status == RH_OK; number++) {
        if (number % CANCEL_GRAIN == 0)
            status = rh_cancel_check(c->options->cancel, err);
        if (status == RH_OK)
            status = items->next(items->ctx, &item, err);
        if (status == RH_OK)
            status = work(c, &item, number, err);
        rh_progress_add(c->options->progress, 0, 0, 1);
    }
    return status == RH_DONE ? RH_OK : status;
}

static rh_status pass(cutting *c, const char *stage, item_work work, rh_error *err)
{
    rh_workload_cursor *cursor = NULL;
    rh_status status = rh_workload_cursor_open(c->file, &c->filter, &cursor, err);

    rh_progress_stage(c->options->progress, stage, 0, 0,
                      rh_workload_file_summary(c->file)->executions);
    if (status == RH_OK) {
        const rh_workload items = rh_workload_from_cursor(cursor);

        status = each_item(c, &items, work, err);
    }
    rh_workload_cursor_close(cursor);
    return status;
}

static rh_status find_last_session(void *ctx, const rh_workload_session *session, rh_error *err)
{
    cutting *c = ctx;

    (void)err;
    if (session->id >= c->session_count)
        c->session_count = (size_t)session->id + 1;
    return RH_OK;
}

/* Numbers of sessions are small ones; a file that says otherwise is treated as if it knew none. */
static rh_status number_sessions(cutting *c, rh_error *err)
{
    uint64_t known = rh_workload_file_summary(c->file)->sessions;
    rh_status status = rh_workload_file_sessions(c->file, find_last_session, c, err);

    if (status != RH_OK)
        return status;
    if (c->session_count > known + 1)
        return rh_error_set(err, RH_EFORMAT, "the workload's sessions are not numbered from 1");
    c->session_count = c->session_count == 0 ? 1 : c->session_count;
    c->sessions = rh_mem_array(c->session_count, sizeof *c->sessions);
    c->marked = rh_mem_array(c->session_count, sizeof *c->marked);
    return c->sessions == NULL || c->marked == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status copy_source(void *ctx, const rh_workload_source *source, rh_error *err)
{
    cutting *c = ctx;

    return rh_workload_writer_source(rh_ledger_writer_file(c->writer), source, err);
}

static rh_status copy_skipped(void *ctx, const rh_workload_skipped *skipped, rh_error *err)
{
    cutting *c = ctx;

    return rh_workload_writer_skipped(rh_ledger_writer_file(c->writer), skipped, err);
}

static rh_status note_write(void *ctx, const rh_workload_statement *shape, rh_error *err)
{
    cutting *c = ctx;
    size_t len = strlen(c->writes);

    (void)err;
    if (shape->command == NULL || strcmp(shape->command, "write") != 0 || shape->normalized == NULL)
        return RH_OK;
    (void)snprintf(c->writes + len, sizeof c->writes - len, "%s%.*s", len > 0 ? " | " : "",
                   (int)HINT_CHARACTERS, shape->normalized);
    return len + HINT_CHARACTERS + 3 < sizeof c->writes ? RH_OK : RH_DONE;
}

static rh_status no_marker(cutting *c, rh_error *err)
{
    bool pattern = strchr(c->options->marker, '*') != NULL;

    if (rh_workload_file_statements(c->file, note_write, c, NULL) != RH_OK)
        c->writes[0] = '\0';
    rh_error_set(err, RH_ENOTFOUND, "no statement %s '%.100s'", pattern ? "matches" : "begins with",
                 c->options->marker);
    rh_error_hint(err,
                  c->writes[0] == '\0' ? "the trace has no writes%s" : "writes of the trace: %s",
                  c->writes);
    return RH_ENOTFOUND;
}

static rh_status cut(cutting *c, rh_error *err)
{
    const rh_workload_summary *summary = rh_workload_file_summary(c->file);
    rh_status status;

    if (json_object_get(summary->settings, "ledger") != NULL)
        return rh_error_set(err, RH_EUSAGE, "it is a ledger workload already");
    c->dialect = rh_engine_dialect(summary->engine);
    /* Scripts have no times: what stands is their order. */
    c->filter.order = summary->first_us == 0 ? RH_WORKLOAD_ORDER_STORED : RH_WORKLOAD_ORDER_TIME;
    status = number_sessions(c, err);
    if (status == RH_OK)
        status = pass(c, "markers", look, err);
    if (status == RH_OK && c->count == 0)
        return no_marker(c, err);
    settle_heights(c);
    if (status == RH_OK)
        status = rh_workload_file_sources(c->file, copy_source, c, err);
    if (status == RH_OK)
        status = rh_workload_file_skipped(c->file, copy_skipped, c, err);
    if (status == RH_OK)
        status = pass(c, "statements", write_item, err);
    if (status == RH_OK)
        end_block(c);
    return status;
}

rh_status rh_import_trace(const char *path, const rh_import_trace_options *options,
                          rh_ledger_writer *writer, rh_import_trace_report *out, rh_error *err)
{
    rh_import_trace_report report = {0};
    cutting c = {.options = options, .writer = writer, .report = &report};
    rh_status status = rh_workload_file_open(path, &c.file, err);

    if (status == RH_OK)
        status = cut(&c, err);
    rh_workload_file_close(c.file);
    rh_mem_free(c.markers);
    rh_mem_free(c.sessions);
    rh_mem_free(c.marked);
    if (status == RH_OK)
        *out = report;
    return status;
}
