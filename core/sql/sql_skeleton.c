/*
 * Skeletons, see core/sql_skeleton.h. Words, blanks and punctuation are passed over here, by the
 * classes of their bytes; everything else is one token of the scanner, so that both agree about
 * where a value ends.
 *
 * A number stays where the normaliser might take it for a position (ORDER BY 1): up to three digits
 * behind a comma, BY or a sign, once there was a BY.
 */
#include "core/sql_skeleton.h"

#include <string.h>

#include "sql_chars.h"

/* What stands for a value. */
enum {
    MARK_NUMBER = 1,
    MARK_STRING,
    MARK_BYTES,
    MARK_OPEN_STRING, /* without its end */
    MARK_OPEN_COMMENT,
    MARK_LAST = MARK_OPEN_COMMENT,
};

typedef enum before {
    BEFORE_OTHER,
    BEFORE_COMMA,
    BEFORE_BY,
    BEFORE_SIGN,
} before;

typedef struct reducer {
    rh_sql_scan scan;
    const char *from; /* first byte that was neither copied nor left out */
    uint8_t *to;
    before before; /* the token before this one */
    bool any_by;
} reducer;

static void copy_until(reducer *r, const char *p)
{
    size_t n = (size_t)(p - r->from);

    memcpy(r->to, r->from, n);
    r->to += n;
    r->from = p;
}

/* Leave out the bytes from..after, of which prefix ones stay. */
static void replace(reducer *r, const char *from, size_t prefix, const char *after, uint8_t mark)
{
    copy_until(r, from + prefix);
    *r->to++ = mark;
    r->from = after;
}

static bool may_be_position(const reducer *r, const char *p, size_t len)
{
    if (!r->any_by || r->before == BEFORE_OTHER || len > 3)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!rh_sql_is(p[i], RH_SQL_CHAR_DIGIT))
            return false;
    }
    return true;
}

static bool holds_mark(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] >= 0 && p[i] <= MARK_LAST)
            return true;
    }
    return false;
}

/* E in E'...', U& in U&'...': the letters are form. */
static size_t prefix_of(const char *p, size_t len)
{
    size_t n = 0;

    while (n < 2 && n < len && p[n] != '\'' && p[n] != '$')
        n++;
    return n;
}

/* NULL when there is none. */
static const char *closing_quote(const char *p, const char *end)
{
    while (p < end && (p = memchr(p, '\'', (size_t)(end - p))) != NULL) {
        if (p + 1 >= end || p[1] != '\'')
            return p;
        p += 2;
    }
    return NULL;
}

/* A token that is no word, blank or single sign. False when it holds a mark. */
static bool take_token(reducer *r, const char **at)
{
    const char *p = *at;
    rh_sql_token token;

    r->scan.at = (size_t)(p - r->scan.text);
    token = rh_sql_scan_next(&r->scan);
    *at = p + token.len;
    switch (token.kind) {
    case RH_SQL_TOKEN_COMMENT:
        replace(r, p, 0, *at, token.closed ? ' ' : MARK_OPEN_COMMENT);
        return true;
    case RH_SQL_TOKEN_META:
        return !holds_mark(p, token.len);
    case RH_SQL_TOKEN_STRING:
    case RH_SQL_TOKEN_BYTES:
        replace(r, p, prefix_of(p, token.len), *at,
                !token.closed                       ? MARK_OPEN_STRING
                : token.kind == RH_SQL_TOKEN_STRING ? MARK_STRING
                                                    : MARK_BYTES);
        break;
    case RH_SQL_TOKEN_NUMBER:
        if (!may_be_position(r, p, token.len))
            replace(r, p, 0, *at, MARK_NUMBER);
        break;
    default:
        if (holds_mark(p, token.len))
            return false;
        break;
    }
    r->before = token.kind == RH_SQL_TOKEN_OPERATOR && token.len == 1 && (*p == '-' || *p == '+')
                    ? BEFORE_SIGN
                    : BEFORE_OTHER;
    return true;
}

/* At the first letter of a word, which may be the prefix of a string. */
static bool take_word(reducer *r, const char **at, const char *end)
{
    const char *p = *at;
    const char *q = p + 1;

    while (q < end && rh_sql_is(*q, RH_SQL_CHAR_NAME))
        q++;
    if (q == p + 1 && q < end && (*q == '\'' || *q == '&'))
        return take_token(r, at);
    r->before = BEFORE_OTHER;
    if (q == p + 2 && (p[0] | 0x20) == 'b' && (p[1] | 0x20) == 'y') {
        r->before = BEFORE_BY;
        r->any_by = true;
    }
    *at = q;
    return true;
}

/* The same as take_token for what is common: a plain string, digits, one sign of an operator (whose
 * run matters to nobody here, as long as comments are seen), a cast, a parameter. NULL: it is
 * something else. */
static const char *take_common(reducer *r, const char *p, const char *end)
{
    const char *q = p + 1;
    before is = BEFORE_OTHER;

    switch (*p) {
    case '\'':
        q = closing_quote(q, end);
        if (q == NULL)
            return NULL;
        replace(r, p, 0, ++q, MARK_STRING);
        break;
    case '-':
    case '/':
        if (q < end && *q == (*p == '-' ? '-' : '*'))
            return NULL;
        is = *p == '-' ? BEFORE_SIGN : BEFORE_OTHER;
        break;
    case '+':
        is = BEFORE_SIGN;
        break;
    case '=':
    case '<':
    case '>':
    case '*':
    case '|':
        break;
    case '.':
        if (q < end && rh_sql_is(*q, RH_SQL_CHAR_DIGIT))
            return NULL;
        break;
    case ':':
        if (r->scan.dialect != RH_SQL_POSTGRES || q >= end || *q != ':')
            return NULL;
        q++;
        break;
    default:
        if (!rh_sql_is(*p, RH_SQL_CHAR_DIGIT))
            return NULL;
        while (q < end && rh_sql_is(*q, RH_SQL_CHAR_DIGIT))
            q++;
        if (q < end && (*q == '.' || rh_sql_is(*q, RH_SQL_CHAR_NAME)))
            return NULL;
        if (!may_be_position(r, p, (size_t)(q - p)))
            replace(r, p, 0, q, MARK_NUMBER);
        break;
    }
    r->before = is;
    return q;
}

static bool reduce(reducer *r)
{
    const char *p = r->scan.text;
    const char *end = p + r->scan.len;
    const char *after;
    bool good = true;

    while (good && p < end) {
        unsigned kind = rh_sql_class(*p);

        if ((kind & RH_SQL_CHAR_NAME_START) != 0) {
            good = take_word(r, &p, end);
        } else if (kind == RH_SQL_CHAR_SPACE) {
            p++;
        } else if (kind == RH_SQL_CHAR_SINGLE) {
            r->before = *p++ == ',' ? BEFORE_COMMA : BEFORE_OTHER;
        } else if ((after = take_common(r, p, end)) != NULL) {
            p = after;
        } else {
            good = take_token(r, &p);
        }
    }
    copy_until(r, p);
    return good;
}

rh_status rh_sql_skeleton(rh_sql_dialect dialect, const char *text, size_t len, rh_buf *out,
                          rh_error *err)
{
    reducer r = {.from = text};
    rh_status status = rh_buf_reserve(out, len + 1, err); /* nothing grows, and a NUL */

    if (status != RH_OK)
        return status;
    rh_sql_scan_init(&r.scan, dialect, text, len);
    r.to = out->data + out->len;
    if (!reduce(&r))
        return RH_SKIPPED;
    *r.to = '\0';
    out->len = (size_t)(r.to - out->data);
    return RH_OK;
}
