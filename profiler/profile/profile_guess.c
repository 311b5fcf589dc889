/*
 * Values for parameters that nobody gave: a common and a rare one of the column that each is
 * compared with, from the planner's statistics (PostgreSQL) or a sample of the table (SQLite).
 *
 * All or nothing: with one parameter left unknown the statement is planned for unknown ones.
 */
#include <string.h>

#include "core/buf.h"
#include "core/sql_columns.h"
#include "profile_run.h"

enum { MAX_PARAMETERS = 64, LIMIT_ROWS = 100 };

static const char *const CASES[] = {"common", "rare"};

static rh_status give_up(rh_profile_run_state *run, size_t position, const char *why, rh_error *err)
{
    run->guess_count = 0;
    run->no_guess = rh_arena_printf(run->arena, "parameter %zu %s", position, why);
    return run->no_guess == NULL ? rh_error_oom(err) : RH_SKIPPED;
}

/* The place that tells what the parameter is; NULL: none, or one that would be stored. */
static const rh_sql_value *place_of(const rh_sql_values *values, size_t position)
{
    const rh_sql_value *found = NULL;

    for (size_t i = 0; i < rh_sql_values_count(values); i++) {
        const rh_sql_value *value = rh_sql_values_at(values, i);

        if (value->parameter != position)
            continue;
        if (value->use == RH_SQL_USE_INSERT || value->use == RH_SQL_USE_SET)
            return NULL;
        if (found == NULL && (value->use == RH_SQL_USE_COUNT ||
                              (value->column != NULL && value->table != NULL &&
                               (value->use == RH_SQL_USE_EQUAL || value->use == RH_SQL_USE_ORDER ||
                                value->use == RH_SQL_USE_ARRAY))))
            found = value;
    }
    return found;
}

/* {"value"} as an array of one element. */
static char *array_text(rh_arena *arena, const char *value)
{
    char *out = rh_arena_alloc(arena, 2 * strlen(value) + 5);
    size_t at = 0;

    if (out == NULL)
        return NULL;
    out[at++] = '{';
    out[at++] = '"';
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            out[at++] = '\\';
        out[at++] = *value;
    }
    out[at++] = '"';
    out[at++] = '}';
    out[at] = '\0';
    return out;
}

static rh_status set_value(rh_profile_run_state *run, const json_t *json, bool array,
                           rh_parameter *out, rh_error *err)
{
    const char *text = json_string_value(json);

    *out = (rh_parameter){.kind = RH_PARAMETER_NULL};
    if (json_is_integer(json)) {
        out->kind = RH_PARAMETER_INTEGER;
        out->integer = json_integer_value(json);
    } else if (json_is_real(json)) {
        out->kind = RH_PARAMETER_REAL;
        out->real = json_real_value(json);
    } else if (text != NULL) {
        out->kind = RH_PARAMETER_TEXT;
        out->data = array ? array_text(run->arena, text) : rh_arena_strdup(run->arena, text);
        if (out->data == NULL)
            return rh_error_oom(err);
        out->len = strlen(out->data);
    }
    return RH_OK;
}

/* What was taken, without the value unless it was asked for. */
static rh_status tell(rh_profile_run_state *run, size_t which, size_t position, const char *column,
                      const char *taken, json_t *fraction, json_t *value, rh_error *err)
{
    json_t *one = json_pack("{s:I, s:s?, s:s}", "parameter", (json_int_t)position, "column", column,
                            "taken", taken);

    if (one == NULL || (fraction != NULL && json_object_set(one, "fraction", fraction) != 0) ||
        (run->request->show_values && json_object_set(one, "value", value) != 0)) {
        json_decref(one);
        return rh_error_oom(err);
    }
    return json_array_append_new(run->taken[which], one) == 0 ? RH_OK : rh_error_oom(err);
}

static bool has_value(const json_t *value)
{
    return value != NULL && !json_is_null(value);
}

