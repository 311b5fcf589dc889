#include <string.h>

#include "core/str.h"
#include "sql_reader.h"

static bool at_text(const rh_sql_reader *r, size_t ahead, const char *text)
{
    return rh_sql_at_word(r, ahead, text);
}

/* Types of more than one word, and their modifiers. */
static void type_words(rh_sql_reader *r)
{
    if (at_text(r, 0, "precision") || at_text(r, 0, "varying"))
        rh_sql_advance(r);
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
        rh_sql_skip_group(r);
    if ((at_text(r, 0, "with") || at_text(r, 0, "without")) && at_text(r, 1, "time") &&
        at_text(r, 2, "zone")) {
        rh_sql_advance(r);
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
}

static bool at_interval_field(const rh_sql_reader *r)
{
    static const char *const fields[] = {"year", "month", "day", "hour", "minute", "second"};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (at_text(r, 0, fields[i]))
            return true;
    }
    return false;
}

static void interval_fields(rh_sql_reader *r)
{
    if (!at_interval_field(r))
        return;
    rh_sql_advance(r);
    if (rh_sql_kw(r) == RH_SQL_KW_TO) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
        rh_sql_skip_group(r);
}

const char *rh_sql_type(rh_sql_reader *r)
{
    size_t begin = rh_sql_here(r);
    bool interval = rh_sql_kw(r) == RH_SQL_KW_INTERVAL;
    size_t end;
    char *text;

    if (rh_sql_kind(r) != RH_SQL_TOKEN_WORD && rh_sql_kind(r) != RH_SQL_TOKEN_IDENT) {
        rh_sql_fail(r, "syntax not understood");
        return "";
    }
    if (at_text(r, 0, "setof"))
        rh_sql_advance(r);
    rh_sql_advance(r);
    while (at_text(r, 0, ".")) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
    type_words(r);
    if (interval)
        interval_fields(r);
    if (rh_sql_accept(r, RH_SQL_KW_ARRAY) && rh_sql_kind(r) != RH_SQL_TOKEN_BRACKET)
        return "array";
    while (rh_sql_kind(r) == RH_SQL_TOKEN_BRACKET && r->text[rh_sql_here(r)] == '[')
        rh_sql_skip_group(r);
    end = rh_sql_end_before(r);
    text = rh_arena_strndup(r->arena, r->text + begin, end > begin ? end - begin : 0);
    if (text == NULL) {
        r->no_memory = true;
        rh_sql_fail(r, "memory is out");
        return "";
    }
    return text;
}

static size_t parameter_number(rh_sql_reader *r, const rh_sql_token *token)
{
    size_t number = 0;

    if (rh_sql_parameter_number(&r->parameters, r->text, token, &number, NULL) != RH_OK) {
        r->no_memory = true;
        rh_sql_fail(r, "memory is out");
    }
    return number;
}

/* A literal or parameter token. Strings that follow each other are one (PostgreSQL). */
static rh_sql_node *value(rh_sql_reader *r)
{
    const rh_sql_token *token = &rh_sql_peek(r, 0)->token;
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_VALUE, token->offset);
    rh_sql_token_kind kind = token->kind;

    node->value_kind = kind == RH_SQL_TOKEN_STRING   ? RH_SQL_VALUE_STRING
                       : kind == RH_SQL_TOKEN_BYTES  ? RH_SQL_VALUE_BYTES
                       : kind == RH_SQL_TOKEN_NUMBER ? RH_SQL_VALUE_NUMBER
                                                     : RH_SQL_VALUE_PARAMETER;
    if (kind == RH_SQL_TOKEN_PARAMETER)
        node->parameter = parameter_number(r, token);
    rh_sql_advance(r);
    while (kind == RH_SQL_TOKEN_STRING && r->dialect == RH_SQL_POSTGRES &&
           rh_sql_kind(r) == RH_SQL_TOKEN_STRING)
        rh_sql_advance(r);
    node->end = rh_sql_end_before(r);
    if (kind == RH_SQL_TOKEN_STRING && r->dialect == RH_SQL_POSTGRES && at_text(r, 0, "uescape")) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
    return node;
}

