#include "pg_lexer.h"

#include <string.h>

#include "core/str.h"

void rh_pg_lexer_init(rh_pg_lexer *lexer, const char *text, size_t len)
{
    lexer->at = text;
    lexer->end = text + len;
    lexer->standard_strings = true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_word_start(c) || (c >= '0' && c <= '9') || c == '$';
}

/* Behind the closing quote; a doubled quote stays inside, a backslash takes the next character
 * along where strings escape. */
static const char *skip_quoted(const char *p, const char *end, char quote, bool escapes)
{
    for (; p < end; p++) {
        if (escapes && *p == '\\' && p + 1 < end)
            p++;
        else if (*p == quote) {
            if (p + 1 < end && p[1] == quote)
                p++;
            else
                return p + 1;
        }
    }
    return end;
}

/* p stands on '$'. Behind the closing tag, or NULL when this is no dollar quote. */
static const char *skip_dollar(const char *p, const char *end)
{
    const char *tag_end = p + 1;
    size_t tag_len;

    if (tag_end < end && is_word_start(*tag_end)) {
        while (tag_end < end && is_word(*tag_end) && *tag_end != '$')
            tag_end++;
    }
    if (tag_end >= end || *tag_end != '$')
        return NULL;
    tag_end++;
    tag_len = (size_t)(tag_end - p);
    for (const char *q = tag_end; q + tag_len <= end; q++) {
        q = memchr(q, '$', (size_t)(end - q));
        if (q == NULL || q + tag_len > end)
            break;
        if (memcmp(q, p, tag_len) == 0)
            return q + tag_len;
    }
    return end;
}

/* Block comments nest. */
static const char *skip_block_comment(const char *p, const char *end)
{
    int depth = 0;

    while (p < end) {
        if (p + 1 < end && p[0] == '/' && p[1] == '*') {
            depth++;
            p += 2;
        } else if (p + 1 < end && p[0] == '*' && p[1] == '/') {
            depth--;
            p += 2;
            if (depth == 0)
                return p;
        } else {
            p++;
        }
    }
    return end;
}

static const char *skip_line(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));

    return newline == NULL ? end : newline;
}

/* E'...' escapes; B, X and N do not; U& is followed by a quote of either kind. */
static const char *skip_word_or_prefixed(rh_pg_lexer *lexer, rh_pg_token *token)
{
    const char *p = token->text;
    const char *end = lexer->end;

    if (p + 1 < end && p[1] == '\'' && strchr("eEbBxXnN", *p) != NULL) {
        bool escapes = *p == 'e' || *p == 'E';
        token->kind = RH_PG_TOKEN_STRING;
        return skip_quoted(p + 2, end, '\'',
                           escapes || ((*p == 'n' || *p == 'N') && !lexer->standard_strings));
    }
    if (p + 2 < end && (*p == 'u' || *p == 'U') && p[1] == '&' && (p[2] == '\'' || p[2] == '"')) {
        token->kind = p[2] == '"' ? RH_PG_TOKEN_IDENT : RH_PG_TOKEN_STRING;
        return skip_quoted(p + 3, end, p[2], false);
    }
    token->kind = RH_PG_TOKEN_WORD;
    while (p < end && is_word(*p))
        p++;
    return p;
}

static const char *skip_number(const char *p, const char *end)
{
    while (p < end && (is_word(*p) || *p == '.') && *p != '$')
        p++;
    return p;
}

