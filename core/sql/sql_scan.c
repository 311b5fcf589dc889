#include "core/sql_scan.h"

#include <string.h>

#include "sql_chars.h"

void rh_sql_scan_init(rh_sql_scan *scan, rh_sql_dialect dialect, const char *text, size_t len)
{
    scan->text = text;
    scan->len = len;
    scan->at = 0;
    scan->dialect = dialect;
    scan->standard_strings = true;
    scan->brackets = 0;
}

rh_sql_scan rh_sql_scan_of(rh_sql_dialect dialect, const char *text)
{
    rh_sql_scan scan;

    rh_sql_scan_init(&scan, dialect, text, strlen(text));
    return scan;
}

/* The functions below stand on the first byte of something and return the place behind it. Those
 * that may run into the end of the text say so through *closed. */

static const char *skip_plain_quoted(const char *p, const char *end, char quote, bool *closed)
{
    while (p < end && (p = memchr(p, quote, (size_t)(end - p))) != NULL) {
        if (p + 1 >= end || p[1] != quote)
            return p + 1;
        p += 2;
    }
    *closed = false;
    return end;
}

static const char *skip_escaped_quoted(const char *p, const char *end, bool *closed)
{
    for (; p < end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == '\'') {
            if (p + 1 >= end || p[1] != '\'')
                return p + 1;
            p++;
        }
    }
    *closed = false;
    return end;
}

/* NULL when this is no dollar quote. */
static const char *skip_dollar(const char *p, const char *end, bool *closed)
{
    const char *tag = p + 1;
    size_t tag_len;

    if (tag < end && rh_sql_is(*tag, RH_SQL_CHAR_NAME_START)) {
        while (tag < end && rh_sql_is(*tag, RH_SQL_CHAR_NAME) && *tag != '$')
            tag++;
    }
    if (tag >= end || *tag != '$')
        return NULL;
    tag++;
    tag_len = (size_t)(tag - p);
    for (const char *q = tag; (size_t)(end - q) >= tag_len; q++) {
        q = memchr(q, '$', (size_t)(end - q));
        if (q == NULL || (size_t)(end - q) < tag_len)
            break;
        if (memcmp(q, p, tag_len) == 0)
            return q + tag_len;
    }
    *closed = false;
    return end;
}

static const char *skip_line(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));

    return newline == NULL ? end : newline;
}

static const char *skip_block(const char *p, const char *end, bool nests, bool *closed)
{
    unsigned depth = 1;

    for (p += 2; p + 1 < end; p++) {
        if (p[0] == '*' && p[1] == '/') {
            p++;
            if (--depth == 0)
                return p + 1;
        } else if (nests && p[0] == '/' && p[1] == '*') {
            p++;
            depth++;
        }
    }
    *closed = false;
    return end;
}

static const char *skip_name(const char *p, const char *end)
{
    while (p < end && rh_sql_is(*p, RH_SQL_CHAR_NAME))
        p++;
    return p;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && (rh_sql_is(*p, RH_SQL_CHAR_DIGIT) || *p == '_'))
        p++;
    return p;
}

