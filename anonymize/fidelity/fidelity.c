/*
 * Both sides opened, read, compared, judged.
 *
 * A side holds its snapshot from open_side() to close_side(); trials (the floor's, and plans under
 * stored statistics) run after both are closed, so that no long snapshot stands in the way.
 */
#include <rehearse/fidelity.h>

#include <math.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/progress.h"
#include "core/str.h"
#include "fid_json.h"
#include "fid_report.h"

enum { DEFAULT_MIN_SCORE = 80 };

static const char STAT1[] = "main.sqlite_stat1";

typedef struct fid_side {
    rh_source *database;              /* NULL for what is stored */
    const rh_fidelity_stored *stored; /* borrowed; NULL for a database */
    json_t *facts;
    rh_fid_statistics *statistics;
    char *name; /* for the report */
    rh_engine_kind kind;
} fid_side;

typedef struct fid_run {
    fid_side *source; /* borrowed */
    fid_side target;
    const char *target_name;
    const rh_fidelity_options *options;
    json_t *report;
} fid_run;

/* ---- reading a side ---- */

typedef struct stat1_sink {
    const rh_table *table;
    rh_buf *out;
} stat1_sink;

static rh_status take_stat1(void *ctx, const rh_batch *batch, rh_error *err)
{
    stat1_sink *sink = ctx;

    return rh_rows_render(RH_ENGINE_SQLITE, sink->table, batch, sink->out, err);
}

static rh_status read_stat1(rh_source *database, rh_buf *out, rh_error *err)
{
    const rh_catalog *catalog = NULL;
    rh_session *session = NULL;
    stat1_sink sink = {.out = out};
    rh_row_sink rows = {take_stat1, &sink};
    rh_status status = rh_source_catalog(database, &catalog, err);

    if (status == RH_OK)
        sink.table = rh_catalog_find(catalog, STAT1);
    if (status != RH_OK || sink.table == NULL)
        return status;
    status = rh_session_open(database, &session, err);
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EBUSY, "no reader is to be had");
    for (size_t i = 0; status == RH_OK && i < sink.table->range_count; i++)
        status = rh_session_rows(session, sink.table, &sink.table->ranges[i], &rows, err);
    rh_session_close(session);
    return status;
}

static rh_status read_statistics(fid_side *side, rh_error *err)
{
    rh_buf section = RH_BUF_INIT;
    rh_buf stat1 = RH_BUF_INIT;
    bool lite = side->kind == RH_ENGINE_SQLITE;
    rh_status status;

    rh_buf_init(&section, RH_FID_MAX_SECTION_BYTES);
    status = rh_source_section(side->database, lite ? "schema" : "statistics", &section, err);
    if (status == RH_OK && lite)
        status = read_stat1(side->database, &stat1, err);
    if (status == RH_OK && lite)
        status = rh_fid_statistics_parse_lite(rh_buf_cstr(&section), rh_buf_cstr(&stat1),
                                              &side->statistics, err);
    else if (status == RH_OK)
        status = rh_fid_statistics_parse(rh_buf_cstr(&section), &side->statistics, err);
    rh_buf_wipe_done(&section);
    rh_buf_done(&stat1);
    return status;
}

/* A stored source has no sample: the target's would have nothing beside it. */
static rh_status sample_tables(fid_side *side, const fid_side *other,
                               const rh_fidelity_options *options, rh_error *err)
{
    if (side->kind != RH_ENGINE_SQLITE || (other != NULL && !other->statistics->sampled))
        return RH_OK;
    return rh_fid_sample(side->statistics, side->database, options->include, options->exclude, err);
}

