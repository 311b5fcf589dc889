/*
 * See schema_parts.h. Statements are recognised by their tokens; what is not recognised has no
 * parts, so its literals stay and are named by the proof.
 */
#include "schema_parts.h"
#include "core/sql_name.h"

#include <string.h>

typedef struct walk {
    const rh_literals *literals;
    const char *text;
    size_t len;
    const rh_sql_token *tokens; /* without comments; the last one is END */
    size_t count;               /* without END */
    const rh_structure_table *table;
    schema_part *items;
    size_t item_count;
} walk;

/* ---- tokens ---- */

static rh_status read_tokens(walk *w, rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_token *tokens;
    size_t count = 0;

    rh_sql_scan_init(&scan, w->literals->dialect, w->text, w->len);
    while (rh_sql_scan_next_code(&scan).kind != RH_SQL_TOKEN_END)
        count++;
    tokens = rh_arena_array(w->literals->scratch, count + 1, sizeof *tokens);
    w->items = rh_arena_array(w->literals->scratch, count + 1, sizeof *w->items);
    if (tokens == NULL || w->items == NULL)
        return rh_error_oom(err);
    rh_sql_scan_init(&scan, w->literals->dialect, w->text, w->len);
    for (size_t i = 0; i <= count; i++)
        tokens[i] = rh_sql_scan_next_code(&scan);
    w->tokens = tokens;
    w->count = count;
    return RH_OK;
}

static bool is(const walk *w, size_t at, const char *word)
{
    return at < w->count && rh_sql_token_is(&w->tokens[at], w->text, word);
}

static bool opens(const walk *w, size_t at)
{
    return at < w->count && w->tokens[at].kind == RH_SQL_TOKEN_OPEN;
}

