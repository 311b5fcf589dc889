/*
 * The statement with counters in it, for an engine that does not tell how often a subquery runs
 * (SQLite without scanstatus).
 *
 *   (SELECT ..)                  rehearse_count(3, (SELECT ..))
 *   EXISTS (SELECT ..)           rehearse_count(3, EXISTS (SELECT ..))
 *   x IN (SELECT .. WHERE w)     x IN (SELECT .. WHERE rehearse_count(-4, "a"."id") AND (w))
 *
 * The first two count how often the value is asked for: a correlated subquery runs each time, any
 * other at most once. The third stands on a condition that asks for nothing but an outer column,
 * which SQLite tests once before it begins its loops. Whether the text still does the same is for
 * the caller to compare; nothing here is believed without that.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "subquery_internal.h"

/* Something that is put into the text. */
typedef struct insertion {
    size_t offset;
    size_t depth; /* of the level that it counts */
    bool closes;
    char *text; /* owned */
} insertion;

typedef struct insertions {
    insertion *items; /* two for each counter */
    size_t count;
} insertions;

/* At one place, inner brackets close first and outer ones open first. */
static int compare_insertions(const void *a, const void *b)
{
    const insertion *x = a;
    const insertion *y = b;

    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->closes != y->closes)
        return x->closes ? -1 : 1;
    if (x->depth == y->depth)
        return 0;
    return (x->depth < y->depth) == x->closes ? 1 : -1;
}

static rh_status insert(insertions *list, const rh_sql_level *level, size_t offset, bool closes,
                        char *text, rh_error *err)
{
    if (text == NULL)
        return rh_error_oom(err);
    list->items[list->count++] = (insertion){offset, level->depth, closes, text};
    return RH_OK;
}

/* ---- places in the text ---- */

/* Where EXISTS stands: behind NOT when there is one. */
static size_t exists_at(const rh_subquery_map *map, const rh_sql_level *level)
{
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, RH_SQL_SQLITE, map->text + level->construct_offset,
                     map->text_len - level->construct_offset);
    token = rh_sql_scan_next_code(&scan);
    if (rh_sql_token_is(&token, map->text + level->construct_offset, "not"))
        token = rh_sql_scan_next_code(&scan);
    return level->construct_offset + token.offset;
}

typedef struct where_clause {
    size_t begin; /* behind the word; RH_SQL_NONE when there is none */
    size_t end;   /* behind the last token before what follows */
} where_clause;

static bool ends_where(const rh_sql_token *token, const char *text)
{
    static const char *const words[] = {"group", "having", "window",    "order",
                                        "limit", "union",  "intersect", "except"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rh_sql_token_is(token, text, words[i]))
            return true;
    return token->kind == RH_SQL_TOKEN_END;
}

static where_clause find_where(const rh_subquery_map *map, const rh_sql_level *level)
{
    const char *text = map->text + level->query_offset;
    where_clause out = {RH_SQL_NONE, 0};
    rh_sql_scan scan;
    int depth = 0;

    rh_sql_scan_init(&scan, RH_SQL_SQLITE, text, level->query_length);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (depth == 0 && ends_where(&token, text))
            return out;
        if (token.kind == RH_SQL_TOKEN_END)
            return out;
        depth += token.kind == RH_SQL_TOKEN_OPEN;
        depth -= token.kind == RH_SQL_TOKEN_CLOSE;
        out.end = level->query_offset + token.offset + token.len;
        if (depth == 0 && rh_sql_token_is(&token, text, "where"))
            out.begin = out.end;
    }
}

/* The outer column as SQL: "a"."id". NULL: it has no qualifier, or memory is out. */
static char *quoted_column(const char *correlated_by)
{
    const char *dot = strchr(correlated_by, '.');

    if (dot == NULL || strchr(correlated_by, '"') != NULL || strchr(dot + 1, '.') != NULL)
        return NULL;
    return rh_mem_printf("\"%.*s\".\"%s\"", (int)(dot - correlated_by), correlated_by, dot + 1);
}

/* ---- what can be counted ---- */

/* A qualifier that a relation of the level itself has means another one inside of it. */
static bool is_hidden(const rh_sql_level *level, const char *correlated_by)
{
    size_t len = strcspn(correlated_by, ".");

    for (size_t i = 0; i < level->relation_count; i++) {
        const rh_sql_relation *relation = &level->relations[i];
        const char *shown = relation->alias != NULL ? relation->alias : relation->name;

        if (shown != NULL && strlen(shown) == len && strncmp(shown, correlated_by, len) == 0)
            return true;
    }
    return false;
}

static bool is_countable_list(const rh_sql_level *level)
{
    return level->correlated == RH_SQL_YES && level->correlated_by != NULL &&
           strchr(level->correlated_by, '.') != NULL && strchr(level->correlated_by, '"') == NULL &&
           !level->set_operation && level->rows == 0 && !is_hidden(level, level->correlated_by);
}

