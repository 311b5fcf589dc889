/*
 * Parameters of a profiled statement.
 */
#include <inttypes.h>
#include <string.h>

#include "core/num.h"
#include "core/sql_scan.h"
#include "pg_profile.h"

static const char *hex_text(rh_arena *arena, const rh_parameter *parameter)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = parameter->data;
    char *text = rh_arena_alloc(arena, parameter->len * 2 + 3);

    if (text == NULL)
        return NULL;
    text[0] = '\\';
    text[1] = 'x';
    for (size_t i = 0; i < parameter->len; i++) {
        text[2 + 2 * i] = digits[bytes[i] >> 4];
        text[3 + 2 * i] = digits[bytes[i] & 15];
    }
    text[2 + 2 * parameter->len] = '\0';
    return text;
}

static const char *text_of(rh_arena *arena, const rh_parameter *parameter)
{
    switch (parameter->kind) {
    case RH_PARAMETER_INTEGER:
        return rh_arena_printf(arena, "%" PRId64, parameter->integer);
    case RH_PARAMETER_REAL:
        return rh_arena_printf(arena, "%.17g", parameter->real);
    case RH_PARAMETER_BLOB:
        return hex_text(arena, parameter);
    default:
        return rh_arena_strndup(arena, parameter->data, parameter->len);
    }
}

rh_status rh_pg_values_new(const rh_profile_statement *statement, rh_pg_values *out, rh_error *err)
{
    rh_pg_values values = {NULL, statement->parameter_count, rh_arena_new_wiping(0)};

    if (values.arena == NULL)
        return rh_error_oom(err);
    if (values.count > 0)
        values.texts = rh_arena_array(values.arena, values.count, sizeof *values.texts);
    for (size_t i = 0; i < values.count && values.texts != NULL; i++) {
        const rh_parameter *parameter = &statement->parameters[i];

        if (parameter->kind == RH_PARAMETER_NULL)
            continue;
        values.texts[i] = text_of(values.arena, parameter);
        if (values.texts[i] == NULL)
            values.texts = NULL;
    }
    if (values.count > 0 && values.texts == NULL) {
        rh_pg_values_done(&values);
        return rh_error_oom(err);
    }
    *out = values;
    return RH_OK;
}

void rh_pg_values_done(rh_pg_values *values)
{
    rh_arena_free(values->arena);
    *values = (rh_pg_values){NULL, 0, NULL};
}

size_t rh_pg_count_parameters(const char *sql)
{
    rh_sql_scan scan;
    int64_t highest = 0;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, sql, strlen(sql));
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        int64_t number = 0;

        if (token.kind == RH_SQL_TOKEN_END)
            return (size_t)highest;
        if (token.kind == RH_SQL_TOKEN_PARAMETER && sql[token.offset] == '$' &&
            rh_num_scan_int64(sql + token.offset + 1, token.len - 1, &number) && number > highest &&
            number <= UINT16_MAX)
            highest = number;
    }
}