/* The bracket that closes the one at open; w->count when there is none. */
static size_t closing(const walk *w, size_t open)
{
    size_t depth = 0;

    for (size_t at = open; at < w->count; at++) {
        if (w->tokens[at].kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (w->tokens[at].kind == RH_SQL_TOKEN_CLOSE && --depth == 0)
            return at;
    }
    return w->count;
}

/* The first word outside of brackets, from at on; end when there is none. */
static size_t find(const walk *w, size_t at, size_t end, const char *word)
{
    size_t depth = 0;

    for (; at < end; at++) {
        if (w->tokens[at].kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (w->tokens[at].kind == RH_SQL_TOKEN_CLOSE && depth > 0)
            depth--;
        else if (depth == 0 && is(w, at, word))
            return at;
    }
    return end;
}

static bool names(const walk *w, size_t at, const char *name)
{
    return w->tokens[at].kind != RH_SQL_TOKEN_STRING &&
           rh_sql_token_names(w->literals->dialect, &w->tokens[at], w->text, name);
}

/* [schema.]name at *at, which moves behind it. Without a schema: the only table of that name. */
static const rh_structure_table *read_table(const walk *w, size_t *at)
{
    const rh_structure *structure = w->literals->structure;
    const rh_structure_table *found = NULL;
    bool qualified = is(w, *at + 1, ".") && *at + 2 < w->count;
    size_t name = qualified ? *at + 2 : *at;

    if (name >= w->count)
        return NULL;
    for (size_t i = 0; i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (!names(w, name, table->name) || (qualified && !names(w, *at, table->schema)))
            continue;
        if (found != NULL)
            return NULL;
        found = table;
    }
    *at = name + 1;
    return found;
}

/* ---- parts ---- */

/* Tokens [begin, end). */
static void add(walk *w, schema_part_kind kind, size_t begin, size_t end)
{
    schema_part *part = &w->items[w->item_count];

    if (begin >= end)
        return;
    part->kind = kind;
    part->offset = w->tokens[begin].offset;
    part->len = w->tokens[end - 1].offset + w->tokens[end - 1].len - part->offset;
    part->table = w->table;
    w->item_count++;
}

/* CHECK (..), AS (..), WHERE (..) wherever they stand from at on: CREATE TABLE, constraints; of a
 * domain type there is no table. */
static void add_constraints(walk *w, size_t at)
{
    for (; at < w->count; at++) {
        size_t end;

        if (!opens(w, at + 1) || !(is(w, at, "check") || is(w, at, "as") || is(w, at, "where")))
            continue;
        end = closing(w, at + 1);
        add(w, PART_EXPRESSION, at + 2, end);
        at = end;
    }
}

/* CREATE TABLE name (..), ALTER TABLE name ADD CONSTRAINT ..; at is behind TABLE. */
static void read_table_statement(walk *w, size_t at)
{
    while (is(w, at, "if") || is(w, at, "not") || is(w, at, "exists") || is(w, at, "only"))
        at++;
    w->table = read_table(w, &at);
    if (w->table != NULL)
        add_constraints(w, at);
}

/* CREATE INDEX .. ON name [USING method] (keys) .. [WHERE ..] */
static void read_index(walk *w, size_t at)
{
    size_t where;
    size_t end;

    at = find(w, at, w->count, "on") + 1;
    if (is(w, at, "only"))
        at++;
    w->table = read_table(w, &at);
    if (w->table == NULL)
        return;
    if (is(w, at, "using"))
        at += 2;
    if (!opens(w, at))
        return;
    end = closing(w, at);
    add(w, PART_KEYS, at + 1, end);
    where = find(w, end, w->count, "where");
    at = find(w, end, where, "with");
    if (opens(w, at + 1) && at < where)
        add(w, PART_SKIP, at + 1, closing(w, at + 1));
    add(w, PART_EXPRESSION, where + 1, w->count);
}

/* CREATE VIEW name [(..)] [WITH (..)] AS query [WITH ..]; at is behind VIEW. */
static void read_view(walk *w, size_t at)
{
    size_t end = w->count;

    at = find(w, at, w->count, "as") + 1;
    if (end >= 2 && is(w, end - 1, "data"))
        end -= is(w, end - 2, "no") ? 3 : 2;
    else if (end >= 2 && is(w, end - 1, "option") && is(w, end - 2, "check"))
        end -= is(w, end - 3, "with") ? 3 : 4;
    add(w, PART_QUERY, at, end);
}

/* Statements with a semicolon behind each, between BEGIN [ATOMIC] and END. */
static void add_body(walk *w, size_t at)
{
    size_t start = at;

    for (; at < w->count; at++) {
        if (w->tokens[at].kind != RH_SQL_TOKEN_SEMICOLON)
            continue;
        add(w, PART_QUERY, start, at);
        start = at + 1;
    }
}

/* CREATE TRIGGER .. ON name .. [WHEN ..] EXECUTE .., or BEGIN .. END */
static void read_trigger(walk *w, size_t at)
{
    size_t body;
    size_t when;

    at = find(w, at, w->count, "on") + 1;
    w->table = read_table(w, &at);
    if (w->table == NULL)
        return;
    body = find(w, at, w->count, "begin");
    when = find(w, at, body, "when");
    if (w->literals->dialect == RH_SQL_POSTGRES && opens(w, when + 1) && when < body)
        add(w, PART_ROW, when + 2, closing(w, when + 1));
    else if (w->literals->dialect == RH_SQL_SQLITE)
        add(w, PART_ROW, when + 1, body);
    if (body < w->count)
        add_body(w, body + 1);
}

/* CREATE POLICY name ON table .. USING (..) WITH CHECK (..) */
static void read_policy(walk *w, size_t at)
{
    at = find(w, at, w->count, "on") + 1;
    w->table = read_table(w, &at);
    for (; w->table != NULL && at < w->count; at++) {
        size_t end;

        if (!opens(w, at + 1) || !(is(w, at, "using") || is(w, at, "check")))
            continue;
        end = closing(w, at + 1);
        add(w, PART_EXPRESSION, at + 2, end);
        at = end;
    }
}

size_t schema_dollar_quote(const char *text, size_t len)
{
    const char *second = len < 2 || text[0] != '$' ? NULL : memchr(text + 1, '$', len - 1);
    size_t tag = second == NULL ? 0 : (size_t)(second - text) + 1;

    return len < 2 * tag ? 0 : tag;
}

/* The statements between dollar quotes. */
static rh_status add_quoted_body(walk *w, const rh_sql_token *token, rh_error *err)
{
    const char *text = w->text + token->offset;
    size_t tag = schema_dollar_quote(text, token->len);
    size_t count = 0;
    rh_sql_scan scan;
    rh_sql_piece piece;

    if (tag == 0 || !token->closed)
        return RH_OK;
    rh_sql_scan_init(&scan, w->literals->dialect, text + tag, token->len - 2 * tag);
    while (rh_sql_split_next(&scan, &piece))
        count++;
    w->items = rh_arena_array(w->literals->scratch, count + 2, sizeof *w->items);
    if (w->items == NULL)
        return rh_error_oom(err);
    w->items[w->item_count++] = (schema_part){PART_SKIP, token->offset, tag, NULL};
    rh_sql_scan_init(&scan, w->literals->dialect, text + tag, token->len - 2 * tag);
    while (w->item_count <= count && rh_sql_split_next(&scan, &piece))
        w->items[w->item_count++] =
            (schema_part){PART_QUERY, token->offset + tag + piece.offset, piece.len, NULL};
    w->items[w->item_count++] =
        (schema_part){PART_SKIP, token->offset + token->len - tag, tag, NULL};
    return RH_OK;
}

/* Functions in SQL: its statements are read like any other. Other languages are not. */
static rh_status read_function(walk *w, size_t at, rh_error *err)
{
    size_t language = find(w, at, w->count, "language");
    size_t as = find(w, at, w->count, "as");
    size_t atomic = find(w, at, w->count, "atomic");

    if (!is(w, language + 1, "sql"))
        return RH_OK;
    if (as + 1 < w->count && w->tokens[as + 1].kind == RH_SQL_TOKEN_STRING)
        return add_quoted_body(w, &w->tokens[as + 1], err);
    if (atomic < w->count)
        add_body(w, atomic + 1);
    return RH_OK;
}

/* Words between CREATE and what is created. */
static bool stands_before(const walk *w, size_t at)
{
    static const char *const BEFORE[] = {"or",     "replace",   "unlogged",  "foreign",
                                         "temp",   "temporary", "unique",    "recursive",
                                         "global", "local",     "constraint"};

    for (size_t i = 0; i < sizeof BEFORE / sizeof BEFORE[0]; i++) {
        if (is(w, at, BEFORE[i]))
            return true;
    }
    return false;
}

static rh_status read_create(walk *w, size_t at, rh_error *err)
{
    while (stands_before(w, at))
        at++;
    if (is(w, at, "table"))
        read_table_statement(w, at + 1);
    else if (is(w, at, "index"))
        read_index(w, at + 1);
    else if (is(w, at, "view"))
        read_view(w, at + 1);
    else if (is(w, at, "materialized") && is(w, at + 1, "view"))
        read_view(w, at + 2);
    else if (is(w, at, "trigger"))
        read_trigger(w, at + 1);
    else if (is(w, at, "domain"))
        add_constraints(w, at + 1);
    else if (is(w, at, "policy"))
        read_policy(w, at + 1);
    else if (is(w, at, "function") || is(w, at, "procedure"))
        return read_function(w, at + 1, err);
    return RH_OK;
}

static rh_status read_statement(walk *w, rh_error *err)
{
    while (w->count > 0 && w->tokens[w->count - 1].kind == RH_SQL_TOKEN_SEMICOLON)
        w->count--;
    if (is(w, 0, "create"))
        return read_create(w, 1, err);
    if (is(w, 0, "alter") && is(w, 1, "table"))
        read_table_statement(w, 2);
    else if (is(w, 0, "select") || is(w, 0, "with") || is(w, 0, "values"))
        add(w, PART_QUERY, 0, w->count);
    else if (w->table != NULL || w->literals->dialect == RH_SQL_POSTGRES)
        add_constraints(w, is(w, 0, "alter") && is(w, 1, "domain") ? 2 : 0);
    return RH_OK;
}

rh_status schema_parts_find(const rh_literals *literals, const rh_schema_sql *sql,
                            schema_parts *out, rh_error *err)
{
    walk w = {.literals = literals, .text = sql->text, .len = sql->len, .table = sql->table};
    rh_status status = read_tokens(&w, err);

    if (status != RH_OK)
        return status;
    if (sql->expression)
        add(&w, PART_EXPRESSION, 0, w.count);
    else
        status = read_statement(&w, err);
    *out = (schema_parts){w.items, w.item_count};
    return status;
}
