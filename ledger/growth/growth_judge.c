/*
 * Exponents are counters' and decide by themselves; seconds are those counters times what one of
 * them took here.
 */
#include <math.h>
#include <string.h>

#include "growth_internal.h"
#include "ledger/ledger_finding.h"

static const double max_exponent = 1.2; /* a scan that sorts is n log n */

double rh_growth_cost(const growth_call *call, double exponent, double rows)
{
    const rh_power_point *p = call->points;

    if (call->count == 0)
        return 0;
    if (rows <= p[0].x)
        return p[0].y;
    for (size_t i = 1; i < call->count; i++) {
        if (rows <= p[i].x)
            return p[i - 1].y *
                   pow(rows / p[i - 1].x, log(p[i].y / p[i - 1].y) / log(p[i].x / p[i - 1].x));
    }
    return rh_power_at(&call->fit, exponent, rows);
}

double rh_growth_statements(const growth_call *call, double units)
{
    const rh_power_point *last = &call->statements[GROWTH_BLOCKS - 1];

    if (call->statement_fit.known)
        return rh_power_at(&call->statement_fit, call->statement_fit.exponent, units);
    return last->x > 0 ? last->y * units / last->x : 0;
}

/* Executions of a call, by its statements' growth: as many as units of its kind. */
static double call_units(const growth_call *call, const rh_ledger_block *block, double units)
{
    double all = (double)(block->input_count + block->output_count);
    double part = all > 0 ? units / all : 0;

    switch (call->call->per) {
    case RH_CALLS_PER_BLOCK:
        return 1;
    case RH_CALLS_PER_TRANSACTION:
        return part * (double)block->tx_count;
    case RH_CALLS_PER_INPUT:
        return part * (double)block->input_count;
    case RH_CALLS_PER_OUTPUT:
        return part * (double)block->output_count;
    case RH_CALLS_PER_STATEMENT: /* of a trace: growth takes call files only */
        break;
    }
    return 0;
}

double rh_growth_block_us(const growth *g, const growth_size *size, int exponent)
{
    double us = 0;

    for (size_t i = 0; i < g->count; i++) {
        const growth_call *c = &g->calls[i];
        double e = exponent < 0 ? c->fit.low : exponent > 0 ? c->fit.high : c->fit.exponent;

        us += call_units(c, g->options->block, size->units) *
              rh_growth_cost(c, e, (double)size->rows) * c->us_per_cost;
    }
    return us;
}

static double call_cost(const growth *g, const growth_call *c, const growth_size *size)
{
    return call_units(c, g->options->block, size->units) *
           rh_growth_cost(c, c->fit.exponent, (double)size->rows);
}

double rh_growth_block_cost(const growth *g, const growth_size *size)
{
    double cost = 0;

    for (size_t i = 0; i < g->count; i++)
        cost += call_cost(g, &g->calls[i], size);
    return cost;
}

bool rh_growth_measured(const growth *g, const growth_size *size)
{
    for (size_t i = 0; i < g->count; i++) {
        const growth_call *c = &g->calls[i];

        if (c->count > 0 && c->points[c->count - 1].x < (double)size->rows)
            return false;
    }
    return true;
}

static rh_status add(growth *g, const rh_ledger_finding *finding, rh_error *err)
{
    g->bad = g->bad || strcmp(finding->severity, "error") == 0;
    return rh_ledger_finding_add(g->findings, finding, err);
}

static const char *line_of(const growth_call *call, size_t at)
{
    return json_string_value(json_array_get(call->plans[at], 0));
}

