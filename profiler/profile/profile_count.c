/*
 * How often each subquery of a statement ran, for SQLite libraries without scanstatus.
 *
 * The statement runs once more with a counting function around its subqueries (subquery.h). Its
 * counters are believed only when the rows are the same in the same order, the plan has the same
 * lines, every counter of the engine is the same, and the steps differ by no more than the calls of
 * the function cost: a subquery that had run more or less often would have moved them. Where one
 * subquery's counter disturbs the plan, each is tried by itself; what remains is not known, and
 * said so.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "profile_run.h"

enum {
    MAX_COUNTED = 16,              /* subqueries of one statement */
    MAX_COUNTING_STEPS = 50000000, /* of all runs that are made for it */
    STEPS_OF_A_CALL = 8,    /* a call is two to four opcodes; the function's constant is one */
    STEPS_OF_THE_TEXT = 64, /* opcodes that run once */
};

typedef struct counting {
    rh_profile_run_state *run;
    size_t entries[MAX_COUNTED];
    size_t count;
    int64_t left; /* of the steps that may still be spent */
} counting;

/* ---- is it still the same? ---- */

static int64_t step(const json_t *plan, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(json_object_get(plan, "steps"), key));
}

/* Position of the line that another one hangs under; the ids move with the program's addresses. */
static size_t parent_at(const json_t *rows, size_t i)
{
    json_int_t parent = json_integer_value(json_object_get(json_array_get(rows, i), "parent"));

    for (size_t k = 0; k < i; k++)
        if (json_integer_value(json_object_get(json_array_get(rows, k), "id")) == parent)
            return k;
    return i;
}

/* The number of a subquery moves when a view gives way to its definition. */
static bool same_detail(const char *x, const char *y)
{
    static const char word[] = "SUBQUERY ";
    const char *a = x == NULL ? NULL : strstr(x, word);
    const char *b = y == NULL ? NULL : strstr(y, word);
    size_t n;

    if (a == NULL || b == NULL)
        return rh_str_eq(x, y);
    n = (size_t)(a - x) + sizeof word - 1;
    a += sizeof word - 1;
    b += sizeof word - 1;
    return strncmp(x, y, n) == 0 &&
           strcmp(a + strspn(a, "0123456789"), b + strspn(b, "0123456789")) == 0;
}

static bool same_lines(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++) {
        const char *x = json_string_value(json_object_get(json_array_get(a, i), "detail"));
        const char *y = json_string_value(json_object_get(json_array_get(b, i), "detail"));

        if (!same_detail(x, y) || parent_at(a, i) != parent_at(b, i))
            return false;
    }
    return true;
}

static bool same_run(const rh_profile_result *before, const rh_profile_result *after, int64_t calls)
{
    static const char *const exact[] = {"full_scan_steps", "sorts",         "auto_index_rows",
                                        "filter_hits",     "filter_misses", "rows"};
    int64_t more = step(after->plan, "vm_steps") - step(before->plan, "vm_steps");

    if (!after->executed || after->stopped != NULL ||
        before->rows_hash.low != after->rows_hash.low ||
        before->rows_hash.high != after->rows_hash.high || more < 0 ||
        more > calls * STEPS_OF_A_CALL + STEPS_OF_THE_TEXT)
        return false;
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++)
        if (step(before->plan, exact[i]) != step(after->plan, exact[i]))
            return false;
    return same_lines(json_object_get(before->plan, "rows"), json_object_get(after->plan, "rows"));
}

/* ---- counting ---- */

static void take(rh_subquery_map *map, size_t entry, int64_t count)
{
    rh_sql_answer each = rh_subquery_runs_each_time(map, entry);

    if (each == RH_SQL_YES)
        rh_subquery_set_loops(map, entry, (double)count);
    else if (each == RH_SQL_NO)
        rh_subquery_set_loops(map, entry, count > 0 ? 1 : 0);
}

/* What the database says against the rewritten text only means that it cannot be counted. */
static rh_status run_counted(counting *c, const char *sql, int64_t *counts, size_t count,
                             rh_profile_result *out, rh_error *err)
{
    const rh_profile_case *reported = c->run->reported;
    const rh_profile_statement statement = {.sql = sql,
                                            .parameters = reported->parameters,
                                            .parameter_count = reported->count,
                                            .execute = true,
                                            .counts = counts,
                                            .count_count = count};
    rh_error lower = RH_ERROR_INIT;
    rh_status status = rh_profile_run_statement(c->run, &statement, out, &lower);

    if (status == RH_OK || status == RH_ENOMEM || status == RH_ECANCELED) {
        if (status != RH_OK && err != NULL)
            *err = lower;
        return status;
    }
    return RH_SKIPPED;
}

/* RH_SKIPPED: these cannot be counted together. */
static rh_status count_these(counting *c, const size_t *entries, size_t count, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    int64_t counts[MAX_COUNTED] = {0};
    int64_t calls = 0;
    int64_t cost = step(c->run->result.plan, "vm_steps");
    rh_profile_result result = {.elapsed_us = -1};
    rh_status status;

    if (cost > c->left)
        return RH_SKIPPED;
    c->left -= cost;
    status = rh_subquery_counting_text(c->run->map, entries, count, &sql, err);
    if (status == RH_OK)
        status = run_counted(c, rh_buf_cstr(&sql), counts, count, &result, err);
    for (size_t i = 0; i < count; i++)
        calls += counts[i];
    if (status == RH_OK && !same_run(&c->run->result, &result, calls))
        status = RH_SKIPPED;
    for (size_t i = 0; status == RH_OK && i < count; i++)
        take(c->run->map, entries[i], counts[i]);
    rh_profile_result_done(&result);
    rh_buf_done(&sql);
    return status;
}

static void find_entries(counting *c)
{
    for (size_t i = 1; i < rh_subquery_count(c->run->map) && c->count < MAX_COUNTED; i++) {
        const rh_subquery *entry = rh_subquery_at(c->run->map, i);

        if (!rh_plan_known(entry->loops) && rh_subquery_is_countable(c->run->map, i) &&
            rh_subquery_runs_each_time(c->run->map, i) != RH_SQL_UNKNOWN)
            c->entries[c->count++] = i;
    }
}

rh_status rh_profile_count_runs(rh_profile_run_state *run, rh_error *err)
{
    counting c = {.run = run, .left = MAX_COUNTING_STEPS};
    rh_status status = RH_OK;

    if (run->engine != RH_ENGINE_SQLITE || !run->result.executed || run->result.stopped != NULL)
        return RH_OK;
    find_entries(&c);
    if (c.count == 0)
        return RH_OK;
    if (step(run->result.plan, "vm_steps") > c.left)
        run->not_counted = "the statement takes too many steps to run it again";
    status = count_these(&c, c.entries, c.count, err);
    for (size_t i = 0; status == RH_SKIPPED && c.count > 1 && i < c.count; i++) {
        rh_status one = count_these(&c, &c.entries[i], 1, err);

        if (one != RH_OK && one != RH_SKIPPED)
            return one;
    }
    return status == RH_SKIPPED ? RH_OK : status;
}
