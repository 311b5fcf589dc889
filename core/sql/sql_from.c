#include "sql_reader.h"

static rh_sql_from *add_from(rh_sql_reader *r)
{
    rh_sql_from *from = rh_arena_array(r->arena, 1, sizeof *from);

    if (from == NULL) {
        r->no_memory = true;
        rh_sql_fail(r, "memory is out");
        return NULL;
    }
    from->relation.level = RH_SQL_NONE;
    from->relation.offset = rh_sql_here(r);
    if (r->query->from_last == NULL)
        r->query->from_first = from;
    else
        r->query->from_last->next = from;
    r->query->from_last = from;
    return from;
}

/* [AS] x [(a, b)], or AS (a int, b text) of a function. */
static void alias(rh_sql_reader *r, rh_sql_from *from)
{
    bool as = rh_sql_accept(r, RH_SQL_KW_AS);

    if (as && rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
        from->columns = rh_sql_name_list(r);
        return;
    }
    if (!as && !rh_sql_at_name(r, 0) &&
        !(r->dialect == RH_SQL_SQLITE && rh_sql_kind(r) == RH_SQL_TOKEN_STRING))
        return;
    if (!as && (rh_sql_kw(r) == RH_SQL_KW_INDEXED || rh_sql_kw(r) == RH_SQL_KW_SET ||
                rh_sql_kw(r) == RH_SQL_KW_VALUES || rh_sql_kw(r) == RH_SQL_KW_DEFAULT ||
                rh_sql_kw(r) == RH_SQL_KW_OVERRIDING))
        return;
    from->relation.alias_offset = rh_sql_here(r);
    from->relation.alias = rh_sql_take_name(r);
    from->relation.alias_length = rh_sql_end_before(r) - from->relation.alias_offset;
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN && r->dialect == RH_SQL_POSTGRES)
        from->columns = rh_sql_name_list(r);
}

rh_sql_from *rh_sql_table(rh_sql_reader *r)
{
    bool only = rh_sql_kw(r) == RH_SQL_KW_ONLY && r->dialect == RH_SQL_POSTGRES;
    size_t outer = 0;
    bool parenthesis;
    rh_sql_from *from;

    if (only)
        rh_sql_advance(r);
    parenthesis = only && rh_sql_kind(r) == RH_SQL_TOKEN_OPEN;
    if (parenthesis)
        outer = rh_sql_enter(r);
    from = add_from(r);
    if (from == NULL)
        return NULL;
    if (!rh_sql_at_name(r, 0) && rh_sql_kind(r) != RH_SQL_TOKEN_STRING)
        rh_sql_fail(r, "syntax not understood");
    from->relation.name = rh_sql_take_name(r);
    while (rh_sql_at_word(r, 0, ".") && !r->failed) {
        rh_sql_advance(r);
        from->relation.schema = from->relation.name;
        from->relation.name = rh_sql_take_name(r);
    }
    if (parenthesis)
        rh_sql_leave(r, outer);
    if (r->dialect == RH_SQL_POSTGRES && rh_sql_at_word(r, 0, "*"))
        rh_sql_advance(r);
    from->relation.end = rh_sql_end_before(r);
    return from;
}

static void table_sample(rh_sql_reader *r)
{
    if (rh_sql_kw(r) == RH_SQL_KW_TABLESAMPLE && r->dialect == RH_SQL_POSTGRES) {
        rh_sql_advance(r);
        (void)rh_sql_take_name(r);
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
            rh_sql_skip_group(r);
        if (rh_sql_at_word(r, 0, "repeatable")) {
            rh_sql_advance(r);
            rh_sql_skip_group(r);
        }
    }
    if (r->dialect == RH_SQL_SQLITE) {
        if (rh_sql_kw(r) == RH_SQL_KW_NOT && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_INDEXED) {
            rh_sql_advance(r);
            rh_sql_advance(r);
        } else if (rh_sql_accept(r, RH_SQL_KW_INDEXED)) {
            rh_sql_expect(r, RH_SQL_KW_BY);
            (void)rh_sql_take_name(r);
        }
    }
}

static void ordinality(rh_sql_reader *r)
{
    if (rh_sql_kw(r) == RH_SQL_KW_WITH && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_ORDINALITY) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
}