/* other: the source, for a target. */
static rh_status open_side(fid_side *side, const char *name, const fid_side *other,
                           const rh_fidelity_options *options, rh_error *err)
{
    rh_source_options source_options = RH_SOURCE_OPTIONS_INIT;
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_engine_describe(name, &text, err);

    source_options.cancel = options->cancel;
    if (status == RH_OK) {
        side->name = rh_buf_take(&text);
        if (side->name == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = rh_source_open(name, &source_options, &side->database, err);
    if (status == RH_OK) {
        side->kind = rh_source_kind(side->database);
        status = rh_source_begin(side->database, err);
    }
    if (status == RH_OK)
        status = rh_source_facts(side->database, &side->facts, err);
    if (status == RH_OK)
        status = read_statistics(side, err);
    if (status == RH_OK)
        status = sample_tables(side, other, options, err);
    rh_buf_done(&text);
    return status;
}

static rh_status open_stored(fid_side *side, const rh_fidelity_stored *stored, rh_error *err)
{
    rh_status status = rh_engine_from_name(
        json_string_value(json_object_get(stored->facts, "engine")), &side->kind, err);

    if (status != RH_OK)
        return status;
    side->stored = stored;
    side->name = rh_mem_strdup(stored->name);
    side->facts = json_deep_copy(stored->facts);
    if (side->name == NULL || side->facts == NULL)
        return rh_error_oom(err);
    if (side->kind == RH_ENGINE_SQLITE)
        return rh_fid_statistics_parse_lite(stored->schema == NULL ? "[]" : stored->schema,
                                            stored->stat1, &side->statistics, err);
    return rh_fid_statistics_parse(stored->statistics == NULL ? "" : stored->statistics,
                                   &side->statistics, err);
}

static void close_database(fid_side *side)
{
    rh_source_close(side->database);
    side->database = NULL;
}

static void side_done(fid_side *side)
{
    close_database(side);
    json_decref(side->facts);
    rh_fid_statistics_free(side->statistics);
    rh_mem_free(side->name);
}

/* ---- the queries ---- */

static void pairs_free(rh_fid_pair *pairs, size_t count)
{
    for (size_t i = 0; pairs != NULL && i < count; i++) {
        rh_fid_plan_free(pairs[i].source);
        rh_fid_plan_free(pairs[i].target);
        rh_mem_free(pairs[i].source_error);
        rh_mem_free(pairs[i].target_error);
        json_decref(pairs[i].floor);
    }
    rh_mem_free(pairs);
}

static rh_status plan_both(fid_run *run, const rh_fid_queries *queries, rh_fid_pair *pairs,
                           rh_error *err)
{
    const fid_side *source = run->source;
    rh_status status =
        rh_fid_plan_all(run->target.database, queries, true, pairs, run->options, err);

    if (status == RH_OK && source->stored == NULL)
        status = rh_fid_plan_all(source->database, queries, false, pairs, run->options, err);
    close_database(run->source);
    close_database(&run->target);
    if (status == RH_OK && source->stored != NULL)
        status = rh_fid_plan_stored(source->stored, source->kind, run->target_name, queries, pairs,
                                    run->options, json_object_get(run->report, "differences"), err);
    if (status == RH_OK && run->options->floor > 0)
        status = rh_fid_floor(run->target_name, queries, pairs, run->options, err);
    return status;
}

static bool wants_queries(const rh_fidelity_options *options)
{
    return options->queries != NULL || options->workload != NULL;
}

/* The query as the masked side knows it; one whose target has a text of its own keeps it. A query
 * whose values cannot be masked is left out, with a note: raw ones would come into logs there. */
static rh_status translate_one(rh_fid_queries *queries, rh_fid_query *query,
                               const rh_fidelity_translator *translator, json_t *differences,
                               bool *out_lost, rh_error *err)
{
    const char *text = NULL;
    const char *why = NULL;
    rh_status status;

    *out_lost = false;
    if (query->target_sql != query->source_sql)
        return RH_OK;
    status = translator->text(translator->ctx, query->source_sql, &text, &why, err);
    if (status == RH_SKIPPED) {
        *out_lost = true;
        return rh_fid_differ(differences, "left-out", query->name, false, err,
                             "query '%s' is left out, its values cannot be masked: %s", query->name,
                             why);
    }
    if (status != RH_OK)
        return status;
    query->target_sql = rh_arena_strdup(queries->arena, text);
    if (query->target_sql == NULL)
        return rh_error_oom(err);
    if (translator->both)
        query->source_sql = query->target_sql;
    return RH_OK;
}

static rh_status translate(const fid_run *run, rh_fid_queries *queries, rh_error *err)
{
    json_t *differences = json_object_get(run->report, "differences");
    size_t given = queries->count;
    rh_status status = RH_OK;

    queries->count = 0;
    for (size_t i = 0; status == RH_OK && i < given; i++) {
        rh_fid_query query = queries->items[i];
        bool lost;

        status = translate_one(queries, &query, run->options->translator, differences, &lost, err);
        if (status == RH_OK && !lost)
            queries->items[queries->count++] = query;
    }
    if (status == RH_OK && given > 0 && queries->count == 0)
        status = rh_fid_differ(differences, "not-planned", "queries", false, err,
                               "no query is left to compare");
    return status;
}

static rh_status read_queries(const fid_run *run, rh_fid_queries **out, rh_error *err)
{
    const rh_fidelity_options *options = run->options;
    size_t passed = 0;
    rh_status status =
        rh_fid_queries_read(options->queries, rh_engine_dialect(run->source->kind), out, err);

    if (status == RH_OK && options->workload != NULL)
        status =
            rh_fid_queries_of_workload(*out, options->workload, run->source->kind, &passed, err);
    if (status == RH_OK && passed > 0)
        status = rh_fid_differ(
            json_object_get(run->report, "differences"), "not-in-workload", "workload", false, err,
            "%zu statements of the workload have no execution with all values", passed);
    if (status == RH_OK && options->translator != NULL)
        status = translate(run, *out, err);
    return status;
}

static rh_status report_queries(fid_run *run, rh_error *err)
{
    rh_fid_queries *queries = NULL;
    rh_fid_pair *pairs = NULL;
    json_t *part = NULL;
    rh_status status;

    if (!wants_queries(run->options))
        return rh_fid_put(run->report, "queries", json_null(), err);
    rh_progress_stage(run->options->progress, "plans", 0, 0, 0);
    status = read_queries(run, &queries, err);
    if (status == RH_OK) {
        pairs = rh_mem_array(queries->count + 1, sizeof *pairs);
        if (pairs == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = plan_both(run, queries, pairs, err);
    if (status == RH_OK)
        status = rh_fid_queries_report(queries, pairs, run->options,
                                       json_object_get(run->report, "differences"), &part, err);
    if (status == RH_OK)
        status = rh_fid_put(part, "source_plans",
                            json_string(run->source->stored == NULL ? "live" : "stored"), err);
    if (status == RH_OK)
        status = rh_fid_put(run->report, "queries", part, err);
    else
        json_decref(part);
    pairs_free(pairs, queries == NULL ? 0 : queries->count);
    rh_fid_queries_free(queries);
    return status;
}

/* ---- the verdict ---- */

/* Is there one with key true, or, where value is given, with key being value? */
static bool any(const json_t *differences, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(differences); i++) {
        const json_t *found = json_object_get(json_array_get(differences, i), key);

        if (value == NULL ? json_is_true(found) : rh_str_eq(json_string_value(found), value))
            return true;
    }
    return false;
}

static double score_of(const json_t *report, const char *part)
{
    const json_t *score = json_object_get(json_object_get(report, part), "score");

    return score == NULL ? 100 : json_number_value(score);
}

static rh_status judge(const fid_run *run, rh_fidelity_verdict *out, rh_error *err)
{
    static const char *const words[] = {"good", "bad", "unknown"};
    const rh_fidelity_options *options = run->options;
    json_t *report = run->report;
    json_t *differences = json_object_get(report, "differences");
    bool with_queries = wants_queries(options);
    double score = fmin(score_of(report, "statistics"), score_of(report, "queries"));
    int min_score = options->min_score >= 0 ? options->min_score
                    : with_queries          ? 0
                                            : DEFAULT_MIN_SCORE;
    bool settings = with_queries && !options->ignore_settings &&
                    json_array_size(json_object_get(report, "settings")) > 0;
    rh_fidelity_verdict verdict = RH_FIDELITY_GOOD;
    rh_status status = RH_OK;

    if (score < min_score)
        status = rh_fid_differ(differences, "score", "all", true, err, "the score %.2f is below %d",
                               score, min_score);
    if (settings)
        verdict = RH_FIDELITY_UNKNOWN;
    else if (any(differences, "bad", NULL))
        verdict = RH_FIDELITY_BAD;
    else if (any(differences, "kind", "not-planned"))
        verdict = RH_FIDELITY_UNKNOWN;
    if (status == RH_OK)
        status = rh_fid_put(report, "score", json_real(score), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "verdict", json_string(words[verdict]), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "ok", json_boolean(verdict == RH_FIDELITY_GOOD), err);
    if (status == RH_OK)
        *out = verdict;
    return status;
}

/* ---- both ---- */

static rh_status check_sides(const fid_side *source, const fid_side *target,
                             const rh_fidelity_options *options, rh_error *err)
{
    if (source->kind != target->kind)
        return rh_error_set(err, RH_EUSAGE, "%s cannot be compared with %s",
                            rh_engine_name(source->kind), rh_engine_name(target->kind));
    if (options->floor > 0 && !wants_queries(options))
        return rh_error_set(err, RH_EUSAGE, "the noise floor is that of queries: none were given");
    if (options->floor > 0 && target->kind != RH_ENGINE_POSTGRESQL)
        return rh_error_set(err, RH_EUNSUPPORTED,
                            "the noise floor needs PostgreSQL: ANALYZE of SQLite reads every row "
                            "and gives the same figures each time");
    return RH_OK;
}

static rh_status start_report(const fid_side *source, const fid_side *target, json_t **out,
                              rh_error *err)
{
    json_t *report =
        json_pack("{s:s, s:s, s:s, s:o}", "engine", rh_engine_name(source->kind), "source",
                  source->name, "target", target->name, "differences", json_array());
    json_t *settings = NULL;
    rh_status status = report == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_fid_settings_report(source->facts, target->facts, &settings, err);
    if (status == RH_OK)
        status = rh_fid_put(report, "settings", settings, err);
    if (status == RH_OK)
        *out = report;
    else
        json_decref(report);
    return status;
}

static rh_status compare(fid_side *source, const char *target_name,
                         const rh_fidelity_options *options, json_t **out,
                         rh_fidelity_verdict *out_verdict, rh_error *err)
{
    fid_run run = {.source = source, .target_name = target_name, .options = options};
    json_t *part = NULL;
    rh_status status;

    rh_progress_stage(options->progress, "statistics", 0, 0, 0);
    status = open_side(&run.target, target_name, source, options, err);
    if (status == RH_OK)
        status = check_sides(source, &run.target, options, err);
    if (status == RH_OK)
        status = start_report(source, &run.target, &run.report, err);
    if (status == RH_OK)
        status = rh_fid_statistics_report(source->statistics, run.target.statistics, options,
                                          json_object_get(run.report, "differences"), &part, err);
    if (status == RH_OK)
        status = rh_fid_put(run.report, "statistics", part, err);
    if (status == RH_OK)
        status = report_queries(&run, err);
    if (status == RH_OK)
        status = judge(&run, out_verdict, err);
    if (status == RH_OK) {
        *out = run.report;
        run.report = NULL;
    }
    json_decref(run.report);
    side_done(&run.target);
    return status;
}

rh_status rh_fidelity_compare(const char *source_name, const char *target,
                              const rh_fidelity_options *options, json_t **out,
                              rh_fidelity_verdict *out_verdict, rh_error *err)
{
    fid_side source = {.database = NULL};
    rh_status status = open_side(&source, source_name, NULL, options, err);

    if (status == RH_OK)
        status = compare(&source, target, options, out, out_verdict, err);
    side_done(&source);
    return status;
}

rh_status rh_fidelity_compare_stored(const rh_fidelity_stored *stored, const char *target,
                                     const rh_fidelity_options *options, json_t **out,
                                     rh_fidelity_verdict *out_verdict, rh_error *err)
{
    fid_side source = {.database = NULL};
    rh_status status = open_stored(&source, stored, err);

    if (status == RH_OK)
        status = compare(&source, target, options, out, out_verdict, err);
    side_done(&source);
    return status;
}