static rh_status judge_exponents(growth *g, const growth_call *c, rh_error *err)
{
    const rh_ledger_finding cost = {.name = "superlinear-growth",
                                    .severity = "error",
                                    .query = c->call->name,
                                    .value = c->fit.exponent,
                                    .threshold = max_exponent,
                                    .unit = "exponent of cost against rows",
                                    .plan = line_of(c, 1),
                                    .advice = "ten times the rows cost more than ten times as "
                                              "much: a scan inside of a scan"};
    rh_ledger_finding statements = cost;
    rh_status status = RH_OK;

    statements.value = c->statement_fit.exponent;
    statements.unit = "exponent of statements against the block's size";
    statements.advice = "twice the block makes more than twice the statements";
    if (c->fit.known && c->fit.exponent - 2 * c->fit.error > max_exponent)
        status = add(g, &cost, err);
    if (status == RH_OK && c->statement_fit.known &&
        c->statement_fit.exponent - 2 * c->statement_fit.error > max_exponent)
        status = add(g, &statements, err);
    return status;
}

static bool has_line(const json_t *lines, const char *line)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *other = json_string_value(json_array_get(lines, i));

        if (other != NULL && strcmp(other, line) == 0)
            return true;
    }
    return false;
}

/* The first scan that the smaller size does without; NULL. From scan to search is no cliff. */
static const char *new_scan(const growth_call *c, size_t at)
{
    for (size_t i = 0; i < json_array_size(c->plans[at]); i++) {
        const char *line = json_string_value(json_array_get(c->plans[at], i));

        if (line != NULL && strncmp(line, "SCAN ", 5) == 0 && !has_line(c->plans[at - 1], line))
            return line;
    }
    return NULL;
}

static rh_status judge_plans(growth *g, const growth_call *c, rh_error *err)
{
    for (size_t at = 1; at < GROWTH_TABLE; at++) {
        const char *scan = new_scan(c, at);
        const rh_ledger_finding cliff = {.name = "plan-cliff",
                                         .severity = "warning",
                                         .query = c->call->name,
                                         .value = (double)g->sizes[at].rows,
                                         .threshold = (double)g->sizes[at - 1].rows,
                                         .unit = "rows",
                                         .model = true,
                                         .plan = scan,
                                         .advice = "scans at this size what it searches at "
                                                   "the size before"};
        rh_status status;

        if (scan == NULL)
            continue;
        status = add(g, &cliff, err);
        if (status != RH_OK)
            return status;
    }
    return RH_OK;
}

/* The call that takes most of a block at a size. */
static const growth_call *worst(const growth *g, const growth_size *size)
{
    const growth_call *most = NULL;
    double most_cost = 0;

    for (size_t i = 0; i < g->count; i++) {
        double cost = call_cost(g, &g->calls[i], size);

        if (cost > most_cost) {
            most_cost = cost;
            most = &g->calls[i];
        }
    }
    return most;
}

/* Mainnet's size is an error, ten times as much a warning: it is not there yet. */
static rh_status judge_block(growth *g, size_t at, rh_error *err)
{
    double cost = rh_growth_block_cost(g, &g->sizes[at]);
    double allowed = rh_calls_allowed_cost(g->options->calls);
    const growth_call *c = worst(g, &g->sizes[at]);
    const rh_ledger_finding finding = {.name = "block-budget",
                                       .severity = at == 1 ? "error" : "warning",
                                       .query = c == NULL ? NULL : c->call->name,
                                       .value = cost,
                                       .threshold = allowed,
                                       .unit = rh_calls_cost_unit(g->options->calls),
                                       .model = !rh_growth_measured(g, &g->sizes[at]),
                                       .plan = c == NULL ? NULL : line_of(c, at),
                                       .advice = at == 1 ? "a node cannot keep up at this size"
                                                         : "a node cannot keep up at ten times "
                                                           "the rows"};

    return cost > allowed ? add(g, &finding, err) : RH_OK;
}

rh_status rh_growth_judge(growth *g, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < g->count; i++) {
        status = judge_exponents(g, &g->calls[i], err);
        if (status == RH_OK)
            status = judge_plans(g, &g->calls[i], err);
    }
    for (size_t at = 1; status == RH_OK && at < GROWTH_TABLE; at++)
        status = judge_block(g, at, err);
    return status;
}
