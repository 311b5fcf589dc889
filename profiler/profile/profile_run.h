/*
 * What the steps of one profile share.
 */
#ifndef PROFILE_RUN_H
#define PROFILE_RUN_H

#include "core/arena.h"
#include "core/plan.h"
#include "core/sql_levels.h"
#include "profiler/profile.h"
#include "profiler/subquery.h"

/** Values taken for parameters that nobody gave. */
typedef struct rh_profile_guessed {
    rh_profile_case one;
    rh_parameter *list;
} rh_profile_guessed;

typedef struct rh_profile_run_state {
    rh_profile_session *session;
    const rh_profile_request *request;
    rh_engine_kind engine;
    rh_sql_dialect dialect;
    char *sql; /* the statement, terminated */
    size_t sql_len;
    json_t *about;
    json_t *tables;           /* {"tables": [..]} */
    rh_profile_result result; /* of the case that is reported */
    const rh_profile_case *reported;
    rh_plan *plan;
    rh_sql_levels *levels;
    rh_subquery_map *map;
    rh_findings *findings;
    json_t *cases;                 /* array, one entry per case */
    json_t *proofs;                /* array, by finding: object or null */
    rh_arena *arena;               /* holds the guesses */
    rh_profile_guessed guesses[2]; /* common, rare */
    size_t guess_count;            /* 0: parameters are those of the request */
    json_t *taken[2];              /* what was taken for each guess */
    const char *no_guess;          /* why no values were taken, or NULL */
    double typical_cost;           /* of the cases with these names; RH_PLAN_UNKNOWN */
    double worst_cost;
    const char *not_counted; /* why runs of subqueries are not known, or NULL */
    bool *dropped;           /* by finding: a trial showed that it is none */
} rh_profile_run_state;

/** Plan of an answer of the engine. */
rh_status rh_profile_read_plan(rh_engine_kind engine, const json_t *answer, rh_plan **out,
                               rh_error *err) RH_MUST_CHECK;

/** Statistics of every table in plan and text, then levels with a catalog made of them. */
rh_status rh_profile_look_up(rh_profile_run_state *run, rh_error *err) RH_MUST_CHECK;

/** The catalog that rh_profile_look_up made. Borrows run. */
rh_sql_catalog rh_profile_catalog(rh_profile_run_state *run);

/** Fill run->guesses from statistics; guess_count stays 0 where that is not possible, and no_guess
 * says why. */
rh_status rh_profile_guess(rh_profile_run_state *run, rh_error *err) RH_MUST_CHECK;

/** rh_profile_run, with guessed values taken out of the plan again. */
rh_status rh_profile_run_statement(const rh_profile_run_state *run,
                                   const rh_profile_statement *statement, rh_profile_result *out,
                                   rh_error *err) RH_MUST_CHECK;

/** Where the subqueries went. */
rh_status rh_profile_map(rh_profile_run_state *run, rh_error *err) RH_MUST_CHECK;

/** Where the engine does not tell how often a subquery ran, run the statement once more with
 * counters in it, and believe them when nothing else changed. */
rh_status rh_profile_count_runs(rh_profile_run_state *run, rh_error *err) RH_MUST_CHECK;

/** Try the index of each finding that has one. */
rh_status rh_profile_prove(rh_profile_run_state *run, rh_error *err) RH_MUST_CHECK;

/** The document. New reference. */
rh_status rh_profile_document(const rh_profile_run_state *run, json_t **out,
                              rh_error *err) RH_MUST_CHECK;

json_t *rh_profile_plan_json(const rh_plan *plan);
json_t *rh_profile_counters_json(const rh_plan *plan);

/** {"file", "line", "column", "offset", "length", "text", "alternatives"} of a place in the
 * statement; NULL when memory is out. */
json_t *rh_profile_span_json(const rh_profile_run_state *run, size_t offset, size_t length);

/** Span of an entry of the map, with its alternatives; json null when it stands nowhere. */
json_t *rh_profile_entry_span(const rh_profile_run_state *run, const rh_subquery *entry);

#endif