static rh_sql_node *word_value(rh_sql_reader *r)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_VALUE, rh_sql_here(r));

    node->value_kind = RH_SQL_VALUE_WORD;
    rh_sql_advance(r);
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *query_node(rh_sql_reader *r, rh_sql_level_kind kind, size_t construct)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_QUERY, construct);

    node->query = rh_sql_subquery(r, kind, construct);
    node->end = rh_sql_end_before(r);
    return node;
}

/* ( .. ): a subquery, one expression in parentheses, or a row of several. */
static rh_sql_node *parentheses(rh_sql_reader *r)
{
    size_t begin = rh_sql_here(r);
    rh_sql_node *first;
    rh_sql_node *row;
    size_t outer;

    if (rh_sql_at_query(r, 0))
        return query_node(r, RH_SQL_LEVEL_EXPR, begin);
    outer = rh_sql_enter(r);
    first = rh_sql_expr(r);
    if (rh_sql_kind(r) != RH_SQL_TOKEN_COMMA) {
        rh_sql_leave(r, outer);
        return first;
    }
    row = rh_sql_node_new(r, RH_SQL_NODE_ROW, begin);
    rh_sql_node_add(r, row, first);
    while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA))
        rh_sql_node_add(r, row, rh_sql_expr(r));
    rh_sql_leave(r, outer);
    row->end = rh_sql_end_before(r);
    return row;
}

/* CASE x WHEN v THEN ..: v is compared with x. */
static rh_sql_node *case_expression(rh_sql_reader *r)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_CASE, rh_sql_here(r));
    rh_sql_node *compare = NULL;

    rh_sql_advance(r);
    if (rh_sql_kw(r) != RH_SQL_KW_WHEN) {
        compare = rh_sql_node_new(r, RH_SQL_NODE_COMPARE, rh_sql_here(r));
        compare->use = RH_SQL_USE_EQUAL;
        rh_sql_node_add(r, compare, rh_sql_expr(r));
    }
    while (rh_sql_accept(r, RH_SQL_KW_WHEN)) {
        rh_sql_node *when = rh_sql_node_new(r, RH_SQL_NODE_BOOL, rh_sql_here(r));
        rh_sql_node *condition = rh_sql_expr(r);

        if (compare != NULL)
            rh_sql_node_add(r, compare, condition);
        else
            rh_sql_node_add(r, when, condition);
        if (compare == NULL)
            rh_sql_node_add(r, node, when);
        rh_sql_expect(r, RH_SQL_KW_THEN);
        rh_sql_node_add(r, node, rh_sql_expr(r));
    }
    if (rh_sql_accept(r, RH_SQL_KW_ELSE))
        rh_sql_node_add(r, node, rh_sql_expr(r));
    rh_sql_expect(r, RH_SQL_KW_END);
    if (compare != NULL)
        rh_sql_node_add(r, node, compare);
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *cast(rh_sql_reader *r)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_CAST, rh_sql_here(r));
    size_t outer;

    rh_sql_advance(r);
    outer = rh_sql_enter(r);
    rh_sql_node_add(r, node, rh_sql_expr(r));
    rh_sql_expect(r, RH_SQL_KW_AS);
    node->name = rh_sql_type(r);
    while (r->dialect == RH_SQL_SQLITE && rh_sql_kind(r) == RH_SQL_TOKEN_WORD)
        rh_sql_advance(r); /* SQLite's types are any words */
    rh_sql_leave(r, outer);
    node->end = rh_sql_end_before(r);
    return node;
}

