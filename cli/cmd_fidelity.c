/*
 * rehearse fidelity: does the copy plan like production?
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rehearse/fidelity.h>

#include "command.h"
#include "core/num.h"
#include "core/str.h"
#include "core/stream.h"
#include "fidelity_texts.h"
#include "masking.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    {"queries", CLI_TEXTS, "PATH", "a .sql file, or a folder of them, to plan on both sides", NULL},
    {"workload", CLI_TEXT, "FILE",
     "plan the statements of a captured workload, each with the values of its slowest execution",
     NULL},
    {"rules", CLI_TEXT, "FILE",
     "the rules that TARGET was masked by: values in queries are masked for it", NULL},
    CLI_OPTION_MASK_KEY,
    {"floor", CLI_COUNT, "N",
     "measure how plans move by themselves: ANALYZE the target N times, rolled back (PostgreSQL, "
     "default: 0)",
     NULL},
    {"max-qerror", CLI_TEXT, "RATIO", "largest good ratio of estimated rows (default: 2)", NULL},
    {"max-cost", CLI_TEXT, "RATIO", "largest good ratio of costs (default: 1.5)", NULL},
    {"min-score", CLI_COUNT, "SCORE", "lowest good score (default: 80, with --queries 0)", NULL},
    {"ignore-settings", CLI_FLAG, NULL, "judge plans although planner settings differ", NULL},
    {"include", CLI_TEXTS, "GLOB", "only statistics of these tables", NULL},
    {"exclude", CLI_TEXTS, "GLOB", "no statistics of these tables", NULL},
    {"repo", CLI_TEXT, "DIR", "SOURCE is a snapshot in this repository", NULL},
    CLI_OPTION_KEY,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

enum {
    SHOWN = 10, /* entries of each list; --json has all of them */
    MAX_SECTION_BYTES = 1 << 30,
    MAX_RATIO = 1000000,
};

static const char STAT1[] = "main.sqlite_stat1";

/* ---- the answer ---- */

static double real(const json_t *json, const char *key)
{
    return json_number_value(json_object_get(json, key));
}

/* "x1.04", or "-" where the engine tells nothing. */
static const char *ratio(const json_t *value, char out[32])
{
    if (json_is_number(value))
        (void)snprintf(out, 32, "x%.2f", json_number_value(value));
    else
        (void)snprintf(out, 32, "-");
    return out;
}

static const char *score(const json_t *entry, char out[32])
{
    (void)snprintf(out, 32, "%.2f", real(entry, "score"));
    return out;
}

static const char *plan_word(const json_t *item)
{
    if (json_object_get(json_object_get(item, "source"), "error") != NULL ||
        json_object_get(json_object_get(item, "target"), "error") != NULL)
        return "error";
    return json_is_true(json_object_get(item, "same_plan")) ? "same" : "other";
}

/* How the target's own plan moves: "5/5 x1.02 x1.10", plans that stay, rows, cost. */
static const char *floor_words(const json_t *item, char out[96])
{
    const json_t *moved = json_object_get(json_object_get(item, "floor"), "present");
    char rows[32];
    char cost[32];

    if (json_is_object(moved))
        (void)snprintf(out, 96, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT " %s %s",
                       json_integer_value(json_object_get(moved, "same_plan")),
                       json_integer_value(json_object_get(moved, "tries")),
                       ratio(json_object_get(moved, "row_qerror"), rows),
                       ratio(json_object_get(moved, "cost_ratio"), cost));
    else
        (void)snprintf(out, 96, "-");
    return out;
}

static bool add_query(cli_table *table, const json_t *item)
{
    char scores[32];
    char rows[32];
    char cost[32];
    char floor[96];
    const char *cells[] = {score(item, scores),
                           plan_word(item),
                           ratio(json_object_get(item, "row_qerror"), rows),
                           ratio(json_object_get(item, "cost_ratio"), cost),
                           floor_words(item, floor),
                           cli_json_text(item, "name", "")};

    return cli_table_row(table, cells);
}

static rh_status print_queries(const cli_context *context, const json_t *queries, rh_error *err)
{
    static const char *const headings[] = {">score", "plan",  ">rows", ">cost",
                                           "floor",  "query", NULL};
    const json_t *items = json_object_get(queries, "items");
    cli_table *table;
    bool fits = true;

    if (json_array_size(items) == 0)
        return RH_OK;
    table = cli_table_new(headings);
    if (table == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; fits && i < json_array_size(items); i++)
        fits = add_query(table, json_array_get(items, i));
    if (fits) {
        cli_print(context, "\n");
        cli_table_print(context, table);
    }
    cli_table_free(table);
    return fits ? RH_OK : rh_error_oom(err);
}

