/*
 * The statement with counters in it, for an engine that does not tell how often a subquery runs
 * (SQLite without scanstatus).
 *
 *   (SELECT ..)                  rehearse_count(3, (SELECT ..))
 *   EXISTS (SELECT ..)           rehearse_count(3, EXISTS (SELECT ..))
 *   x IN (SELECT .. WHERE w)     x IN (SELECT .. WHERE rehearse_count(-4, "a"."id") AND (w))
 *
 * A view in whose definition something is counted gives way to that definition.
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
    size_t removes; /* bytes of the text that it stands in for */
    size_t depth;   /* of the level that it counts */
    bool closes;
    char *text; /* owned */
} insertion;

typedef struct insertions {
    insertion *items;
    size_t count;
    size_t cap;
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

/* Takes item.text, also on failure. */
static rh_status add(insertions *list, insertion item, rh_error *err)
{
    if (item.text != NULL && list->count == list->cap) {
        size_t cap = list->cap == 0 ? 16 : list->cap * 2;
        insertion *larger = rh_mem_rearray(list->items, cap, sizeof *larger);

        if (larger == NULL) {
            rh_mem_free(item.text);
            return rh_error_oom(err);
        }
        list->items = larger;
        list->cap = cap;
    }
    if (item.text == NULL)
        return rh_error_oom(err);
    list->items[list->count++] = item;
    return RH_OK;
}

static rh_status insert(insertions *list, const rh_sql_level *level, size_t offset, bool closes,
                        char *text, rh_error *err)
{
    return add(list, (insertion){offset, 0, level->depth, closes, text}, err);
}

/* ---- places in the text ---- */

/* Where EXISTS stands: behind NOT when there is one. */
static size_t exists_at(const rh_subquery *entry)
{
    const rh_sql_level *level = entry->level;
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, RH_SQL_SQLITE, entry->text + level->construct_offset,
                     entry->text_len - level->construct_offset);
    token = rh_sql_scan_next_code(&scan);
    if (rh_sql_token_is(&token, entry->text + level->construct_offset, "not"))
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

static where_clause find_where(const rh_subquery *entry)
{
    const rh_sql_level *level = entry->level;
    const char *text = entry->text + level->query_offset;
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

    if (entry == 0 || rh_plan_engine_of(map->plan) != RH_PLAN_SQLITE ||
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

static rh_status add_counter(insertions *list, size_t k, const rh_subquery *entry, rh_error *err)
{
    const rh_sql_level *level = entry->level;
    size_t open = level->kind == RH_SQL_LEVEL_EXISTS ? exists_at(entry) : level->offset;
    rh_status status =
        insert(list, level, open, false, rh_mem_printf(RH_SUBQUERY_COUNTER "(%zu, ", k), err);

    if (status == RH_OK)
        status = insert(list, level, level->offset + level->length, true, rh_mem_strdup(")"), err);
    return status;
}

static rh_status add_condition(insertions *list, size_t k, const rh_subquery *entry, rh_error *err)
{
    const rh_sql_level *level = entry->level;
    where_clause where = find_where(entry);
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

static rh_status write_text(const rh_subquery_map *map, size_t first, const insertions *list,
                            rh_buf *out, rh_error *err)
{
    const char *text = map->entries[first].pub.text;
    rh_status status = RH_OK;
    size_t at = 0;

    for (size_t i = 0; status == RH_OK && i < list->count; i++) {
        const insertion *item = &list->items[i];

        status = rh_buf_append(out, text + at, item->offset - at, err);
        at = item->offset + item->removes;
        if (status == RH_OK)
            status = rh_buf_append_str(out, item->text, err);
    }
    return status == RH_OK
               ? rh_buf_append(out, text + at, rh_subquery_text_len(map, first) - at, err)
               : status;
}

/* What is counted, and where: entries[k] has counter k. */
typedef struct counters {
    const rh_subquery_map *map;
    const size_t *entries;
    size_t count;
} counters;

static rh_status counting_text(const counters *c, size_t first, rh_buf *out, rh_error *err);

/* The definition, in brackets and under the view's name. */
static char *definition(const counters *c, size_t view, const rh_sql_relation *relation,
                        rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_buf_append_byte(&text, '(', err);
    char *copy = NULL;

    if (status == RH_OK)
        status = counting_text(c, view, &text, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&text, ')', err);
    if (status == RH_OK && relation->alias == NULL)
        status = rh_buf_printf(&text, err, " AS \"%s\"", relation->name);
    if (status == RH_OK)
        copy = rh_mem_strdup(rh_buf_cstr(&text));
    rh_buf_done(&text);
    return copy;
}

static rh_status add_views(const counters *c, insertions *list, size_t entry, rh_error *err)
{
    const rh_sql_level *level = c->map->entries[entry].pub.level;
    rh_status status = RH_OK;

    for (size_t r = 0; status == RH_OK && r < level->relation_count; r++) {
        const rh_sql_relation *relation = &level->relations[r];
        size_t view = rh_subquery_view_of(c->map, entry, r);
        bool counted = false;

        for (size_t k = 0; view != RH_SQL_NONE && !counted && k < c->count; k++)
            counted = rh_subquery_within(c->map, c->entries[k], view);
        if (counted)
            status = add(list,
                         (insertion){relation->offset, relation->end - relation->offset, 0, false,
                                     definition(c, view, relation, err)},
                         err);
    }
    return status;
}

/* The text whose levels begin at entry `first`. */
static rh_status counting_text(const counters *c, size_t first, rh_buf *out, rh_error *err)
{
    size_t levels = rh_sql_levels_count(c->map->entries[first].levels);
    insertions list = {NULL, 0, 0};
    rh_status status = RH_OK;

    for (size_t k = 0; status == RH_OK && k < c->count; k++) {
        const subquery_entry *entry = &c->map->entries[c->entries[k]];

        if (entry->first != first)
            continue;
        status = entry->pub.level->kind == RH_SQL_LEVEL_ANY
                     ? add_condition(&list, k, &entry->pub, err)
                     : add_counter(&list, k, &entry->pub, err);
    }
    for (size_t e = first; status == RH_OK && e < first + levels; e++)
        status = add_views(c, &list, e, err);
    if (status == RH_OK && list.count > 0)
        qsort(list.items, list.count, sizeof *list.items, compare_insertions);
    if (status == RH_OK)
        status = write_text(c->map, first, &list, out, err);
    for (size_t i = 0; i < list.count; i++)
        rh_mem_free(list.items[i].text);
    rh_mem_free(list.items);
    return status;
}

rh_status rh_subquery_counting_text(const rh_subquery_map *map, const size_t *entries, size_t count,
                                    rh_buf *out, rh_error *err)
{
    const counters c = {map, entries, count};

    return counting_text(&c, 0, out, err);
}
