#include "profile_text.h"

#include <stdio.h>
#include <string.h>

#include "core/display.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/sql_scan.h"
#include "core/str.h"
#include "output.h"

enum { WIDTH = 80, TREE_WIDTH = 47, LINE_BYTES = 512 };

/* More subqueries or findings than this are told in a line or two each. */
enum { MAX_SHOWN = 12 };

/* ---- words and numbers ---- */

static const char *text_of(const json_t *json, const char *key, const char *missing)
{
    const char *value = json_string_value(json_object_get(json, key));

    return value == NULL ? missing : value;
}

/* "1,234", "1.23e+12", "-" where nothing is known. */
static const char *count_of(const json_t *value, char out[32])
{
    double number = json_number_value(value);

    if (!json_is_number(value))
        (void)snprintf(out, 32, "-");
    else if (number >= 1e12)
        (void)snprintf(out, 32, "%.3g", number);
    else if (number < 10 && number != (double)(int64_t)number)
        (void)snprintf(out, 32, "%.2f", number);
    else
        (void)rh_num_format_count((int64_t)(number + 0.5), out);
    return out;
}

/* Cut to `columns`, with nothing in it that would make a terminal do something. */
static void cut(char *text, size_t columns)
{
    size_t len = strlen(text);
    size_t fits = rh_display_fit(text, len, columns);

    if (fits < len) {
        fits = rh_display_fit(text, len, columns - 1);
        (void)snprintf(text + fits, 2, "~");
    }
    rh_display_clean(text, strlen(text));
}

static void print_place(const cli_context *context, const json_t *span)
{
    if (json_is_object(span))
        cli_print(context, "%s%s%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
                  text_of(span, "file", ""),
                  json_is_string(json_object_get(span, "file")) ? ":" : "",
                  json_integer_value(json_object_get(span, "line")),
                  json_integer_value(json_object_get(span, "column")));
}

/* ---- the statement as a whole ---- */

static void print_counter(const cli_context *context, const json_t *counters, const char *key,
                          const char *words)
{
    const json_t *value = json_object_get(counters, key);
    char text[32];

    if (json_is_number(value))
        cli_print(context, "  %15s %s\n", count_of(value, text), words);
}

static void print_counters(const cli_context *context, const json_t *report)
{
    const json_t *counters = json_object_get(report, "counters");

    print_counter(context, counters, "rows_processed", "rows processed");
    print_counter(context, counters, "blocks", "blocks touched");
    print_counter(context, counters, "temp_blocks", "blocks of temporary files");
    print_counter(context, counters, "vm_steps", "steps of the virtual machine");
    print_counter(context, counters, "full_scan_steps", "rows of full scans");
    print_counter(context, counters, "sorts", "sorts");
    print_counter(context, counters, "auto_index_rows", "rows put into automatic indexes");
    print_counter(context, counters, "cost", "planner's cost");
    print_counter(context, counters, "rows", "rows in the result");
}

static const char *words_of(const char *taken)
{
    if (strcmp(taken, "most common") == 0)
        return "the most common value of ";
    if (strcmp(taken, "rare") == 0)
        return "a rare value of ";
    return strcmp(taken, "absent") == 0 ? "a value absent from " : "100 rows";
}

/* "parameter 1: the most common value of tx.acct (1.0 % of rows)", and the value when it was asked
 * for. */
static void print_taken(const cli_context *context, const json_t *one)
{
    const char *column = text_of(one, "column", NULL);
    const json_t *fraction = json_object_get(one, "fraction");
    json_t *value = json_object_get(one, "value");
    char line[LINE_BYTES] = "";
    char *shown = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY);

    cli_print(context, "    parameter %" JSON_INTEGER_FORMAT ": %s%s",
              json_integer_value(json_object_get(one, "parameter")),
              words_of(text_of(one, "taken", "")), column == NULL ? "" : column);
    if (json_number_value(fraction) >= 0.0005)
        cli_print(context, " (%.1f %% of rows)", json_number_value(fraction) * 100);
    if (shown != NULL)
        (void)snprintf(line, sizeof line, "      = %.300s", shown);
    cut(line, WIDTH);
    cli_print(context, "%s%s\n", shown == NULL ? "" : "\n", line);
    rh_mem_free(shown);
}