static bool add_entries(cli_table *table, const json_t *list, const char *kind, size_t *io_rows)
{
    for (size_t i = 0; i < json_array_size(list) && i < SHOWN; i++) {
        const json_t *entry = json_array_get(list, i);
        const char *column = json_string_value(json_object_get(entry, "column"));
        char scores[32];
        char name[256];
        const char *cells[] = {score(entry, scores), cli_json_text(entry, "worst", "-"),
                               cli_json_text(entry, "kind", kind), name};

        if (json_is_null(json_object_get(entry, "worst")))
            break; /* the rest is as it was */
        (void)snprintf(name, sizeof name, "%s%s%s",
                       cli_json_text(entry, "name", cli_json_text(entry, "table", "")),
                       column == NULL ? "" : ".", column == NULL ? "" : column);
        if (!cli_table_row(table, cells))
            return false;
        (*io_rows)++;
    }
    return true;
}

static rh_status print_statistics(const cli_context *context, const json_t *statistics,
                                  rh_error *err)
{
    static const char *const headings[] = {">score", "worst in", "kind", "name", NULL};
    cli_table *table = cli_table_new(headings);
    size_t rows = 0;
    bool fits;

    if (table == NULL)
        return rh_error_oom(err);
    fits = add_entries(table, json_object_get(statistics, "tables"), "table", &rows) &&
           add_entries(table, json_object_get(statistics, "indexes"), "index", &rows) &&
           add_entries(table, json_object_get(statistics, "columns"), "column", &rows);
    if (fits && rows > 0) {
        cli_print(context, "\n");
        cli_table_print(context, table);
    }
    cli_table_free(table);
    return fits ? RH_OK : rh_error_oom(err);
}

static void print_summary(const cli_context *context, const json_t *report)
{
    const json_t *statistics = json_object_get(report, "statistics");
    const json_t *queries = json_object_get(report, "queries");
    char rows[32];
    char cost[32];

    cli_print(context, "%s: score %.2f of 100\n", cli_json_text(report, "verdict", ""),
              real(report, "score"));
    cli_print(context, "  statistics %6.2f  %zu tables, %zu indexes, %zu columns\n",
              real(statistics, "score"), json_array_size(json_object_get(statistics, "tables")),
              json_array_size(json_object_get(statistics, "indexes")),
              json_array_size(json_object_get(statistics, "columns")));
    if (!json_is_object(queries))
        return;
    cli_print(context,
              "  queries    %6.2f  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
              " plans are the same, rows %s, cost %s\n",
              real(queries, "score"), json_integer_value(json_object_get(queries, "same_plan")),
              json_integer_value(json_object_get(queries, "count")),
              ratio(json_object_get(queries, "max_row_qerror"), rows),
              ratio(json_object_get(queries, "max_cost_ratio"), cost));
    if (rh_str_eq(cli_json_text(queries, "source_plans", ""), "stored"))
        cli_print(context, "  the source's plans are made under the snapshot's statistics%s\n",
                  rh_str_eq(cli_json_text(report, "engine", ""), "postgresql")
                      ? ",\n  on the target's pages"
                      : "");
}

static void print_differences(const cli_context *context, const json_t *report)
{
    const json_t *differences = json_object_get(report, "differences");
    const json_t *settings = json_object_get(report, "settings");

    for (size_t i = 0; i < json_array_size(settings); i++) {
        const json_t *setting = json_array_get(settings, i);

        cli_print(context, "SET   %s: %s in the source, %s in the target\n",
                  cli_json_text(setting, "name", ""), cli_json_text(setting, "source", "not known"),
                  cli_json_text(setting, "target", "not known"));
    }
    for (size_t i = 0; i < json_array_size(differences); i++) {
        const json_t *difference = json_array_get(differences, i);

        cli_print_wrapped(context, 0,
                          json_is_true(json_object_get(difference, "bad")) ? "DIFF  " : "note  ",
                          cli_json_text(difference, "text", ""));
    }
}

