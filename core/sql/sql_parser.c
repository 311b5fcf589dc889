#include "sql_parser.h"

#include <string.h>

#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "sql_keyword.h"

enum {
    MAX_PARSER_BYTES = 1 << 20,
    MAX_PARENS = 200, /* open at a time */
    MAX_CHAIN = 2000, /* operators and words in one list item, over all open parentheses */
};

typedef struct depth_meter {
    unsigned counts[MAX_PARENS + 1]; /* since the last comma, per open parenthesis */
    unsigned total;
    unsigned depth;
    unsigned joins; /* JOIN, UNION and their like: left-deep trees that commas do not end */
} depth_meter;

/* False when the tree may be too deep. Brackets and CASE count as words. */
static bool measure(depth_meter *m, const rh_sql_token *token, const char *text)
{
    switch (token->kind) {
    case RH_SQL_TOKEN_OPEN:
        if (m->depth == MAX_PARENS)
            return false;
        m->counts[++m->depth] = 0;
        break;
    case RH_SQL_TOKEN_CLOSE:
        if (m->depth > 0)
            m->total -= m->counts[m->depth--];
        break;
    case RH_SQL_TOKEN_COMMA:
    case RH_SQL_TOKEN_SEMICOLON:
        m->total -= m->counts[m->depth];
        m->counts[m->depth] = 0;
        break;
    case RH_SQL_TOKEN_OPERATOR:
    case RH_SQL_TOKEN_WORD:
    case RH_SQL_TOKEN_BRACKET:
        m->counts[m->depth]++;
        m->total++;
        switch (rh_sql_keyword_of(token, text)) {
        case RH_SQL_KW_JOIN:
        case RH_SQL_KW_UNION:
        case RH_SQL_KW_INTERSECT:
        case RH_SQL_KW_EXCEPT:
            m->joins++;
            break;
        default:
            break;
        }
        break;
    default:
        break;
    }
    return m->total + m->joins <= MAX_CHAIN;
}

bool rh_sql_parser_fits(const char *text, size_t len)
{
    depth_meter meter;
    rh_sql_scan scan;

    if (len > MAX_PARSER_BYTES || memchr(text, '\0', len) != NULL)
        return false;
    memset(&meter, 0, sizeof meter);
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return true;
        if (!measure(&meter, &token, text))
            return false;
    }
}

#ifdef RH_HAVE_PG_QUERY

#include <pg_query.h>

/* A terminated copy of a text that the parser may see; NULL with RH_SKIPPED or RH_ENOMEM. */
static char *copy_for_parser(const char *text, size_t len, rh_status *status, rh_error *err)
{
    char *copy;

    *status = RH_SKIPPED;
    if (!rh_sql_parser_fits(text, len))
        return NULL;
    copy = rh_mem_strndup(text, len);
    if (copy == NULL)
        *status = rh_error_oom(err);
    return copy;
}

rh_status rh_sql_parser_fingerprint(const char *text, size_t len, uint64_t *out, rh_error *err)
{
    rh_status status;
    char *copy = copy_for_parser(text, len, &status, err);
    PgQueryFingerprintResult result;

    if (copy == NULL)
        return status;
    result = pg_query_fingerprint(copy);
    if (result.error == NULL) {
        *out = result.fingerprint;
        status = RH_OK;
    }
    pg_query_free_fingerprint_result(result);
    rh_mem_free(copy);
    return status;
}

rh_status rh_sql_parser_tree(const char *text, size_t len, json_t **out, rh_error *err)
{
    rh_status status;
    char *copy = copy_for_parser(text, len, &status, err);
    bool failed;
    PgQueryParseResult result;
    json_t *tree = NULL;

    if (copy == NULL)
        return status;
    result = pg_query_parse(copy);
    rh_mem_jansson_begin();
    if (result.error == NULL && result.parse_tree != NULL)
        tree = json_loads(result.parse_tree, 0, NULL);
    failed = rh_mem_jansson_end();
    pg_query_free_parse_result(result);
    rh_mem_free(copy);
    if (failed) {
        json_decref(tree);
        return rh_error_oom(err);
    }
    if (tree == NULL)
        return RH_SKIPPED;
    *out = tree;
    return RH_OK;
}

const char *rh_sql_parser_version(void)
{
    return PG_MAJORVERSION;
}

bool rh_sql_parser_complaint(const char *text, size_t len, char *message, size_t size,
                             size_t *out_offset)
{
    rh_status status;
    char *copy = copy_for_parser(text, len, &status, NULL);
    PgQueryParseResult result;
    bool found;

    if (copy == NULL)
        return false;
    result = pg_query_parse(copy);
    found = result.error != NULL;
    if (found) {
        size_t characters = result.error->cursorpos > 0 ? (size_t)result.error->cursorpos - 1 : 0;
        size_t at = 0;

        (void)rh_str_copy(message, size, result.error->message);
        for (; at < len && characters > 0; characters--) {
            at++;
            while (at < len && ((unsigned char)copy[at] & 0xC0) == 0x80)
                at++;
        }
        *out_offset = at;
    }
    pg_query_free_parse_result(result);
    rh_mem_free(copy);
    return found;
}

#else

rh_status rh_sql_parser_fingerprint(const char *text, size_t len, uint64_t *out, rh_error *err)
{
    (void)text, (void)len, (void)out, (void)err;
    return RH_SKIPPED;
}

rh_status rh_sql_parser_tree(const char *text, size_t len, json_t **out, rh_error *err)
{
    (void)text, (void)len, (void)out, (void)err;
    return RH_SKIPPED;
}

const char *rh_sql_parser_version(void)
{
    return NULL;
}

bool rh_sql_parser_complaint(const char *text, size_t len, char *message, size_t size,
                             size_t *out_offset)
{
    (void)text, (void)len, (void)message, (void)size, (void)out_offset;
    return false;
}

#endif
