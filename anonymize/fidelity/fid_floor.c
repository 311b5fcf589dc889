/*
 * The noise floor: how far do plans move when nothing but ANALYZE's sample changes? Each trial is
 * held against the target as it stands and against the first trial.
 */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/progress.h"
#include "fid_json.h"
#include "fid_report.h"

typedef struct movement {
    size_t tries;
    size_t same;
    double qerror;
    double cost;
} movement;

typedef struct floor_query {
    rh_fid_plan *first; /* of the first trial */
    movement present;   /* against the target's present statistics */
    movement noise;     /* against the first trial */
    bool source_seen;   /* some trial had the source's plan */
} floor_query;

static void move(movement *total, const rh_fid_plan *a, const rh_fid_plan *b)
{
    rh_fid_plan_difference difference = rh_fid_plan_compare(a, b);

    total->tries++;
    total->same += difference.same_shape;
    total->qerror = fmax(total->qerror, difference.row_qerror);
    total->cost = fmax(total->cost, difference.cost_ratio);
}

static rh_status try_query(rh_trial *trial, const rh_fid_query *query, const rh_fid_pair *pair,
                           floor_query *floor, rh_error *err)
{
    json_t *explain = NULL;
    rh_fid_plan *plan = NULL;
    rh_status status;

    if (pair->target == NULL)
        return RH_OK;
    status = rh_trial_explain(trial, query->target_sql, &explain, err);
    if (status == RH_OK)
        status = rh_fid_plan_read(RH_ENGINE_POSTGRESQL, explain, &plan, err);
    json_decref(explain);
    if (status != RH_OK) {
        rh_error_where(err, "query '%s'", query->name);
        return status;
    }
    move(&floor->present, pair->target, plan);
    if (pair->source != NULL && strcmp(pair->source->shape, plan->shape) == 0)
        floor->source_seen = true;
    if (floor->first == NULL) {
        floor->first = plan;
        return RH_OK;
    }
    move(&floor->noise, floor->first, plan);
    rh_fid_plan_free(plan);
    return RH_OK;
}

static json_t *movement_json(const movement *total)
{
    if (total->tries == 0)
        return json_null();
    return json_pack("{s:i, s:i, s:o, s:o}", "tries", (int)total->tries, "same_plan",
                     (int)total->same, "row_qerror", rh_fid_real(fmax(1, total->qerror)),
                     "cost_ratio", rh_fid_real(fmax(1, total->cost)));
}

static rh_status keep_results(const floor_query *floors, size_t count, rh_fid_pair *pairs,
                              rh_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].target == NULL)
            continue;
        pairs[i].floor = json_pack("{s:o, s:o, s:b}", "present", movement_json(&floors[i].present),
                                   "noise", movement_json(&floors[i].noise), "source_plan_seen",
                                   floors[i].source_seen ? 1 : 0);
        if (pairs[i].floor == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

rh_status rh_fid_floor(const char *target, const rh_fid_queries *queries, rh_fid_pair *pairs,
                       const rh_fidelity_options *options, rh_error *err)
{
    floor_query *floors = rh_mem_array(queries->count + 1, sizeof *floors);
    rh_trial *trial = NULL;
    rh_status status = floors == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_trial_open(target, options->cancel, &trial, err);
    for (size_t n = 0; status == RH_OK && n < options->floor; n++) {
        rh_progress_stage(options->progress, "noise floor", 0, 0, options->floor);
        status = rh_trial_analyze(trial, err);
        for (size_t i = 0; status == RH_OK && i < queries->count; i++)
            status = try_query(trial, &queries->items[i], &pairs[i], &floors[i], err);
    }
    if (status == RH_OK)
        status = rh_trial_end(trial, err);
    if (status == RH_OK)
        status = keep_results(floors, queries->count, pairs, err);
    else
        rh_error_where(err, "noise floor");
    rh_trial_close(trial);
    for (size_t i = 0; floors != NULL && i < queries->count; i++)
        rh_fid_plan_free(floors[i].first);
    rh_mem_free(floors);
    return status;
}
