/*
 * One set of copies grows from size to size; at each size all calls run a sample of the block's
 * units, as a replay does. Doubling sizes cost as much together as twice the last.
 *
 * Invariants
 * 1. Whatever a call writes is in the copies, and undone before they grow.
 * 2. A call that its budget ended is out from there on, so that one that explodes does not hold up
 *    the others; what it cost in that run is not a point.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "growth_internal.h"

enum { LEAST_ROWS = 64, MIN_POINTS = 3 };

static rh_status open_copies(growth *g, rh_error *err)
{
    const rh_ledger_growth_options *o = g->options;
    rh_call_options session = RH_CALL_OPTIONS_INIT;
    const char **statements;
    size_t count = 0;
    rh_status status;

    for (size_t i = 0; i < o->calls->count; i++)
        count += o->calls->calls[i].step_count + 1;
    statements = rh_mem_array(count + 1, sizeof *statements);
    if (statements == NULL)
        return rh_error_oom(err);
    count = 0;
    for (size_t i = 0; i < o->calls->count; i++) {
        const rh_calls_call *call = &o->calls->calls[i];

        for (size_t k = 0; call->cache_sql == NULL && k < call->step_count; k++)
            statements[count++] = call->steps[k].sql;
    }
    session.setup = o->calls->setup;
    session.writes = o->calls->writes;
    session.statistics = o->statistics;
    session.count_reads = true;
    session.cancel = o->cancel;
    status = rh_call_open_copies(o->target, &session, statements, &g->copies, err);
    rh_mem_free(statements);
    return status;
}

static rh_status find_largest(growth *g, rh_error *err)
{
    json_t *tables = NULL;
    rh_status status = rh_call_copies(g->copies, &tables, err);

    if (status != RH_OK)
        return status;
    json_decref(g->tables);
    g->tables = tables;
    g->largest = NULL;
    for (size_t i = 0; i < json_array_size(g->tables); i++) {
        const json_t *table = json_array_get(g->tables, i);
        int64_t rows = json_integer_value(json_object_get(table, "rows"));

        if (g->largest == NULL || rows > g->total) {
            g->largest = json_string_value(json_object_get(table, "table"));
            g->total = rows;
        }
    }
    if (g->total >= LEAST_ROWS)
        return RH_OK;
    rh_error_set(err, RH_EUSAGE, "growth is measured on rows: %s%s%s has %lld, %d are needed",
                 g->largest == NULL ? "the calls use no table" : "'",
                 g->largest == NULL ? "" : g->largest, g->largest == NULL ? "" : "'",
                 (long long)g->total, (int)LEAST_ROWS);
    rh_error_hint(err, "take a masked copy of production, or a part of it");
    return RH_EUSAGE;
}

/* ---- one size ---- */

/* A call file with those that still take part; arrays of its own, all else borrowed. */
static rh_status pick_calls(const growth *g, rh_calls *out, size_t *numbers, rh_error *err)
{
    *out = *g->options->calls;
    out->calls = rh_mem_array(g->count + 1, sizeof *out->calls);
    if (out->calls == NULL)
        return rh_error_oom(err);
    out->count = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (!g->calls[i].active || g->calls[i].stopped_at > 0)
            continue;
        numbers[out->count] = i;
        out->calls[out->count++] = *g->calls[i].call;
    }
    return RH_OK;
}

/* What a unit cost: VM steps, or rows read; one more, so that nothing read is still a point. */
static double cost_of(const rh_block_replay_call *r)
{
    double units = (double)r->measured;

    if (r->counters.vm_steps > 0)
        return (double)r->counters.vm_steps / units;
    return 1 + (double)r->counters.rows_read / units;
}

static void take_point(growth_call *call, const rh_block_replay_call *r, int64_t rows)
{
    double cost;

    if (r->measured == 0)
        return;
    cost = cost_of(r);
    call->us_per_cost = r->steady_us / ((double)r->units * cost);
    if (r->cut > 0)
        call->stopped_at = rows;
    else if (call->count < GROWTH_MAX_SIZES)
        call->points[call->count++] = (rh_power_point){(double)rows, cost};
}

/* PostgreSQL has no budget that ends a statement: one that would need more is not begun. */
static void leave_out(growth *g, int64_t rows)
{
    for (size_t i = 0; g->kind != RH_ENGINE_SQLITE && i < g->count; i++) {
        growth_call *c = &g->calls[i];
        const rh_power_point *last = c->count < 2 ? NULL : &c->points[c->count - 1];

        if (last != NULL && c->stopped_at == 0 &&
            last[0].y * pow((double)rows / last[0].x,
                            log(last[0].y / last[-1].y) / log(last[0].x / last[-1].x)) >
                (double)g->options->step_budget)
            c->stopped_at = rows;
    }
}

static rh_status run_size(growth *g, rh_call_session *session, int64_t rows, rh_error *err)
{
    const rh_ledger_growth_options *o = g->options;
    rh_block_replay_options options = {.target = o->target,
                                       .session = session,
                                       .sample = o->sample,
                                       .step_budget = o->step_budget,
                                       .cut_steps = o->step_budget,
                                       .cancel = o->cancel};
    rh_block_replay *replay = NULL;
    rh_calls calls = {0};
    size_t *numbers = rh_mem_array(g->count + 1, sizeof *numbers);
    rh_status status;

    leave_out(g, rows);
    status = numbers == NULL ? rh_error_oom(err) : pick_calls(g, &calls, numbers, err);
    options.calls = &calls;
    if (status == RH_OK)
        status = rh_block_replay_open(&options, &replay, err);
    if (status == RH_OK)
        status = rh_block_replay_block(replay, o->block, err);
    for (size_t i = 0; status == RH_OK && i < calls.count; i++)
        take_point(&g->calls[numbers[i]], rh_block_replay_call_at(replay, i), rows);
    if (status != RH_OK && status != RH_ECANCELED)
        rh_error_where(err, "with %lld rows of '%s'", (long long)rows, g->largest);
    rh_block_replay_close(replay);
    rh_mem_free(calls.calls);
    rh_mem_free(numbers);
    return status;
}

