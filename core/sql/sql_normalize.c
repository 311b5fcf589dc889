#include "sql_normalize.h"

#include <string.h>

#include "core/bytes.h"
#include "sql_chars.h"
#include "sql_keyword.h"

typedef struct writer {
    rh_sql_scan scan;
    rh_sql_normal_form form;
    rh_buf *out;
    size_t start;           /* of our text in out */
    rh_sql_token_kind last; /* kind of the token written last */
    rh_sql_keyword last_keyword;
    bool last_tight;      /* nothing goes between it and the next token: ( . [ :: and a sign */
    uint64_t next_number; /* of the next $n that we hand out */
    /* ORDER BY 1, GROUP BY 2: positions are form, not values. */
    bool in_by;
    bool item_start;
    unsigned by_depth;
    unsigned depth;
} writer;

static bool is_value(const rh_sql_token *token)
{
    return token->kind == RH_SQL_TOKEN_STRING || token->kind == RH_SQL_TOKEN_BYTES ||
           token->kind == RH_SQL_TOKEN_NUMBER || token->kind == RH_SQL_TOKEN_PARAMETER;
}

/* The highest $n of the text, so that our numbers begin behind it. */
static uint64_t highest_parameter(rh_sql_scan scan)
{
    uint64_t highest = 0;

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        uint64_t n = 0;

        if (token.kind == RH_SQL_TOKEN_END)
            return highest;
        if (token.kind != RH_SQL_TOKEN_PARAMETER || scan.text[token.offset] != '$')
            continue;
        for (size_t i = 1; i < token.len && i < 7; i++)
            n = n * 10 + (uint64_t)(scan.text[token.offset + i] - '0');
        if (n > highest)
            highest = n;
    }
}

/* A space between two tokens unless either clings to the other. A word clings to the parenthesis
 * behind it when it is a name (a call, a column list), not when it is a reserved word. */
static bool wants_space(const writer *w, const rh_sql_token *token)
{
    const char *p = w->scan.text + token->offset;

    if (w->out->len == w->start)
        return false;
    if (w->form == RH_SQL_NORMAL_KEY)
        return true;
    if (w->last_tight)
        return false;
    switch (token->kind) {
    case RH_SQL_TOKEN_COMMA:
    case RH_SQL_TOKEN_CLOSE:
    case RH_SQL_TOKEN_SEMICOLON:
    case RH_SQL_TOKEN_BRACKET:
        return false;
    case RH_SQL_TOKEN_OPEN:
        return !((w->last == RH_SQL_TOKEN_WORD || w->last == RH_SQL_TOKEN_IDENT) &&
                 !rh_sql_keyword_is_reserved(w->last_keyword) &&
                 w->last_keyword != RH_SQL_KW_VALUES && w->last_keyword != RH_SQL_KW_EXISTS &&
                 w->last_keyword != RH_SQL_KW_OVER && w->last_keyword != RH_SQL_KW_FILTER);
    case RH_SQL_TOKEN_OPERATOR:
        return !(*p == '.' || (token->len == 2 && p[0] == ':' && p[1] == ':'));
    default:
        return true;
    }
}

/* The key form never needs more than two bytes for one of the text: that is reserved at once. */
static rh_status make_room(writer *w, size_t len, rh_error *err)
{
    if (w->out->cap - w->out->len > len)
        return RH_OK;
    return rh_buf_reserve(w->out, len + 1, err);
}

static rh_status write_bytes(writer *w, const char *bytes, size_t len, rh_error *err)
{
    rh_status status = make_room(w, len, err);

    if (status == RH_OK) {
        memcpy(w->out->data + w->out->len, bytes, len);
        w->out->len += len;
    }
    return status;
}

static rh_status write_value(writer *w, const rh_sql_token *token, rh_error *err)
{
    const char *p = w->scan.text + token->offset;

    if (w->form == RH_SQL_NORMAL_SHOW && token->kind == RH_SQL_TOKEN_PARAMETER && *p != '?')
        return write_bytes(w, p, token->len, err);
    if (w->form == RH_SQL_NORMAL_SHOW && w->scan.dialect == RH_SQL_POSTGRES &&
        token->kind != RH_SQL_TOKEN_PARAMETER)
        return rh_buf_printf(w->out, err, "$%llu", (unsigned long long)w->next_number++);
    return write_bytes(w, "?", 1, err);
}

static rh_status write_lower(writer *w, const rh_sql_token *token, rh_error *err)
{
    const char *p = w->scan.text + token->offset;
    rh_status status = make_room(w, token->len, err);
    uint8_t *to;

    if (status != RH_OK)
        return status;
    to = w->out->data + w->out->len;
    for (size_t i = 0; i < token->len; i++) {
        unsigned char c = (unsigned char)p[i];

        to[i] = (uint8_t)(c | (c >= 'A' && c <= 'Z' ? 0x20 : 0));
    }
    w->out->len += token->len;
    return RH_OK;
}

