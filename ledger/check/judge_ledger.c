/*
 * Cost at production size: what was measured per statement, times the statements of a block; where
 * the plan scans a table that has more rows in production than here, times their ratio. On (nearly)
 * empty tables nothing was measured: then a scanned row counts a microsecond, which is what a row
 * through a secondary index costs once a table does not fit the cache.
 */
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "core/own_statements.h"
#include "core/str.h"
#include "ledger/ledger_finding.h"
#include "ledger_check_internal.h"

enum {
    ENOUGH_ROWS = 1000,
    MANY_STATEMENTS = 100,
    SCAN_STEPS = 4, /* of a row: SQLite's shortest loop, next, column, compare */
};

typedef struct check {
    const rh_ledger_check_options *options;
    check_sessions sessions;
    json_t *calls;
    json_t *findings;
    double blocks;
    double us_per_block;
    double us_by_rows; /* of them: not measured, but reckoned at the stated pace */
    char worst_line[256];
    const char *worst_call;
    double statements;
    double cost;       /* per block: VM steps, or rows that plans processed and statements */
    double worst_cost; /* of one call */
    bool model;
    bool bad;
} check;

static rh_status add_finding(check *c, const char *name, const char *severity, const char *query,
                             double value, double threshold, const char *unit, bool model,
                             const char *plan, const char *advice, rh_error *err)
{
    const rh_ledger_finding finding = {name, severity, query, value, threshold,
                                       unit, model,    plan,  advice};

    if (strcmp(severity, "error") == 0)
        c->bad = true;
    return rh_ledger_finding_add(c->findings, &finding, err);
}

/* The table of a "SCAN t ..." line; false for other lines. */
static bool scanned_table(const char *line, char *out, size_t size)
{
    size_t len;

    if (line == NULL || strncmp(line, "SCAN ", 5) != 0)
        return false;
    len = strcspn(line + 5, " ");
    if (len >= size)
        return false;
    memcpy(out, line + 5, len);
    out[len] = '\0';
    return true;
}

static rh_status take_count(void *ctx, const rh_parameter *values, size_t count, rh_error *err)
{
    int64_t *out = ctx;

    (void)err;
    if (count == 1 && values[0].kind == RH_PARAMETER_INTEGER)
        *out = values[0].integer;
    return RH_OK;
}

/* *out: rows here; -1 where there is no such table (an alias, a subquery). */
static rh_status rows_here(const check *c, const char *table, int64_t *out, rh_error *err)
{
    char sql[300];
    rh_call_statement *statement = NULL;
    rh_call_counters ignored = {0};
    rh_error detail = RH_ERROR_INIT;
    const rh_call_run run = {.row = take_count, .ctx = out};
    rh_status status;

    *out = -1;
    if (strchr(table, '"') != NULL ||
        snprintf(sql, sizeof sql, RH_OWN_COMMENT "SELECT count(*) FROM \"%s\"", table) >=
            (int)sizeof sql)
        return RH_OK;
    status = rh_call_prepare(rh_block_replay_session(c->options->replay), sql, &statement, &detail);
    if (status == RH_OK)
        status = rh_call_execute(statement, &run, &ignored, &detail);
    rh_call_statement_free(statement);
    if (status == RH_EDB)
        return RH_OK;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    return status;
}

typedef struct forecast {
    double statements; /* per block */
    double us;         /* per block, at production size */
    double cost;       /* likewise */
    double factor;
    bool by_rows; /* nothing was measured: us and cost follow from the rows alone */
    bool model;
    char line[256]; /* the scan that decides, or the first line */
} forecast;

/* A scan that was cut passed some of the table's rows: all of them cost as much more. */
static double finish_scan(const rh_block_replay_call *r, int64_t here)
{
    double scanned =
        r->measured == 0 ? 0 : (double)r->counters.full_scan_steps / (double)r->measured;

    return r->scans_cut == 0 || scanned < 1 || (double)here <= scanned ? 1 : (double)here / scanned;
}

/* What one scan of production's plan makes of a call's cost. */
static rh_status apply_scan(const check *c, const rh_block_replay_call *r, const char *table,
                            forecast *f, rh_error *err)
{
    int64_t production = rh_check_production_rows(c->options->production, table);
    int64_t here = -1;
    rh_status status = rows_here(c, table, &here, err);
    double factor = finish_scan(r, here);

    if (status != RH_OK)
        return status;
    if (production > 0 && here >= 0 && production > here + here / 5) {
        f->model = true;
        if (here < ENOUGH_ROWS) {
            f->by_rows = true;
            f->us = f->statements * (double)production;
            f->cost = f->statements * (double)production * SCAN_STEPS;
            return RH_OK;
        }
        factor *= (double)production / (double)here;
    }
    f->model = f->model || factor > 1;
    f->factor = factor > f->factor ? factor : f->factor;
    return RH_OK;
}

