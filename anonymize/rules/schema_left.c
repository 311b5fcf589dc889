/*
 * See schema_left.h.
 */
#include "schema_left.h"

#include <string.h>
#include <strings.h>

#include "bind.h"
#include "core/num.h"
#include "schema_parts.h"

/* ---- numbers ---- */

/* In programs that are not read: account = 4711, 4711 = account, account IN (4711, 4712). */
typedef struct number_watch {
    const rh_literals *literals;
    const char *text;
    size_t numbers; /* seen in front of an operator, or behind one: 4711 = */
    enum { NOTHING, COLUMN, COLUMN_COMPARED, NUMBER, NUMBER_COMPARED } state;
} number_watch;

static bool is_masked_column(const rh_literals *literals, const char *at, size_t len)
{
    bool quoted = len > 2 && *at == '"';

    for (size_t i = 0; i < rh_bound_count(literals->bound); i++) {
        const rh_decision *decision = rh_bound_at(literals->bound, i);
        const char *name = decision->column->name;

        if (decision_keeps(decision))
            continue;
        if (quoted ? strlen(name) == len - 2 && memcmp(name, at + 1, len - 2) == 0
                   : strlen(name) == len && strncasecmp(name, at, len) == 0)
            return true;
    }
    return false;
}

/* Words and operators that stand between a column and what it is compared with. */
static bool compares(const rh_sql_token *token, const char *text)
{
    static const char *const WORDS[] = {
        "=", "<>", "!=", "<", ">", "<=", ">=", "in", "is", "not", "between", "any", "==", ":="};

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (rh_sql_token_is(token, text, WORDS[i]))
            return true;
    }
    return false;
}

/* What may stand between two numbers that are compared with one column. */
static bool goes_on(const rh_sql_token *token, const char *text)
{
    return token->kind == RH_SQL_TOKEN_OPEN || token->kind == RH_SQL_TOKEN_COMMA ||
           token->kind == RH_SQL_TOKEN_COMMENT || rh_sql_token_is(token, text, "-") ||
           rh_sql_token_is(token, text, "and") || rh_sql_token_is(token, text, "array");
}

bool schema_number_is_small(const char *text, size_t len)
{
    int64_t number;

    return rh_num_scan_int64(text, len, &number) && number >= -1 && number <= 1;
}

/* Numbers that this token makes somebody's: 0 or more. */
static size_t watch_number(number_watch *w, const rh_sql_token *token)
{
    const char *at = w->text + token->offset;
    bool name = (token->kind == RH_SQL_TOKEN_WORD || token->kind == RH_SQL_TOKEN_IDENT) &&
                !compares(token, w->text) && !goes_on(token, w->text);
    size_t found = 0;

    if (token->kind == RH_SQL_TOKEN_NUMBER) {
        bool small = schema_number_is_small(at, token->len);

        if (w->state == COLUMN_COMPARED)
            return !small;
        w->state = NUMBER;
        w->numbers = !small;
    } else if (name && is_masked_column(w->literals, at, token->len)) {
        found = w->state == NUMBER_COMPARED ? w->numbers : 0;
        w->state = COLUMN;
    } else if (compares(token, w->text)) {
        w->state = w->state == COLUMN || w->state == COLUMN_COMPARED ? COLUMN_COMPARED
                   : w->state == NUMBER                              ? NUMBER_COMPARED
                                                                     : NOTHING;
    } else if (name || !(w->state == COLUMN_COMPARED && goes_on(token, w->text))) {
        /* 4711 = t.account: the table and its dot do not end the comparison */
        bool qualifies =
            w->state == NUMBER_COMPARED && (name || rh_sql_token_is(token, w->text, "."));

        w->state = qualifies ? NUMBER_COMPARED : NOTHING;
    }
    return found;
}

/* ---- texts ---- */

/* SQLite's "x" that nothing has as its name is a text. */
static bool names_something(const rh_structure *structure, const char *at, size_t len)
{
    for (size_t i = 0; i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (strlen(table->name) == len && memcmp(table->name, at, len) == 0)
            return true;
        for (size_t j = 0; j < table->column_count; j++) {
            if (strlen(table->columns[j].name) == len &&
                memcmp(table->columns[j].name, at, len) == 0)
                return true;
        }
    }
    return false;
}

static size_t count_data(const rh_literals *literals, const char *text, size_t len, size_t depth);

/* A program between dollar quotes: the values in it. Quotes in quotes are not looked into. */
static size_t count_quoted(const rh_literals *literals, const char *text, size_t len, size_t depth)
{
    size_t tag = schema_dollar_quote(text, len);

    if (tag == 0 || depth > 0)
        return 1;
    return count_data(literals, text + tag, len - 2 * tag, depth + 1);
}

size_t schema_data_of(const rh_literals *literals, const char *text, const rh_sql_token *token,
                      size_t depth)
{
    const char *at = text + token->offset;

    switch (token->kind) {
    case RH_SQL_TOKEN_STRING:
        return *at == '$' ? count_quoted(literals, at, token->len, depth)
                          : token->len > 2; /* '' is nobody's value */
    case RH_SQL_TOKEN_BYTES:
        return token->len > 3;
    case RH_SQL_TOKEN_COMMENT: /* people write examples there */
    case RH_SQL_TOKEN_OTHER:
        return 1;
    case RH_SQL_TOKEN_IDENT:
        return literals->dialect == RH_SQL_SQLITE && *at == '"' && token->len > 2 &&
               !names_something(literals->structure, at + 1, token->len - 2);
    default:
        return !token->closed;
    }
}

static size_t count_data(const rh_literals *literals, const char *text, size_t len, size_t depth)
{
    number_watch watch = {literals, text, 0, 0};
    size_t count = 0;
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, literals->dialect, text, len);
    while (token = rh_sql_scan_next(&scan), token.kind != RH_SQL_TOKEN_END) {
        count += schema_data_of(literals, text, &token, depth);
        count += watch_number(&watch, &token);
    }
    return count;
}
