#include "sql_reader.h"

bool rh_sql_at_query(const rh_sql_reader *r, size_t ahead)
{
    const rh_sql_tok *tok;
    rh_sql_keyword keyword;

    for (tok = rh_sql_peek(r, ahead); tok->token.kind == RH_SQL_TOKEN_OPEN; ahead++)
        tok = rh_sql_peek(r, ahead + 1);
    keyword = tok->keyword;
    if (keyword == RH_SQL_KW_VALUES) { /* in SQLite also a name */
        tok = rh_sql_peek(r, ahead + 1);
        return tok->token.kind == RH_SQL_TOKEN_OPEN;
    }
    return keyword == RH_SQL_KW_SELECT || keyword == RH_SQL_KW_WITH ||
           (keyword == RH_SQL_KW_TABLE && r->dialect == RH_SQL_POSTGRES);
}

rh_sql_query *rh_sql_subquery(rh_sql_reader *r, rh_sql_level_kind kind, size_t construct)
{
    rh_sql_query *q = rh_sql_query_new(r, kind);
    rh_sql_query *outer_query = r->query;
    rh_sql_clause outer_clause = r->clause;
    size_t outer_item = r->item;
    size_t outer;

    if (r->failed)
        return q;
    q->level.offset = rh_sql_here(r);
    q->level.construct_offset = construct;
    q->keyword_offset = construct;
    outer = rh_sql_enter(r);
    q->level.query_offset = rh_sql_here(r);
    r->query = q;
    rh_sql_statement(r, q);
    q->level.query_length = rh_sql_end_before(r) - q->level.query_offset;
    rh_sql_leave(r, outer);
    q->level.length = rh_sql_end_before(r) - q->level.offset;
    r->query = outer_query;
    r->clause = outer_clause;
    r->item = outer_item;
    return q;
}

void rh_sql_statement(rh_sql_reader *r, rh_sql_query *q)
{
    if (++r->depth > 300)
        rh_sql_fail(r, "nested too deeply");
    if (rh_sql_kw(r) == RH_SQL_KW_WITH)
        rh_sql_with(r, q);
    if (rh_sql_at_write(r))
        rh_sql_write(r, q);
    else
        rh_sql_query_body(r, q);
    r->depth--;
}

/* SEARCH and CYCLE of a recursive CTE. */
static void search_and_cycle(rh_sql_reader *r)
{
    while (!r->failed && (rh_sql_at_word(r, 0, "search") || rh_sql_at_word(r, 0, "cycle"))) {
        rh_sql_advance(r);
        while (rh_sql_kind(r) != RH_SQL_TOKEN_END && rh_sql_kw(r) != RH_SQL_KW_SELECT &&
               rh_sql_kw(r) != RH_SQL_KW_INSERT && rh_sql_kw(r) != RH_SQL_KW_UPDATE &&
               rh_sql_kw(r) != RH_SQL_KW_DELETE && rh_sql_kw(r) != RH_SQL_KW_AS &&
               !rh_sql_at_word(r, 0, "cycle") && rh_sql_kind(r) != RH_SQL_TOKEN_OPEN) {
            if (rh_sql_kind(r) == RH_SQL_TOKEN_COMMA && rh_sql_peek(r, 2)->keyword == RH_SQL_KW_AS)
                return; /* the next CTE */
            rh_sql_advance(r);
        }
    }
}

static void common_table(rh_sql_reader *r, rh_sql_query *parent, bool recursive, size_t index)
{
    size_t construct = rh_sql_here(r);
    const char *name = rh_sql_take_name(r);
    rh_sql_name *columns = NULL;
    rh_sql_answer materialized = RH_SQL_UNKNOWN;
    rh_sql_query *q;

    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
        columns = rh_sql_name_list(r);
    rh_sql_expect(r, RH_SQL_KW_AS);
    if (rh_sql_accept(r, RH_SQL_KW_NOT)) {
        rh_sql_expect(r, RH_SQL_KW_MATERIALIZED);
        materialized = RH_SQL_NO;
    } else if (rh_sql_accept(r, RH_SQL_KW_MATERIALIZED)) {
        materialized = RH_SQL_YES;
    }
    if (r->failed)
        return;
    r->clause = RH_SQL_CLAUSE_WITH;
    r->item = index + 1;
    q = rh_sql_subquery(r, RH_SQL_LEVEL_CTE, construct);
    if (r->failed)
        return;
    q->level.name = name;
    q->level.materialized = materialized;
    q->columns = columns;
    q->cte_index = index;
    parent->with_recursive = recursive;
    search_and_cycle(r);
}

