/*
 * Pieces of the report: statistics, queries, settings; and the list of differences that all add to.
 */
#ifndef FID_REPORT_H
#define FID_REPORT_H

#include <jansson.h>

#include <rehearse/fidelity.h>

#include "core/engine.h"
#include "fid_plan.h"
#include "fid_queries.h"
#include "fid_statistics.h"

/** Append {"kind", "object", "bad", "text"} to differences. */
rh_status rh_fid_differ(json_t *differences, const char *kind, const char *object, bool bad,
                        rh_error *err, const char *format, ...) RH_MUST_CHECK RH_PRINTF(6, 7);

/** {"score", "tables", "indexes", "columns"}, worst first; missing objects go to differences. */
rh_status rh_fid_statistics_report(const rh_fid_statistics *source, const rh_fid_statistics *target,
                                   const rh_fidelity_options *options, json_t *differences,
                                   json_t **out, rh_error *err) RH_MUST_CHECK;

/** [{"name", "source", "target"}]: what makes the same SQL plan differently. */
rh_status rh_fid_settings_report(const json_t *source, const json_t *target, json_t **out,
                                 rh_error *err) RH_MUST_CHECK;

/** Plans of both sides, one pair per query; what could not be planned keeps the error's text. */
typedef struct rh_fid_pair {
    rh_fid_plan *source; /* NULL: source_error says why */
    rh_fid_plan *target;
    char *source_error;
    char *target_error;
    json_t *floor; /* NULL: not measured */
} rh_fid_pair;

/** Whatever answers EXPLAIN: a session, a trial. */
typedef struct rh_fid_planner {
    rh_status (*explain)(void *ctx, const char *sql, json_t **out, rh_error *err);
    void *ctx;
    rh_engine_kind kind;
} rh_fid_planner;

/** Plan every query. which_target: its text for the target, and where the plan goes. */
rh_status rh_fid_plan_with(const rh_fid_planner *planner, const rh_fid_queries *queries,
                           bool which_target, rh_fid_pair *pairs,
                           const rh_fidelity_options *options, rh_error *err) RH_MUST_CHECK;

/** The source's plans under what a snapshot holds (rh_trial_open_stored in core/engine.h). Stored
 * statistics that the target has no place for become a note in differences. */
rh_status rh_fid_plan_stored(const rh_fidelity_stored *stored, rh_engine_kind kind,
                             const char *target, const rh_fid_queries *queries, rh_fid_pair *pairs,
                             const rh_fidelity_options *options, json_t *differences,
                             rh_error *err) RH_MUST_CHECK;

/** Plan every query with one session. which_target: its text for the target, and where it goes. */
rh_status rh_fid_plan_all(rh_source *database, const rh_fid_queries *queries, bool which_target,
                          rh_fid_pair *pairs, const rh_fidelity_options *options,
                          rh_error *err) RH_MUST_CHECK;

/** {"score", "count", "same_plan", "max_row_qerror", "max_cost_ratio", "items"}, worst first.
 * A query that the source cannot plan is a difference of kind "not-planned", which is not bad. */
rh_status rh_fid_queries_report(const rh_fid_queries *queries, const rh_fid_pair *pairs,
                                const rh_fidelity_options *options, json_t *differences,
                                json_t **out, rh_error *err) RH_MUST_CHECK;

/** options->floor trials on the target; fills pairs[i].floor. */
rh_status rh_fid_floor(const char *target, const rh_fid_queries *queries, rh_fid_pair *pairs,
                       const rh_fidelity_options *options, rh_error *err) RH_MUST_CHECK;

#endif