static bool is_position(const writer *w, const rh_sql_token *token)
{
    if (!w->in_by || !w->item_start || token->kind != RH_SQL_TOKEN_NUMBER || token->len > 3)
        return false;
    for (size_t i = 0; i < token->len; i++) {
        if (!rh_sql_is(w->scan.text[token->offset + i], RH_SQL_CHAR_DIGIT))
            return false;
    }
    return true;
}

static void track_by(writer *w, const rh_sql_token *token, rh_sql_keyword keyword)
{
    bool item_start = false;

    if (keyword == RH_SQL_KW_BY) {
        w->in_by = true;
        w->by_depth = w->depth;
        item_start = true;
    } else if (token->kind == RH_SQL_TOKEN_COMMA) {
        item_start = w->depth == w->by_depth;
    } else if (token->kind == RH_SQL_TOKEN_OPEN) {
        w->depth++;
    } else if (token->kind == RH_SQL_TOKEN_CLOSE) {
        w->depth -= w->depth > 0;
        w->in_by = w->in_by && w->depth >= w->by_depth;
    } else if (w->depth == w->by_depth && keyword != RH_SQL_KW_NONE &&
               rh_sql_keyword_is_reserved(keyword) && keyword != RH_SQL_KW_ASC &&
               keyword != RH_SQL_KW_DESC) {
        w->in_by = false;
    }
    w->item_start = item_start;
}

static rh_status write_token(writer *w, const rh_sql_token *token, rh_error *err)
{
    rh_sql_keyword keyword = rh_sql_keyword_of(token, w->scan.text);
    const char *p = w->scan.text + token->offset;
    rh_status status = RH_OK;

    bool space = wants_space(w, token);

    if (space)
        status = write_bytes(w, " ", 1, err);
    if (status != RH_OK)
        return status;
    if (is_value(token) && !is_position(w, token))
        status = write_value(w, token, err);
    else if (token->kind == RH_SQL_TOKEN_WORD)
        status = write_lower(w, token, err);
    else
        status = write_bytes(w, p, token->len, err);
    track_by(w, token, keyword);
    w->last = token->kind;
    w->last_keyword = keyword;
    w->last_tight = token->kind == RH_SQL_TOKEN_OPEN || (token->len == 1 && *p == '[') ||
                    (token->kind == RH_SQL_TOKEN_OPERATOR && !space);
    return status;
}

/* Whether an operand can end with the token written last: then a sign is a binary operator. */
static bool after_operand(const writer *w)
{
    switch (w->last) {
    case RH_SQL_TOKEN_WORD:
        return !rh_sql_keyword_is_reserved(w->last_keyword) &&
               w->last_keyword != RH_SQL_KW_VALUES && w->last_keyword != RH_SQL_KW_SET;
    case RH_SQL_TOKEN_IDENT:
    case RH_SQL_TOKEN_STRING:
    case RH_SQL_TOKEN_BYTES:
    case RH_SQL_TOKEN_NUMBER:
    case RH_SQL_TOKEN_PARAMETER:
    case RH_SQL_TOKEN_CLOSE:
        return true;
    case RH_SQL_TOKEN_BRACKET:
        return !w->last_tight;
    default:
        return false;
    }
}

/* With the sign of a number taken along; *out_sign when there was one. */
static rh_sql_token next_signed(rh_sql_scan *scan, bool after)
{
    rh_sql_token token = rh_sql_scan_next_code(scan);
    char c = scan->text[token.offset < scan->len ? token.offset : 0];

    if (!after && token.kind == RH_SQL_TOKEN_OPERATOR && token.len == 1 && (c == '-' || c == '+')) {
        rh_sql_scan ahead = *scan;
        rh_sql_token number = rh_sql_scan_next_code(&ahead);

        if (number.kind == RH_SQL_TOKEN_NUMBER) {
            *scan = ahead;
            return number;
        }
    }
    return token;
}

/* At the opening parenthesis of a list of nothing but values: move behind its closing one. With
 * words, NULL, TRUE, FALSE, DEFAULT count as values and casts are allowed (rows of VALUES). */