static void print_case(const cli_context *context, const json_t *report, const json_t *one)
{
    const json_t *counters = json_object_get(one, "counters");
    const json_t *value = json_object_get(counters, "vm_steps");
    const json_t *taken = json_object_get(one, "taken");
    const char *name = text_of(one, "case", "");
    char text[32];

    if (value == NULL)
        value = json_object_get(counters, "rows_processed");
    if (value == NULL)
        value = json_object_get(counters, "cost");
    cli_print(context, "  with %s parameters: %s%s\n", name, count_of(value, text),
              rh_str_eq(name, text_of(report, "case", "-")) ? ", shown here" : "");
    for (size_t i = 0; i < json_array_size(taken); i++)
        print_taken(context, json_array_get(taken, i));
}

static void print_cases(const cli_context *context, const json_t *report)
{
    const json_t *cases = json_object_get(report, "cases");
    const json_t *ratio = json_object_get(report, "worst_ratio");
    bool taken = json_object_get(json_array_get(cases, 0), "taken") != NULL;

    for (size_t i = 0; (taken || json_array_size(cases) > 1) && i < json_array_size(cases); i++)
        print_case(context, report, json_array_get(cases, i));
    if (json_is_number(ratio))
        cli_print(context, "  worst / typical: %.2f\n", json_number_value(ratio));
}

static void print_head(const cli_context *context, const json_t *report)
{
    const json_t *elapsed = json_object_get(report, "elapsed_ms");
    const char *name = text_of(report, "query", text_of(report, "file", "statement"));
    bool lite = rh_str_eq(text_of(report, "engine", ""), "sqlite");

    cli_print(context, "%s on %s %s", name, lite ? "SQLite" : "PostgreSQL",
              text_of(report, "version", ""));
    if (json_is_number(elapsed))
        cli_print(context, ", run in %.1f ms\n", json_number_value(elapsed));
    else
        cli_print(context, ", planned only\n");
    print_counters(context, report);
    print_cases(context, report);
}

/* ---- the plan ---- */

/* Numbers of the findings at a node: " [1] [2]". */
static void finding_marks(const json_t *findings, json_int_t node, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(findings) && used + 8 < size; i++) {
        const json_t *at = json_object_get(json_array_get(findings, i), "node");

        if (json_is_integer(at) && json_integer_value(at) == node)
            used += (size_t)snprintf(out + used, size - used, " [%zu]", i + 1);
    }
}

static void node_title(const json_t *node, bool lite, char *out, size_t size)
{
    const char *join = text_of(node, "join_type", "");
    const char *relation = text_of(node, "relation", "");
    const char *alias = text_of(node, "alias", "");
    const char *strategy = text_of(node, "strategy", "");
    const char *operation = text_of(node, "operation", "");
    bool modify = strcmp(text_of(node, "kind", ""), "modify") == 0;
    const char *subplan = text_of(node, "subplan", "");

    if (lite) {
        (void)snprintf(out, size, "%s", text_of(node, "raw", ""));
        return;
    }
    if (strcmp(join, "Inner") == 0)
        join = "";
    if (strcmp(strategy, "Plain") == 0)
        strategy = "";
    if (strcmp(operation, "Select") == 0) /* what a foreign scan nearly always does */
        operation = "";
    (void)snprintf(out, size, "%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s", subplan, subplan[0] ? ": " : "",
                   strategy, strategy[0] ? " " : "", join, join[0] ? " " : "",
                   modify && operation[0] ? "" : text_of(node, "raw", ""),
                   operation[0] && !modify ? " " : "", operation, relation[0] ? " " : "", relation,
                   alias[0] && strcmp(alias, relation) != 0 ? " " : "",
                   alias[0] && strcmp(alias, relation) != 0 ? alias : "",
                   json_object_get(node, "index") != NULL ? " by " : "", text_of(node, "index", ""),
                   json_object_get(node, "cte") != NULL && subplan[0] == '\0' ? " " : "",
                   subplan[0] == '\0' ? text_of(node, "cte", "") : "");
}