/* The scans of one step: the call as a whole grows by the greatest factor of any. */
static rh_status apply_plan(const check *c, const rh_block_replay_call *r, const json_t *lines,
                            forecast *f, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));
        char table[128];

        if (i == 0 && f->line[0] == '\0')
            (void)rh_str_copy(f->line, sizeof f->line, line == NULL ? "" : line);
        if (!scanned_table(line, table, sizeof table))
            continue;
        (void)rh_str_copy(f->line, sizeof f->line, line);
        status = apply_scan(c, r, table, f, err);
    }
    return status;
}

/* A scan is what the distrusted index costs; another index that searches may do as well as it. */
static bool any_scan(const json_t *lines)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));

        if (line != NULL && strncmp(line, "SCAN ", 5) == 0)
            return true;
    }
    return false;
}

static rh_status judge_indexes(check *c, const rh_calls_call *call, const check_plans *plans,
                               const forecast *f, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(c->options->production); i++) {
        const json_t *row = json_array_get(c->options->production, i);
        const char *index = json_string_value(json_array_get(row, 1));
        char advice[256];
        int64_t rows;

        if (!rh_check_low_quality(row, &rows) ||
            !(rh_check_uses(plans->none, index) || rh_check_uses(plans->after, index)) ||
            rh_check_uses(plans->production, index))
            continue;
        (void)snprintf(advice, sizeof advice,
                       "the statistics of '%.80s' say that its column holds one value (all NULL?), "
                       "so it is not used: add an index on more columns, or a partial one",
                       index);
        status = add_finding(c, "low-quality-index", any_scan(plans->production) ? "error" : "note",
                             call->name, (double)rows, 100, "rows", false, f->line, advice, err);
    }
    return status;
}

static rh_status judge_call(check *c, const rh_block_replay_call *r, const forecast *f,
                            rh_error *err)
{
    const rh_calls_call *call = r->call;
    char range[80], advice[192], least[32], most[32];
    bool writes = false;
    rh_status status = RH_OK;

    (void)snprintf(range, sizeof range, r->least_units == r->most_units ? "%s" : "%s to %s",
                   rh_num_format_count((int64_t)r->least_units, least),
                   rh_num_format_count((int64_t)r->most_units, most));
    for (size_t i = 0; i < call->step_count && call->cache_sql == NULL; i++)
        writes = writes || call->steps[i].writes;
    (void)snprintf(advice, sizeof advice, "one statement for each unit, %s per block: %s", range,
                   writes ? "write many at once, or only what changes"
                          : "look up many at once (batch: 500) or keep them in memory");
    if (call->max_steps > 0 && (double)r->most_steps * f->factor > (double)call->max_steps)
        status =
            add_finding(c, "call-budget", "error", call->name, (double)r->most_steps * f->factor,
                        (double)call->max_steps, "steps", f->model, f->line,
                        "one execution takes more VM steps than allowed", err);
    if (status == RH_OK && call->max_rows > 0 && r->most_rows > call->max_rows)
        status = add_finding(c, "call-budget", "error", call->name, (double)r->most_rows,
                             (double)call->max_rows, "rows", false, f->line,
                             "one execution returns more rows than allowed", err);
    if (status == RH_OK && call->per != RH_CALLS_PER_BLOCK && f->statements > MANY_STATEMENTS)
        status = add_finding(c, "n-plus-one", "note", call->name, f->statements, MANY_STATEMENTS,
                             "statements per block", false, f->line, advice, err);
    return status;
}

