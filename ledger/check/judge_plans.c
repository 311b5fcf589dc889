#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "ledger_check_internal.h"

enum { MIN_ROWS = 100, ASSUMED_DISTINCT = 10000 };

/* The numbers at the text's beginning: how many, the first one, whether all are equal. */
static size_t numbers(const char *text, int64_t *out_first, bool *out_equal)
{
    size_t count = 0;

    *out_equal = true;
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, " ");
        int64_t value = 0;

        if (!rh_num_scan_int64(text, len, &value))
            break; /* "unordered" and its like */
        if (count++ == 0)
            *out_first = value;
        *out_equal = *out_equal && value == *out_first;
        text += len + strspn(text + len, " ");
    }
    return count;
}

bool rh_check_low_quality(const json_t *row, int64_t *out_rows)
{
    bool equal = false;
    size_t count;

    *out_rows = 0;
    count = numbers(json_string_value(json_array_get(row, 2)), out_rows, &equal);
    return json_is_string(json_array_get(row, 1)) && count > 1 && equal && *out_rows > MIN_ROWS;
}

int64_t rh_check_production_rows(const json_t *statistics, const char *table)
{
    int64_t most = 0;

    for (size_t i = 0; i < json_array_size(statistics); i++) {
        const json_t *row = json_array_get(statistics, i);
        const char *name = json_string_value(json_array_get(row, 0));
        int64_t rows;

        (void)rh_check_low_quality(row, &rows);
        if (name != NULL && strcmp(name, table) == 0 && rows > most)
            most = rows;
    }
    return most;
}

/* Production's statistics with the indexes that were empty in use: as the call file says, else as
 * if 10,000 values had come in. */
static json_t *after_activation(const json_t *production, const json_t *told)
{
    json_t *after = json_deep_copy(production);
    int failed = 0;

    for (size_t i = 0; i < json_array_size(after); i++) {
        json_t *row = json_array_get(after, i);
        const char *index = json_string_value(json_array_get(row, 1));
        const json_t *stat = index == NULL ? NULL : json_object_get(told, index);
        char text[64];
        int64_t rows;

        if (stat != NULL) {
            failed |= json_array_set_new(row, 2, json_deep_copy(stat));
        } else if (rh_check_low_quality(row, &rows)) {
            (void)snprintf(text, sizeof text, "%lld %lld", (long long)rows,
                           (long long)(rows / ASSUMED_DISTINCT + 1));
            failed |= json_array_set_new(row, 2, json_string(text));
        }
    }
    if (failed != 0) {
        json_decref(after);
        return NULL;
    }
    return after;
}

rh_status rh_check_sessions_open(const rh_ledger_check_options *options, check_sessions *out,
                                 rh_error *err)
{
    json_t *none = json_array();
    json_t *after = after_activation(options->production, options->calls->after);
    rh_status status = none == NULL || after == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_call_open_empty(options->target, none, &out->none, err);
    if (status == RH_OK)
        status = rh_call_open_empty(options->target, options->production, &out->production, err);
    if (status == RH_OK)
        status = rh_call_open_empty(options->target, after, &out->after, err);
    json_decref(none);
    json_decref(after);
    return status;
}

void rh_check_sessions_close(check_sessions *sessions)
{
    rh_call_close(sessions->none);
    rh_call_close(sessions->production);
    rh_call_close(sessions->after);
}

static rh_status lines_of(rh_call_session *session, const char *sql, json_t **out, rh_error *err)
{
    json_t *lines = json_array();
    rh_status status =
        lines == NULL ? rh_error_oom(err) : rh_call_explain_lines(session, sql, lines, err);

    if (status == RH_OK)
        *out = lines;
    else
        json_decref(lines);
    return status;
}

rh_status rh_check_plans_read(const check_sessions *sessions, const char *sql, check_plans *out,
                              rh_error *err)
{
    rh_status status = lines_of(sessions->none, sql, &out->none, err);

    if (status == RH_OK)
        status = lines_of(sessions->production, sql, &out->production, err);
    return status == RH_OK ? lines_of(sessions->after, sql, &out->after, err) : status;
}

void rh_check_plans_done(check_plans *plans)
{
    json_decref(plans->none);
    json_decref(plans->production);
    json_decref(plans->after);
}

bool rh_check_uses(const json_t *lines, const char *index)
{
    size_t len = strlen(index);

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));
        const char *at = line == NULL ? NULL : strstr(line, " INDEX ");

        if (at != NULL && strncmp(at + 7, index, len) == 0 &&
            (at[7 + len] == '\0' || at[7 + len] == ' '))
            return true;
    }
    return false;
}
