#include "sql_scope.h"

#include <stdio.h>
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"

enum { MAX_STEPS = 40 }; /* from subquery to subquery, so that recursive CTEs end */

static rh_sql_from *bind_one(const rh_sql_tree *tree, rh_sql_query *q, rh_sql_from *from)
{
    const rh_sql_query *below = NULL; /* where we came from */

    for (rh_sql_query *at = q; at != NULL; below = at, at = at->parent) {
        for (rh_sql_query *cte = at->first_child; cte != NULL; cte = cte->next) {
            bool visible = cte->level.kind == RH_SQL_LEVEL_CTE;

            if (visible && below != NULL && below->level.kind == RH_SQL_LEVEL_CTE &&
                !at->with_recursive && tree->dialect == RH_SQL_POSTGRES)
                visible = cte->cte_index < below->cte_index;
            if (!visible || !rh_sql_name_eq(tree->dialect, cte->level.name, from->relation.name))
                continue;
            from->query = cte;
            if (cte == below)
                cte->level.recursive = true;
            return from;
        }
    }
    return NULL;
}

static void bind_query(const rh_sql_tree *tree, rh_sql_query *q)
{
    for (rh_sql_from *from = q->from_first; from != NULL; from = from->next) {
        if (from->query == NULL && !from->relation.function && !from->relation.target &&
            from->relation.schema == NULL)
            (void)bind_one(tree, q, from);
    }
    for (rh_sql_query *child = q->first_child; child != NULL; child = child->next)
        bind_query(tree, child);
}

void rh_sql_bind_tables(rh_sql_tree *tree)
{
    bind_query(tree, tree->top);
}

rh_sql_query *rh_sql_outer_scope(const rh_sql_query *q)
{
    for (; q->parent != NULL; q = q->parent) {
        bool hidden = q->level.kind == RH_SQL_LEVEL_CTE ||
                      (q->level.kind == RH_SQL_LEVEL_FROM && !q->level.lateral) ||
                      q->level.clause == RH_SQL_CLAUSE_INSERT;

        if (!hidden)
            return q->parent;
    }
    return NULL;
}

static const char *relation_name(const rh_sql_from *from)
{
    return from->relation.alias != NULL ? from->relation.alias : from->relation.name;
}

static const rh_sql_name *find_name(rh_sql_dialect dialect, const rh_sql_name *names,
                                    const char *text, size_t *out_index)
{
    size_t index = 0;

    for (; names != NULL; names = names->next, index++) {
        if (rh_sql_name_eq(dialect, names->text, text)) {
            *out_index = index;
            return names;
        }
    }
    return NULL;
}

/* The query whose select list names the columns: the first arm of a set operation. */
static rh_sql_query *naming_query(rh_sql_query *q)
{
    while (q->level.set_operation) {
        rh_sql_query *child = q->first_child;

        while (child != NULL && child->level.kind != RH_SQL_LEVEL_ARM)
            child = child->next;
        if (child == NULL)
            break;
        q = child;
    }
    return q;
}

static rh_sql_clause output_clause(const rh_sql_query *q)
{
    return q->level.writes ? RH_SQL_CLAUSE_RETURNING : RH_SQL_CLAUSE_SELECT;
}

/* The name that an item of a select list has; NULL when only the engine knows. */
static const char *item_name(const rh_sql_term *term)
{
    const rh_sql_node *node = term->node;

    if (term->alias != NULL)
        return term->alias;
    while (node != NULL && (node->kind == RH_SQL_NODE_CAST || node->kind == RH_SQL_NODE_SAME))
        node = node->first;
    if (node != NULL && (node->kind == RH_SQL_NODE_COLUMN || node->kind == RH_SQL_NODE_CALL ||
                         node->kind == RH_SQL_NODE_FLOW))
        return node->name;
    return NULL;
}

static rh_sql_answer has_column(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                                const rh_sql_from *from, const char *name, unsigned steps);

/* "*" or "x.*" in the select list of q: does one of its relations have the column? */
static rh_sql_answer star_has(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                              rh_sql_query *q, const rh_sql_node *star, const char *name,
                              unsigned steps)
{
    rh_sql_answer answer = RH_SQL_NO;

    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next) {
        rh_sql_answer one;

        if (star->qualifier != NULL &&
            !rh_sql_name_eq(tree->dialect, relation_name(from), star->qualifier))
            continue;
        one = has_column(tree, catalog, from, name, steps + 1);
        if (one == RH_SQL_YES)
            return RH_SQL_YES;
        if (one == RH_SQL_UNKNOWN)
            answer = RH_SQL_UNKNOWN;
    }
    return answer;
}