/* ARRAY[..], nested ones too; ARRAY(select ..). */
static rh_sql_node *array(rh_sql_reader *r, bool keyword)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_ARRAY, rh_sql_here(r));
    size_t construct = rh_sql_here(r);

    if (keyword)
        rh_sql_advance(r);
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN && rh_sql_at_query(r, 0))
        return query_node(r, RH_SQL_LEVEL_ARRAY, construct);
    if (!rh_sql_accept_kind(r, RH_SQL_TOKEN_BRACKET)) {
        rh_sql_fail(r, "syntax not understood");
        return node;
    }
    while (!r->failed && r->text[rh_sql_here(r)] != ']') {
        if (rh_sql_kind(r) == RH_SQL_TOKEN_BRACKET) {
            if (++r->depth > 300)
                rh_sql_fail(r, "nested too deeply");
            rh_sql_node_add(r, node, array(r, false));
            r->depth--;
        } else
            rh_sql_node_add(r, node, rh_sql_expr(r));
        if (!rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA))
            break;
    }
    if (r->text[rh_sql_here(r)] != ']')
        rh_sql_fail(r, "syntax not understood");
    rh_sql_advance(r);
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *exists(rh_sql_reader *r)
{
    size_t construct = rh_sql_here(r);

    rh_sql_advance(r);
    return query_node(r, RH_SQL_LEVEL_EXISTS, construct);
}

void rh_sql_window(rh_sql_reader *r, rh_sql_node *into)
{
    size_t outer = rh_sql_enter(r);

    if (rh_sql_at_name(r, 0) && !at_text(r, 0, "partition") && !at_text(r, 0, "range") &&
        !at_text(r, 0, "rows") && !at_text(r, 0, "groups"))
        rh_sql_advance(r);
    while (!r->failed && (at_text(r, 0, "partition") || rh_sql_kw(r) == RH_SQL_KW_ORDER)) {
        rh_sql_advance(r);
        rh_sql_expect(r, RH_SQL_KW_BY);
        do {
            rh_sql_node_add(r, into, rh_sql_expr(r));
            while (rh_sql_kind(r) == RH_SQL_TOKEN_WORD && !at_text(r, 0, "range") &&
                   !at_text(r, 0, "rows") && !at_text(r, 0, "groups") &&
                   rh_sql_kw(r) != RH_SQL_KW_ORDER)
                rh_sql_advance(r); /* ASC, DESC, NULLS FIRST */
        } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    }
    if (rh_sql_kind(r) == RH_SQL_TOKEN_WORD)
        r->at = r->toks[r->group].match; /* the frame: its numbers are form */
    rh_sql_leave(r, outer);
}

/* Behind the arguments: WITHIN GROUP, FILTER, OVER. */
static void call_suffix(rh_sql_reader *r, rh_sql_node *node)
{
    size_t outer;

    if (rh_sql_kw(r) == RH_SQL_KW_WITHIN && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_GROUP) {
        rh_sql_advance(r);
        rh_sql_advance(r);
        rh_sql_window(r, node);
    }
    if (rh_sql_kw(r) == RH_SQL_KW_FILTER && rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN) {
        rh_sql_advance(r);
        outer = rh_sql_enter(r);
        rh_sql_expect(r, RH_SQL_KW_WHERE);
        rh_sql_node_add(r, node, rh_sql_expr(r));
        rh_sql_leave(r, outer);
    }
    if (rh_sql_kw(r) == RH_SQL_KW_OVER) {
        rh_sql_advance(r);
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
            rh_sql_window(r, node);
        else
            (void)rh_sql_take_name(r);
    }
}

/* What may stand between two arguments besides a comma: substring(a from 1 for 2). */
static bool accept_separator(rh_sql_reader *r)
{
    static const char *const words[] = {"from", "for", "placing", "using", "in", "separator"};

    if (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (at_text(r, 0, words[i])) {
            rh_sql_advance(r);
            return true;
        }
    }
    if (rh_sql_kw(r) == RH_SQL_KW_ORDER) {
        rh_sql_advance(r);
        rh_sql_expect(r, RH_SQL_KW_BY);
        return true;
    }
    return false;
}

/* Words before an argument that are no part of it. */
static void skip_argument_words(rh_sql_reader *r, const char *function)
{
    bool trim = rh_str_ieq(function, "trim");

    while (
        rh_sql_kw(r) == RH_SQL_KW_DISTINCT || rh_sql_kw(r) == RH_SQL_KW_ALL ||
        at_text(r, 0, "variadic") || rh_sql_kw(r) == RH_SQL_KW_FROM ||
        (trim && (at_text(r, 0, "both") || at_text(r, 0, "leading") || at_text(r, 0, "trailing"))))
        rh_sql_advance(r);
    if (at_text(r, 1, "=>") || at_text(r, 1, ":=")) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
    if (rh_str_ieq(function, "extract") && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_FROM) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
}

