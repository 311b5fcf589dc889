/*
 * Planning the queries on both sides, and the part of the report on them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/progress.h"
#include "fid_json.h"
#include "fid_report.h"

typedef struct query_walk {
    const rh_fidelity_options *options;
    json_t *differences; /* borrowed */
    json_t *items;
    double sum; /* of scores */
    size_t same;
    double qerror;
    double cost;
    bool counts; /* the engine tells rows and cost */
} query_walk;

/* ---- planning ---- */

static bool ends_the_run(rh_status status)
{
    return status == RH_ENOMEM || status == RH_ECONNECT || status == RH_ECANCELED ||
           status == RH_EUSAGE;
}

static rh_status plan_one(const rh_fid_planner *planner, const char *sql, rh_fid_plan **out_plan,
                          char **out_error, rh_error *err)
{
    rh_error refused = RH_ERROR_INIT;
    json_t *explain = NULL;
    rh_status status = planner->explain(planner->ctx, sql, &explain, &refused);

    if (status == RH_OK)
        status = rh_fid_plan_read(planner->kind, explain, out_plan, &refused);
    json_decref(explain);
    if (status == RH_OK)
        return RH_OK;
    if (ends_the_run(status))
        return rh_error_set(err, status, "%s", refused.text);
    *out_error = rh_mem_strdup(refused.text);
    return *out_error == NULL ? rh_error_oom(err) : RH_OK;
}

rh_status rh_fid_plan_with(const rh_fid_planner *planner, const rh_fid_queries *queries,
                           bool which_target, rh_fid_pair *pairs,
                           const rh_fidelity_options *options, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < queries->count; i++) {
        const rh_fid_query *query = &queries->items[i];

        status = rh_cancel_check(options->cancel, err);
        if (status == RH_OK && which_target)
            status =
                plan_one(planner, query->target_sql, &pairs[i].target, &pairs[i].target_error, err);
        else if (status == RH_OK)
            status =
                plan_one(planner, query->source_sql, &pairs[i].source, &pairs[i].source_error, err);
        if (status != RH_OK)
            rh_error_where(err, "query '%s'", query->name);
    }
    return status;
}

static rh_status explain_session(void *session, const char *sql, json_t **out, rh_error *err)
{
    return rh_session_explain(session, sql, out, err);
}

rh_status rh_fid_plan_all(rh_source *database, const rh_fid_queries *queries, bool which_target,
                          rh_fid_pair *pairs, const rh_fidelity_options *options, rh_error *err)
{
    rh_session *session = NULL;
    rh_status status;

    if (queries->count == 0)
        return RH_OK;
    status = rh_session_open(database, &session, err);
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EBUSY, "no reader is to be had");
    if (status == RH_OK) {
        const rh_fid_planner planner = {explain_session, session, rh_source_kind(database)};

        status = rh_fid_plan_with(&planner, queries, which_target, pairs, options, err);
    }
    rh_session_close(session);
    return status;
}

/* ---- one query ---- */

static json_t *figure_json(double value)
{
    return rh_plan_known(value) ? rh_fid_real(value) : json_null();
}

static json_t *plan_json(const rh_fid_plan *plan, const char *error)
{
    if (plan == NULL)
        return json_pack("{s:o}", "error", rh_fid_text(error));
    return json_pack("{s:s, s:s, s:o, s:o}", "shape", plan->shape, "hash", plan->hash, "rows",
                     figure_json(rh_plan_root(plan->plan)->plan_rows), "cost",
                     figure_json(rh_plan_root(plan->plan)->total_cost));
}

/* node: the label of difference->node. */
static rh_status note_difference(const query_walk *walk, const rh_fid_query *query,
                                 const rh_fid_plan_difference *difference, const char *node,
                                 bool *out_ok, rh_error *err)
{
    json_t *differences = walk->differences;
    rh_status status = RH_OK;

    *out_ok = false;
    if (!difference->same_shape && difference->node == NULL)
        return rh_fid_differ(differences, "plan-changed", query->name, true, err,
                             "query '%s' has another plan", query->name);
    if (!difference->same_shape)
        return rh_fid_differ(differences, "plan-changed", query->name, true, err,
                             "query '%s' has another plan (rows x%.2f, cost x%.2f)", query->name,
                             difference->row_qerror, difference->cost_ratio);
    *out_ok = true;
    if (difference->row_qerror > walk->options->max_qerror) {
        *out_ok = false;
        status =
            rh_fid_differ(differences, "rows-differ", query->name, true, err,
                          "query '%s': estimated rows differ x%.2f at %s (%.0f, %.0f)", query->name,
                          difference->row_qerror, node, difference->rows_a, difference->rows_b);
    }
    if (status == RH_OK && difference->cost_ratio > walk->options->max_cost) {
        *out_ok = false;
        status =
            rh_fid_differ(differences, "cost-differs", query->name, true, err,
                          "query '%s': cost differs x%.2f", query->name, difference->cost_ratio);
    }
    return status;
}

