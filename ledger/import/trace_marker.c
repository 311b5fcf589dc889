#include "trace_marker.h"

#include <string.h>

#include "core/num.h"
#include "core/str.h"

/* Letters of a name without its quotes; quotes inside of it are rare enough to be compared as they
 * stand. */
static void strip(const char *text, const rh_sql_token *token, const char **out, size_t *out_len)
{
    bool quoted = token->kind == RH_SQL_TOKEN_IDENT && token->len >= 2;

    *out = text + token->offset + (quoted ? 1 : 0);
    *out_len = token->len - (quoted ? 2 : 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name(rh_sql_token_kind kind)
{
    return kind == RH_SQL_TOKEN_WORD || kind == RH_SQL_TOKEN_IDENT;
}

static bool same_token(const char *a_text, const rh_sql_token *a, const char *b_text,
                       const rh_sql_token *b)
{
    const char *left, *right;
    size_t left_len, right_len;

    if (!is_name(a->kind) || !is_name(b->kind))
        return a->kind == b->kind && a->len == b->len &&
               memcmp(a_text + a->offset, b_text + b->offset, a->len) == 0;
    strip(a_text, a, &left, &left_len);
    strip(b_text, b, &right, &right_len);
    if (left_len != right_len)
        return false;
    for (size_t i = 0; i < left_len; i++) {
        if (lower(left[i]) != lower(right[i]))
            return false;
    }
    return true;
}

bool rh_trace_is_marker(rh_sql_dialect dialect, const char *marker, const char *sql)
{
    rh_sql_scan pattern, text;

    if (strchr(marker, '*') != NULL)
        return rh_str_glob(marker, sql);
    rh_sql_scan_init(&pattern, dialect, marker, strlen(marker));
    rh_sql_scan_init(&text, dialect, sql, strlen(sql));
    for (bool any = false;; any = true) {
        rh_sql_token wanted = rh_sql_scan_next_code(&pattern);
        rh_sql_token token;

        if (wanted.kind == RH_SQL_TOKEN_END)
            return any;
        token = rh_sql_scan_next_code(&text);
        if (!same_token(marker, &wanted, sql, &token))
            return false;
    }
}

/* ---- heights ---- */

static int64_t whole(const rh_parameter *p)
{
    int64_t number;

    if (p->kind == RH_PARAMETER_INTEGER)
        return p->integer >= 0 ? p->integer : -1;
    return p->kind == RH_PARAMETER_TEXT && p->data != NULL &&
                   rh_num_scan_int64(p->data, p->len, &number) && number >= 0
               ? number
               : -1;
}

static int64_t number_in_text(rh_sql_dialect dialect, const char *sql)
{
    rh_sql_scan scan;
    rh_sql_token token;
    int64_t number;

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    while ((token = rh_sql_scan_next_code(&scan)).kind != RH_SQL_TOKEN_END) {
        if (token.kind == RH_SQL_TOKEN_NUMBER &&
            rh_num_scan_int64(sql + token.offset, token.len, &number))
            return number;
    }
    return -1;
}

int64_t rh_trace_height(rh_sql_dialect dialect, const rh_workload_item *item)
{
    int64_t first = -1;

    for (size_t i = 0; i < item->parameter_count; i++) {
        const rh_parameter *p = &item->parameters[i];
        int64_t number = whole(p);

        if (number < 0)
            continue;
        if (first < 0)
            first = number;
        if (p->name != NULL && p->name[0] != '\0' &&
            (rh_str_ieq(p->name + 1, "block_index") || rh_str_ieq(p->name + 1, "height")))
            return number;
    }
    return first >= 0 ? first : number_in_text(dialect, item->sql);
}