static rh_sql_answer query_has(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                               rh_sql_query *q, const char *name, unsigned steps)
{
    rh_sql_answer answer = RH_SQL_NO;
    size_t index;

    if (steps > MAX_STEPS)
        return RH_SQL_UNKNOWN;
    if (q->columns != NULL)
        return find_name(tree->dialect, q->columns, name, &index) != NULL ? RH_SQL_YES : RH_SQL_NO;
    q = naming_query(q);
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        const char *item;

        if (term->clause == RH_SQL_CLAUSE_VALUES && !q->level.writes) {
            char column[32];

            (void)snprintf(column, sizeof column, "column%zu", term->item);
            if (rh_sql_name_eq(tree->dialect, column, name))
                return RH_SQL_YES;
        }
        if (term->clause != output_clause(q))
            continue;
        item = item_name(term);
        if (item != NULL && strcmp(item, "*") == 0) {
            rh_sql_answer one = star_has(tree, catalog, q, term->node, name, steps);

            if (one == RH_SQL_YES)
                return RH_SQL_YES;
            if (one == RH_SQL_UNKNOWN)
                answer = RH_SQL_UNKNOWN;
        } else if (rh_sql_name_eq(tree->dialect, item, name)) {
            return RH_SQL_YES;
        } else if (item == NULL && tree->dialect == RH_SQL_SQLITE) {
            answer = RH_SQL_UNKNOWN;
        }
    }
    if (q->term_first == NULL) /* TABLE x */
        return q->from_first == NULL ? RH_SQL_UNKNOWN
                                     : has_column(tree, catalog, q->from_first, name, steps + 1);
    return answer;
}

/* Columns that every table has without declaring them. */
static bool is_system_column(rh_sql_dialect dialect, const char *name)
{
    static const char *const pg[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
    static const char *const sqlite[] = {"rowid", "oid", "_rowid_"};

    for (size_t i = 0; i < 6; i++) {
        if (dialect == RH_SQL_POSTGRES && strcmp(pg[i], name) == 0)
            return true;
        if (dialect == RH_SQL_SQLITE && i < 3 && rh_str_ieq(sqlite[i], name))
            return true;
    }
    return false;
}

static rh_sql_answer has_column(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                                const rh_sql_from *from, const char *name, unsigned steps)
{
    size_t index;
    rh_sql_answer answer;

    if (steps > MAX_STEPS)
        return RH_SQL_UNKNOWN;
    if (from->columns != NULL && find_name(tree->dialect, from->columns, name, &index) != NULL)
        return RH_SQL_YES;
    if (from->query != NULL)
        return query_has(tree, catalog, from->query, name, steps + 1);
    if (from->relation.function) {
        if (from->columns != NULL)
            return RH_SQL_NO;
        return rh_sql_name_eq(tree->dialect, relation_name(from), name) ? RH_SQL_YES
                                                                        : RH_SQL_UNKNOWN;
    }
    if (from->columns != NULL || catalog == NULL)
        return is_system_column(tree->dialect, name) ? RH_SQL_YES : RH_SQL_UNKNOWN;
    answer = catalog->has_column(catalog->ctx, from->relation.schema, from->relation.name, name);
    if (answer == RH_SQL_NO && is_system_column(tree->dialect, name))
        answer = RH_SQL_YES;
    return answer;
}

static bool is_output_name(const rh_sql_tree *tree, rh_sql_query *q, rh_sql_clause clause,
                           const char *name)
{
    rh_sql_query *naming = naming_query(q);

    if (clause != RH_SQL_CLAUSE_ORDER_BY &&
        !(clause == RH_SQL_CLAUSE_GROUP_BY ||
          (tree->dialect == RH_SQL_SQLITE &&
           (clause == RH_SQL_CLAUSE_WHERE || clause == RH_SQL_CLAUSE_HAVING))))
        return false;
    for (const rh_sql_term *term = naming->term_first; term != NULL; term = term->next) {
        if (term->clause == RH_SQL_CLAUSE_SELECT &&
            (term->alias != NULL || q->level.set_operation) &&
            rh_sql_name_eq(tree->dialect, item_name(term), name))
            return true;
    }
    return false;
}

static rh_sql_meaning qualified(const rh_sql_tree *tree, rh_sql_query *q, const rh_sql_node *column)
{
    rh_sql_meaning none = {RH_SQL_NO, NULL, NULL};

    for (rh_sql_query *at = q; at != NULL; at = rh_sql_outer_scope(at)) {
        for (rh_sql_from *from = at->from_first; from != NULL; from = from->next) {
            if (rh_sql_name_eq(tree->dialect, relation_name(from), column->qualifier))
                return (rh_sql_meaning){RH_SQL_YES, at, from};
        }
        if (at->level.writes && at->from_first != NULL && at->from_first->relation.target &&
            rh_str_ieq(column->qualifier, "excluded"))
            return (rh_sql_meaning){RH_SQL_YES, at, at->from_first};
    }
    return none;
}

static size_t count_relations(const rh_sql_query *q)
{
    size_t count = 0;

    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next)
        count++;
    return count;
}