static void print_detail(const cli_context *context, const json_t *node, size_t indent,
                         const char *key, const char *word)
{
    const char *value = text_of(node, key, NULL);
    char line[LINE_BYTES];

    if (value == NULL)
        return;
    (void)snprintf(line, sizeof line, "%*s%s %.300s", (int)indent, "", word, value);
    cut(line, WIDTH);
    cli_print(context, "%s\n", line);
}

static void print_node(const cli_context *context, const json_t *report, const json_t *node)
{
    bool lite = rh_str_eq(text_of(report, "engine", ""), "sqlite");
    bool executed = json_is_true(json_object_get(report, "executed"));
    size_t depth = (size_t)json_integer_value(json_object_get(node, "depth"));
    size_t indent = 2 * (depth < 12 ? depth : 12);
    json_int_t index = json_integer_value(json_object_get(node, "node"));
    char marks[64];
    char title[LINE_BYTES];
    char line[LINE_BYTES];
    char rows[32];
    char loops[32];
    char blocks[32];

    finding_marks(json_object_get(report, "findings"), index, marks, sizeof marks);
    node_title(node, lite, title, sizeof title);
    if (lite && index == 0)
        return;
    if (lite)
        indent = indent >= 2 ? indent - 2 : 0;
    (void)snprintf(line, sizeof line, "%*s%.400s", (int)indent, "", title);
    cut(line, (lite ? WIDTH : TREE_WIDTH) - strlen(marks));
    if (lite) {
        cli_print(context, "%s%s\n", line, marks);
        return;
    }
    cli_print(context, "%s%s%*s", line, marks,
              (int)(TREE_WIDTH - rh_display_columns(line, strlen(line)) - strlen(marks)), "");
    if (json_is_true(json_object_get(node, "never_executed")))
        cli_print(context, "%33s\n", "never run");
    else if (executed)
        cli_print(context, "%13s%10s%10s\n",
                  count_of(json_object_get(node, "rows_processed"), rows),
                  count_of(json_object_get(node, "loops"), loops),
                  count_of(json_object_get(node, "blocks"), blocks));
    else
        cli_print(context, "%13s%20s\n", count_of(json_object_get(node, "plan_rows"), rows),
                  count_of(json_object_get(node, "cost"), blocks));
    print_detail(context, node, indent + 4, "index_cond", "find");
    print_detail(context, node, indent + 4, "join_cond", "on");
    print_detail(context, node, indent + 4, "join_filter", "test");
    print_detail(context, node, indent + 4, "filter", "keep");
}

static void print_plan(const cli_context *context, const json_t *report)
{
    const json_t *plan = json_object_get(report, "plan");
    bool lite = rh_str_eq(text_of(report, "engine", ""), "sqlite");

    if (lite)
        cli_print(context, "\nPlan\n");
    else if (json_is_true(json_object_get(report, "executed")))
        cli_print(context, "\n%-*s%13s%10s%10s\n", TREE_WIDTH, "Plan", "rows taken", "loops",
                  "blocks");
    else
        cli_print(context, "\n%-*s%13s%20s\n", TREE_WIDTH, "Plan", "rows per loop", "cost");
    for (size_t i = 0; i < json_array_size(plan); i++)
        print_node(context, report, json_array_get(plan, i));
}

/* What no node of the plan shows. */
static void print_triggers(const cli_context *context, const json_t *report)
{
    const json_t *list = json_object_get(report, "triggers");
    char line[LINE_BYTES];
    char calls[32];

    if (json_array_size(list) > 0)
        cli_print(context, "\nTriggers\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *key = text_of(one, "constraint", NULL);

        (void)snprintf(
            line, sizeof line, "%11s calls  %s%.200s on %.200s",
            count_of(json_object_get(one, "calls"), calls), key == NULL ? "" : "foreign key ",
            key == NULL ? text_of(one, "name", "?") : key, text_of(one, "relation", "?"));
        cut(line, WIDTH);
        cli_print(context, "%s\n", line);
    }
}

/* ---- places ---- */