rh_pg_token rh_pg_lexer_next(rh_pg_lexer *lexer)
{
    rh_pg_token token = {RH_PG_TOKEN_END, NULL, 0};
    const char *end = lexer->end;
    const char *p;
    const char *after = NULL;

    while (lexer->at < end && is_space(*lexer->at))
        lexer->at++;
    p = lexer->at;
    token.text = p;
    if (p == end)
        return token;
    token.kind = RH_PG_TOKEN_OTHER;
    if (p + 1 < end && p[0] == '-' && p[1] == '-') {
        token.kind = RH_PG_TOKEN_COMMENT;
        after = skip_line(p, end);
    } else if (p + 1 < end && p[0] == '/' && p[1] == '*') {
        token.kind = RH_PG_TOKEN_COMMENT;
        after = skip_block_comment(p, end);
    } else if (*p == '\'') {
        token.kind = RH_PG_TOKEN_STRING;
        after = skip_quoted(p + 1, end, '\'', !lexer->standard_strings);
    } else if (*p == '"') {
        token.kind = RH_PG_TOKEN_IDENT;
        after = skip_quoted(p + 1, end, '"', false);
    } else if (*p == '$' && (after = skip_dollar(p, end)) != NULL) {
        token.kind = RH_PG_TOKEN_STRING;
    } else if (*p == '\\') {
        token.kind = RH_PG_TOKEN_META;
        after = skip_line(p, end);
    } else if (is_word_start(*p)) {
        after = skip_word_or_prefixed(lexer, &token);
    } else if (*p >= '0' && *p <= '9') {
        after = skip_number(p, end);
    } else {
        after = p + 1;
    }
    token.len = (size_t)(after - p);
    lexer->at = after;
    return token;
}

rh_pg_token rh_pg_lexer_next_code(rh_pg_lexer *lexer)
{
    rh_pg_token token;

    do {
        token = rh_pg_lexer_next(lexer);
    } while (token.kind == RH_PG_TOKEN_COMMENT);
    return token;
}

bool rh_pg_token_is(const rh_pg_token *token, const char *word)
{
    char text[32];

    if ((token->kind != RH_PG_TOKEN_WORD && token->kind != RH_PG_TOKEN_OTHER) ||
        token->len == 0 || token->len >= sizeof text)
        return false;
    memcpy(text, token->text, token->len);
    text[token->len] = '\0';
    return rh_str_ieq(text, word);
}

/* As psql counts them: only in CREATE [OR REPLACE] FUNCTION or PROCEDURE does BEGIN open a body
 * with semicolons of its own, in which CASE and BEGIN nest up to their END. */
typedef struct body_state {
    int parens;
    int words; /* words seen so far, up to 4 */
    bool create;
    bool routine;
    int depth;
} body_state;

static void note_word(body_state *state, const rh_pg_token *token)
{
    if (state->words == 0)
        state->create = rh_pg_token_is(token, "create");
    else if (state->words < 4 && state->create &&
             (rh_pg_token_is(token, "function") || rh_pg_token_is(token, "procedure")))
        state->routine = true;
    if (state->words < 4)
        state->words++;
    if (!state->routine)
        return;
    if (rh_pg_token_is(token, "begin"))
        state->depth++;
    else if (rh_pg_token_is(token, "case")) {
        if (state->depth > 0)
            state->depth++;
    } else if (rh_pg_token_is(token, "end") && state->depth > 0) {
        state->depth--;
    }
}

static void note_token(body_state *state, const rh_pg_token *token)
{
    if (rh_pg_token_is(token, "("))
        state->parens++;
    else if (rh_pg_token_is(token, ")") && state->parens > 0)
        state->parens--;
    else if (token->kind == RH_PG_TOKEN_WORD)
        note_word(state, token);
}

bool rh_pg_statement_next(rh_pg_lexer *lexer, rh_pg_comment_function on_comment, void *ctx,
                          rh_pg_statement *out)
{
    body_state state = {0, 0, false, false, 0};
    const char *start = NULL;
    const char *last = NULL;

    for (;;) {
        rh_pg_token token = rh_pg_lexer_next(lexer);

        if (token.kind == RH_PG_TOKEN_COMMENT) {
            if (start == NULL && on_comment != NULL)
                on_comment(ctx, &token);
            continue;
        }
        if (token.kind == RH_PG_TOKEN_END)
            break;
        if (token.kind == RH_PG_TOKEN_META && start == NULL) {
            *out = (rh_pg_statement){token.text, token.len, true};
            return true;
        }
        if (rh_pg_token_is(&token, ";") && state.parens == 0 && state.depth == 0) {
            if (start != NULL)
                break;
            continue; /* an empty statement */
        }
        if (start == NULL)
            start = token.text;
        last = token.text + token.len;
        note_token(&state, &token);
    }
    if (start == NULL)
        return false;
    *out = (rh_pg_statement){start, (size_t)(last - start), false};
    return true;
}