static bool is_alnum(char c)
{
    return rh_sql_is(c, RH_SQL_CHAR_DIGIT) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_number(const char *p, const char *end)
{
    const char *mark;

    if (*p == '0' && p + 2 < end && p[1] != '\0' && strchr("xXoObB", p[1]) != NULL &&
        is_alnum(p[2])) {
        p += 2;
        while (p < end && (is_alnum(*p) || *p == '_'))
            p++;
        return p;
    }
    p = skip_digits(p, end);
    if (p < end && *p == '.' && !(p + 1 < end && p[1] == '.'))
        p = skip_digits(p + 1, end);
    if (p < end && (*p == 'e' || *p == 'E')) {
        mark = p + 1;
        if (mark < end && (*mark == '+' || *mark == '-'))
            mark++;
        if (mark < end && rh_sql_is(*mark, RH_SQL_CHAR_DIGIT))
            p = skip_digits(mark, end);
    }
    return p;
}

/* A run of operator characters, ended by a comment; a sign at its end belongs to what follows
 * unless the operator has one of ~!@#%^&|`? (PostgreSQL's manual, 4.1.3). */
static const char *skip_pg_operator(const char *p, const char *end)
{
    const char *start = p;
    bool special = false;

    while (p < end && rh_sql_is(*p, RH_SQL_CHAR_OPERATOR)) {
        if (p > start && p + 1 < end &&
            ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*')))
            break;
        special = special || strchr("~!@#%^&|`?", *p) != NULL;
        p++;
    }
    while (!special && p - start > 1 && (p[-1] == '+' || p[-1] == '-'))
        p--;
    return p;
}

static const char *skip_sqlite_operator(const char *p, const char *end)
{
    static const char *const longer[] = {"->>", "->", "||", "<<", ">>",
                                         "<=",  ">=", "<>", "!=", "=="};
    size_t left = (size_t)(end - p);

    for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++) {
        size_t len = strlen(longer[i]);

        if (left >= len && memcmp(p, longer[i], len) == 0)
            return p + len;
    }
    return p + 1;
}

/* X'..', E'..', U&'..' and the like; NULL when the word is an ordinary one. */
static const char *skip_prefixed(const rh_sql_scan *scan, const char *p, const char *end,
                                 rh_sql_token *token)
{
    char c = (char)(*p | 0x20);

    if (p + 1 >= end || (p[1] != '\'' && p[1] != '&'))
        return NULL;
    if (p[1] == '\'') {
        if (c == 'x' || (c == 'b' && scan->dialect == RH_SQL_POSTGRES)) {
            token->kind = RH_SQL_TOKEN_BYTES;
            return skip_plain_quoted(p + 2, end, '\'', &token->closed);
        }
        if (scan->dialect != RH_SQL_POSTGRES || (c != 'e' && c != 'n'))
            return NULL;
        token->kind = RH_SQL_TOKEN_STRING;
        if (c == 'e' || !scan->standard_strings)
            return skip_escaped_quoted(p + 2, end, &token->closed);
        return skip_plain_quoted(p + 2, end, '\'', &token->closed);
    }
    if (scan->dialect != RH_SQL_POSTGRES || c != 'u' || p + 2 >= end ||
        (p[2] != '\'' && p[2] != '"'))
        return NULL;
    token->kind = p[2] == '"' ? RH_SQL_TOKEN_IDENT : RH_SQL_TOKEN_STRING;
    return skip_plain_quoted(p + 3, end, p[2], &token->closed);
}

static const char *word(const rh_sql_scan *scan, const char *p, const char *end,
                        rh_sql_token *token)
{
    const char *after = skip_prefixed(scan, p, end, token);

    if (after != NULL)
        return after;
    token->kind = RH_SQL_TOKEN_WORD;
    return skip_name(p + 1, end);
}

static const char *dollar(const rh_sql_scan *scan, const char *p, const char *end,
                          rh_sql_token *token)
{
    const char *after;

    token->kind = RH_SQL_TOKEN_PARAMETER;
    if (scan->dialect == RH_SQL_SQLITE) {
        after = skip_name(p + 1, end);
        while (after + 2 < end && after[0] == ':' && after[1] == ':' &&
               rh_sql_is(after[2], RH_SQL_CHAR_NAME))
            after = skip_name(after + 2, end);
        if (after > p + 1)
            return after;
    } else if (p + 1 < end && rh_sql_is(p[1], RH_SQL_CHAR_DIGIT)) {
        after = p + 1;
        while (after < end && rh_sql_is(*after, RH_SQL_CHAR_DIGIT))
            after++;
        return after;
    } else if ((after = skip_dollar(p, end, &token->closed)) != NULL) {
        token->kind = RH_SQL_TOKEN_STRING;
        return after;
    }
    token->kind = RH_SQL_TOKEN_OTHER;
    return p + 1;
}

/* ':' begins a parameter, a cast, an assignment, or is the colon of an array slice. */
static const char *colon(const rh_sql_scan *scan, const char *p, const char *end,
                         rh_sql_token *token)
{
    bool pg = scan->dialect == RH_SQL_POSTGRES;

    token->kind = RH_SQL_TOKEN_OPERATOR;
    if (p + 1 >= end)
        return p + 1;
    if (pg && (p[1] == ':' || p[1] == '='))
        return p + 2;
    if (pg && scan->brackets > 0)
        return p + 1;
    if (rh_sql_is(p[1], pg ? RH_SQL_CHAR_NAME_START : RH_SQL_CHAR_NAME)) {
        token->kind = RH_SQL_TOKEN_PARAMETER;
        return skip_name(p + 1, end);
    }
    if (pg && (p[1] == '\'' || p[1] == '"')) {
        token->kind = RH_SQL_TOKEN_PARAMETER; /* psql's quoted variables */
        return skip_plain_quoted(p + 2, end, p[1], &token->closed);
    }
    return p + 1;
}

static const char *sqlite_parameter(const char *p, const char *end, rh_sql_token *token)
{
    const char *after = p + 1;

    token->kind = RH_SQL_TOKEN_PARAMETER;
    if (*p == '?') {
        while (after < end && rh_sql_is(*after, RH_SQL_CHAR_DIGIT))
            after++;
        return after;
    }
    after = skip_name(p + 1, end);
    if (after == p + 1)
        token->kind = RH_SQL_TOKEN_OTHER;
    return after;
}

static const char *bracket(rh_sql_scan *scan, const char *p, const char *end, rh_sql_token *token)
{
    const char *after;

    if (scan->dialect == RH_SQL_SQLITE) {
        token->kind = *p == '[' ? RH_SQL_TOKEN_IDENT : RH_SQL_TOKEN_OTHER;
        if (*p == ']')
            return p + 1;
        after = memchr(p, ']', (size_t)(end - p));
        token->closed = after != NULL;
        return after == NULL ? end : after + 1;
    }
    token->kind = RH_SQL_TOKEN_BRACKET;
    if (*p == '[')
        scan->brackets++;
    else if (scan->brackets > 0)
        scan->brackets--;
    return p + 1;
}

static const char *quoted(const rh_sql_scan *scan, const char *p, const char *end,
                          rh_sql_token *token)
{
    token->kind = *p == '\'' ? RH_SQL_TOKEN_STRING : RH_SQL_TOKEN_IDENT;
    if (*p == '\'' && !scan->standard_strings)
        return skip_escaped_quoted(p + 1, end, &token->closed);
    return skip_plain_quoted(p + 1, end, *p, &token->closed);
}

static const char *operator_or_comment(const rh_sql_scan *scan, const char *p, const char *end,
                                       rh_sql_token *token)
{
    token->kind = RH_SQL_TOKEN_COMMENT;
    if (p + 1 < end && p[0] == '-' && p[1] == '-')
        return skip_line(p, end);
    if (p + 1 < end && p[0] == '/' && p[1] == '*')
        return skip_block(p, end, scan->dialect == RH_SQL_POSTGRES, &token->closed);
    token->kind = RH_SQL_TOKEN_OPERATOR;
    if (scan->dialect == RH_SQL_POSTGRES)
        return skip_pg_operator(p, end);
    if (*p == '`')
        return quoted(scan, p, end, token);
    if (*p == '?' || *p == '@' || *p == '#')
        return sqlite_parameter(p, end, token);
    return skip_sqlite_operator(p, end);
}

static const char *rest(rh_sql_scan *scan, const char *p, const char *end, rh_sql_token *token)
{
    switch (*p) {
    case '.':
        if (p + 1 < end && rh_sql_is(p[1], RH_SQL_CHAR_DIGIT)) {
            token->kind = RH_SQL_TOKEN_NUMBER;
            return skip_number(p, end);
        }
        token->kind = RH_SQL_TOKEN_OPERATOR;
        return p + 1;
    case '\'':
    case '"':
        return quoted(scan, p, end, token);
    case '$':
        return dollar(scan, p, end, token);
    case ':':
        return colon(scan, p, end, token);
    case '[':
    case ']':
        return bracket(scan, p, end, token);
    case '\\':
        if (scan->dialect == RH_SQL_POSTGRES) {
            token->kind = RH_SQL_TOKEN_META;
            return skip_line(p, end);
        }
        break;
    default:
        break;
    }
    token->kind = RH_SQL_TOKEN_OTHER;
    return p + 1;
}

rh_sql_token rh_sql_scan_next(rh_sql_scan *scan)
{
    rh_sql_token token = {RH_SQL_TOKEN_END, true, 0, 0};
    const char *end = scan->text + scan->len;
    const char *p = scan->text + scan->at;
    const char *after;
    size_t offset;

    while (p < end && rh_sql_is(*p, RH_SQL_CHAR_SPACE))
        p++;
    offset = (size_t)(p - scan->text);
    scan->at = offset;
    if (p >= end)
        return (rh_sql_token){RH_SQL_TOKEN_END, true, offset, 0};
    switch (rh_sql_class(*p)) {
    case RH_SQL_CHAR_NAME_START | RH_SQL_CHAR_NAME:
        after = word(scan, p, end, &token);
        break;
    case RH_SQL_CHAR_DIGIT | RH_SQL_CHAR_NAME:
        token.kind = RH_SQL_TOKEN_NUMBER;
        after = skip_number(p, end);
        break;
    case RH_SQL_CHAR_OPERATOR:
        after = operator_or_comment(scan, p, end, &token);
        break;
    case RH_SQL_CHAR_SINGLE:
        token.kind = *p == '('   ? RH_SQL_TOKEN_OPEN
                     : *p == ')' ? RH_SQL_TOKEN_CLOSE
                     : *p == ',' ? RH_SQL_TOKEN_COMMA
                                 : RH_SQL_TOKEN_SEMICOLON;
        after = p + 1;
        break;
    default:
        after = rest(scan, p, end, &token);
        break;
    }
    if (after > end)
        after = end;
    scan->at = (size_t)(after - scan->text);
    /* Field by field: copied as a whole, the result would wait for the stores of its parts, which
     * took a third of the time. */
    return (rh_sql_token){token.kind, token.closed, offset, (size_t)(after - p)};
}

rh_sql_token rh_sql_scan_next_code(rh_sql_scan *scan)
{
    rh_sql_token token;

    do {
        token = rh_sql_scan_next(scan);
    } while (token.kind == RH_SQL_TOKEN_COMMENT);
    return token;
}

bool rh_sql_token_is(const rh_sql_token *token, const char *text, const char *word_text)
{
    const char *p = text + token->offset;
    size_t i = 0;

    if (token->kind == RH_SQL_TOKEN_STRING || token->kind == RH_SQL_TOKEN_IDENT)
        return false;
    for (; i < token->len && word_text[i] != '\0'; i++) {
        char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] | 0x20) : p[i];

        if (c != word_text[i])
            return false;
    }
    return i == token->len && word_text[i] == '\0';
}

void rh_sql_position(const char *text, size_t len, size_t offset, size_t *out_line,
                     size_t *out_column)
{
    size_t line = 1;
    size_t column = 1;

    if (offset > len)
        offset = len;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    *out_line = line;
    *out_column = column;
}