static rh_status print_span(const cli_context *context, const json_t *span,
                            const rh_profile_text *text, rh_error *err)
{
    const json_t *others = json_object_get(span, "alternatives");
    rh_buf lines = RH_BUF_INIT;
    rh_status status;

    if (!json_is_object(span))
        return RH_OK;
    if (rh_str_starts_with(text_of(span, "file", ""), "view ")) {
        for (size_t i = 0; i < json_array_size(others); i++) {
            cli_print(context, "     | or ");
            print_place(context, json_array_get(others, i));
            cli_print(context, ", which cannot be told apart\n");
        }
        return RH_OK;
    }
    status = rh_profile_underline(
        text->text, text->len, (size_t)json_integer_value(json_object_get(span, "offset")),
        (size_t)json_integer_value(json_object_get(span, "length")), WIDTH, &lines, err);
    if (status == RH_OK)
        cli_print(context, "%s", rh_buf_cstr(&lines));
    rh_buf_done(&lines);
    for (size_t i = 0; status == RH_OK && i < json_array_size(others); i++) {
        cli_print(context, "     | or this one, which cannot be told apart:\n");
        status = print_span(context, json_array_get(others, i), text, err);
    }
    return status;
}

/* alone: something has to be said. */
static void print_loops(const cli_context *context, const json_t *one, bool alone)
{
    const json_t *loops = json_object_get(one, "loops");
    const char *from = text_of(one, "loops_from", "");
    char text[32];

    if (!json_is_number(loops) && alone)
        cli_print(context, strcmp(from, "at-most-once") == 0 ? "run at most once"
                                                             : "how often it runs is not known");
    else if (json_is_number(loops) && json_number_value(loops) == 0)
        cli_print(context, "never run");
    else if (json_is_number(loops) && json_number_value(loops) == 1)
        cli_print(context, "run once");
    else if (json_is_number(loops))
        cli_print(context, "run %s times", count_of(loops, text));
}

static void print_subquery_figures(const cli_context *context, const json_t *one)
{
    const json_t *loops = json_object_get(one, "loops");
    const json_t *rows = json_object_get(one, "rows");
    const json_t *share = json_object_get(one, "share");
    const char *fate = text_of(one, "fate", "");
    char text[32];

    cli_print(context, "     | ");
    if (strcmp(fate, "joined") == 0)
        cli_print(context, "planned as a part of the query around it");
    else if (strcmp(fate, "absent") == 0)
        cli_print(context, "planned away");
    else if (strcmp(fate, "unclear") == 0)
        cli_print(context, "not certain which part of the plan it is%s",
                  json_is_number(loops) ? ", " : "");
    if (strcmp(fate, "own") == 0 || strcmp(fate, "unclear") == 0)
        print_loops(context, one, strcmp(fate, "own") == 0);
    if (json_is_number(rows))
        cli_print(context, ", %s rows", count_of(rows, text));
    if (json_is_number(share))
        cli_print(context, ", %.1f %% of the work", json_number_value(share) * 100);
    cli_print(context, "\n");
}

static rh_status print_subqueries(const cli_context *context, const json_t *report,
                                  const rh_profile_text *text, rh_error *err)
{
    const json_t *list = json_object_get(report, "subqueries");
    rh_status status = RH_OK;

    if (json_array_size(list) > 0)
        cli_print(context, "\nSubqueries\n");
    for (size_t i = 0; status == RH_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *by = text_of(one, "correlated_by", NULL);

        print_place(context, json_object_get(one, "span"));
        cli_print(context, "  %s in %s", text_of(one, "kind", ""), text_of(one, "clause", ""));
        if (by != NULL)
            cli_print(context, ", correlated by %s", by);
        else if (json_is_true(json_object_get(one, "correlated")))
            cli_print(context, ", correlated");
        cli_print(context, "\n");
        if (json_array_size(list) <= MAX_SHOWN)
            status = print_span(context, json_object_get(one, "span"), text, err);
        print_subquery_figures(context, one);
    }
    return status;
}

/* ---- findings ---- */