/* 100 for the same estimates, 50 for a factor of two, 0 for another plan. */
static double query_score(const rh_fid_plan_difference *difference)
{
    if (!difference->same_shape)
        return 0;
    return round(10000 / fmax(difference->row_qerror, difference->cost_ratio)) / 100;
}

static rh_status compare_one(query_walk *walk, const rh_fid_query *query, const rh_fid_pair *pair,
                             json_t *entry, rh_error *err)
{
    rh_fid_plan_difference difference = rh_fid_plan_compare(pair->source, pair->target);
    bool engine_counts = rh_fid_plan_counts(pair->source);
    bool ok = false;
    rh_buf node = RH_BUF_INIT;
    rh_status status = RH_OK;

    if (difference.node != NULL)
        status = rh_plan_append_label(pair->source->plan, difference.node, &node, err);
    if (status == RH_OK)
        status = note_difference(walk, query, &difference, rh_buf_cstr(&node), &ok, err);
    walk->counts = walk->counts || engine_counts;
    walk->sum += query_score(&difference);
    walk->same += difference.same_shape;
    walk->qerror = fmax(walk->qerror, difference.row_qerror);
    walk->cost = fmax(walk->cost, difference.cost_ratio);
    if (status == RH_OK)
        status = rh_fid_put(entry, "ok", json_boolean(ok), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "same_plan", json_boolean(difference.same_shape), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "score", json_real(query_score(&difference)), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "row_qerror",
                            engine_counts ? rh_fid_real(difference.row_qerror) : json_null(), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "row_node",
                            rh_fid_text(difference.node == NULL ? NULL : rh_buf_cstr(&node)), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "cost_ratio",
                            engine_counts ? rh_fid_real(difference.cost_ratio) : json_null(), err);
    rh_buf_done(&node);
    return status;
}

/* A query that the source cannot plan says nothing about the copy. */
static rh_status note_error(query_walk *walk, const rh_fid_query *query, const rh_fid_pair *pair,
                            json_t *entry, rh_error *err)
{
    bool unknown = pair->source == NULL;
    rh_status status = rh_fid_differ(
        walk->differences, unknown ? "not-planned" : "not-planned-on-target", query->name, !unknown,
        err, "query '%s' cannot be planned on the %s: %s", query->name,
        unknown ? "source" : "target", unknown ? pair->source_error : pair->target_error);

    if (status == RH_OK)
        status = rh_fid_put(entry, "ok", json_false(), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "same_plan", json_false(), err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "score", json_real(0), err);
    return status;
}

static rh_status report_one(query_walk *walk, const rh_fid_query *query, const rh_fid_pair *pair,
                            rh_error *err)
{
    json_t *entry =
        json_pack("{s:s, s:s, s:i, s:o, s:o, s:o}", "name", query->name, "file", query->file,
                  "line", (int)query->line, "source", plan_json(pair->source, pair->source_error),
                  "target", plan_json(pair->target, pair->target_error), "floor",
                  pair->floor == NULL ? json_null() : json_incref(pair->floor));
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && pair->source != NULL && pair->target != NULL)
        status = compare_one(walk, query, pair, entry, err);
    else if (status == RH_OK)
        status = note_error(walk, query, pair, entry, err);
    if (status != RH_OK) {
        json_decref(entry);
        return status;
    }
    return rh_fid_append(walk->items, entry, err);
}

/* ---- all of them ---- */

static rh_status put_totals(json_t *report, const query_walk *walk, size_t count, rh_error *err)
{
    double score = count == 0 ? 100 : round(100 * walk->sum / (double)count) / 100;
    rh_status status = rh_fid_put(report, "score", json_real(score), err);

    if (status == RH_OK)
        status = rh_fid_put(report, "count", json_integer((json_int_t)count), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "same_plan", json_integer((json_int_t)walk->same), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "max_row_qerror",
                            walk->counts ? rh_fid_real(walk->qerror) : json_null(), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "max_cost_ratio",
                            walk->counts ? rh_fid_real(walk->cost) : json_null(), err);
    if (status == RH_OK)
        status = rh_fid_sort_by_score(walk->items, err);
    if (status == RH_OK)
        status = rh_fid_put(report, "items", json_incref(walk->items), err);
    return status;
}

rh_status rh_fid_queries_report(const rh_fid_queries *queries, const rh_fid_pair *pairs,
                                const rh_fidelity_options *options, json_t *differences,
                                json_t **out, rh_error *err)
{
    query_walk walk = {.options = options,
                       .differences = differences,
                       .items = json_array(),
                       .qerror = 1,
                       .cost = 1};
    json_t *report = json_object();
    rh_status status = report == NULL || walk.items == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < queries->count; i++)
        status = report_one(&walk, &queries->items[i], &pairs[i], err);
    if (status == RH_OK)
        status = put_totals(report, &walk, queries->count, err);
    json_decref(walk.items);
    if (status == RH_OK)
        *out = report;
    else
        json_decref(report);
    return status;
}