bool rh_subquery_is_countable(const rh_subquery_map *map, size_t entry)
{
    const subquery_entry *e = &map->entries[entry];
    const rh_sql_level *level = e->pub.level;

    if (entry == 0 || e->pub.view != NULL || rh_plan_engine_of(map->plan) != RH_PLAN_SQLITE ||
        (e->pub.fate != RH_SUBQUERY_OWN && e->pub.fate != RH_SUBQUERY_UNCLEAR) ||
        level->clause == RH_SQL_CLAUSE_INSERT)
        return false;
    return level->kind == RH_SQL_LEVEL_EXPR || level->kind == RH_SQL_LEVEL_EXISTS ||
           (level->kind == RH_SQL_LEVEL_ANY && is_countable_list(level));
}

/* Yes: it runs each time its value is asked for. No: at most once. Where plan and text do not say
 * the same, it is not known. */
rh_sql_answer rh_subquery_runs_each_time(const rh_subquery_map *map, size_t entry)
{
    const rh_subquery *pub = &map->entries[entry].pub;
    const rh_plan_node *node =
        pub->node == RH_PLAN_NO_NODE ? NULL : rh_plan_at(map->plan, pub->node);

    if (node == NULL)
        return pub->level->correlated;
    if (node->correlated == RH_PLAN_YES && pub->level->correlated != RH_SQL_NO)
        return RH_SQL_YES;
    if (node->correlated == RH_PLAN_NO && pub->level->correlated != RH_SQL_YES)
        return RH_SQL_NO;
    return RH_SQL_UNKNOWN;
}

void rh_subquery_set_loops(rh_subquery_map *map, size_t entry, double loops)
{
    map->entries[entry].pub.loops = loops;
    map->entries[entry].pub.counted = true;
}

/* ---- writing ---- */

static rh_status add_counter(const rh_subquery_map *map, insertions *list, size_t k,
                             const rh_sql_level *level, rh_error *err)
{
    size_t open = level->kind == RH_SQL_LEVEL_EXISTS ? exists_at(map, level) : level->offset;
    rh_status status =
        insert(list, level, open, false, rh_mem_printf(RH_SUBQUERY_COUNTER "(%zu, ", k), err);

    if (status == RH_OK)
        status = insert(list, level, level->offset + level->length, true, rh_mem_strdup(")"), err);
    return status;
}

static rh_status add_condition(const rh_subquery_map *map, insertions *list, size_t k,
                               const rh_sql_level *level, rh_error *err)
{
    where_clause where = find_where(map, level);
    char *column = quoted_column(level->correlated_by);
    rh_status status = column == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && where.begin == RH_SQL_NONE) {
        status =
            insert(list, level, where.end, true,
                   rh_mem_printf(" WHERE " RH_SUBQUERY_COUNTER "(-%zu, %s)", k + 1, column), err);
    } else if (status == RH_OK) {
        status =
            insert(list, level, where.begin, false,
                   rh_mem_printf(" " RH_SUBQUERY_COUNTER "(-%zu, %s) AND (", k + 1, column), err);
        if (status == RH_OK)
            status = insert(list, level, where.end, true, rh_mem_strdup(")"), err);
    }
    rh_mem_free(column);
    return status;
}

static rh_status write_text(const rh_subquery_map *map, const insertions *list, rh_buf *out,
                            rh_error *err)
{
    rh_status status = RH_OK;
    size_t at = 0;

    for (size_t i = 0; status == RH_OK && i < list->count; i++) {
        status = rh_buf_append(out, map->text + at, list->items[i].offset - at, err);
        at = list->items[i].offset;
        if (status == RH_OK)
            status = rh_buf_append_str(out, list->items[i].text, err);
    }
    return status == RH_OK ? rh_buf_append(out, map->text + at, map->text_len - at, err) : status;
}

rh_status rh_subquery_counting_text(const rh_subquery_map *map, const size_t *entries, size_t count,
                                    rh_buf *out, rh_error *err)
{
    insertions list = {rh_mem_array(count * 2 + 1, sizeof *list.items), 0};
    rh_status status = list.items == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t k = 0; status == RH_OK && k < count; k++) {
        const rh_sql_level *level = map->entries[entries[k]].pub.level;

        status = level->kind == RH_SQL_LEVEL_ANY ? add_condition(map, &list, k, level, err)
                                                 : add_counter(map, &list, k, level, err);
    }
    if (status == RH_OK) {
        qsort(list.items, list.count, sizeof *list.items, compare_insertions);
        status = write_text(map, &list, out, err);
    }
    for (size_t i = 0; i < list.count; i++)
        rh_mem_free(list.items[i].text);
    rh_mem_free(list.items);
    return status;
}