static rh_status take(rh_profile_run_state *run, size_t which, size_t position,
                      const rh_sql_value *place, const json_t *known, rh_error *err)
{
    const json_t *first = json_array_get(json_object_get(known, "common"), 0);
    json_t *common = json_object_get(first, "value");
    json_t *rare = json_object_get(known, "rare");
    json_t *absent = json_object_get(known, "absent");
    json_t *value = common;
    const char *taken = "most common";
    const char *column = rh_arena_printf(run->arena, "%s.%s", place->table, place->column);
    rh_status status;

    if (column == NULL)
        return rh_error_oom(err);
    if (!has_value(value) || (which == 1 && (has_value(rare) || has_value(absent)))) {
        value = has_value(rare) ? rare : absent;
        taken = has_value(rare) ? "rare" : "absent";
    }
    if (!has_value(value))
        return give_up(run, position, "is compared with a column whose values are not known", err);
    status = set_value(run, value, place->use == RH_SQL_USE_ARRAY,
                       &run->guesses[which].list[position - 1], err);
    if (status == RH_OK)
        status = tell(run, which, position, column, taken,
                      value == common ? json_object_get(first, "fraction") : NULL, value, err);
    return status;
}

static rh_status take_rows(rh_profile_run_state *run, size_t position, rh_error *err)
{
    json_t *rows = json_integer(LIMIT_ROWS);
    rh_status status = rows == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t which = 0; status == RH_OK && which < 2; which++) {
        status = set_value(run, rows, false, &run->guesses[which].list[position - 1], err);
        if (status == RH_OK)
            status = tell(run, which, position, NULL, "row limit", NULL, rows, err);
    }
    json_decref(rows);
    return status;
}

static rh_status guess_one(rh_profile_run_state *run, const rh_sql_values *values, size_t position,
                           rh_error *err)
{
    const rh_sql_value *place = place_of(values, position);
    json_t *known = NULL;
    rh_profile_table table;
    rh_status status;

    if (place == NULL)
        return give_up(run, position, "is not just compared with a column", err);
    if (place->use == RH_SQL_USE_COUNT)
        return take_rows(run, position, err);
    table = (rh_profile_table){place->schema, place->table};
    status = rh_profile_values(run->session, &table, place->column, &known, err);
    if (status == RH_SKIPPED)
        return give_up(run, position, "is compared with a column without statistics", err);
    for (size_t which = 0; status == RH_OK && which < 2; which++)
        status = take(run, which, position, place, known, err);
    json_decref(known);
    return status;
}

static rh_status guess_all(rh_profile_run_state *run, const rh_sql_values *values, rh_error *err)
{
    size_t count = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < rh_sql_values_count(values); i++)
        if (rh_sql_values_at(values, i)->parameter > count)
            count = rh_sql_values_at(values, i)->parameter;
    if (count == 0)
        return RH_SKIPPED;
    if (count > MAX_PARAMETERS)
        return give_up(run, count, "is one of too many", err);
    for (size_t which = 0; which < 2; which++) {
        run->guesses[which].list = rh_arena_array(run->arena, count, sizeof(rh_parameter));
        run->taken[which] = json_array();
        if (run->guesses[which].list == NULL || run->taken[which] == NULL)
            return rh_error_oom(err);
        run->guesses[which].one = (rh_profile_case){CASES[which], run->guesses[which].list, count};
    }
    run->guess_count = 2;
    for (size_t position = 1; status == RH_OK && position <= count; position++)
        status = guess_one(run, values, position, err);
    return status;
}

rh_status rh_profile_guess(rh_profile_run_state *run, rh_error *err)
{
    rh_sql_values *values = NULL;
    rh_sql_catalog catalog;
    rh_status status = rh_profile_look_up(run, err);

    if (status != RH_OK)
        return status;
    catalog = rh_profile_catalog(run);
    status = rh_sql_values_new(run->dialect, run->sql, run->sql_len, &catalog, &values, err);
    if (status == RH_OK)
        status = guess_all(run, values, err);
    if (status == RH_OK && json_equal(run->taken[0], run->taken[1]))
        run->guess_count = 1; /* only one kind of value is known */
    rh_sql_values_free(values);
    return status == RH_SKIPPED ? RH_OK : status;
}
