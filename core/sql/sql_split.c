#include <string.h>

#include "core/sql_scan.h"

/* Where a statement may hold semicolons of its own: a trigger's body (SQLite) ends with "; END", a
 * routine's BEGIN ATOMIC body (PostgreSQL) with the END of the outermost BEGIN or CASE. */
typedef struct body {
    bool create; /* the first word is CREATE */
    bool temp;   /* the second is TEMP or TEMPORARY */
    bool trigger;
    bool routine;
    bool atomic;
    unsigned depth;
    bool last_begin; /* the previous token was BEGIN */
    bool last_semicolon;
    bool ended; /* trigger: the previous token was the END behind a semicolon */
} body;

static void track_routine(body *b, const rh_sql_token *token, const char *text)
{
    bool begin = rh_sql_token_is(token, text, "begin");

    if (b->last_begin && !b->atomic && rh_sql_token_is(token, text, "atomic")) {
        b->atomic = true;
        b->depth = 1;
    } else if (b->atomic && (begin || rh_sql_token_is(token, text, "case"))) {
        b->depth++;
    } else if (b->atomic && b->depth > 0 && rh_sql_token_is(token, text, "end")) {
        b->depth--;
    }
    b->last_begin = begin;
}

static void track(body *b, rh_sql_dialect dialect, const rh_sql_token *token, const char *text,
                  size_t words)
{
    if (token->kind == RH_SQL_TOKEN_WORD) {
        if (words == 0)
            b->create = rh_sql_token_is(token, text, "create");
        else if (b->create && dialect == RH_SQL_SQLITE && (words == 1 || (words == 2 && b->temp)))
            b->trigger = rh_sql_token_is(token, text, "trigger");
        else if (b->create && dialect == RH_SQL_POSTGRES && words <= 4)
            b->routine = b->routine || rh_sql_token_is(token, text, "function") ||
                         rh_sql_token_is(token, text, "procedure");
        if (b->create && words == 1)
            b->temp =
                rh_sql_token_is(token, text, "temp") || rh_sql_token_is(token, text, "temporary");
        if (b->routine)
            track_routine(b, token, text);
        b->ended = b->trigger && b->last_semicolon && rh_sql_token_is(token, text, "end");
    } else {
        b->ended = false;
        b->last_begin = false;
    }
    b->last_semicolon = token->kind == RH_SQL_TOKEN_SEMICOLON;
}

/* Rows behind COPY .. FROM STDIN in a script: up to the line "\.", when there is one. */
static void skip_copy_rows(rh_sql_scan *scan)
{
    size_t at = scan->at;

    while (at < scan->len) {
        const char *line = memchr(scan->text + at, '\n', scan->len - at);

        if (line == NULL)
            return;
        at = (size_t)(line - scan->text) + 1;
        if (scan->len - at >= 2 && memcmp(line + 1, "\\.", 2) == 0 &&
            (scan->len - at == 2 || line[3] == '\n' || line[3] == '\r')) {
            scan->at = at + 2;
            return;
        }
    }
}

bool rh_sql_split_next(rh_sql_scan *scan, rh_sql_piece *out)
{
    rh_sql_piece piece = {0, 0, false};
    body b = {false, false, false, false, false, 0, false, false, false};
    size_t words = 0;
    size_t tokens = 0;
    unsigned parens = 0;
    bool copy = false;
    bool from_stdin = false;

    scan->brackets = 0;
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(scan);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (token.kind == RH_SQL_TOKEN_META) {
            if (tokens > 0)
                break;
            continue;
        }
        if (token.kind == RH_SQL_TOKEN_SEMICOLON) {
            bool inside = (parens > 0 && scan->dialect == RH_SQL_POSTGRES) ||
                          (b.atomic && b.depth > 0) || (b.trigger && !b.ended);

            if (!inside && tokens > 0) {
                piece.complete = true;
                break;
            }
            if (!inside)
                continue;
        }
        if (tokens++ == 0)
            piece.offset = token.offset;
        piece.len = token.offset + token.len - piece.offset;
        if (token.kind == RH_SQL_TOKEN_OPEN)
            parens++;
        else if (token.kind == RH_SQL_TOKEN_CLOSE && parens > 0)
            parens--;
        if (token.kind == RH_SQL_TOKEN_WORD && words == 0)
            copy = rh_sql_token_is(&token, scan->text, "copy");
        from_stdin = from_stdin || (copy && rh_sql_token_is(&token, scan->text, "stdin"));
        track(&b, scan->dialect, &token, scan->text, words);
        words += token.kind == RH_SQL_TOKEN_WORD;
    }
    if (tokens == 0)
        return false;
    if (from_stdin && piece.complete && scan->dialect == RH_SQL_POSTGRES)
        skip_copy_rows(scan);
    *out = piece;
    return true;
}

/* A name ends at white space. False: the comment gives none. */
static bool read_name(const char *comment, size_t len, const char **out, size_t *out_len)
{
    static const char blanks[] = " \t\r\n";
    const char *end = comment + len;
    const char *p = comment + 2;
    const char *name;

    while (p < end && strchr(blanks, *p) != NULL && *p != '\0')
        p++;
    if (end - p < 5 || strncmp(p, "name:", 5) != 0)
        return false;
    p += 5;
    while (p < end && strchr(blanks, *p) != NULL && *p != '\0')
        p++;
    for (name = p; p < end && strchr(blanks, *p) == NULL; p++) {
    }
    if (p == name)
        return false;
    *out = name;
    *out_len = (size_t)(p - name);
    return true;
}

bool rh_sql_name_between(rh_sql_dialect dialect, const char *text, size_t from, size_t to,
                         const char **out, size_t *out_len)
{
    rh_sql_scan scan;
    bool found = false;

    rh_sql_scan_init(&scan, dialect, text + from, to - from);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return found;
        if (token.kind == RH_SQL_TOKEN_COMMENT && scan.text[token.offset] == '-' &&
            read_name(scan.text + token.offset, token.len, out, out_len))
            found = true;
    }
}
