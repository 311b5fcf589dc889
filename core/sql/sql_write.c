#include "core/str.h"
#include "sql_reader.h"

bool rh_sql_at_write(const rh_sql_reader *r)
{
    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_INSERT:
    case RH_SQL_KW_REPLACE:
        return rh_sql_peek(r, 1)->keyword == RH_SQL_KW_INTO ||
               rh_sql_peek(r, 1)->keyword == RH_SQL_KW_OR;
    case RH_SQL_KW_UPDATE:
        return true;
    case RH_SQL_KW_DELETE:
        return rh_sql_peek(r, 1)->keyword == RH_SQL_KW_FROM;
    case RH_SQL_KW_MERGE:
        return rh_sql_peek(r, 1)->keyword == RH_SQL_KW_INTO;
    default:
        return false;
    }
}

/* OR REPLACE, OR IGNORE .. (SQLite). */
static void conflict_word(rh_sql_reader *r)
{
    if (rh_sql_accept(r, RH_SQL_KW_OR))
        rh_sql_advance(r);
}

static rh_sql_from *target(rh_sql_reader *r)
{
    rh_sql_from *from;

    r->clause = RH_SQL_CLAUSE_OTHER;
    from = rh_sql_table(r);
    if (from == NULL)
        return NULL;
    from->relation.target = true;
    if (rh_sql_accept(r, RH_SQL_KW_AS) ||
        (rh_sql_at_name(r, 0) && rh_sql_kw(r) != RH_SQL_KW_SET &&
         rh_sql_kw(r) != RH_SQL_KW_VALUES && rh_sql_kw(r) != RH_SQL_KW_DEFAULT &&
         rh_sql_kw(r) != RH_SQL_KW_OVERRIDING && rh_sql_kw(r) != RH_SQL_KW_INDEXED)) {
        from->relation.alias_offset = rh_sql_here(r);
        from->relation.alias = rh_sql_take_name(r);
        from->relation.alias_length = rh_sql_end_before(r) - from->relation.alias_offset;
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
    return from;
}

static void where(rh_sql_reader *r)
{
    if (!rh_sql_accept(r, RH_SQL_KW_WHERE))
        return;
    r->clause = RH_SQL_CLAUSE_WHERE;
    r->item = 0;
    if (rh_sql_at_word(r, 0, "current") && rh_sql_at_word(r, 1, "of")) {
        rh_sql_advance(r);
        rh_sql_advance(r);
        (void)rh_sql_take_name(r);
        return;
    }
    rh_sql_term_add(r, RH_SQL_CLAUSE_WHERE, 0, rh_sql_expr(r), NULL);
}

static void returning(rh_sql_reader *r)
{
    if (rh_sql_accept(r, RH_SQL_KW_RETURNING))
        rh_sql_items(r, RH_SQL_CLAUSE_RETURNING);
}

/* (a, b) = (x, y) | ROW(x, y) | (select ..): values by position. */
static void set_several(rh_sql_reader *r, size_t *item)
{
    rh_sql_name *names = rh_sql_name_list(r);
    rh_sql_node *node;
    rh_sql_node *child;
    rh_sql_name *name = names;

    if (!rh_sql_at_word(r, 0, "="))
        rh_sql_fail(r, "syntax not understood");
    rh_sql_advance(r);
    node = rh_sql_expr(r);
    if (node->kind != RH_SQL_NODE_ROW) {
        rh_sql_term_add(r, RH_SQL_CLAUSE_SET, ++*item, node,
                        names != NULL && names->next == NULL ? names->text : NULL);
        return;
    }
    child = node->first;
    while (child != NULL && name != NULL && !r->failed) {
        rh_sql_node *next = child->next;

        child->next = NULL;
        rh_sql_term_add(r, RH_SQL_CLAUSE_SET, ++*item, child, name->text);
        child = next;
        name = name->next;
    }
    if (!r->failed && (child != NULL || name != NULL))
        rh_sql_fail(r, "columns and values differ in number");
}

static void set_list(rh_sql_reader *r)
{
    size_t item = 0;

    rh_sql_expect(r, RH_SQL_KW_SET);
    r->clause = RH_SQL_CLAUSE_SET;
    do {
        const char *name;
        bool part = false;

        r->item = item + 1;
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
            set_several(r, &item);
            continue;
        }
        name = rh_sql_take_name(r);
        while (rh_sql_at_word(r, 0, ".") || rh_sql_kind(r) == RH_SQL_TOKEN_BRACKET) {
            part = true; /* a field or an element: its value is not the column's */
            if (rh_sql_kind(r) == RH_SQL_TOKEN_BRACKET) {
                rh_sql_skip_group(r);
            } else {
                rh_sql_advance(r);
                (void)rh_sql_take_name(r);
            }
        }
        if (!rh_sql_at_word(r, 0, "="))
            rh_sql_fail(r, "syntax not understood");
        rh_sql_advance(r);
        rh_sql_term_add(r, RH_SQL_CLAUSE_SET, ++item, rh_sql_expr(r), part ? NULL : name);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    r->item = 0;
}

/* ON CONFLICT [..] DO NOTHING | DO UPDATE SET ..; SQLite allows several. */
static void on_conflict(rh_sql_reader *r)
{
    while (!r->failed && rh_sql_kw(r) == RH_SQL_KW_ON &&
           rh_sql_peek(r, 1)->keyword == RH_SQL_KW_CONFLICT) {
        rh_sql_advance(r);
        rh_sql_advance(r);
        r->clause = RH_SQL_CLAUSE_OTHER;
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
            rh_sql_skip_group(r); /* names an index; holds no data */
            where(r);
        } else if (rh_sql_accept(r, RH_SQL_KW_ON)) {
            rh_sql_advance(r); /* CONSTRAINT */
            (void)rh_sql_take_name(r);
        }
        rh_sql_expect(r, RH_SQL_KW_DO);
        if (rh_sql_accept(r, RH_SQL_KW_NOTHING))
            continue;
        rh_sql_expect(r, RH_SQL_KW_UPDATE);
        set_list(r);
        where(r);
    }
}

