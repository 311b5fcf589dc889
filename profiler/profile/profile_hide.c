/*
 * PostgreSQL writes bound values into the conditions of a plan. Values that were taken from
 * statistics are rows of the database and must not be shown: literals that the statement does not
 * have itself are put back to parameters. What the planner made of a value ($1 + 1, date_trunc) is
 * shown as $0.
 */
#include <string.h>

#include "core/buf.h"
#include "core/str.h"
#include "profile_run.h"

/* Names, not expressions. */
static bool is_name(const char *key)
{
    return rh_str_ends_with(key, " Name") || rh_str_eq(key, "Alias") || rh_str_eq(key, "Schema") ||
           rh_str_eq(key, "Settings") || rh_str_eq(key, "Node Type");
}

static bool is_literal(const rh_sql_token *token)
{
    return token->kind == RH_SQL_TOKEN_STRING || token->kind == RH_SQL_TOKEN_NUMBER ||
           token->kind == RH_SQL_TOKEN_BYTES;
}

/* The literal without its quotes. */
static const char *inside(const char *text, const rh_sql_token *token, size_t *out_len)
{
    const char *start = text + token->offset;

    *out_len = token->len;
    if (token->kind == RH_SQL_TOKEN_STRING && token->len >= 2 && start[0] == '\'') {
        *out_len = token->len - 2;
        start++;
    }
    return start;
}

static bool in_statement(const rh_profile_run_state *run, const char *value, size_t len)
{
    rh_sql_scan scan;

    rh_sql_scan_init(&scan, run->dialect, run->sql, run->sql_len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        size_t own_len = 0;
        const char *own;

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (!is_literal(&token))
            continue;
        own = inside(run->sql, &token, &own_len);
        if (own_len == len && memcmp(own, value, len) == 0)
            return true;
    }
}

/* Number of the parameter with this value; 0 = none. */
static size_t parameter_with(const rh_profile_statement *statement, const char *value, size_t len)
{
    for (size_t i = 0; i < statement->parameter_count; i++) {
        const rh_parameter *one = &statement->parameters[i];

        if (one->kind == RH_PARAMETER_TEXT && one->len == len && memcmp(one->data, value, len) == 0)
            return i + 1;
    }
    return 0;
}

static rh_status hide_text(const rh_profile_run_state *run, const rh_profile_statement *statement,
                           const char *text, rh_buf *out, rh_error *err)
{
    rh_sql_scan scan;
    size_t copied = 0;
    bool plan_number = false; /* SubPlan 1, InitPlan 2 */
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, run->dialect, text, strlen(text));
    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        size_t len = 0;
        const char *value;

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        value = inside(text, &token, &len);
        if (is_literal(&token) && !plan_number && !in_statement(run, value, len)) {
            status = rh_buf_append(out, text + copied, token.offset - copied, err);
            if (status == RH_OK)
                status = rh_buf_printf(out, err, "$%zu", parameter_with(statement, value, len));
            copied = token.offset + token.len;
        }
        plan_number =
            rh_sql_token_is(&token, text, "subplan") || rh_sql_token_is(&token, text, "initplan");
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, text + copied, err);
    return status;
}

static rh_status hide_value(const rh_profile_run_state *run, const rh_profile_statement *statement,
                            json_t *value, rh_error *err);

static rh_status hide_string(const rh_profile_run_state *run, const rh_profile_statement *statement,
                             json_t *value, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = hide_text(run, statement, json_string_value(value), &text, err);

    if (status == RH_OK && json_string_set(value, rh_buf_cstr(&text)) != 0)
        status = rh_error_oom(err);
    rh_buf_done(&text);
    return status;
}

static rh_status hide_object(const rh_profile_run_state *run, const rh_profile_statement *statement,
                             json_t *object, rh_error *err)
{
    const char *key;
    json_t *value;
    rh_status status = RH_OK;

    json_object_foreach(object, key, value)
    {
        if (status == RH_OK && !is_name(key))
            status = hide_value(run, statement, value, err);
    }
    return status;
}

/* As deep as EXPLAIN's document, which the reader has bounded. */
static rh_status hide_value(const rh_profile_run_state *run, const rh_profile_statement *statement,
                            json_t *value, rh_error *err)
{
    rh_status status = RH_OK;

    if (json_is_string(value))
        return hide_string(run, statement, value, err);
    if (json_is_object(value))
        return hide_object(run, statement, value, err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(value); i++)
        status = hide_value(run, statement, json_array_get(value, i), err);
    return status;
}

rh_status rh_profile_run_statement(const rh_profile_run_state *run,
                                   const rh_profile_statement *statement, rh_profile_result *out,
                                   rh_error *err)
{
    rh_status status = rh_profile_run(run->session, statement, out, err);

    if (status != RH_OK || run->guess_count == 0 || run->request->show_values ||
        run->engine == RH_ENGINE_SQLITE) /* its plans hold no values */
        return status;
    status = hide_value(run, statement, out->plan, err);
    if (status != RH_OK)
        rh_profile_result_done(out);
    return status;
}