static bool outer_has_relations(const rh_sql_query *q)
{
    for (const rh_sql_query *at = rh_sql_outer_scope(q); at != NULL; at = rh_sql_outer_scope(at)) {
        if (at->from_first != NULL)
            return true;
    }
    return false;
}

rh_sql_meaning rh_sql_resolve(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                              rh_sql_query *q, rh_sql_clause clause, const rh_sql_node *column)
{
    rh_sql_meaning unknown = {RH_SQL_UNKNOWN, NULL, NULL};

    if (column->qualifier != NULL)
        return qualified(tree, q, column);
    if (strcmp(column->name, "*") == 0)
        return (rh_sql_meaning){RH_SQL_YES, q, NULL};
    for (rh_sql_query *at = q; at != NULL; at = rh_sql_outer_scope(at)) {
        rh_sql_from *maybe = NULL;

        if (at == q && clause == RH_SQL_CLAUSE_ORDER_BY &&
            is_output_name(tree, q, clause, column->name))
            return (rh_sql_meaning){RH_SQL_YES, q, NULL};
        for (rh_sql_from *from = at->from_first; from != NULL; from = from->next) {
            switch (has_column(tree, catalog, from, column->name, 0)) {
            case RH_SQL_YES:
                return (rh_sql_meaning){RH_SQL_YES, at, from};
            case RH_SQL_UNKNOWN:
                maybe = from;
                break;
            default:
                break;
            }
        }
        if (at == q && is_output_name(tree, q, clause, column->name))
            return (rh_sql_meaning){RH_SQL_YES, q, NULL};
        if (maybe != NULL && count_relations(at) == 1 && !outer_has_relations(at) &&
            !column->quoted)
            return (rh_sql_meaning){RH_SQL_YES, at, maybe};
        if (maybe != NULL)
            return unknown;
    }
    return (rh_sql_meaning){RH_SQL_NO, NULL, NULL};
}

/* The k-th item of a select list that has no star before it. */
static const rh_sql_term *item_at(const rh_sql_query *q, size_t index)
{
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        const char *name;

        if (term->clause != output_clause(q))
            continue;
        name = item_name(term);
        if (name != NULL && strcmp(name, "*") == 0 && term->alias == NULL)
            return NULL;
        if (index-- == 0)
            return term;
    }
    return NULL;
}

static const rh_sql_term *item_named(const rh_sql_tree *tree, const rh_sql_query *q,
                                     const char *name)
{
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        if (term->clause == output_clause(q) &&
            rh_sql_name_eq(tree->dialect, item_name(term), name))
            return term;
    }
    return NULL;
}

/* name comes through a star of q: the relation that it comes from. */
static rh_sql_from *through_star(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                                 rh_sql_query *q, const char *name)
{
    rh_sql_from *maybe = NULL;
    size_t candidates = 0;

    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        if (term->clause != output_clause(q) || term->node->kind != RH_SQL_NODE_COLUMN ||
            strcmp(term->node->name, "*") != 0)
            continue;
        for (rh_sql_from *from = q->from_first; from != NULL; from = from->next) {
            rh_sql_answer answer;

            if (term->node->qualifier != NULL &&
                !rh_sql_name_eq(tree->dialect, relation_name(from), term->node->qualifier))
                continue;
            answer = has_column(tree, catalog, from, name, 0);
            if (answer == RH_SQL_YES)
                return from;
            if (answer == RH_SQL_UNKNOWN) {
                maybe = from;
                candidates++;
            }
        }
    }
    return candidates == 1 ? maybe : NULL;
}

bool rh_sql_base_column(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                        rh_sql_from **relation, const char **name)
{
    for (unsigned steps = 0; steps < MAX_STEPS; steps++) {
        rh_sql_from *from = *relation;
        rh_sql_query *q = from->query;
        const rh_sql_term *term = NULL;
        rh_sql_meaning meaning;
        size_t index;

        if (q == NULL)
            return !from->relation.function && from->columns == NULL;
        if (from->columns != NULL && find_name(tree->dialect, from->columns, *name, &index) != NULL)
            term = item_at(naming_query(q), index);
        else if (q->columns != NULL && find_name(tree->dialect, q->columns, *name, &index) != NULL)
            term = item_at(naming_query(q), index);
        else if (q->columns == NULL)
            term = item_named(tree, naming_query(q), *name);
        if (q->level.set_operation)
            return false; /* other arms may mean other columns */
        if (term == NULL) {
            if (from->columns != NULL || q->columns != NULL)
                return false;
            *relation = through_star(tree, catalog, q, *name);
            if (*relation == NULL)
                return false;
            continue;
        }
        if (term->node->kind != RH_SQL_NODE_COLUMN)
            return false;
        meaning = rh_sql_resolve(tree, catalog, q, RH_SQL_CLAUSE_SELECT, term->node);
        if (meaning.known != RH_SQL_YES || meaning.relation == NULL)
            return false;
        *relation = meaning.relation;
        *name = term->node->name;
    }
    return false;
}