static rh_status plan_call(check *c, const rh_block_replay_call *r, forecast *f, json_t *entry,
                           rh_error *err)
{
    const rh_calls_call *call = r->call;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < call->step_count; i++) {
        check_plans plans = {NULL, NULL, NULL};

        status = rh_check_plans_read(&c->sessions, call->steps[i].sql, &plans, err);
        if (status == RH_OK)
            status = apply_plan(c, r, plans.production, f, err);
        if (status == RH_OK)
            status = judge_indexes(c, call, &plans, f, err);
        if (status == RH_OK && i == 0 &&
            json_object_set_new(entry, "plans",
                                json_pack("{s:O, s:O, s:O}", "none", plans.none, "production",
                                          plans.production, "after", plans.after)) != 0)
            status = rh_error_oom(err);
        rh_check_plans_done(&plans);
    }
    if (f->by_rows)
        f->factor = 1;
    f->us *= f->factor;
    f->cost *= f->factor;
    return status;
}

/* Of PostgreSQL's lines: a scan of a whole table, else what reads a table at all, else the top. */
static int weight(const char *line)
{
    return strncmp(line, "Seq Scan ", 9) == 0 ? 2 : strstr(line, " on ") != NULL ? 1 : 0;
}

static void choose_line(const json_t *lines, forecast *f)
{
    int best = -1;

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));

        if (line == NULL || weight(line) <= best)
            continue;
        best = weight(line);
        (void)rh_str_copy(f->line, sizeof f->line, line);
    }
}

/* PostgreSQL has one plan, by what it knows of the tables; nothing is scaled. Of statements that it
 * does not plan (SET) there is none. */
static rh_status read_plan(check *c, const rh_calls_call *call, forecast *f, json_t *entry,
                           rh_error *err)
{
    rh_call_session *session = rh_block_replay_session(c->options->replay);
    rh_error detail = RH_ERROR_INIT;
    json_t *lines = json_array();
    rh_status status = lines == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < call->step_count; i++)
        status = rh_call_explain_lines(session, call->steps[i].sql, lines, &detail);
    if (status == RH_EDB)
        status = RH_OK;
    else if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    choose_line(lines, f);
    if (status == RH_OK &&
        json_object_set_new(entry, "plans", json_pack("{s:O}", "production", lines)) != 0)
        status = rh_error_oom(err);
    json_decref(lines);
    return status;
}

static double cost_of(const rh_block_replay_call *r)
{
    return r->call->cache_sql != NULL  ? 0
           : r->counters.vm_steps >= 0 ? r->predicted_steps
                                       : r->statements + r->predicted_reads;
}

static rh_status report_call(check *c, const rh_block_replay_call *r, const forecast *f,
                             json_t *entry, rh_error *err)
{
    bool steps = c->options->calls->dialect == RH_SQL_SQLITE;

    return json_object_set_new(entry, "name", json_string(r->call->name)) == 0 &&
                   json_object_set_new(entry, "statements_per_block", json_real(f->statements)) ==
                       0 &&
                   json_object_set_new(entry, "seconds_per_block", json_real(f->us / 1e6)) == 0 &&
                   json_object_set_new(entry, steps ? "steps_per_block" : "rows_per_block",
                                       json_real(f->cost)) == 0 &&
                   json_object_set_new(entry, "factor", json_real(f->factor)) == 0 &&
                   json_object_set_new(entry, "model", json_boolean(f->model)) == 0 &&
                   json_object_set_new(entry, "plan_line", json_string(f->line)) == 0 &&
                   json_array_append(c->calls, entry) == 0
               ? RH_OK
               : rh_error_oom(err);
}

static rh_status check_call(check *c, const rh_block_replay_call *r, rh_error *err)
{
    forecast f = {.statements = r->statements / c->blocks,
                  .us = r->steady_us / c->blocks,
                  .cost = cost_of(r) / c->blocks,
                  .factor = 1};
    json_t *entry = json_object();
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    /* What fails here each time (a table that is not there) has no plan either. */
    if (status == RH_OK && r->call->cache_sql == NULL &&
        (r->errors == 0 || r->errors < r->measured))
        status = c->sessions.none != NULL ? plan_call(c, r, &f, entry, err)
                                          : read_plan(c, r->call, &f, entry, err);
    if (status == RH_OK)
        status = judge_call(c, r, &f, err);
    if (f.cost > c->worst_cost) {
        c->worst_cost = f.cost;
        c->worst_call = r->call->name;
        memcpy(c->worst_line, f.line, sizeof c->worst_line);
    }
    c->us_per_block += f.us;
    c->us_by_rows += f.by_rows ? f.us : 0;
    c->statements += f.statements;
    c->cost += f.cost;
    c->model = c->model || f.model;
    if (status == RH_OK)
        status = report_call(c, r, &f, entry, err);
    json_decref(entry);
    return status;
}

