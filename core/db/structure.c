/*
 * The section "structure" (docs/format.md §11) into structs of one arena.
 *
 * The text may come from a repository that somebody else wrote: every type, position and reference
 * is checked before it is used. Members that this version does not know are left alone. Here is the
 * whole; one table is read in structure_table.c.
 */
#include "core/structure.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/doc.h"
#include "core/mem.h"
#include "structure_members.h"
#include "structure_table.h"

enum { MAX_PARENTS = 1000 }; /* far above what the engines allow */

struct rh_structure {
    rh_arena *arena;
    rh_structure_table *tables;
    size_t table_count;
    const rh_structure_table **by_name; /* sorted by full_name */
    const rh_structure_text *texts;     /* not NULL when the section tells them */
    size_t text_count;
};

static int by_full_name(const void *a, const void *b)
{
    return strcmp((*(const rh_structure_table *const *)a)->full_name,
                  (*(const rh_structure_table *const *)b)->full_name);
}

static rh_status sort_tables(rh_structure *s, const rh_structure_reader *r)
{
    s->by_name = rh_arena_array(s->arena, s->table_count, sizeof(rh_structure_table *));
    if (s->by_name == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < s->table_count; i++)
        s->by_name[i] = &s->tables[i];
    qsort(s->by_name, s->table_count, sizeof(rh_structure_table *), by_full_name);
    for (size_t i = 1; i < s->table_count; i++) {
        if (by_full_name(&s->by_name[i - 1], &s->by_name[i]) == 0)
            return rh_error_set(r->err, RH_EFORMAT, "structure: table '%s' is there twice",
                                s->by_name[i]->full_name);
    }
    return RH_OK;
}

/* Who follows parents must come to an end. */
static rh_status check_parents(const rh_structure *s, const rh_structure_reader *r)
{
    for (size_t i = 0; i < s->table_count; i++) {
        const rh_structure_table *table = &s->tables[i];

        for (size_t depth = 0; table != NULL && table->parent != NULL; depth++) {
            if (depth > MAX_PARENTS)
                return rh_error_set(r->err, RH_EFORMAT,
                                    "structure: table '%s' is its own ancestor, or has too many",
                                    s->tables[i].full_name);
            table = rh_structure_find(s, table->parent);
        }
    }
    return RH_OK;
}

static rh_status read_texts(rh_structure *s, const json_t *root, rh_structure_reader *r)
{
    static const rh_structure_text NONE[1];
    const json_t *list;
    void *items = NULL;
    rh_structure_text *texts;
    rh_status status =
        rh_structure_begin_list(r, root, "texts", sizeof(rh_structure_text), &list, &items);

    if (status != RH_OK)
        return status;
    if (list == NULL) {
        s->texts = json_is_array(json_object_get(root, "texts")) ? NONE : NULL;
        return RH_OK;
    }
    texts = items;
    s->texts = texts;
    s->text_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < s->text_count; i++) {
        const json_t *json = json_array_get(list, i);

        status = rh_structure_take_name(r, json, "kind", &texts[i].kind);
        if (status == RH_OK)
            status = rh_structure_take_name(r, json, "name", &texts[i].name);
        if (status == RH_OK)
            status = rh_structure_take_name(r, json, "text", &texts[i].text);
    }
    return status;
}

static rh_status read_root(rh_structure *s, const json_t *root, rh_structure_reader *r)
{
    const json_t *list;
    void *items = NULL;
    rh_status status;

    if (!json_is_object(root))
        return rh_error_set(r->err, RH_EFORMAT, "structure: is not an object");
    if (!json_is_integer(json_object_get(root, "version")))
        return rh_structure_damaged(r, "version", "is missing");
    if (json_integer_value(json_object_get(root, "version")) != 1)
        return rh_structure_damaged(r, "version", "is newer than this program");
    status = read_texts(s, root, r);
    if (status == RH_OK)
        status =
            rh_structure_begin_list(r, root, "tables", sizeof(rh_structure_table), &list, &items);
    if (status != RH_OK || list == NULL)
        return status;
    s->tables = items;
    s->table_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < s->table_count; i++)
        status = rh_structure_read_table(r, json_array_get(list, i), &s->tables[i]);
    if (status == RH_OK)
        status = sort_tables(s, r);
    if (status == RH_OK)
        status = check_parents(s, r);
    return status;
}

rh_status rh_structure_parse(const char *text, size_t len, rh_structure **out, rh_error *err)
{
    json_t *root = NULL;
    rh_structure *s = rh_mem_zalloc(sizeof *s);
    rh_status status = RH_OK;

    if (s == NULL)
        return rh_error_oom(err);
    s->arena = rh_arena_new(0);
    if (s->arena == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = rh_doc_parse_json("structure", text, len, &root, err);
    if (status != RH_OK)
        goto out;

    rh_structure_reader r = {s->arena, err, NULL, 0};

    status = read_root(s, root, &r);
    if (status != RH_OK)
        goto out;
    *out = s;
    s = NULL;
out:
    json_decref(root);
    rh_structure_free(s);
    return status;
}

void rh_structure_free(rh_structure *structure)
{
    if (structure == NULL)
        return;
    rh_arena_free(structure->arena);
    rh_mem_free(structure);
}

size_t rh_structure_table_count(const rh_structure *structure)
{
    return structure->table_count;
}

const rh_structure_table *rh_structure_table_at(const rh_structure *structure, size_t index)
{
    return &structure->tables[index];
}

size_t rh_structure_texts(const rh_structure *structure, const rh_structure_text **out)
{
    *out = structure->texts;
    return structure->text_count;
}

const rh_structure_table *rh_structure_find(const rh_structure *structure, const char *full_name)
{
    size_t low = 0;
    size_t high = structure->table_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(structure->by_name[middle]->full_name, full_name);

        if (order == 0)
            return structure->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t rh_structure_column_index(const rh_structure_table *table, const char *name)
{
    size_t i = 0;

    while (i < table->column_count && strcmp(table->columns[i].name, name) != 0)
        i++;
    return i;
}

bool rh_structure_is_type(const char *base_type, const char *name)
{
    const char *dot = strrchr(base_type, '.');

    return strcmp(dot == NULL ? base_type : dot + 1, name) == 0;
}