static void arguments(rh_sql_reader *r, rh_sql_node *node)
{
    size_t outer = rh_sql_enter(r);
    bool position = rh_str_ieq(node->name, "position");

    while (!r->failed && rh_sql_kind(r) != RH_SQL_TOKEN_CLOSE) {
        skip_argument_words(r, node->name);
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPERATOR && at_text(r, 0, "*"))
            rh_sql_advance(r);
        else if (rh_sql_kind(r) != RH_SQL_TOKEN_CLOSE)
            rh_sql_node_add(r, node, position ? rh_sql_operand(r) : rh_sql_expr(r));
        while (rh_sql_kw(r) == RH_SQL_KW_ASC || rh_sql_kw(r) == RH_SQL_KW_DESC ||
               rh_sql_kw(r) == RH_SQL_KW_NULLS || at_text(r, 0, "first") || at_text(r, 0, "last"))
            rh_sql_advance(r);
        if (!accept_separator(r))
            break;
    }
    rh_sql_leave(r, outer);
}

static bool is_flow(const char *name)
{
    return rh_str_ieq(name, "coalesce") || rh_str_ieq(name, "ifnull") ||
           rh_str_ieq(name, "greatest") || rh_str_ieq(name, "least") || rh_str_ieq(name, "nullif");
}

static rh_sql_node *call(rh_sql_reader *r, const char *name, size_t begin)
{
    rh_sql_node *node =
        rh_sql_node_new(r, is_flow(name) ? RH_SQL_NODE_FLOW : RH_SQL_NODE_CALL, begin);

    node->name = name;
    arguments(r, node);
    call_suffix(r, node);
    node->end = rh_sql_end_before(r);
    return node;
}

/* PostgreSQL's functions that are called without parentheses. */
static bool is_bare_function(const rh_sql_reader *r)
{
    static const char *const words[] = {"current_date",    "current_time",   "current_timestamp",
                                        "localtime",       "localtimestamp", "current_user",
                                        "current_role",    "session_user",   "user",
                                        "current_catalog", "current_schema", "default"};
    size_t count = sizeof words / sizeof words[0];

    if (rh_sql_kind(r) != RH_SQL_TOKEN_WORD)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (at_text(r, 0, words[i]))
            return r->dialect == RH_SQL_POSTGRES || i < 3;
    }
    return false;
}

/* date '2020-01-01', timestamp with time zone '..', interval '1 day': a cast (PostgreSQL). */
static bool at_typed_literal(const rh_sql_reader *r)
{
    size_t ahead = 1;

    if (r->dialect != RH_SQL_POSTGRES || rh_sql_kind(r) != RH_SQL_TOKEN_WORD)
        return false;
    while (at_text(r, ahead, ".") && rh_sql_at_name(r, ahead + 1))
        ahead += 2;
    if (at_text(r, ahead, "precision") || at_text(r, ahead, "varying"))
        ahead++;
    if (rh_sql_peek(r, ahead)->token.kind == RH_SQL_TOKEN_OPEN &&
        (at_text(r, 0, "interval") || at_text(r, 0, "timestamp") || at_text(r, 0, "time") ||
         at_text(r, 0, "timestamptz")))
        ahead = rh_sql_peek(r, ahead)->match + 1 - r->at;
    if ((at_text(r, ahead, "with") || at_text(r, ahead, "without")) &&
        at_text(r, ahead + 1, "time") && at_text(r, ahead + 2, "zone"))
        ahead += 3;
    return rh_sql_peek(r, ahead)->token.kind == RH_SQL_TOKEN_STRING;
}

