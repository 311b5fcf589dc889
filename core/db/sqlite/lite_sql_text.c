#include "lite_sql_text.h"

#include "core/sql_name.h"

rh_sql_scan rh_lite_scan(const char *sql)
{
    return rh_sql_scan_of(RH_SQL_SQLITE, sql);
}

bool rh_lite_scan_find(rh_sql_scan *scan, const char *word)
{
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (rh_sql_token_is(&token, scan->text, word))
            return true;
    }
}

bool rh_lite_enter_list(rh_sql_scan *scan)
{
    return rh_lite_scan_find(scan, "(");
}

bool rh_lite_leave_list(rh_sql_scan *scan)
{
    for (int depth = 1; depth > 0;) {
        rh_sql_token token = rh_sql_scan_next_code(scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        depth += (token.kind == RH_SQL_TOKEN_OPEN) - (token.kind == RH_SQL_TOKEN_CLOSE);
    }
    return true;
}

/* Move to the start of definition number n of the list we are in; false: there are fewer. */
static bool find_definition(rh_sql_scan *scan, size_t n)
{
    while (n > 0) {
        rh_sql_token token = rh_sql_scan_next_code(scan);

        if (token.kind == RH_SQL_TOKEN_END || token.kind == RH_SQL_TOKEN_CLOSE)
            return false;
        if (token.kind == RH_SQL_TOKEN_COMMA)
            n--;
        else if (token.kind == RH_SQL_TOKEN_OPEN && !rh_lite_leave_list(scan))
            return false;
    }
    return true;
}

/* Move behind the '(' that follows AS in the column definition at hand. */
static bool find_expression(rh_sql_scan *scan)
{
    /* the column's name, which may be anything */
    rh_sql_token token = rh_sql_scan_next_code(scan);

    while (token.kind != RH_SQL_TOKEN_END) {
        token = rh_sql_scan_next_code(scan);
        if (token.kind == RH_SQL_TOKEN_COMMA || token.kind == RH_SQL_TOKEN_CLOSE)
            return false;
        if (rh_sql_token_is(&token, scan->text, "as"))
            return rh_sql_scan_next_code(scan).kind == RH_SQL_TOKEN_OPEN;
        if (token.kind == RH_SQL_TOKEN_OPEN && !rh_lite_leave_list(scan))
            return false;
    }
    return false;
}

rh_status rh_lite_generated_expression(const char *sql, size_t column, const char **out,
                                       size_t *out_len, rh_error *err)
{
    rh_sql_scan scan = rh_lite_scan(sql);
    size_t begin = 0;
    bool found =
        rh_lite_enter_list(&scan) && find_definition(&scan, column) && find_expression(&scan);

    if (found) {
        begin = scan.at;
        found = rh_lite_leave_list(&scan);
    }
    if (!found)
        return rh_error_set(err, RH_EFORMAT, "column %zu has no generation expression", column + 1);
    *out = sql + begin;
    *out_len = scan.at - 1 - begin;
    return RH_OK;
}

bool rh_lite_next_check(rh_sql_scan *scan, rh_lite_check *out)
{
    const rh_sql_token none = {.kind = RH_SQL_TOKEN_END};
    rh_sql_token before = none;
    rh_sql_token name = none; /* behind CONSTRAINT */

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(scan);

        if (token.kind == RH_SQL_TOKEN_END || token.kind == RH_SQL_TOKEN_CLOSE)
            return false;
        if (token.kind == RH_SQL_TOKEN_OPEN) {
            size_t begin = scan->at;

            if (!rh_lite_leave_list(scan))
                return false;
            if (rh_sql_token_is(&before, scan->text, "check")) {
                *out = (rh_lite_check){name, begin, scan->at - 1 - begin};
                return true;
            }
        }
        if (rh_sql_token_is(&before, scan->text, "constraint"))
            name = rh_sql_token_is_name(RH_SQL_SQLITE, &token, scan->text) ? token : none;
        else if (!rh_sql_token_is(&token, scan->text, "check"))
            name = none;
        before = token;
    }
}
