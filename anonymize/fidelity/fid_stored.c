/*
 * Plans of a source that is out of reach, under the statistics that a snapshot holds.
 */
#include <inttypes.h>

#include "core/mem.h"
#include "fid_report.h"

static rh_status explain_trial(void *trial, const char *sql, json_t **out, rh_error *err)
{
    return rh_trial_explain(trial, sql, out, err);
}

static rh_status open_trial(const rh_fidelity_stored *stored, rh_engine_kind kind,
                            const char *target, const rh_fidelity_options *options, rh_trial **out,
                            int64_t *out_refused, rh_error *err)
{
    rh_trial_stored given = {
        .schema = stored->schema == NULL ? "[]" : stored->schema,
        .statistics = stored->statistics == NULL ? "" : stored->statistics,
    };
    json_t *stat1 = NULL;
    rh_status status = RH_OK;

    if (kind == RH_ENGINE_SQLITE)
        status = rh_fid_stat1_rows(stored->stat1, &stat1, err);
    given.stat1 = stat1;
    if (status == RH_OK)
        status = rh_trial_open_stored(target, &given, options->cancel, out, out_refused, err);
    json_decref(stat1);
    return status;
}

rh_status rh_fid_plan_stored(const rh_fidelity_stored *stored, rh_engine_kind kind,
                             const char *target, const rh_fid_queries *queries, rh_fid_pair *pairs,
                             const rh_fidelity_options *options, json_t *differences, rh_error *err)
{
    rh_trial *trial = NULL;
    int64_t refused = 0;
    rh_status status;

    if (queries->count == 0)
        return RH_OK;
    status = open_trial(stored, kind, target, options, &trial, &refused, err);
    if (status == RH_OK) {
        const rh_fid_planner planner = {explain_trial, trial, kind};

        status = rh_fid_plan_with(&planner, queries, false, pairs, options, err);
    }
    if (status == RH_OK)
        status = rh_trial_end(trial, err);
    if (status == RH_OK && refused > 0)
        status = rh_fid_differ(differences, "not-fitting", "statistics", false, err,
                               "%" PRId64 " stored statistics do not fit the target's server: the "
                               "source's plans are made without them",
                               refused);
    rh_trial_close(trial);
    return status;
}