/* f(..), ROWS FROM (f(..), g(..)): the calls are terms of the FROM clause. */
static void function(rh_sql_reader *r, bool rows_from)
{
    rh_sql_from *from = add_from(r);
    rh_sql_node *node;
    size_t outer = 0;

    if (from == NULL)
        return;
    from->relation.function = true;
    from->relation.lateral = true;
    if (rows_from) {
        rh_sql_advance(r);
        rh_sql_advance(r);
        outer = rh_sql_enter(r);
    }
    do {
        node = rh_sql_primary(r);
        if (node->kind != RH_SQL_NODE_CALL && node->kind != RH_SQL_NODE_FLOW &&
            node->kind != RH_SQL_NODE_OTHER && node->kind != RH_SQL_NODE_CAST)
            rh_sql_fail(r, "syntax not understood");
        from->relation.name = node->name;
        rh_sql_term_add(r, RH_SQL_CLAUSE_FROM, 0, node, NULL);
        if (rows_from && rh_sql_accept(r, RH_SQL_KW_AS))
            (void)rh_sql_name_list(r);
    } while (rows_from && rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    if (rows_from)
        rh_sql_leave(r, outer);
    ordinality(r);
    alias(r, from);
}

static bool at_function(const rh_sql_reader *r)
{
    size_t ahead = 0;

    while (rh_sql_at_name(r, ahead) && rh_sql_at_word(r, ahead + 1, "."))
        ahead += 2;
    return rh_sql_at_name(r, ahead) && rh_sql_peek(r, ahead + 1)->token.kind == RH_SQL_TOKEN_OPEN;
}

static void subquery(rh_sql_reader *r, bool lateral)
{
    rh_sql_from *from = add_from(r);
    rh_sql_query *q;

    if (from == NULL)
        return;
    r->clause = RH_SQL_CLAUSE_FROM;
    r->item = 0;
    q = rh_sql_subquery(r, RH_SQL_LEVEL_FROM, rh_sql_here(r));
    if (r->failed)
        return;
    from->query = q;
    from->relation.end = rh_sql_end_before(r);
    from->relation.lateral = lateral;
    q->level.lateral = lateral;
    alias(r, from);
    q->level.name = from->relation.alias;
}

static void relation(rh_sql_reader *r)
{
    bool lateral = r->dialect == RH_SQL_POSTGRES && rh_sql_accept(r, RH_SQL_KW_LATERAL);
    rh_sql_from *from;

    r->clause = RH_SQL_CLAUSE_FROM;
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN && rh_sql_at_query(r, 0)) {
        /* ((select ..) x join y): the outer parenthesis is the join's. */
        size_t behind = rh_sql_peek(r, 0)->match;

        if (rh_sql_peek(r, 1)->token.kind != RH_SQL_TOKEN_OPEN ||
            r->toks[rh_sql_peek(r, 1)->match + 1].token.kind == RH_SQL_TOKEN_CLOSE ||
            r->toks[r->at].set_operation || rh_sql_peek(r, 1)->match + 1 >= behind) {
            subquery(r, lateral);
            return;
        }
    }
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
        size_t outer = rh_sql_enter(r);

        if (++r->depth > 300)
            rh_sql_fail(r, "nested too deeply");
        r->query->level.nested_join = true;
        rh_sql_from_list(r);
        r->depth--;
        rh_sql_leave(r, outer);
        if (rh_sql_kw(r) == RH_SQL_KW_AS || rh_sql_at_name(r, 0))
            rh_sql_fail(r, "alias of a join"); /* hides the names in it */
        return;
    }
    if (rh_sql_kw(r) == RH_SQL_KW_ROWS && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_FROM) {
        function(r, true);
        return;
    }
    if (at_function(r)) {
        function(r, false);
        return;
    }
    from = rh_sql_table(r);
    if (from == NULL)
        return;
    alias(r, from);
    table_sample(r);
}

/* [NATURAL] [INNER | LEFT [OUTER] ..] JOIN */
static bool accept_join(rh_sql_reader *r)
{
    size_t ahead = 0;

    for (;; ahead++) {
        switch (rh_sql_peek(r, ahead)->keyword) {
        case RH_SQL_KW_NATURAL:
        case RH_SQL_KW_INNER:
        case RH_SQL_KW_LEFT:
        case RH_SQL_KW_RIGHT:
        case RH_SQL_KW_FULL:
        case RH_SQL_KW_OUTER:
        case RH_SQL_KW_CROSS:
            continue;
        case RH_SQL_KW_JOIN:
            for (size_t i = 0; i <= ahead; i++)
                rh_sql_advance(r);
            return true;
        default:
            return false;
        }
    }
}

void rh_sql_from_item(rh_sql_reader *r)
{
    relation(r);
    while (!r->failed) {
        if (accept_join(r)) {
            relation(r);
        } else if (rh_sql_accept(r, RH_SQL_KW_ON)) {
            r->clause = RH_SQL_CLAUSE_JOIN_ON;
            rh_sql_term_add(r, RH_SQL_CLAUSE_JOIN_ON, 0, rh_sql_expr(r), NULL);
        } else if (rh_sql_kw(r) == RH_SQL_KW_USING &&
                   rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN) {
            rh_sql_advance(r);
            rh_sql_skip_group(r);
            if (rh_sql_accept(r, RH_SQL_KW_AS))
                (void)rh_sql_take_name(r);
        } else {
            break;
        }
    }
}

void rh_sql_from_list(rh_sql_reader *r)
{
    do {
        rh_sql_from_item(r);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
}