static bool skip_value_list(rh_sql_scan *scan, bool row)
{
    rh_sql_scan ahead = *scan;
    rh_sql_token token = rh_sql_scan_next_code(&ahead);

    if (token.kind != RH_SQL_TOKEN_OPEN)
        return false;
    for (;;) {
        rh_sql_keyword keyword;

        token = next_signed(&ahead, false);
        keyword = rh_sql_keyword_of(&token, ahead.text);
        if (!is_value(&token) &&
            !(row && (keyword == RH_SQL_KW_NULL || keyword == RH_SQL_KW_TRUE ||
                      keyword == RH_SQL_KW_FALSE || keyword == RH_SQL_KW_DEFAULT)))
            return false;
        token = rh_sql_scan_next_code(&ahead);
        while (row && rh_sql_token_is(&token, ahead.text, "::")) {
            token = rh_sql_scan_next_code(&ahead);
            if (token.kind != RH_SQL_TOKEN_WORD)
                return false;
            token = rh_sql_scan_next_code(&ahead);
        }
        if (token.kind == RH_SQL_TOKEN_CLOSE) {
            *scan = ahead;
            return true;
        }
        if (token.kind != RH_SQL_TOKEN_COMMA)
            return false;
    }
}

/* Behind a row of VALUES: leave out the rows after it that are values only. */
static void skip_more_rows(rh_sql_scan *scan)
{
    for (;;) {
        rh_sql_scan ahead = *scan;
        rh_sql_token token = rh_sql_scan_next_code(&ahead);

        if (token.kind != RH_SQL_TOKEN_COMMA || !skip_value_list(&ahead, true))
            return;
        *scan = ahead;
    }
}

/* IN (1, 2, 3) is written as IN (1): the token of the list's first value, scan behind the list. */
static bool take_in_list(writer *w, rh_error *err, rh_status *status)
{
    rh_sql_scan at = w->scan;
    rh_sql_scan after = at;
    rh_sql_token open = rh_sql_scan_next_code(&at);
    rh_sql_token first;
    rh_sql_token close = open;

    if (!skip_value_list(&after, false))
        return false;
    first = next_signed(&at, false);
    close.kind = RH_SQL_TOKEN_CLOSE;
    close.offset = after.at - 1;
    close.len = 1;
    *status = write_token(w, &open, err);
    if (*status == RH_OK)
        *status = write_token(w, &first, err);
    if (*status == RH_OK)
        *status = write_token(w, &close, err);
    w->scan = after;
    return true;
}

rh_status rh_sql_normalize(rh_sql_dialect dialect, rh_sql_normal_form form, const char *text,
                           size_t len, rh_buf *out, rh_error *err)
{
    writer w;
    rh_status status = RH_OK;
    unsigned row_depth = 0; /* depth of VALUES + 1 while in its rows, else 0 */

    memset(&w, 0, sizeof w);
    rh_sql_scan_init(&w.scan, dialect, text, len);
    w.form = form;
    w.out = out;
    w.start = out->len;
    w.last = RH_SQL_TOKEN_SEMICOLON;
    if (form == RH_SQL_NORMAL_KEY)
        status = rh_buf_reserve(out, 2 * len + 16, err);
    if (form == RH_SQL_NORMAL_SHOW)
        w.next_number = highest_parameter(w.scan) + 1;
    while (status == RH_OK) {
        rh_sql_token token = next_signed(&w.scan, after_operand(&w));

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (token.kind == RH_SQL_TOKEN_META)
            continue;
        status = write_token(&w, &token, err);
        if (status != RH_OK)
            break;
        if (w.last_keyword == RH_SQL_KW_IN) {
            (void)take_in_list(&w, err, &status);
        } else if (w.last_keyword == RH_SQL_KW_VALUES) {
            row_depth = w.depth + 1;
        } else if (row_depth > 0 && token.kind == RH_SQL_TOKEN_CLOSE && w.depth + 1 == row_depth) {
            skip_more_rows(&w.scan);
        } else if (row_depth > 0 && w.depth + 1 == row_depth && token.kind != RH_SQL_TOKEN_COMMA) {
            row_depth = 0;
        }
    }
    while (out->len > w.start && out->data[out->len - 1] == ';')
        out->len--;
    return status == RH_OK ? rh_buf_append(out, "", 0, err) : status; /* for the NUL */
}

/* Eight bytes, the first one lowest. */
static uint64_t load(const uint8_t *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t value;

    memcpy(&value, p, sizeof value);
    return value;
#else
    return rh_get_u64(p);
#endif
}

/* Multiply and rotate over 8-byte words, with the finisher of MurmurHash3 (Appleby). */
uint64_t rh_sql_hash(const char *text, size_t len)
{
    const uint8_t *p = (const uint8_t *)text;
    uint64_t h = 0x9E3779B97F4A7C15U ^ (uint64_t)len;
    size_t left = len;

    for (; left >= 8; p += 8, left -= 8) {
        h = (h ^ load(p)) * 0xFF51AFD7ED558CCDU;
        h = (h << 29) | (h >> 35);
    }
    if (left > 0) {
        uint8_t tail[8] = {0};

        memcpy(tail, p, left);
        h = (h ^ load(tail)) * 0xFF51AFD7ED558CCDU;
    }
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53U;
    h ^= h >> 33;
    return h;
}