static void insert_row(rh_sql_reader *r)
{
    size_t outer = rh_sql_enter(r);

    r->query->level.rows++;
    r->clause = RH_SQL_CLAUSE_VALUES;
    r->item = 0;
    do {
        r->item++;
        rh_sql_term_add(r, RH_SQL_CLAUSE_VALUES, r->item, rh_sql_expr(r), NULL);
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    rh_sql_leave(r, outer);
    r->item = 0;
}

/* The query of INSERT .. SELECT: a level that has the rest of our parenthesis, without one of its
 * own. */
static void source_query(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_query *s;

    r->clause = RH_SQL_CLAUSE_INSERT;
    r->item = 0;
    s = rh_sql_query_new(r, RH_SQL_LEVEL_EXPR);
    if (r->failed)
        return;
    s->level.offset = rh_sql_here(r);
    s->level.construct_offset = s->level.offset;
    s->keyword_offset = s->level.offset;
    r->query = s;
    if (rh_sql_kw(r) == RH_SQL_KW_WITH)
        rh_sql_with(r, s);
    rh_sql_query_body(r, s);
    r->query = q;
    s->level.length = rh_sql_end_before(r) - s->level.offset;
    s->level.query_offset = s->level.offset;
    s->level.query_length = s->level.length;
}

static void overriding(rh_sql_reader *r)
{
    if (rh_sql_accept(r, RH_SQL_KW_OVERRIDING)) {
        rh_sql_advance(r);
        rh_sql_advance(r);
    }
}

static void insert_columns(rh_sql_reader *r, rh_sql_query *q)
{
    if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN && !rh_sql_at_query(r, 0))
        q->insert_columns = rh_sql_name_list(r);
    else
        q->insert_all = true;
}

