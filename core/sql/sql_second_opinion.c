#include "sql_second_opinion.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "sql_parser.h"

/* Places, by kind: a kind in the upper bits of each number. */
typedef enum place_kind {
    PLACE_SUBLINK,
    PLACE_CTE,
    PLACE_TABLE,
    PLACE_COLUMN,
} place_kind;

typedef struct places {
    uint64_t *items;
    size_t count;
    size_t capacity;
    size_t from_queries;
    bool no_memory;
} places;

static void add_place(places *p, place_kind kind, uint64_t offset)
{
    if (p->count == p->capacity) {
        size_t capacity = p->capacity == 0 ? 64 : p->capacity * 2;
        uint64_t *items = rh_mem_rearray(p->items, capacity, sizeof *items);

        if (items == NULL) {
            p->no_memory = true;
            return;
        }
        p->items = items;
        p->capacity = capacity;
    }
    p->items[p->count++] = ((uint64_t)kind << 60) | offset;
}

static int compare_places(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Zero is left out in the parser's JSON, and -1 says that there is no place. */
static void add_json(places *p, place_kind kind, const json_t *node)
{
    const json_t *location = json_object_get(node, "location");
    json_int_t offset = json_is_integer(location) ? json_integer_value(location) : 0;

    if (offset >= 0)
        add_place(p, kind, (uint64_t)offset);
}

/* Parts of the tree that our reader does not look at. */
static bool is_left_out(const char *key)
{
    return strcmp(key, "into") == 0 || strcmp(key, "intoClause") == 0 || strcmp(key, "view") == 0 ||
           strcmp(key, "lockedRels") == 0 || strcmp(key, "indexElems") == 0;
}

/* SET (a, b) = (select ..): the query stands in the tree once for each column. */
static bool is_repeated(const char *key, const json_t *child)
{
    return strcmp(key, "MultiAssignRef") == 0 &&
           json_integer_value(json_object_get(child, "colno")) > 1;
}

static void walk_json(places *p, const json_t *node)
{
    const char *key;
    json_t *child;
    size_t index;

    json_array_foreach(node, index, child)
    {
        walk_json(p, child);
    }
    if (!json_is_object(node))
        return;
    json_object_foreach((json_t *)(uintptr_t)node, key, child)
    {
        if (is_left_out(key) || is_repeated(key, child))
            continue;
        if (strcmp(key, "SubLink") == 0)
            add_json(p, PLACE_SUBLINK, child);
        else if (strcmp(key, "CommonTableExpr") == 0)
            add_json(p, PLACE_CTE, child);
        else if (strcmp(key, "RangeVar") == 0 ||
                 (strcmp(key, "relation") == 0 && json_object_get(child, "relname") != NULL))
            add_json(p, PLACE_TABLE, child);
        else if (strcmp(key, "ColumnRef") == 0)
            add_json(p, PLACE_COLUMN, child);
        else if (strcmp(key, "RangeSubselect") == 0)
            p->from_queries++;
        walk_json(p, child);
    }
}

static void walk_node(places *p, const rh_sql_node *node)
{
    if (node->kind == RH_SQL_NODE_COLUMN)
        add_place(p, PLACE_COLUMN, node->offset);
    if (node->kind == RH_SQL_NODE_QUERY)
        add_place(p, PLACE_SUBLINK, node->query->keyword_offset);
    for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
        walk_node(p, child);
}

static void walk_query(places *p, const rh_sql_query *q)
{
    if (q->level.kind == RH_SQL_LEVEL_CTE)
        add_place(p, PLACE_CTE, q->level.construct_offset);
    p->from_queries += q->level.kind == RH_SQL_LEVEL_FROM;
    for (const rh_sql_from *from = q->from_first; from != NULL; from = from->next) {
        if (from->relation.name != NULL && !from->relation.function)
            add_place(p, PLACE_TABLE, from->relation.offset);
    }
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next)
        walk_node(p, term->node);
    for (const rh_sql_query *child = q->first_child; child != NULL; child = child->next)
        walk_query(p, child);
}

static bool same(places *a, places *b)
{
    if (a->count != b->count || a->from_queries != b->from_queries)
        return false;
    if (a->count == 0)
        return true;
    qsort(a->items, a->count, sizeof *a->items, compare_places);
    qsort(b->items, b->count, sizeof *b->items, compare_places);
    return memcmp(a->items, b->items, a->count * sizeof *a->items) == 0;
}

rh_status rh_sql_second_opinion(const rh_sql_tree *tree, bool *out_differs, rh_error *err)
{
    places ours;
    places theirs;
    json_t *json = NULL;
    rh_status status = rh_sql_parser_tree(tree->text, tree->len, &json, err);

    *out_differs = false;
    if (status == RH_SKIPPED)
        return RH_OK;
    if (status != RH_OK)
        return status;
    memset(&ours, 0, sizeof ours);
    memset(&theirs, 0, sizeof theirs);
    walk_json(&theirs, json_object_get(json, "stmts"));
    walk_query(&ours, tree->top);
    *out_differs = !same(&ours, &theirs);
    if (ours.no_memory || theirs.no_memory)
        status = rh_error_oom(err);
    rh_mem_free(ours.items);
    rh_mem_free(theirs.items);
    json_decref(json);
    return status;
}