/* Counters decide: they are the same on every machine. What they took here is told beside. */
static rh_status judge_block(check *c, rh_error *err)
{
    static const char advice[] = "a node cannot keep up: look at the plan line of this call";
    const rh_calls *calls = c->options->calls;
    double seconds = (double)calls->budget.interval_us / 1e6 * calls->budget.share;
    double allowed = rh_calls_allowed_cost(calls);
    rh_status status = RH_OK;

    if (c->cost > allowed)
        status = add_finding(c, "block-budget", "error", c->worst_call, c->cost, allowed,
                             rh_calls_cost_unit(calls), c->model, c->worst_line, advice, err);
    if (status == RH_OK && c->us_per_block > seconds * 1e6)
        status = add_finding(c, "block-budget", "note", c->worst_call, c->us_per_block / 1e6,
                             seconds, "seconds per block", c->model, c->worst_line,
                             "that is how long it would take on this machine", err);
    if (status == RH_OK && calls->budget.statements > 0 &&
        c->statements > (double)calls->budget.statements)
        status = add_finding(c, "block-budget", "error", c->worst_call, c->statements,
                             (double)calls->budget.statements, "statements per block", false,
                             c->worst_line, "fewer statements per block: batch or cache", err);
    return status;
}

/* What the budget takes for a second, and what this run's executions took: told beside each other,
 * for the second one swings with the machine's other work. */
static json_t *describe_pace(const check *c)
{
    const rh_calls *calls = c->options->calls;
    double cost = 0, us = 0;

    for (size_t i = 0; i < rh_block_replay_call_count(c->options->replay); i++) {
        const rh_block_replay_call *r = rh_block_replay_call_at(c->options->replay, i);

        if (r->measured == 0 || r->call->cache_sql != NULL)
            continue;
        cost += cost_of(r);
        us += r->steady_us;
    }
    return json_pack("{s:f, s:o, s:s}", "stated", rh_calls_pace(calls), "measured",
                     cost > 0 && us > 0 ? json_real(cost / us * 1e6) : json_null(), "used",
                     c->us_by_rows <= 0                ? "measured"
                     : c->us_by_rows < c->us_per_block ? "both"
                                                       : "stated");
}

rh_status rh_ledger_check(const rh_ledger_check_options *options, json_t **out, bool *out_bad,
                          rh_error *err)
{
    check c = {.options = options, .calls = json_array(), .findings = json_array()};
    const rh_calls_budget *budget = &options->calls->budget;
    json_t *report = NULL;
    rh_status status = rh_block_replay_report(options->replay, &report, err);

    c.blocks =
        (double)json_integer_value(json_object_get(json_object_get(report, "totals"), "blocks"));
    if (status == RH_OK && (c.calls == NULL || c.findings == NULL))
        status = rh_error_oom(err);
    if (status == RH_OK && c.blocks < 1)
        status = rh_error_set(err, RH_EUSAGE, "the workload has no blocks");
    if (status == RH_OK && options->production != NULL)
        status = rh_check_sessions_open(options, &c.sessions, err);
    for (size_t i = 0; status == RH_OK && i < rh_block_replay_call_count(options->replay); i++)
        status = check_call(&c, rh_block_replay_call_at(options->replay, i), err);
    if (status == RH_OK)
        status = judge_block(&c, err);
    if (status == RH_OK) {
        *out = json_pack("{s:O, s:O, s:O, s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:b, s:o}", "measured",
                         report, "calls", c.calls, "findings", c.findings, "statements_per_block",
                         c.statements, "seconds_per_block", c.us_per_block / 1e6, "interval_s",
                         (double)budget->interval_us / 1e6, "allowed_s",
                         (double)budget->interval_us * budget->share / 1e6, "cost_per_block",
                         c.cost, "allowed_cost", rh_calls_allowed_cost(options->calls), "cost_unit",
                         rh_calls_cost_unit(options->calls), "model", c.model, "pace_per_second",
                         describe_pace(&c));
        if (*out != NULL && options->calls->dialect == RH_SQL_SQLITE &&
            json_object_set_new(*out, "steps_per_block", json_real(c.cost)) != 0) {
            json_decref(*out);
            *out = NULL;
        }
        status = *out == NULL ? rh_error_oom(err) : RH_OK;
        *out_bad = c.bad;
    }
    rh_check_sessions_close(&c.sessions);
    json_decref(report);
    json_decref(c.calls);
    json_decref(c.findings);
    return status;
}