static void insert(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_advance(r);
    conflict_word(r);
    rh_sql_expect(r, RH_SQL_KW_INTO);
    (void)target(r);
    insert_columns(r, q);
    overriding(r);
    if (rh_sql_accept(r, RH_SQL_KW_DEFAULT)) {
        rh_sql_expect(r, RH_SQL_KW_VALUES);
    } else if (rh_sql_kw(r) == RH_SQL_KW_VALUES && !r->toks[r->group].set_operation) {
        rh_sql_advance(r);
        do {
            insert_row(r);
        } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    } else {
        source_query(r, q);
    }
    on_conflict(r);
    returning(r);
}

static void update(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_advance(r);
    conflict_word(r);
    (void)target(r);
    set_list(r);
    if (rh_sql_accept(r, RH_SQL_KW_FROM))
        rh_sql_from_list(r);
    where(r);
    rh_sql_order_and_limit(r, q);
    returning(r);
    rh_sql_order_and_limit(r, q);
}

static void delete_rows(rh_sql_reader *r, rh_sql_query *q)
{
    rh_sql_advance(r);
    rh_sql_expect(r, RH_SQL_KW_FROM);
    (void)target(r);
    if (rh_sql_accept(r, RH_SQL_KW_USING))
        rh_sql_from_list(r);
    where(r);
    rh_sql_order_and_limit(r, q);
    returning(r);
    rh_sql_order_and_limit(r, q);
}

static void merge_action(rh_sql_reader *r, rh_sql_query *q)
{
    if (rh_sql_accept(r, RH_SQL_KW_DELETE))
        return;
    if (rh_sql_accept(r, RH_SQL_KW_DO)) {
        rh_sql_expect(r, RH_SQL_KW_NOTHING);
        return;
    }
    if (rh_sql_accept(r, RH_SQL_KW_UPDATE)) {
        set_list(r);
        return;
    }
    rh_sql_expect(r, RH_SQL_KW_INSERT);
    q->insert_columns = NULL;
    insert_columns(r, q);
    overriding(r);
    if (rh_sql_accept(r, RH_SQL_KW_DEFAULT)) {
        rh_sql_expect(r, RH_SQL_KW_VALUES);
        return;
    }
    rh_sql_expect(r, RH_SQL_KW_VALUES);
    insert_row(r);
}

static void merge(rh_sql_reader *r, rh_sql_query *q)
{
    unsigned inserts = 0;

    rh_sql_advance(r);
    rh_sql_expect(r, RH_SQL_KW_INTO);
    (void)target(r);
    rh_sql_expect(r, RH_SQL_KW_USING);
    rh_sql_from_item(r);
    while (!r->failed && rh_sql_accept(r, RH_SQL_KW_WHEN)) {
        (void)rh_sql_accept(r, RH_SQL_KW_NOT);
        rh_sql_expect(r, RH_SQL_KW_MATCHED);
        if (rh_sql_accept(r, RH_SQL_KW_BY))
            rh_sql_advance(r); /* SOURCE, TARGET */
        if (rh_sql_accept(r, RH_SQL_KW_AND)) {
            r->clause = RH_SQL_CLAUSE_WHERE;
            rh_sql_term_add(r, RH_SQL_CLAUSE_WHERE, 0, rh_sql_expr(r), NULL);
        }
        rh_sql_expect(r, RH_SQL_KW_THEN);
        inserts += rh_sql_kw(r) == RH_SQL_KW_INSERT;
        merge_action(r, q);
    }
    if (inserts > 1) /* one list of columns for all rows is what we keep */
        rh_sql_fail(r, "more than one INSERT in a MERGE");
    returning(r);
}

void rh_sql_write(rh_sql_reader *r, rh_sql_query *q)
{
    q->level.writes = true;
    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_UPDATE:
        update(r, q);
        return;
    case RH_SQL_KW_DELETE:
        delete_rows(r, q);
        return;
    case RH_SQL_KW_MERGE:
        merge(r, q);
        return;
    default:
        insert(r, q);
        return;
    }
}
