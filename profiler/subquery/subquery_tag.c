#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "subquery_internal.h"

/* Every relation of the statement gets an alias of its own, rh_q<entry>r<relation>x, and so do the
 * columns that name it. Planned again, each scan then says where it comes from; the plan must be
 * the same otherwise. Once the views are known their definitions stand in place of their names,
 * with tags of their own: that is what the server makes of them, too. */

typedef struct edit {
    size_t offset;
    size_t len;   /* bytes that go */
    size_t entry; /* of a view: its definition is put here; else of the tag's level */
    size_t relation;
    const char *before; /* what is put before and behind the tag; NULL: a definition */
    const char *after;
} edit;

typedef struct edits {
    edit *items;
    size_t count;
    size_t capacity;
} edits;

static rh_status add_edit(edits *list, edit one, rh_error *err)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 32 : list->capacity * 2;
        edit *items = rh_mem_rearray(list->items, capacity, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = one;
    return RH_OK;
}

static int compare_edits(const void *a, const void *b)
{
    const edit *x = a;
    const edit *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* RH_SKIPPED: a view that is written to has no definition that could stand there. */
static rh_status relation_edits(const rh_subquery_map *map, edits *list, size_t entry,
                                rh_error *err)
{
    const rh_sql_level *level = map->entries[entry].pub.level;
    rh_status status = RH_OK;

    for (size_t r = 0; r < level->relation_count && status == RH_OK; r++) {
        const rh_sql_relation *relation = &level->relations[r];
        size_t view = rh_subquery_view_of(map, entry, r);

        if (relation->function)
            continue;
        if (view != RH_SQL_NONE && relation->target)
            return RH_SKIPPED;
        if (view != RH_SQL_NONE)
            status = add_edit(
                list,
                (edit){relation->offset, relation->end - relation->offset, view, 0, NULL, NULL},
                err);
        if (status != RH_OK)
            break;
        if (relation->alias != NULL)
            status = add_edit(
                list, (edit){relation->alias_offset, relation->alias_length, entry, r, "", ""},
                err);
        else
            status = add_edit(list, (edit){relation->end, 0, entry, r, " AS ", ""}, err);
    }
    return status;
}

/* An unqualified name that is a relation's: a whole row, or a column we cannot place. */
static bool names_a_relation(const rh_sql_levels *levels, const char *name)
{
    for (size_t l = 0; l < rh_sql_levels_count(levels); l++) {
        const rh_sql_level *level = rh_sql_levels_at(levels, l);

        for (size_t r = 0; r < level->relation_count; r++) {
            if (rh_str_eq(level->relations[r].alias, name) ||
                (level->relations[r].alias == NULL && rh_str_eq(level->relations[r].name, name)))
                return true;
        }
    }
    return false;
}

/* RH_SKIPPED: a name that we cannot follow. */
static rh_status column_edits(const rh_subquery_map *map, edits *list, size_t entry, rh_error *err)
{
    const rh_sql_levels *levels = map->entries[entry].levels;
    const rh_sql_level *level = map->entries[entry].pub.level;
    rh_status status = RH_OK;

    for (size_t c = 0; c < level->column_count && status == RH_OK; c++) {
        const rh_sql_column_ref *ref = &level->columns[c];

        if (ref->qualifier == NULL) {
            if (ref->relation == RH_SQL_NONE && names_a_relation(levels, ref->name))
                return RH_SKIPPED;
            continue;
        }
        if (rh_str_ieq(ref->qualifier, "excluded"))
            continue;
        if (ref->level == RH_SQL_NONE || ref->relation == RH_SQL_NONE)
            return RH_SKIPPED;
        if (rh_sql_levels_at(levels, ref->level)->relations[ref->relation].function)
            continue;
        status = add_edit(list,
                          (edit){ref->offset, ref->name_offset - ref->offset,
                                 map->entries[entry].first + ref->level, ref->relation, "", "."},
                          err);
    }
    return status;
}

static rh_status write_tagged(const rh_subquery_map *map, size_t first, rh_buf *out, rh_error *err);

static rh_status write_edit(const rh_subquery_map *map, const edit *e, rh_buf *out, rh_error *err)
{
    rh_status status;

    if (e->before != NULL)
        return rh_buf_printf(out, err, "%srh_q%zur%zux%s", e->before, e->entry, e->relation,
                             e->after);
    status = rh_buf_append_byte(out, '(', err);
    if (status == RH_OK)
        status = write_tagged(map, e->entry, out, err);
    return status == RH_OK ? rh_buf_append_byte(out, ')', err) : status;
}

static rh_status write_edits(const rh_subquery_map *map, size_t first, const edits *list,
                             rh_buf *out, rh_error *err)
{
    const char *text = map->entries[first].pub.text;
    size_t len = rh_subquery_text_len(map, first);
    size_t at = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < list->count && status == RH_OK; i++) {
        const edit *e = &list->items[i];

        if (e->offset < at)
            return RH_SKIPPED;
        status = rh_buf_append(out, text + at, e->offset - at, err);
        if (status == RH_OK)
            status = write_edit(map, e, out, err);
        at = e->offset + e->len;
    }
    return status == RH_OK ? rh_buf_append(out, text + at, len - at, err) : status;
}

