/*
 * The steps of a profile: run each case, keep the costliest, look up what the planner knows, place
 * the subqueries, count their runs, judge, prove, write down.
 */
#include <string.h>

#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/plan_postgres.h"
#include "core/plan_sqlite.h"
#include "core/str.h"
#include "profile_run.h"

enum { MAX_PROOFS = 8 };

/* ---- plans ---- */

static double number_or(const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static int64_t counter(const json_t *steps, const char *key)
{
    const json_t *value = json_object_get(steps, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static rh_status read_sqlite(const json_t *answer, rh_plan **out, rh_error *err)
{
    const json_t *told = json_object_get(answer, "steps");
    const rh_plan_steps steps = {
        counter(told, "vm_steps"),     counter(told, "full_scan_steps"),
        counter(told, "sorts"),        counter(told, "auto_index_rows"),
        counter(told, "filter_hits"),  counter(told, "filter_misses"),
        counter(told, "runs"),         counter(told, "reprepares"),
        counter(told, "memory_bytes"), counter(told, "rows"),
        counter(told, "cache_hits"),   counter(told, "cache_misses"),
    };

    return rh_plan_from_eqp_json("plan", json_object_get(answer, "rows"),
                                 json_is_object(told) ? &steps : NULL, out, err);
}

rh_status rh_profile_read_plan(rh_engine_kind engine, const json_t *answer, rh_plan **out,
                               rh_error *err)
{
    if (engine == RH_ENGINE_SQLITE)
        return read_sqlite(answer, out, err);
    return rh_plan_from_json("plan", answer, out, err);
}

/* ---- cases ---- */

/* What a plan cost, to find the worst case: by rows or steps, else by the planner's cost. */
static double cost_of(const rh_plan *plan)
{
    const rh_plan_steps *steps = rh_plan_steps_of(plan);
    rh_plan_work work = rh_plan_inclusive(plan, rh_plan_root(plan));

    if (steps != NULL)
        return (double)steps->vm_steps;
    return rh_plan_known(work.rows) ? work.rows : work.cost;
}

static rh_status add_case(rh_profile_run_state *run, const rh_profile_case *one,
                          const rh_plan *plan, rh_error *err)
{
    json_t *json = json_pack("{s:s?, s:I, s:o}", "case", one->name, "parameters",
                             (json_int_t)one->count, "counters", rh_profile_counters_json(plan));

    for (size_t i = 0; i < run->guess_count; i++)
        if (one == &run->guesses[i].one && json_object_set(json, "taken", run->taken[i]) != 0) {
            json_decref(json);
            return rh_error_oom(err);
        }
    if (rh_str_eq(one->name, "typical"))
        run->typical_cost = cost_of(plan);
    if (rh_str_eq(one->name, "worst"))
        run->worst_cost = cost_of(plan);
    return json_array_append_new(run->cases, json) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status run_case(rh_profile_run_state *run, const rh_profile_case *one, rh_error *err)
{
    const rh_profile_statement statement = {.sql = run->sql,
                                            .parameters = one->parameters,
                                            .parameter_count = one->count,
                                            .execute = run->request->execute,
                                            .warm = run->request->warm};
    rh_profile_result result;
    rh_plan *plan = NULL;
    rh_status status = rh_profile_run_statement(run, &statement, &result, err);

    if (status != RH_OK) {
        run->result.error_offset = result.error_offset;
        return status;
    }
    status = rh_profile_read_plan(run->engine, result.plan, &plan, err);
    if (status == RH_OK)
        status = add_case(run, one, plan, err);
    if (status == RH_OK && (run->plan == NULL || cost_of(plan) > cost_of(run->plan))) {
        rh_plan_free(run->plan);
        rh_profile_result_done(&run->result);
        run->plan = plan;
        run->result = result;
        run->reported = one;
        return RH_OK;
    }
    rh_plan_free(plan);
    rh_profile_result_done(&result);
    return status;
}

/* JIT's share is only told with clocks on: one run more, where there was JIT at all. */
static rh_status time_jit(rh_profile_run_state *run, rh_error *err)
{
    const rh_profile_statement statement = {.sql = run->sql,
                                            .parameters = run->reported->parameters,
                                            .parameter_count = run->reported->count,
                                            .execute = true,
                                            .timing = true};
    rh_profile_result result;
    rh_plan *plan = NULL;
    rh_status status;

    if (!run->result.executed || !rh_plan_known(rh_plan_jit_of(run->plan)->functions) ||
        rh_plan_known(rh_plan_jit_of(run->plan)->total_ms))
        return RH_OK;
    status = rh_profile_run_statement(run, &statement, &result, err);
    if (status != RH_OK)
        return status;
    if (result.executed)
        status = rh_profile_read_plan(run->engine, result.plan, &plan, err);
    rh_profile_result_done(&result);
    if (status == RH_OK && plan != NULL) {
        rh_plan_free(run->plan);
        run->plan = plan;
    }
    return status;
}

/* Forget what was run with guesses: the server would not take one of the values. */
static rh_status drop_guesses(rh_profile_run_state *run, rh_error *err)
{
    rh_plan_free(run->plan);
    run->plan = NULL;
    rh_profile_result_done(&run->result);
    run->result = (rh_profile_result){.elapsed_us = -1, .error_offset = RH_PROFILE_NO_OFFSET};
    run->guess_count = 0;
    run->no_guess = "the database refuses values that were tried";
    return json_array_clear(run->cases) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status run_guesses(rh_profile_run_state *run, rh_error *err)
{
    rh_error local = RH_ERROR_INIT;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->guess_count; i++)
        status = run_case(run, &run->guesses[i].one, &local);
    if (status == RH_EDB || status == RH_EUSAGE)
        return drop_guesses(run, err);
    if (status != RH_OK && err != NULL)
        *err = local;
    return status;
}

static rh_status run_cases(rh_profile_run_state *run, rh_error *err)
{
    rh_status status = run_guesses(run, err);

    for (size_t i = 0; status == RH_OK && run->guess_count == 0 && i < run->request->case_count;
         i++)
        status = run_case(run, &run->request->cases[i], err);
    return status == RH_OK ? time_jit(run, err) : status;
}

/* ---- judging ---- */

static bool find_origin(void *ctx, size_t node, rh_finding_origin *out)
{
    const rh_profile_run_state *run = ctx;
    const size_t *entries = NULL;
    const rh_subquery *entry;

    if (rh_subquery_of_node(run->map, node, &entries) != 1 || entries[0] == 0)
        return false;
    entry = rh_subquery_at(run->map, entries[0]);
    *out = (rh_finding_origin){entry->level, entry->loops, entry->view == NULL};
    return true;
}

static rh_status judge(rh_profile_run_state *run, rh_error *err)
{
    const rh_finding_input input = {
        .plan = run->plan,
        .tables = json_object_get(run->tables, "tables"),
        .about = run->about,
        .reads = run->result.reads,
        .dialect = run->dialect,
        .sql = run->sql,
        .sql_len = run->sql_len,
        .levels = run->levels,
        .config = run->request->config,
        .origin = find_origin,
        .origin_ctx = run,
    };

    return rh_findings_new(&input, &run->findings, err);
}

static bool saves(const json_t *proof)
{
    double before = number_or(proof, "before", 0);
    double after = number_or(proof, "after", 0);

    return json_is_true(json_object_get(proof, "used")) && after * 2 <= before;
}

/* A finding that stands on a trial is dropped when the trial speaks against it, and only a note
 * when there could be none. */
static rh_status prove_one(rh_profile_run_state *run, size_t at, rh_error *err)
{
    const rh_finding *found = rh_findings_at(run->findings, at);
    const rh_profile_statement statement = {.sql = run->sql,
                                            .parameters = run->reported->parameters,
                                            .parameter_count = run->reported->count,
                                            .execute = run->result.executed &&
                                                       run->result.stopped == NULL};
    const rh_profile_index index = {found->index.schema, found->index.table, found->index.columns,
                                    found->index.column_count};
    json_t *proof = NULL;
    rh_status status = rh_profile_try_index(run->session, &statement, &index, &proof, err);

    if (status != RH_OK)
        return status;
    if (found->to_prove && json_is_string(json_object_get(proof, "how")) &&
        (json_object_get(proof, "before") != NULL || !json_is_true(json_object_get(proof, "used"))))
        run->dropped[at] = !saves(proof);
    return json_array_set_new(run->proofs, at, proof) == 0 ? RH_OK : rh_error_oom(err);
}

rh_status rh_profile_prove(rh_profile_run_state *run, rh_error *err)
{
    size_t count = rh_findings_count(run->findings);
    size_t tried = 0;
    rh_status status = RH_OK;

    run->proofs = json_array();
    run->dropped = rh_mem_array(count + 1, sizeof *run->dropped);
    if (run->proofs == NULL || run->dropped == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(run->proofs, json_null()) != 0)
            return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < count && tried < MAX_PROOFS; i++) {
        if (!run->request->prove || rh_findings_at(run->findings, i)->index.table == NULL)
            continue;
        status = prove_one(run, i, err);
        tried++;
    }
    return status;
}

static rh_severity worst_of(const rh_profile_run_state *run)
{
    rh_severity worst = RH_SEVERITY_OFF;

    for (size_t i = 0; i < rh_findings_count(run->findings); i++) {
        rh_severity one = rh_findings_at(run->findings, i)->severity;

        if (!run->dropped[i] && one > worst)
            worst = one;
    }
    return worst;
}

/* ---- the whole ---- */

static rh_status start(rh_profile_run_state *run, rh_error *err)
{
    const rh_profile_text *text = run->request->text;

    run->sql = rh_mem_strndup(text->text + text->offset, text->length);
    run->cases = json_array();
    run->arena = rh_arena_new(0);
    if (run->sql == NULL || run->cases == NULL || run->arena == NULL)
        return rh_error_oom(err);
    run->sql_len = text->length;
    return rh_profile_about(run->session, &run->about, err);
}

static void finish(rh_profile_run_state *run)
{
    rh_findings_free(run->findings);
    rh_subquery_map_free(run->map);
    rh_sql_levels_free(run->levels);
    rh_plan_free(run->plan);
    rh_profile_result_done(&run->result);
    json_decref(run->about);
    json_decref(run->tables);
    json_decref(run->cases);
    json_decref(run->proofs);
    json_decref(run->taken[0]);
    json_decref(run->taken[1]);
    rh_mem_free(run->dropped);
    rh_mem_free(run->sql);
    rh_arena_free(run->arena);
}

rh_status rh_profile_make(rh_profile_session *session, const rh_profile_request *request,
                          rh_profile_outcome *outcome, rh_error *err)
{
    rh_profile_run_state run = {
        .session = session,
        .request = request,
        .engine = rh_profile_kind(session),
        .result = {.elapsed_us = -1, .error_offset = RH_PROFILE_NO_OFFSET},
        .typical_cost = RH_PLAN_UNKNOWN,
        .worst_cost = RH_PLAN_UNKNOWN,
    };
    rh_status status;

    *outcome = (rh_profile_outcome){NULL, RH_SEVERITY_OFF, false, RH_PROFILE_NO_OFFSET};
    run.dialect = rh_engine_dialect(run.engine);
    status = start(&run, err);
    if (status == RH_OK && request->guess && request->case_count == 1 &&
        request->cases[0].count == 0)
        status = rh_profile_guess(&run, err);
    if (status == RH_OK)
        status = run_cases(&run, err);
    if (status == RH_OK)
        status = rh_profile_look_up(&run, err);
    if (status == RH_OK)
        status = rh_profile_map(&run, err);
    if (status == RH_OK)
        status = rh_profile_count_runs(&run, err);
    if (status == RH_OK)
        status = judge(&run, err);
    if (status == RH_OK)
        status = rh_profile_prove(&run, err);
    if (status == RH_OK)
        status = rh_profile_document(&run, &outcome->report, err);
    if (status == RH_OK) {
        outcome->worst = worst_of(&run);
        outcome->stopped = run.result.stopped != NULL;
    } else if (run.result.error_offset != RH_PROFILE_NO_OFFSET) {
        outcome->error_offset = request->text->offset + run.result.error_offset;
    }
    finish(&run);
    return status;
}