void rh_sql_with(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_clause outer_clause = r->clause;
    size_t outer_item = r->item;
    size_t index = 0;
    bool recursive;

    rh_sql_expect(r, RH_SQL_KW_WITH);
    recursive = rh_sql_accept(r, RH_SQL_KW_RECURSIVE);
    do {
        common_table(r, q, recursive, index++);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    r->clause = outer_clause;
    r->item = outer_item;
}

/* The name behind an item: AS x, or x alone. */
static const char *item_alias(rh_sql_reader *r)
{
    if (rh_sql_accept(r, RH_SQL_KW_AS)) {
        if (rh_sql_kind(r) == RH_SQL_TOKEN_WORD || rh_sql_kind(r) == RH_SQL_TOKEN_IDENT ||
            rh_sql_kind(r) == RH_SQL_TOKEN_STRING)
            return rh_sql_take_name(r);
        rh_sql_fail(r, "syntax not understood");
        return NULL;
    }
    if (rh_sql_at_name(r, 0) ||
        (r->dialect == RH_SQL_SQLITE && rh_sql_kind(r) == RH_SQL_TOKEN_STRING))
        return rh_sql_take_name(r);
    return NULL;
}

void rh_sql_items(rh_sql_reader *r, rh_sql_clause clause)
{
    size_t item = 1;

    r->clause = clause;
    do {
        rh_sql_node *node;

        r->item = item;
        node = rh_sql_expr(r);
        if (node->kind == RH_SQL_NODE_VALUE && node->value_kind == RH_SQL_VALUE_NUMBER)
            node->form = true; /* SELECT 1 */
        rh_sql_term_add(r, clause, item++, node, item_alias(r));
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    r->item = 0;
}

/* One expression of a clause. */
static void term(rh_sql_reader *r, rh_sql_clause clause)
{
    r->clause = clause;
    r->item = 0;
    rh_sql_term_add(r, clause, 0, rh_sql_expr(r), NULL);
}

static void skip_sort_words(rh_sql_reader *r)
{
    if (rh_sql_kw(r) == RH_SQL_KW_ASC || rh_sql_kw(r) == RH_SQL_KW_DESC) {
        rh_sql_advance(r);
    } else if (rh_sql_kw(r) == RH_SQL_KW_USING) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
    if (rh_sql_accept(r, RH_SQL_KW_NULLS))
        rh_sql_advance(r);
}

void rh_sql_expr_list(rh_sql_reader *r, rh_sql_clause clause)
{
    r->clause = clause;
    do {
        rh_sql_node *node;

        r->item++;
        if (rh_sql_at_word(r, 0, "grouping") && rh_sql_at_word(r, 1, "sets")) {
            rh_sql_advance(r);
        }
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN &&
            rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_CLOSE) {
            rh_sql_skip_group(r);
            continue;
        }
        node = rh_sql_expr(r);
        if (node->kind == RH_SQL_NODE_VALUE && node->value_kind == RH_SQL_VALUE_NUMBER)
            node->form = true; /* ORDER BY 1 */
        rh_sql_term_add(r, clause, r->item, node, NULL);
        skip_sort_words(r);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    r->item = 0;
}

static void values_rows(rh_sql_reader *r)
{
    rh_sql_expect(r, RH_SQL_KW_VALUES);
    r->clause = RH_SQL_CLAUSE_VALUES;
    do {
        size_t outer = rh_sql_enter(r);

        r->query->level.rows++;
        r->item = 0;
        do {
            r->item++;
            rh_sql_term_add(r, RH_SQL_CLAUSE_VALUES, r->item, rh_sql_expr(r), NULL);
        } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
        rh_sql_leave(r, outer);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    r->item = 0;
}

/* WINDOW w AS ( .. ), .. */
static void windows(rh_sql_reader *r)
{
    r->clause = RH_SQL_CLAUSE_WINDOW;
    do {
        rh_sql_node *node = rh_sql_node_new(r, RH_SQL_NODE_OTHER, rh_sql_here(r));

        (void)rh_sql_take_name(r);
        rh_sql_expect(r, RH_SQL_KW_AS);
        rh_sql_window(r, node);
        rh_sql_term_add(r, RH_SQL_CLAUSE_WINDOW, 0, node, NULL);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
}

static void into(rh_sql_reader *r)
{
    while (rh_sql_kw(r) == RH_SQL_KW_TABLE || rh_sql_at_word(r, 0, "temp") ||
           rh_sql_at_word(r, 0, "temporary") || rh_sql_at_word(r, 0, "unlogged"))
        rh_sql_advance(r);
    (void)rh_sql_take_name(r);
    while (rh_sql_at_word(r, 0, ".")) {
        rh_sql_advance(r);
        (void)rh_sql_take_name(r);
    }
}

static void group_by(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_expect(r, RH_SQL_KW_BY);
    if (rh_sql_kw(r) == RH_SQL_KW_ALL || rh_sql_kw(r) == RH_SQL_KW_DISTINCT)
        rh_sql_advance(r);
    q->level.aggregates = true;
    rh_sql_expr_list(r, RH_SQL_CLAUSE_GROUP_BY);
}

static bool at_select_end(const rh_sql_reader *r)
{
    switch (rh_sql_kind(r)) {
    case RH_SQL_TOKEN_CLOSE:
    case RH_SQL_TOKEN_END:
    case RH_SQL_TOKEN_SEMICOLON:
        return true;
    default:
        break;
    }
    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_FROM:
    case RH_SQL_KW_WHERE:
    case RH_SQL_KW_UNION:
    case RH_SQL_KW_INTERSECT:
    case RH_SQL_KW_EXCEPT:
        return true;
    default:
        return false;
    }
}

static void select_core(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_expect(r, RH_SQL_KW_SELECT);
    if (rh_sql_accept(r, RH_SQL_KW_DISTINCT)) {
        q->level.aggregates = true;
        if (rh_sql_kw(r) == RH_SQL_KW_ON && r->dialect == RH_SQL_POSTGRES) {
            size_t outer;

            rh_sql_advance(r);
            outer = rh_sql_enter(r);
            rh_sql_expr_list(r, RH_SQL_CLAUSE_GROUP_BY);
            rh_sql_leave(r, outer);
        }
    } else {
        (void)rh_sql_accept(r, RH_SQL_KW_ALL);
    }
    if (!at_select_end(r))
        rh_sql_items(r, RH_SQL_CLAUSE_SELECT);
    if (rh_sql_accept(r, RH_SQL_KW_INTO))
        into(r);
    if (rh_sql_accept(r, RH_SQL_KW_FROM))
        rh_sql_from_list(r);
    if (rh_sql_accept(r, RH_SQL_KW_WHERE))
        term(r, RH_SQL_CLAUSE_WHERE);
    if (rh_sql_accept(r, RH_SQL_KW_GROUP))
        group_by(r, q);
    if (rh_sql_accept(r, RH_SQL_KW_HAVING)) {
        q->level.aggregates = true;
        term(r, RH_SQL_CLAUSE_HAVING);
    }
    if (rh_sql_accept(r, RH_SQL_KW_WINDOW))
        windows(r);
}

/* SELECT .., VALUES .., TABLE x, or a query in parentheses, all of level q. */
static void primary_query(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_from *from;
    size_t outer;

    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_SELECT:
        select_core(r, q);
        return;
    case RH_SQL_KW_VALUES:
        values_rows(r);
        return;
    case RH_SQL_KW_TABLE:
        rh_sql_advance(r);
        r->clause = RH_SQL_CLAUSE_FROM;
        from = rh_sql_table(r);
        (void)from;
        return;
    default:
        break;
    }
    outer = rh_sql_enter(r);
    if (!r->failed)
        rh_sql_statement(r, q);
    rh_sql_leave(r, outer);
}

/* One side of a set operation, a level of its own. */
static void arm(rh_sql_reader *r, rh_sql_query *q, size_t item)
{
    rh_sql_query *a;

    r->clause = RH_SQL_CLAUSE_SET_OP;
    r->item = item;
    a = rh_sql_query_new(r, RH_SQL_LEVEL_ARM);
    if (r->failed)
        return;
    a->level.offset = rh_sql_here(r);
    a->level.construct_offset = a->level.offset;
    a->keyword_offset = a->level.offset;
    r->query = a;
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
        size_t outer = rh_sql_enter(r);

        a->level.query_offset = rh_sql_here(r);
        rh_sql_statement(r, a);
        a->level.query_length = rh_sql_end_before(r) - a->level.query_offset;
        rh_sql_leave(r, outer);
        a->level.length = rh_sql_end_before(r) - a->level.offset;
    } else {
        a->level.query_offset = a->level.offset;
        primary_query(r, a);
        a->level.length = rh_sql_end_before(r) - a->level.offset;
        a->level.query_length = a->level.length;
    }
    r->query = q;
}

static bool accept_set_operation(rh_sql_reader *r)
{
    if (rh_sql_kw(r) != RH_SQL_KW_UNION && rh_sql_kw(r) != RH_SQL_KW_INTERSECT &&
        rh_sql_kw(r) != RH_SQL_KW_EXCEPT)
        return false;
    rh_sql_advance(r);
    if (rh_sql_kw(r) == RH_SQL_KW_ALL || rh_sql_kw(r) == RH_SQL_KW_DISTINCT)
        rh_sql_advance(r);
    return true;
}

static void row_locks(rh_sql_reader *r)
{
    while (!r->failed && rh_sql_accept(r, RH_SQL_KW_FOR)) {
        while (rh_sql_at_word(r, 0, "update") || rh_sql_at_word(r, 0, "no") ||
               rh_sql_at_word(r, 0, "key") || rh_sql_at_word(r, 0, "share"))
            rh_sql_advance(r);
        if (rh_sql_at_word(r, 0, "of")) {
            do {
                rh_sql_advance(r);
                (void)rh_sql_take_name(r);
            } while (rh_sql_kind(r) == RH_SQL_TOKEN_COMMA);
        }
        while (rh_sql_at_word(r, 0, "nowait") || rh_sql_at_word(r, 0, "skip") ||
               rh_sql_at_word(r, 0, "locked"))
            rh_sql_advance(r);
    }
}

static void fetch_first(rh_sql_reader *r)
{
    rh_sql_advance(r); /* FIRST or NEXT */
    if (!rh_sql_at_word(r, 0, "row") && !rh_sql_at_word(r, 0, "rows"))
        term(r, RH_SQL_CLAUSE_LIMIT);
    while (rh_sql_at_word(r, 0, "row") || rh_sql_at_word(r, 0, "rows") ||
           rh_sql_at_word(r, 0, "only") || rh_sql_at_word(r, 0, "with") ||
           rh_sql_at_word(r, 0, "ties"))
        rh_sql_advance(r);
}

void rh_sql_order_and_limit(rh_sql_reader *r, rh_sql_query *q)
{
    if (rh_sql_kw(r) == RH_SQL_KW_ORDER) {
        rh_sql_advance(r);
        rh_sql_expect(r, RH_SQL_KW_BY);
        r->item = 0;
        rh_sql_expr_list(r, RH_SQL_CLAUSE_ORDER_BY);
    }
    for (;;) {
        if (rh_sql_kw(r) == RH_SQL_KW_LIMIT || rh_sql_kw(r) == RH_SQL_KW_OFFSET) {
            q->level.has_limit = true;
            rh_sql_advance(r);
            if (rh_sql_accept(r, RH_SQL_KW_ALL))
                continue;
            term(r, RH_SQL_CLAUSE_LIMIT);
            if (r->dialect == RH_SQL_SQLITE && rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA))
                term(r, RH_SQL_CLAUSE_LIMIT);
            if (rh_sql_at_word(r, 0, "row") || rh_sql_at_word(r, 0, "rows"))
                rh_sql_advance(r);
        } else if (rh_sql_accept(r, RH_SQL_KW_FETCH)) {
            q->level.has_limit = true;
            fetch_first(r);
        } else if (rh_sql_kw(r) == RH_SQL_KW_FOR && r->dialect == RH_SQL_POSTGRES) {
            row_locks(r);
        } else {
            break;
        }
    }
}

void rh_sql_query_body(rh_sql_reader *r, rh_sql_query *q)
{
    size_t item = 1;

    if (r->toks[r->group].set_operation) {
        q->level.set_operation = true;
        do {
            arm(r, q, item++);
        } while (accept_set_operation(r));
    } else {
        primary_query(r, q);
    }
    rh_sql_order_and_limit(r, q);
}