/* The text whose levels begin at entry `first`. */
static rh_status write_tagged(const rh_subquery_map *map, size_t first, rh_buf *out, rh_error *err)
{
    size_t count = rh_sql_levels_count(map->entries[first].levels);
    edits list = {NULL, 0, 0};
    rh_status status = RH_OK;

    for (size_t e = first; e < first + count && status == RH_OK; e++) {
        status = relation_edits(map, &list, e, err);
        if (status == RH_OK)
            status = column_edits(map, &list, e, err);
    }
    if (status == RH_OK && list.count > 0)
        qsort(list.items, list.count, sizeof *list.items, compare_edits);
    if (status == RH_OK)
        status = write_edits(map, first, &list, out, err);
    rh_mem_free(list.items);
    return status;
}

static bool same_shape(const rh_plan *a, const rh_plan *b)
{
    if (rh_plan_count(a) != rh_plan_count(b))
        return false;
    for (size_t n = 0; n < rh_plan_count(a); n++) {
        const rh_plan_node *x = rh_plan_at(a, n);
        const rh_plan_node *y = rh_plan_at(b, n);

        if (x->kind != y->kind || x->parent != y->parent || x->relationship != y->relationship ||
            x->subplan != y->subplan || !rh_str_eq(x->relation, y->relation) ||
            !rh_str_eq(x->index_name, y->index_name) || !rh_str_eq(x->join_type, y->join_type) ||
            !rh_str_eq(x->cte_name, y->cte_name))
            return false;
    }
    return true;
}

/* "rh_q3r0x", perhaps with "_1" behind it. */
static bool read_tag(const rh_subquery_map *map, const char *alias, size_t *level, size_t *relation)
{
    const char *r;
    const char *x;
    int64_t l;
    int64_t k;

    if (!rh_str_starts_with(alias, "rh_q"))
        return false;
    r = strchr(alias + 4, 'r');
    x = r == NULL ? NULL : strchr(r + 1, 'x');
    if (x == NULL || !rh_num_scan_int64(alias + 4, (size_t)(r - alias - 4), &l) ||
        !rh_num_scan_int64(r + 1, (size_t)(x - r - 1), &k) || l < 0 || k < 0 ||
        (size_t)l >= map->count || (size_t)k >= map->entries[(size_t)l].pub.level->relation_count)
        return false;
    *level = (size_t)l;
    *relation = (size_t)k;
    return true;
}

static void take_owners(rh_subquery_map *map, const rh_plan *tagged)
{
    for (size_t n = 0; n < rh_plan_count(tagged); n++) {
        const rh_plan_node *node = rh_plan_at(tagged, n);
        subquery_owner *owner = &map->owners[n];

        if (!rh_subquery_has_owner(node) || node->kind == RH_PLAN_FUNCTION_SCAN)
            continue;
        owner->other_count = 0;
        owner->entry = RH_SQL_NONE; /* without a tag: from a view, a policy or a function */
        (void)read_tag(map, node->alias, &owner->entry, &owner->relation);
    }
    map->certain = true;
}

/* What the server says against the tagged text only means that nothing is proved. */
static rh_status plan_tagged(const rh_subquery_map *map, const char *sql, rh_plan **out,
                             rh_error *err)
{
    rh_error lower = RH_ERROR_INIT;
    rh_status status = map->options->explain(map->options->ctx, sql, out, &lower);

    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    return status == RH_OK ? RH_OK : RH_SKIPPED;
}

rh_status rh_subquery_own_by_tag(rh_subquery_map *map, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_plan *tagged = NULL;
    rh_status status = RH_OK;

    if (map->options == NULL || map->options->explain == NULL)
        return RH_SKIPPED;
    status = write_tagged(map, 0, &sql, err);
    if (status == RH_OK && sql.len > map->text_len)
        status = plan_tagged(map, rh_buf_cstr(&sql), &tagged, err);
    if (status == RH_OK && tagged != NULL && !same_shape(map->plan, tagged))
        status = RH_SKIPPED;
    if (status == RH_OK && tagged != NULL)
        take_owners(map, tagged);
    rh_plan_free(tagged);
    rh_buf_done(&sql);
    return status;
}