static rh_sql_node *typed_literal(rh_sql_reader *r)
{
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_CAST, rh_sql_here(r));
    bool interval = rh_sql_kw(r) == RH_SQL_KW_INTERVAL;
    rh_sql_node *child;

    node->name = rh_sql_type(r);
    child = rh_sql_kind(r) == RH_SQL_TOKEN_STRING ? value(r) : &r->dummy;
    child->form = interval;
    rh_sql_node_add(r, node, child);
    if (interval)
        interval_fields(r);
    node->end = rh_sql_end_before(r);
    return node;
}

static void next_part(rh_sql_reader *r, rh_sql_node *node, const char *name)
{
    node->name_offset = r->toks[r->at - 1].token.offset;
    node->schema = node->qualifier;
    node->qualifier = node->name;
    node->name = name;
}

/* [[schema.]table.]column, table.*, or a call. */
static rh_sql_node *column_or_call(rh_sql_reader *r)
{
    size_t begin = rh_sql_here(r);
    rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_COLUMN, begin);

    node->name_offset = begin;
    node->quoted = r->dialect == RH_SQL_SQLITE && r->text[begin] == '"';
    node->name = rh_sql_take_name(r);
    while (at_text(r, 0, ".") && !r->failed) {
        rh_sql_advance(r);
        node->quoted = false;
        if (at_text(r, 0, "*")) {
            rh_sql_advance(r);
            next_part(r, node, "*");
            break;
        }
        next_part(r, node, rh_sql_take_name(r));
    }
    node->end = rh_sql_end_before(r);
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN && !rh_str_eq(node->name, "*"))
        return call(r, node->name, begin);
    return node;
}

/* Functions whose names are reserved words to us. */
static bool at_reserved_call(const rh_sql_reader *r)
{
    if (rh_sql_peek(r, 1)->token.kind != RH_SQL_TOKEN_OPEN)
        return false;
    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_LEFT:
    case RH_SQL_KW_RIGHT:
    case RH_SQL_KW_LIKE:
    case RH_SQL_KW_OFFSET:
        return true;
    default:
        return false;
    }
}

static rh_sql_node *word(rh_sql_reader *r)
{
    rh_sql_node *node;

    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_CASE:
        return case_expression(r);
    case RH_SQL_KW_CAST:
        if (rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN)
            return cast(r);
        break;
    case RH_SQL_KW_EXISTS:
        if (rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN)
            return exists(r);
        break;
    case RH_SQL_KW_ARRAY:
        if (r->dialect == RH_SQL_POSTGRES)
            return array(r, true);
        break;
    case RH_SQL_KW_ROW:
        if (rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN) {
            size_t begin = rh_sql_here(r);

            rh_sql_advance(r);
            node = call(r, "row", begin);
            node->kind = RH_SQL_NODE_ROW;
            return node;
        }
        break;
    case RH_SQL_KW_NULL:
    case RH_SQL_KW_TRUE:
    case RH_SQL_KW_FALSE:
        return word_value(r);
    default:
        break;
    }
    if (at_typed_literal(r))
        return typed_literal(r);
    if (is_bare_function(r) && !at_text(r, 1, ".")) {
        node = rh_sql_node_new(r, RH_SQL_NODE_OTHER, rh_sql_here(r));
        rh_sql_advance(r);
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
            rh_sql_skip_group(r);
        node->end = rh_sql_end_before(r);
        return node;
    }
    if (at_reserved_call(r) || rh_sql_at_name(r, 0))
        return column_or_call(r);
    rh_sql_fail(r, "syntax not understood");
    return &r->dummy;
}

rh_sql_node *rh_sql_primary(rh_sql_reader *r)
{
    switch (rh_sql_kind(r)) {
    case RH_SQL_TOKEN_STRING:
    case RH_SQL_TOKEN_BYTES:
    case RH_SQL_TOKEN_NUMBER:
    case RH_SQL_TOKEN_PARAMETER:
        return value(r);
    case RH_SQL_TOKEN_OPEN:
        return parentheses(r);
    case RH_SQL_TOKEN_WORD:
    case RH_SQL_TOKEN_IDENT:
        return word(r);
    default:
        rh_sql_fail(r, "syntax not understood");
        return &r->dummy;
    }
}
