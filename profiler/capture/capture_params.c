/*
 * Values of parameters, see capture_params.h.
 */
#include "capture_params.h"

#include <string.h>

#include "core/sql_scan.h"

static rh_status add(capture_params *params, rh_arena *arena, rh_parameter value, rh_error *err)
{
    if (params->count == params->cap) {
        size_t cap = params->cap == 0 ? 16 : params->cap * 2;
        rh_parameter *items = rh_arena_array(arena, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        if (params->count > 0)
            memcpy(items, params->items, params->count * sizeof *items);
        params->items = items;
        params->cap = cap;
    }
    params->items[params->count++] = value;
    return RH_OK;
}

static void restart(capture_params *params)
{
    params->items = NULL;
    params->count = params->cap = 0;
    params->cut = false;
}

/* From behind the opening quote to the closing one, which is not doubled; len when there is none.
 */
static size_t closing_quote(const char *text, size_t len, size_t at, bool *doubled)
{
    *doubled = false;
    while (at < len) {
        const char *quote = memchr(text + at, '\'', len - at);

        if (quote == NULL)
            return len;
        at = (size_t)(quote - text);
        if (at + 1 < len && text[at + 1] == '\'') {
            *doubled = true;
            at += 2;
            continue;
        }
        return at;
    }
    return len;
}

static char *copy_value(rh_arena *arena, const char *text, size_t len, bool doubled, size_t *out)
{
    char *copy = rh_arena_alloc(arena, len + 1);
    size_t n = 0;

    if (copy == NULL)
        return NULL;
    if (!doubled) {
        memcpy(copy, text, len);
        n = len;
    }
    for (size_t i = 0; doubled && i < len; i++) {
        copy[n++] = text[i];
        if (text[i] == '\'')
            i++;
    }
    copy[n] = '\0';
    *out = n;
    return copy;
}

/* A cut value ends with three dots inside its quotes. One that does so by itself is told from it
 * when longer values have been seen whole: the server cuts all at the same length. */
static void judge_cut(capture_params *params, const char *value, size_t len)
{
    if (len < 3 || memcmp(value + len - 3, "...", 3) != 0) {
        if (len > params->longest_whole)
            params->longest_whole = len;
    } else if (len - 3 >= params->longest_whole) {
        params->cut = true;
    }
}

static rh_status read_quoted(rh_log_text list, size_t *at, rh_arena *arena, capture_params *params,
                             rh_error *err)
{
    bool doubled;
    size_t end = closing_quote(list.data, list.len, *at + 1, &doubled);
    rh_parameter value = {.kind = RH_PARAMETER_TEXT};

    if (end == list.len)
        return RH_SKIPPED;
    value.data = copy_value(arena, list.data + *at + 1, end - *at - 1, doubled, &value.len);
    if (value.data == NULL)
        return rh_error_oom(err);
    judge_cut(params, value.data, value.len);
    *at = end + 1;
    return add(params, arena, value, err);
}

/* "$12 = ": bytes, 0 when something else stands there. */
static size_t number_and_sign(rh_log_text list, size_t at, size_t expected)
{
    size_t from = at;
    size_t number = 0;

    if (at >= list.len || list.data[at] != '$')
        return 0;
    for (at++; at < list.len && list.data[at] >= '0' && list.data[at] <= '9' && at - from < 7; at++)
        number = number * 10 + (size_t)(list.data[at] - '0');
    if (number != expected || list.len - at < 3 || memcmp(list.data + at, " = ", 3) != 0)
        return 0;
    return at + 3 - from;
}

rh_status capture_params_read(rh_log_text list, rh_arena *arena, capture_params *params,
                              rh_error *err)
{
    size_t at = 0;
    rh_status status = RH_OK;

    restart(params);
    for (;;) {
        size_t n = number_and_sign(list, at, params->count + 1);

        if (n == 0 || params->count == CAPTURE_MAX_PARAMETERS)
            return RH_SKIPPED;
        at += n;
        if (at < list.len && list.data[at] == '\'') {
            status = read_quoted(list, &at, arena, params, err);
        } else if (list.len - at >= 4 && memcmp(list.data + at, "NULL", 4) == 0) {
            at += 4;
            status = add(params, arena, (rh_parameter){.kind = RH_PARAMETER_NULL}, err);
        } else {
            status = RH_SKIPPED;
        }
        if (status != RH_OK || at == list.len)
            return status;
        if (list.len - at < 2 || memcmp(list.data + at, ", ", 2) != 0)
            return RH_SKIPPED;
        at += 2;
    }
}

bool capture_params_find(rh_log_text text, rh_log_text *out)
{
    static const char word[] = "arameters: $1 = ";

    for (size_t at = 1; at + sizeof word - 1 <= text.len && at < 300; at++) {
        if (memcmp(text.data + at, word, sizeof word - 1) != 0 ||
            (text.data[at - 1] != 'p' && text.data[at - 1] != 'P'))
            continue;
        at += sizeof word - 1 - strlen("$1 = ");
        *out = (rh_log_text){text.data + at, text.len - at};
        return true;
    }
    return false;
}

/* ---- EXECUTE ---- */

/* '…' without escapes, a number with a sign, NULL, TRUE, FALSE. */
static rh_status literal(const char *text, rh_sql_scan *scan, rh_sql_token token, rh_arena *arena,
                         rh_parameter *out, rh_error *err)
{
    size_t from = token.offset;
    size_t len = token.len;
    bool doubled;

    if (rh_sql_token_is(&token, text, "null")) {
        out->kind = RH_PARAMETER_NULL;
        return RH_OK;
    }
    out->kind = RH_PARAMETER_TEXT;
    if (token.kind == RH_SQL_TOKEN_STRING) {
        if (text[from] != '\'' || !token.closed)
            return RH_SKIPPED;
        (void)closing_quote(text, from + len, from + 1, &doubled);
        out->data = copy_value(arena, text + from + 1, len - 2, doubled, &out->len);
        return out->data == NULL ? rh_error_oom(err) : RH_OK;
    }
    if (rh_sql_token_is(&token, text, "-") || rh_sql_token_is(&token, text, "+")) {
        token = rh_sql_scan_next_code(scan);
        if (token.offset != from + len)
            return RH_SKIPPED;
        len += token.len;
    } else if (rh_sql_token_is(&token, text, "true") || rh_sql_token_is(&token, text, "false")) {
        token.kind = RH_SQL_TOKEN_NUMBER;
    }
    if (token.kind != RH_SQL_TOKEN_NUMBER)
        return RH_SKIPPED;
    out->data = copy_value(arena, text + from, len, false, &out->len);
    return out->data == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status read_arguments(rh_sql_scan *scan, rh_arena *arena, capture_params *params,
                                rh_error *err)
{
    rh_sql_token token = rh_sql_scan_next_code(scan);
    rh_status status = RH_OK;

    if (token.kind == RH_SQL_TOKEN_END || token.kind == RH_SQL_TOKEN_SEMICOLON)
        return RH_OK;
    if (token.kind != RH_SQL_TOKEN_OPEN)
        return RH_SKIPPED;
    do {
        rh_parameter value = {0};

        token = rh_sql_scan_next_code(scan);
        status = literal(scan->text, scan, token, arena, &value, err);
        if (status == RH_OK)
            status = add(params, arena, value, err);
        token = rh_sql_scan_next_code(scan);
    } while (status == RH_OK && token.kind == RH_SQL_TOKEN_COMMA);
    if (status != RH_OK || token.kind != RH_SQL_TOKEN_CLOSE)
        return status == RH_OK ? RH_SKIPPED : status;
    token = rh_sql_scan_next_code(scan);
    return token.kind == RH_SQL_TOKEN_END || token.kind == RH_SQL_TOKEN_SEMICOLON ? RH_OK
                                                                                  : RH_SKIPPED;
}

bool capture_params_prepared(rh_log_text prepare, rh_log_text *out)
{
    rh_sql_scan scan;
    rh_sql_token token;
    int depth = 0;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, prepare.data, prepare.len);
    token = rh_sql_scan_next_code(&scan);
    if (!rh_sql_token_is(&token, prepare.data, "prepare"))
        return false;
    (void)rh_sql_scan_next_code(&scan); /* its name, which may be "as" */
    while ((token = rh_sql_scan_next_code(&scan)).kind != RH_SQL_TOKEN_END) {
        depth += token.kind == RH_SQL_TOKEN_OPEN;
        depth -= token.kind == RH_SQL_TOKEN_CLOSE;
        if (depth == 0 && rh_sql_token_is(&token, prepare.data, "as")) {
            size_t at = token.offset + token.len;
            rh_sql_piece piece;

            rh_sql_scan_init(&scan, RH_SQL_POSTGRES, prepare.data + at, prepare.len - at);
            if (!rh_sql_split_next(&scan, &piece))
                return false;
            *out = (rh_log_text){prepare.data + at + piece.offset, piece.len};
            return true;
        }
    }
    return false;
}

rh_status capture_params_execute(rh_log_text execute, rh_log_text prepare, rh_arena *arena,
                                 capture_params *params, rh_log_text *out_sql, rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_token token;
    rh_status status;

    restart(params);
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, execute.data, execute.len);
    token = rh_sql_scan_next_code(&scan);
    if (!rh_sql_token_is(&token, execute.data, "execute"))
        return RH_SKIPPED;
    (void)rh_sql_scan_next_code(&scan); /* the name */
    status = read_arguments(&scan, arena, params, err);
    if (status == RH_OK && !capture_params_prepared(prepare, out_sql))
        status = RH_SKIPPED;
    return status;
}
