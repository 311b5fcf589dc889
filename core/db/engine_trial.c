/* Trials of statistics behind the seam: dispatch. */
#include "core/engine.h"
#include "core/engine_ops.h"
#include "core/mem.h"

struct rh_trial {
    const rh_engine *engine;
    void *impl;
};

static rh_status new_trial(const char *name, rh_trial **out, rh_error *err)
{
    const rh_engine *engine;
    rh_status status = rh_engine_find(name, &engine, err);

    if (status != RH_OK)
        return status;
    *out = rh_mem_zalloc(sizeof **out);
    if (*out == NULL)
        return rh_error_oom(err);
    (*out)->engine = engine;
    return RH_OK;
}

rh_status rh_trial_open(const char *name, const rh_cancel *cancel, rh_trial **out, rh_error *err)
{
    rh_trial *trial = NULL;
    rh_status status = new_trial(name, &trial, err);

    if (status == RH_OK && trial->engine->trial.open == NULL)
        status = rh_error_set(err, RH_EUNSUPPORTED, "fresh statistics can be tried in %s only",
                              rh_engine_postgresql.name);
    if (status == RH_OK)
        status = trial->engine->trial.open(name, cancel, &trial->impl, err);
    if (status == RH_OK)
        *out = trial;
    else
        rh_mem_free(trial);
    return status;
}

rh_status rh_trial_open_stored(const char *target, const rh_trial_stored *stored,
                               const rh_cancel *cancel, rh_trial **out, int64_t *out_refused,
                               rh_error *err)
{
    rh_trial *trial = NULL;
    rh_status status = new_trial(target, &trial, err);

    if (status == RH_OK)
        status = trial->engine->trial.open_stored(target, stored, cancel, &trial->impl, out_refused,
                                                  err);
    if (status == RH_OK)
        *out = trial;
    else
        rh_mem_free(trial);
    return status;
}

rh_status rh_trial_analyze(rh_trial *trial, rh_error *err)
{
    return trial->engine->trial.analyze(trial->impl, err);
}

rh_status rh_trial_explain(rh_trial *trial, const char *sql, json_t **out, rh_error *err)
{
    return trial->engine->trial.explain(trial->impl, sql, out, err);
}

rh_status rh_trial_end(rh_trial *trial, rh_error *err)
{
    return trial->engine->trial.end(trial->impl, err);
}

void rh_trial_close(rh_trial *trial)
{
    if (trial == NULL)
        return;
    trial->engine->trial.close(trial->impl);
    rh_mem_free(trial);
}