/* ---- all sizes ---- */

static rh_status run_copies(growth *g, rh_error *err)
{
    int64_t top = g->total < g->options->max_rows ? g->total : g->options->max_rows;
    int64_t sizes[GROWTH_MAX_SIZES];
    size_t count = 0;
    rh_status status = RH_OK;

    while (count < GROWTH_MAX_SIZES - 1 && (top >> count) >= LEAST_ROWS / 4)
        count++;
    for (size_t i = 0; i < count; i++)
        sizes[i] = top >> (count - 1 - i);
    rh_progress_stage(g->options->progress, "sizes", 0, 0, count);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        status = rh_call_fill_copies(g->copies, sizes[i], err);
        if (status == RH_OK)
            status = run_size(g, g->copies, sizes[i], err);
        if (status == RH_OK && i == count / 2) {
            status = rh_call_fill_copies(g->copies, sizes[i], err); /* undoes what was written */
            if (status == RH_OK)
                status = rh_growth_run_blocks(g, err);
        }
        g->last_copy = sizes[i];
        rh_progress_add(g->options->progress, 0, 0, 1);
    }
    return status;
}

/* The target itself as the last point, where nothing would be written there. */
static rh_status run_target(growth *g, rh_error *err)
{
    const rh_ledger_growth_options *o = g->options;
    rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;
    rh_status status;

    if (g->last_copy >= g->total || o->foreign || o->calls->writes)
        return RH_OK;
    options.setup = o->calls->setup;
    options.count_reads = true;
    options.cancel = o->cancel;
    status = rh_call_open(o->target, &options, &session, err);
    if (status == RH_OK)
        status = run_size(g, session, g->total, err);
    rh_call_close(session);
    return status;
}

static rh_status fit(growth *g, rh_error *err)
{
    bool any = false;

    for (size_t i = 0; i < g->count; i++) {
        growth_call *c = &g->calls[i];
        size_t from = c->count > GROWTH_FIT_POINTS ? c->count - GROWTH_FIT_POINTS : 0;

        rh_power_fit_points(c->points + from, c->count - from, &c->fit);
        any = any || c->active;
        if (c->active && c->count < MIN_POINTS)
            return rh_error_set(err, c->stopped_at > 0 ? RH_ELIMIT : RH_EUSAGE,
                                "call '%s' could be measured at %zu sizes only%s", c->call->name,
                                c->count, c->stopped_at > 0 ? ": raise --step-budget" : "");
    }
    return any ? RH_OK
               : rh_error_set(err, RH_EUSAGE, "no call is active at block %lld",
                              (long long)g->options->block->height);
}

static void name_sizes(growth *g)
{
    const rh_ledger_growth_options *o = g->options;
    double units = (double)(o->block->input_count + o->block->output_count);
    int64_t mainnet = o->mainnet_rows > 0 ? o->mainnet_rows : g->total;

    g->sizes[0] =
        (growth_size){"testnet-like", o->testnet_rows > 0 ? o->testnet_rows : mainnet / 100 + 1,
                      o->testnet_units > 0 ? (double)o->testnet_units : units / 20};
    g->sizes[1] = (growth_size){"mainnet-like", mainnet, units};
    g->sizes[2] = (growth_size){"x10", 10 * mainnet, units};
}

static rh_status begin(growth *g, rh_error *err)
{
    const rh_calls *calls = g->options->calls;
    const rh_ledger_block *block = g->options->block;
    rh_status status;

    g->calls = rh_mem_array(calls->count + 1, sizeof *g->calls);
    g->findings = json_array();
    if (g->calls == NULL || g->findings == NULL)
        return rh_error_oom(err);
    g->count = calls->count;
    for (size_t i = 0; i < calls->count; i++) {
        const rh_calls_call *call = &calls->calls[i];

        g->calls[i].call = call;
        g->calls[i].active =
            call->cache_sql == NULL && (block->height < 0 || block->height >= call->active_from);
    }
    status = open_copies(g, err);
    if (status == RH_OK)
        status = find_largest(g, err);
    if (status == RH_OK) {
        g->kind = rh_call_kind(g->copies);
        (void)rh_str_copy(g->version, sizeof g->version, rh_call_version(g->copies));
        name_sizes(g);
    }
    return status;
}

static void done(growth *g)
{
    for (size_t i = 0; i < g->count; i++) {
        for (size_t k = 0; k < GROWTH_TABLE; k++)
            json_decref(g->calls[i].plans[k]);
    }
    rh_call_close(g->copies);
    rh_mem_free(g->calls);
    json_decref(g->tables);
    json_decref(g->findings);
}

rh_status rh_ledger_growth(const rh_ledger_growth_options *options, json_t **out, bool *out_bad,
                           rh_error *err)
{
    growth g = {.options = options};
    rh_status status = begin(&g, err);

    if (status == RH_OK)
        status = run_copies(&g, err);
    if (status == RH_OK) /* with what was copied */
        status = find_largest(&g, err);
    if (status == RH_OK)
        status = run_target(&g, err);
    if (status == RH_OK)
        status = fit(&g, err);
    if (status == RH_OK)
        status = rh_growth_read_plans(&g, err);
    if (status == RH_OK)
        status = rh_growth_judge(&g, err);
    if (status == RH_OK)
        status = rh_growth_report(&g, out, err);
    if (status == RH_OK)
        *out_bad = g.bad;
    done(&g);
    return status;
}
