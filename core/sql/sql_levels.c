#include "core/sql_levels.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "sql_scope.h"
#include "sql_second_opinion.h"
#include "sql_tree.h"

struct rh_sql_levels {
    rh_sql_tree tree;
    rh_sql_query **queries; /* by index */
    size_t count;
};

typedef struct builder {
    rh_sql_levels *levels;
    const rh_sql_catalog *catalog;
    /* Where the position of offset is known, so that each look-up continues from the last. */
    size_t offset;
    size_t line;
    size_t column;
    bool no_memory;
    /* Column references of the level at hand. */
    rh_sql_query *query;
    rh_sql_column_ref *refs;
    size_t ref_count;
} builder;

static void place(builder *b, rh_sql_level *level)
{
    const rh_sql_tree *tree = &b->levels->tree;
    size_t line;
    size_t column;

    if (level->offset < b->offset || b->line == 0) {
        b->offset = 0;
        b->line = 1;
        b->column = 1;
    }
    rh_sql_position(tree->text + b->offset, tree->len - b->offset, level->offset - b->offset, &line,
                    &column);
    b->column = line > 1 ? column : b->column + column - 1;
    b->line += line - 1;
    b->offset = level->offset;
    level->line = b->line;
    level->column = b->column;
}

static void number(builder *b, rh_sql_query *q, size_t depth)
{
    q->index = b->levels->count;
    q->level.parent = q->parent == NULL ? RH_SQL_NONE : q->parent->index;
    q->level.depth = depth;
    b->levels->queries[b->levels->count++] = q;
    place(b, &q->level);
    for (rh_sql_query *child = q->first_child; child != NULL; child = child->next)
        number(b, child, depth + 1);
}

static size_t count_columns(const rh_sql_node *node)
{
    size_t count = node->kind == RH_SQL_NODE_COLUMN;

    for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
        count += count_columns(child);
    return count;
}

static size_t relation_index(const rh_sql_query *q, const rh_sql_from *wanted)
{
    size_t index = 0;

    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next, index++) {
        if (from == wanted)
            return index;
    }
    return RH_SQL_NONE;
}

/* Every level from q up to, not including, the one that has the column depends on it. */
static void mark_correlated(builder *b, rh_sql_query *q, const rh_sql_meaning *meaning,
                            const char *name)
{
    const rh_sql_relation *relation = &meaning->relation->relation;
    const char *by = NULL;

    for (; q != NULL && q != meaning->query; q = q->parent) {
        if (q->level.correlated == RH_SQL_YES && q->level.correlated_by != NULL)
            continue;
        if (by == NULL)
            by = rh_arena_printf(b->levels->tree.arena, "%s.%s",
                                 relation->alias != NULL  ? relation->alias
                                 : relation->name != NULL ? relation->name
                                                          : "?",
                                 name);
        if (by == NULL) {
            b->no_memory = true;
            return;
        }
        q->level.correlated = RH_SQL_YES;
        q->level.correlated_by = by;
        q->level.correlated_level = meaning->query->index;
    }
}

/* The name could be one of a level around q. */
static void mark_unknown(rh_sql_query *q)
{
    for (; q->parent != NULL; q = q->parent) {
        bool outer = false;

        for (const rh_sql_query *at = rh_sql_outer_scope(q); at != NULL && !outer;
             at = rh_sql_outer_scope(at))
            outer = at->from_first != NULL;
        if (outer && q->level.correlated == RH_SQL_NO)
            q->level.correlated = RH_SQL_UNKNOWN;
    }
}

static void add_reference(builder *b, const rh_sql_node *node, rh_sql_clause clause)
{
    rh_sql_column_ref *ref = &b->refs[b->ref_count++];
    rh_sql_meaning meaning = rh_sql_resolve(&b->levels->tree, b->catalog, b->query, clause, node);

    ref->qualifier = node->qualifier;
    ref->name = node->name;
    ref->offset = node->offset;
    ref->name_offset = node->name_offset;
    ref->clause = clause;
    ref->level = RH_SQL_NONE;
    ref->relation = RH_SQL_NONE;
    if (meaning.known == RH_SQL_YES) {
        ref->level = meaning.query->index;
        if (meaning.relation != NULL)
            ref->relation = relation_index(meaning.query, meaning.relation);
        if (meaning.query != b->query && meaning.relation != NULL)
            mark_correlated(b, b->query, &meaning, node->name);
    } else if (!node->quoted) {
        mark_unknown(b->query);
    }
}