static void print_plans(const cli_context *context, const json_t *queries)
{
    const json_t *items = json_object_get(queries, "items");

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *a =
            json_string_value(json_object_get(json_object_get(item, "source"), "shape"));
        const char *b =
            json_string_value(json_object_get(json_object_get(item, "target"), "shape"));

        if (a == NULL || b == NULL || strcmp(a, b) == 0)
            continue;
        cli_print(context, "\n%s\n", cli_json_text(item, "name", ""));
        cli_print_wrapped(context, 2, "source  ", a);
        cli_print_wrapped(context, 2, "target  ", b);
    }
}

static rh_status print_report(const cli_context *context, const json_t *report, rh_error *err)
{
    rh_status status;

    print_summary(context, report);
    print_differences(context, report);
    print_plans(context, json_object_get(report, "queries"));
    status = print_queries(context, json_object_get(report, "queries"), err);
    if (status == RH_OK)
        status = print_statistics(context, json_object_get(report, "statistics"), err);
    return status;
}

/* ---- a snapshot ---- */

static rh_status read_part(rh_repo *repo, const char *id, const char *name, bool rows, rh_buf *out,
                           rh_error *err)
{
    rh_writer *writer = NULL;
    rh_status status;

    rh_buf_init_wiping(out, MAX_SECTION_BYTES);
    status = rh_writer_buf(out, &writer, err);
    if (status == RH_OK && rows)
        status = rh_repo_cat(repo, id, name, 0, writer, err);
    else if (status == RH_OK)
        status = rh_repo_cat_section(repo, id, name, writer, err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    return status;
}

static bool has_stat1(const json_t *manifest)
{
    const json_t *tables = json_object_get(manifest, "tables");

    for (size_t i = 0; i < json_array_size(tables); i++) {
        const json_t *table = json_array_get(tables, i);

        if (rh_str_eq(cli_json_text(table, "name", ""), STAT1 + strlen("main.")) ||
            rh_str_eq(cli_json_text(table, "full_name", ""), STAT1))
            return true;
    }
    return false;
}

static rh_status read_stored(rh_repo *repo, const json_t *manifest, rh_fidelity_stored *stored,
                             rh_buf *section, rh_buf *stat1, rh_error *err)
{
    bool lite =
        rh_str_eq(cli_json_text(json_object_get(manifest, "source"), "engine", ""), "sqlite");
    rh_status status =
        read_part(repo, stored->name, lite ? "schema" : "statistics", false, section, err);

    if (status == RH_OK && lite && has_stat1(manifest))
        status = read_part(repo, stored->name, STAT1, true, stat1, err);
    stored->facts = json_object_get(manifest, "source");
    stored->statistics = rh_buf_cstr(section);
    stored->schema = rh_buf_cstr(section);
    stored->stat1 = rh_buf_cstr(stat1);
    return status;
}

static rh_status compare_snapshot(cli_context *context, const cli_args *args,
                                  rh_fidelity_options *fidelity, json_t **out,
                                  rh_fidelity_verdict *verdict, rh_error *err)
{
    rh_fidelity_stored stored = {.name = NULL};
    cli_fidelity_texts texts = {.structure = RH_BUF_INIT_WIPING};
    rh_engine_kind engine = RH_ENGINE_SQLITE;
    rh_buf section = RH_BUF_INIT_WIPING;
    rh_buf stat1 = RH_BUF_INIT;
    rh_repo *repo = NULL;
    json_t *manifest = NULL;
    char *id = NULL;
    rh_status status = cli_repo_open_snapshot(context, args, &repo, &id, err);

    if (status == RH_OK)
        status = rh_repo_show(repo, id, &manifest, err);
    stored.name = id;
    if (status == RH_OK)
        status = read_stored(repo, manifest, &stored, &section, &stat1, err);
    if (status == RH_OK)
        status = rh_engine_from_name(
            cli_json_text(json_object_get(manifest, "source"), "engine", ""), &engine, err);
    if (status == RH_OK)
        status = cli_fidelity_texts_open(
            context, args, engine, json_is_false(json_object_get(manifest, "raw")), &texts, err);
    fidelity->translator = texts.masker == NULL ? NULL : &texts.translator;
    if (status == RH_OK)
        status =
            rh_fidelity_compare_stored(&stored, args->operands[1], fidelity, out, verdict, err);
    cli_fidelity_texts_close(&texts);
    rh_buf_wipe_done(&section);
    rh_buf_done(&stat1);
    json_decref(manifest);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

/* ---- a live source ---- */

static rh_status compare_live(cli_context *context, const cli_args *args,
                              rh_fidelity_options *fidelity, json_t **out,
                              rh_fidelity_verdict *verdict, rh_error *err)
{
    const char *source = args->operands[0];
    cli_fidelity_texts texts = {.structure = RH_BUF_INIT_WIPING};
    rh_engine_kind engine = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(source, &engine, err);

    if (status == RH_OK)
        status = cli_fidelity_texts_open(context, args, engine, false, &texts, err);
    fidelity->translator = texts.masker == NULL ? NULL : &texts.translator;
    if (status == RH_OK)
        status = rh_fidelity_compare(source, args->operands[1], fidelity, out, verdict, err);
    cli_fidelity_texts_close(&texts);
    return status;
}

/* ---- the command ---- */

/* "2", "1.25": at least 1. */
static rh_status read_ratio(const cli_args *args, const char *name, double *out, rh_error *err)
{
    const char *given = cli_text(args, name);
    const char *dot;
    int64_t whole = 0;
    int64_t part = 0;
    double scale = 1;

    if (given == NULL)
        return RH_OK;
    dot = given + strcspn(given, ".");
    if (rh_num_scan_int64(given, (size_t)(dot - given), &whole) && whole >= 1 &&
        whole <= MAX_RATIO && strlen(dot) <= 7 &&
        (*dot == '\0' || (strspn(dot + 1, "0123456789") == strlen(dot + 1) &&
                          rh_num_scan_int64(dot + 1, strlen(dot + 1), &part)))) {
        for (size_t i = 1; i < strlen(dot); i++)
            scale *= 10;
        *out = (double)whole + (double)part / scale;
        return RH_OK;
    }
    return rh_error_set(err, RH_EUSAGE, "--%s is a ratio of 1 or more, not '%s'", name, given);
}

static rh_status fill_options(cli_context *context, const cli_args *args, rh_fidelity_options *out,
                              rh_error *err)
{
    int64_t min_score = cli_number(args, "min-score", -1);
    int64_t floor = cli_number(args, "floor", 0);
    rh_status status = read_ratio(args, "max-qerror", &out->max_qerror, err);

    if (status == RH_OK)
        status = read_ratio(args, "max-cost", &out->max_cost, err);
    if (status != RH_OK)
        return status;
    if (min_score > 100)
        return rh_error_set(err, RH_EUSAGE, "--min-score is at most 100");
    if (floor > 1000)
        return rh_error_set(err, RH_EUSAGE, "--floor is at most 1000");
    out->queries = cli_texts(args, "queries");
    out->workload = cli_text(args, "workload");
    out->include = cli_texts(args, "include");
    out->exclude = cli_texts(args, "exclude");
    out->floor = (size_t)floor;
    out->min_score = (int)min_score;
    out->ignore_settings = cli_flag(args, "ignore-settings");
    out->cancel = context->cancel;
    out->progress = context->progress;
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_fidelity_options fidelity = RH_FIDELITY_OPTIONS_INIT;
    rh_fidelity_verdict verdict = RH_FIDELITY_GOOD;
    json_t *report = NULL;
    rh_status status = fill_options(context, args, &fidelity, err);

    if (status == RH_OK && cli_given(args, "repo"))
        status = compare_snapshot(context, args, &fidelity, &report, &verdict, err);
    else if (status == RH_OK)
        status = compare_live(context, args, &fidelity, &report, &verdict, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report))
        status = print_report(context, report, err);
    json_decref(report);
    if (status == RH_OK && verdict == RH_FIDELITY_BAD)
        status = RH_EMISMATCH;
    /* Without an error's text: the report has said it. */
    if (status == RH_OK && verdict == RH_FIDELITY_UNKNOWN)
        status = RH_EUNSUPPORTED;
    return status;
}

const cli_command cli_fidelity = {
    "fidelity",
    "does a copy plan like production?",
    "SOURCE TARGET [--queries DIR|FILE.sql]...\n"
    "                [--workload FILE] [--rules FILE] [options]\n"
    "       rehearse fidelity SNAPSHOT TARGET --repo DIR [the same]",
    "Compares planner statistics of two databases (null fractions, distinct counts,\n"
    "frequencies, correlation, widths, rows, pages; never a value), and plans, row\n"
    "estimates and costs of your queries on both. Nothing is executed. Exit code 1\n"
    "when a plan, its rows or its cost differ too much, or objects are missing; 2\n"
    "when planner settings differ, so that plans say nothing about the copy.\n",
    options,
    2,
    2,
    run,
};
