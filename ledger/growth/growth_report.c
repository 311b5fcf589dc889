#include <string.h>

#include "growth_internal.h"

static json_t *real_or_null(bool known, double value)
{
    return known ? json_real(value) : json_null();
}

static json_t *describe_fit(const rh_power_fit *fit)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:I}", "exponent", real_or_null(fit->known, fit->exponent), "low",
        real_or_null(fit->known, fit->low), "high", real_or_null(fit->known, fit->high), "error",
        real_or_null(fit->known, fit->error), "fitted", (json_int_t)fit->points);
}

static json_t *describe_points(const rh_power_point *points, size_t count, const char *x,
                               const char *y)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count; i++) {
        if (json_array_append_new(
                list, json_pack("{s:I, s:f}", x, (json_int_t)points[i].x, y, points[i].y)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* A fit with its points. */
static json_t *describe(const rh_power_fit *fit, const rh_power_point *points, size_t count,
                        const char *x, const char *y)
{
    json_t *json = describe_fit(fit);

    if (json != NULL &&
        json_object_set_new(json, "points", describe_points(points, count, x, y)) != 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *describe_call(const growth_call *c)
{
    return json_pack(
        "{s:s, s:s, s:b, s:o, s:o, s:o, s:f}", "name", c->call->name, "per",
        rh_calls_per_name(c->call->per), "active", c->active, "statements",
        describe(&c->statement_fit, c->statements, GROWTH_BLOCKS, "units", "statements"), "cost",
        describe(&c->fit, c->points, c->count, "rows", "cost"), "stopped_at",
        c->stopped_at > 0 ? json_integer(c->stopped_at) : json_null(), "us_per_cost",
        c->us_per_cost);
}

static json_t *calls_at(const growth *g, size_t at, double *out_statements)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < g->count; i++) {
        const growth_call *c = &g->calls[i];
        double rows = (double)g->sizes[at].rows;
        double statements = rh_growth_statements(c, g->sizes[at].units);

        *out_statements += statements;
        if (json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:O?}", "name",
                                                  c->call->name, "statements_per_block", statements,
                                                  "cost", rh_growth_cost(c, c->fit.exponent, rows),
                                                  "low", rh_growth_cost(c, c->fit.low, rows),
                                                  "high", rh_growth_cost(c, c->fit.high, rows),
                                                  "plan", c->plans[at])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *describe_sizes(const growth *g)
{
    json_t *list = json_array();

    for (size_t at = 0; list != NULL && at < GROWTH_TABLE; at++) {
        const growth_size *size = &g->sizes[at];
        double statements = 0;
        json_t *calls = calls_at(g, at, &statements);

        if (json_array_append_new(
                list, json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:f, s:b, s:o}", "size", size->name,
                                "rows", (json_int_t)size->rows, "units", (json_int_t)size->units,
                                "statements_per_block", statements, "seconds_per_block",
                                rh_growth_block_us(g, size, 0) / 1e6, "low",
                                rh_growth_block_us(g, size, -1) / 1e6, "high",
                                rh_growth_block_us(g, size, 1) / 1e6, "model",
                                !rh_growth_measured(g, size), "calls", calls)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

rh_status rh_growth_report(const growth *g, json_t **out, rh_error *err)
{
    const rh_calls_budget *budget = &g->options->calls->budget;
    const rh_ledger_block *block = g->options->block;
    const growth_size *mainnet = &g->sizes[1];
    const double us = rh_growth_block_us(g, mainnet, 0), cost = rh_growth_block_cost(g, mainnet);
    json_t *calls = json_array();

    for (size_t i = 0; calls != NULL && i < g->count; i++) {
        if (json_array_append_new(calls, describe_call(&g->calls[i])) != 0) {
            json_decref(calls);
            calls = NULL;
        }
    }
    *out =
        calls == NULL
            ? NULL
            : json_pack(
                  "{s:s, s:s, s:O, s:s, s:s, s:{s:I, s:I, s:o}, s:o, s:o, s:f, s:f, s:O, s:f, "
                  "s:f, s:f, s:s, s:b, s:{s:f, s:o, s:s}}",
                  "engine", rh_engine_name(g->kind), "version", g->version, "tables", g->tables,
                  "largest", g->largest, "unit",
                  g->kind == RH_ENGINE_SQLITE ? "VM steps" : "rows processed", "block", "height",
                  (json_int_t)block->height, "units",
                  (json_int_t)(block->input_count + block->output_count), "statements",
                  describe_fit(&g->block_fit), "calls", calls, "sizes", describe_sizes(g),
                  "interval_s", (double)budget->interval_us / 1e6, "allowed_s",
                  (double)budget->interval_us * budget->share / 1e6, "findings", g->findings,
                  "seconds_per_block", us / 1e6, "cost_per_block", cost, "allowed_cost",
                  rh_calls_allowed_cost(g->options->calls), "cost_unit",
                  rh_calls_cost_unit(g->options->calls), "model", !rh_growth_measured(g, mainnet),
                  "pace_per_second", "stated", rh_calls_pace(g->options->calls), "measured",
                  us > 0 && cost > 0 ? json_real(cost / us * 1e6) : json_null(), "used",
                  "measured");
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}