static void add_references(builder *b, const rh_sql_node *node, rh_sql_clause clause)
{
    if (node->kind == RH_SQL_NODE_COLUMN)
        add_reference(b, node, clause);
    for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
        add_references(b, child, clause);
}

static void fill_relations(builder *b, rh_sql_query *q)
{
    size_t count = 0;
    rh_sql_relation *relations;

    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next)
        count++;
    relations = rh_arena_array(b->levels->tree.arena, count, sizeof *relations);
    if (relations == NULL) {
        b->no_memory = true;
        return;
    }
    q->level.relations = relations;
    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next) {
        relations[q->level.relation_count] = from->relation;
        relations[q->level.relation_count].level =
            from->query == NULL ? RH_SQL_NONE : from->query->index;
        q->level.relation_count++;
    }
}

static void fill_columns(builder *b, rh_sql_query *q)
{
    size_t count = 0;

    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next)
        count += count_columns(term->node);
    b->query = q;
    b->refs = rh_arena_array(b->levels->tree.arena, count, sizeof *b->refs);
    b->ref_count = 0;
    if (b->refs == NULL) {
        b->no_memory = true;
        return;
    }
    for (const rh_sql_term *term = q->term_first; term != NULL && !b->no_memory; term = term->next)
        add_references(b, term->node, term->clause);
    q->level.columns = b->refs;
    q->level.column_count = b->ref_count;
}

static rh_status build(rh_sql_levels *levels, const rh_sql_catalog *catalog, rh_error *err)
{
    rh_sql_tree *tree = &levels->tree;
    builder b;

    memset(&b, 0, sizeof b);
    b.levels = levels;
    b.catalog = catalog;
    levels->queries = rh_arena_array(tree->arena, tree->query_count, sizeof *levels->queries);
    if (levels->queries == NULL)
        return rh_error_oom(err);
    rh_sql_bind_tables(tree);
    number(&b, tree->top, 0);
    for (size_t i = 0; i < levels->count && !b.no_memory; i++) {
        fill_relations(&b, levels->queries[i]);
        fill_columns(&b, levels->queries[i]);
    }
    return b.no_memory ? rh_error_oom(err) : RH_OK;
}

static rh_status compare_readings(rh_sql_tree *tree, rh_error *err)
{
    bool differs = false;
    rh_status status = RH_OK;

    if (tree->dialect == RH_SQL_POSTGRES)
        status = rh_sql_second_opinion(tree, &differs, err);
    if (status == RH_OK && differs) {
        tree->top = NULL;
        (void)snprintf(tree->problem, sizeof tree->problem,
                       "our reading differs from the PostgreSQL parser's");
    }
    return status;
}

rh_status rh_sql_levels_new(rh_sql_dialect dialect, const char *text, size_t len,
                            const rh_sql_catalog *catalog, rh_sql_levels **out, rh_error *err)
{
    rh_sql_levels *levels = rh_mem_zalloc(sizeof *levels);
    rh_status status;

    if (levels == NULL)
        return rh_error_oom(err);
    status = rh_sql_tree_init(&levels->tree, dialect, text, len, err);
    if (status == RH_OK && levels->tree.top != NULL)
        status = compare_readings(&levels->tree, err);
    if (status == RH_OK && levels->tree.top != NULL)
        status = build(levels, catalog, err);
    if (status != RH_OK) {
        rh_sql_levels_free(levels);
        return status;
    }
    *out = levels;
    return RH_OK;
}

void rh_sql_levels_free(rh_sql_levels *levels)
{
    if (levels == NULL)
        return;
    rh_sql_tree_done(&levels->tree);
    rh_mem_free(levels);
}

size_t rh_sql_levels_count(const rh_sql_levels *levels)
{
    return levels->count;
}

const rh_sql_level *rh_sql_levels_at(const rh_sql_levels *levels, size_t index)
{
    return &levels->queries[index]->level;
}

const char *rh_sql_levels_problem(const rh_sql_levels *levels)
{
    return levels->tree.problem[0] == '\0' ? NULL : levels->tree.problem;
}

const char *rh_sql_level_kind_name(rh_sql_level_kind kind)
{
    static const char *const names[] = {"statement", "expr", "exists", "any", "all",
                                        "array",     "cte",  "from",   "arm"};

    return names[kind];
}

const char *rh_sql_clause_name(rh_sql_clause clause)
{
    static const char *const names[] = {"statement", "select", "from",   "join-on",  "where",
                                        "group-by",  "having", "window", "order-by", "limit",
                                        "with",      "set-op", "values", "set",      "insert",
                                        "returning", "other"};

    return names[clause];
}