static void print_proof(const cli_context *context, const json_t *proof)
{
    const char *how = text_of(proof, "how", NULL);
    const char *unit = text_of(proof, "unit", "");
    char before[32];
    char after[32];
    char line[LINE_BYTES];

    if (!json_is_object(proof))
        return;
    if (how == NULL)
        (void)snprintf(line, sizeof line, "not tried: %s", text_of(proof, "why", ""));
    else if (!json_is_true(json_object_get(proof, "used")))
        (void)snprintf(line, sizeof line, "tried (%s): the planner would not use it", how);
    else if (json_object_get(proof, "before") == NULL)
        (void)snprintf(line, sizeof line, "tried (%s): the planner would use it", how);
    else
        (void)snprintf(line, sizeof line, "tried (%s): %s %s before, %s after", how, unit,
                       count_of(json_object_get(proof, "before"), before),
                       count_of(json_object_get(proof, "after"), after));
    cli_print_wrapped(context, 4, "", line);
}

static rh_status print_finding(const cli_context *context, const json_t *one, size_t number,
                               const rh_profile_text *text, rh_error *err)
{
    char value[32];
    char threshold[32];
    rh_status status;

    cli_print(context, "[%zu] %s %s  ", number, text_of(one, "severity", ""),
              text_of(one, "finding", ""));
    print_place(context, json_object_get(one, "span"));
    cli_print(context, "\n");
    if (number > MAX_SHOWN) { /* the worst come first */
        cli_print(context, "    %s %s\n", count_of(json_object_get(one, "value"), value),
                  text_of(one, "unit", ""));
        return RH_OK;
    }
    /* of the whole statement nothing needs to be underlined */
    status = (size_t)json_integer_value(json_object_get(json_object_get(one, "span"), "length")) ==
                     text->length
                 ? RH_OK
                 : print_span(context, json_object_get(one, "span"), text, err);
    cli_print_wrapped(context, 4, "", text_of(one, "what", ""));
    cli_print(context, "    %s %s, threshold %s%s\n",
              count_of(json_object_get(one, "value"), value), text_of(one, "unit", ""),
              count_of(json_object_get(one, "threshold"), threshold),
              json_is_true(json_object_get(one, "model")) ? " (model)" : "");
    cli_print_wrapped(context, 4, "-> ", text_of(one, "advice", ""));
    print_proof(context, json_object_get(one, "proof"));
    return status;
}

static rh_status print_findings(const cli_context *context, const json_t *report,
                                const rh_profile_text *text, rh_error *err)
{
    const json_t *list = json_object_get(report, "findings");
    rh_status status = RH_OK;

    if (json_array_size(list) == 0)
        cli_print(context, "\nNo findings.\n");
    else
        cli_print(context, "\nFindings\n");
    for (size_t i = 0; status == RH_OK && i < json_array_size(list); i++)
        status = print_finding(context, json_array_get(list, i), i + 1, text, err);
    return status;
}

rh_status profile_text_print(const cli_context *context, const json_t *report,
                             const rh_profile_text *text, rh_error *err)
{
    const json_t *notes = json_object_get(report, "notes");
    rh_status status;

    print_head(context, report);
    print_plan(context, report);
    print_triggers(context, report);
    status = print_subqueries(context, report, text, err);
    if (status == RH_OK)
        status = print_findings(context, report, text, err);
    if (json_array_size(notes) > 0)
        cli_print(context, "\n");
    for (size_t i = 0; i < json_array_size(notes); i++)
        cli_print_wrapped(context, 0, "note: ", json_string_value(json_array_get(notes, i)));
    return status;
}

void profile_text_caret(const cli_context *context, const rh_profile_text *text, size_t offset)
{
    rh_buf lines = RH_BUF_INIT;
    size_t line = 0;
    size_t column = 0;

    if (context->json || context->quiet || offset > text->len)
        return;
    rh_sql_position(text->text, text->len, offset, &line, &column);
    fprintf(stderr, "%s:%zu:%zu:\n", text->file == NULL ? "statement" : text->file, line, column);
    if (rh_profile_underline(text->text, text->len, offset, 1, WIDTH, &lines, NULL) == RH_OK)
        fprintf(stderr, "%s", rh_buf_cstr(&lines));
    rh_buf_done(&lines);
}
