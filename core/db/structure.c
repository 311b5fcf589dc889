/*
 * The section "structure" (docs/format.md §11) into structs of one arena.
 *
 * The text may come from a repository that somebody else wrote: every type, position and reference
 * is checked before it is used. Members that this version does not know are left alone.
 */
#include "core/structure.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/doc.h"
#include "core/mem.h"

/* Far above what the engines allow. */
enum {
    MAX_COLUMNS = 32767,
    MAX_PARENTS = 1000,
    MIN_SCALE = -1000, /* numeric(3,-2) counts hundreds */
};

struct rh_structure {
    rh_arena *arena;
    rh_structure_table *tables;
    size_t table_count;
    const rh_structure_table **by_name; /* sorted by full_name */
    const rh_structure_text *texts;     /* not NULL when the section tells them */
    size_t text_count;
};

/* What is being read, and the words for complaints about it. */
typedef struct reader {
    rh_arena *arena;
    rh_error *err;
    const char *table; /* full name, NULL while not known */
    size_t column_count;
} reader;

static rh_status damaged(const reader *r, const char *key, const char *problem)
{
    if (r->table == NULL)
        return rh_error_set(r->err, RH_EFORMAT, "structure: '%s' %s", key, problem);
    return rh_error_set(r->err, RH_EFORMAT, "structure: '%s' of table '%s' %s", key, r->table,
                        problem);
}

/* ---- members; a missing or null one leaves *out as it is ---- */

static rh_status take_text(const reader *r, const json_t *object, const char *key, const char **out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_string(value))
        return damaged(r, key, "is not a text");
    *out = rh_arena_strndup(r->arena, json_string_value(value), json_string_length(value));
    return *out != NULL ? RH_OK : rh_error_oom(r->err);
}

static rh_status take_name(const reader *r, const json_t *object, const char *key, const char **out)
{
    rh_status status = take_text(r, object, key, out);

    if (status == RH_OK && (*out == NULL || **out == '\0'))
        return damaged(r, key, "is missing");
    return status;
}

static rh_status take_bool(const reader *r, const json_t *object, const char *key, bool *out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_boolean(value))
        return damaged(r, key, "is not true or false");
    *out = json_is_true(value);
    return RH_OK;
}

static rh_status take_int(const reader *r, const json_t *object, const char *key, int64_t min,
                          int64_t max, int64_t *out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return damaged(r, key, "is not a number in range");
    *out = json_integer_value(value);
    return RH_OK;
}

/* A list; NULL when missing. */
static rh_status get_list(const reader *r, const json_t *object, const char *key,
                          const json_t **out)
{
    const json_t *value = json_object_get(object, key);

    *out = NULL;
    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_array(value))
        return damaged(r, key, "is not a list");
    if (json_array_size(value) > 0)
        *out = value;
    return RH_OK;
}

static rh_status take_positions(const reader *r, const json_t *object, const char *key,
                                const size_t **out, size_t *out_count)
{
    const json_t *list;
    rh_status status = get_list(r, object, key, &list);

    if (status != RH_OK || list == NULL)
        return status;

    size_t count = json_array_size(list);
    size_t *positions = rh_arena_array(r->arena, count, sizeof *positions);

    if (positions == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_integer(item) || json_integer_value(item) < 0 ||
            (uint64_t)json_integer_value(item) >= r->column_count)
            return damaged(r, key, "names a column that is not there");
        positions[i] = (size_t)json_integer_value(item);
    }
    *out = positions;
    *out_count = count;
    return RH_OK;
}

/* NULL-terminated; *out stays when the list is missing or empty. */
static rh_status take_texts(const reader *r, const json_t *object, const char *key,
                            const char *const **out, size_t *out_count)
{
    const json_t *list;
    rh_status status = get_list(r, object, key, &list);

    if (status != RH_OK || list == NULL)
        return status;

    size_t count = json_array_size(list);
    const char **texts = rh_arena_array(r->arena, count + 1, sizeof *texts);

    if (texts == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_string(item))
            return damaged(r, key, "holds something that is not a text");
        texts[i] = rh_arena_strndup(r->arena, json_string_value(item), json_string_length(item));
        if (texts[i] == NULL)
            return rh_error_oom(r->err);
    }
    *out = texts;
    *out_count = count;
    return RH_OK;
}

/* An array of structs for the objects of a list. */
static rh_status begin_list(const reader *r, const json_t *object, const char *key, size_t size,
                            const json_t **out_list, void **out)
{
    rh_status status = get_list(r, object, key, out_list);

    if (status != RH_OK || *out_list == NULL)
        return status;
    for (size_t i = 0; i < json_array_size(*out_list); i++) {
        if (!json_is_object(json_array_get(*out_list, i)))
            return damaged(r, key, "holds something that is not an object");
    }
    *out = rh_arena_array(r->arena, json_array_size(*out_list), size);
    return *out != NULL ? RH_OK : rh_error_oom(r->err);
}

/* ---- parts of a table ---- */

static rh_status read_column_texts(const reader *r, const json_t *json, rh_structure_column *column)
{
    const struct {
        const char *key;
        const char **at;
    } texts[] = {
        {"element_type", &column->element_type},     {"domain", &column->domain},
        {"generated_from", &column->generated_from}, {"default_text", &column->default_text},
        {"collation", &column->collation},           {"comment", &column->comment},
    };
    rh_status status = take_name(r, json, "name", &column->name);

    column->type = "";
    if (status == RH_OK)
        status = take_text(r, json, "type", &column->type);
    column->base_type = column->type;
    if (status == RH_OK)
        status = take_text(r, json, "base_type", &column->base_type);
    for (size_t i = 0; status == RH_OK && i < sizeof texts / sizeof texts[0]; i++)
        status = take_text(r, json, texts[i].key, texts[i].at);
    return status;
}

static rh_status read_column(const reader *r, const json_t *json, rh_structure_column *column)
{
    int64_t precision = -1;
    int64_t scale = -1;
    size_t labels = 0;
    rh_status status = read_column_texts(r, json, column);

    column->max_chars = -1;
    if (status == RH_OK)
        status = take_texts(r, json, "labels", &column->labels, &labels);
    if (status == RH_OK)
        status = take_int(r, json, "max_chars", -1, INT64_MAX, &column->max_chars);
    if (status == RH_OK)
        status = take_int(r, json, "precision", -1, INT32_MAX, &precision);
    if (status == RH_OK)
        status = take_int(r, json, "scale", MIN_SCALE, INT32_MAX, &scale);
    if (status == RH_OK)
        status = take_bool(r, json, "padded", &column->padded);
    if (status == RH_OK)
        status = take_bool(r, json, "not_null", &column->not_null);
    if (status == RH_OK)
        status = take_bool(r, json, "generated", &column->generated);
    if (status == RH_OK)
        status = take_bool(r, json, "identity", &column->identity);
    column->precision = (int32_t)precision;
    column->scale = (int32_t)scale;
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Two columns of one name would make every look-up by name a lie. */
static rh_status check_column_names(const reader *r, const rh_structure_column *columns,
                                    size_t count)
{
    const char **names = rh_arena_array(r->arena, count, sizeof *names);

    if (names == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++)
        names[i] = columns[i].name;
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            return damaged(r, "columns", "has the same name twice");
    }
    return RH_OK;
}

static rh_status read_columns(reader *r, const json_t *json, rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status = begin_list(r, json, "columns", sizeof(rh_structure_column), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;

    rh_structure_column *columns = items;
    size_t count = json_array_size(list);

    if (count > MAX_COLUMNS)
        return damaged(r, "columns", "are too many");
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = read_column(r, json_array_get(list, i), &columns[i]);
    if (status == RH_OK)
        status = check_column_names(r, columns, count);
    table->columns = columns;
    table->column_count = count;
    r->column_count = count;
    return status;
}

static rh_status read_index(const reader *r, const json_t *json, rh_structure_index *index)
{
    rh_status status = take_name(r, json, "name", &index->name);

    index->method = "btree";
    index->text = "";
    if (status == RH_OK)
        status = take_bool(r, json, "unique", &index->unique);
    if (status == RH_OK)
        status = take_bool(r, json, "primary", &index->primary);
    if (status == RH_OK)
        status = take_bool(r, json, "exclusion", &index->exclusion);
    if (status == RH_OK)
        status = take_bool(r, json, "expressions", &index->expressions);
    if (status == RH_OK)
        status = take_bool(r, json, "partial", &index->partial);
    if (status == RH_OK)
        status = take_text(r, json, "method", &index->method);
    if (status == RH_OK)
        status = take_text(r, json, "text", &index->text);
    if (status == RH_OK)
        status = take_positions(r, json, "columns", &index->columns, &index->column_count);
    if (status == RH_OK)
        status = take_positions(r, json, "mentions", &index->mentions, &index->mention_count);
    if (status == RH_OK)
        status = take_int(r, json, "rank", 0, INT32_MAX, &index->rank);
    return status;
}

static rh_status read_indexes(const reader *r, const json_t *json, rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status = begin_list(r, json, "indexes", sizeof(rh_structure_index), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->indexes = items;
    table->index_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->index_count; i++)
        status = read_index(r, json_array_get(list, i), &((rh_structure_index *)items)[i]);
    return status;
}

static rh_status read_checks(const reader *r, const json_t *json, rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status = begin_list(r, json, "checks", sizeof(rh_structure_check), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->checks = items;
    table->check_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->check_count; i++) {
        const json_t *item = json_array_get(list, i);
        rh_structure_check *check = &((rh_structure_check *)items)[i];

        check->name = "";
        check->text = "";
        status = take_text(r, item, "name", &check->name);
        if (status == RH_OK)
            status = take_text(r, item, "text", &check->text);
        if (status == RH_OK)
            status = take_positions(r, item, "mentions", &check->mentions, &check->mention_count);
    }
    return status;
}

static rh_status read_foreign_key(const reader *r, const json_t *json,
                                  rh_structure_foreign_key *key)
{
    size_t targets = 0;
    rh_status status;

    key->name = "";
    status = take_text(r, json, "name", &key->name);
    if (status == RH_OK)
        status = take_name(r, json, "target", &key->target);
    if (status == RH_OK)
        status = take_positions(r, json, "columns", &key->columns, &key->column_count);
    if (status == RH_OK)
        status = take_texts(r, json, "target_columns", &key->target_columns, &targets);
    if (status == RH_OK && (key->column_count == 0 || targets != key->column_count))
        return damaged(r, "foreign_keys", "has two sides of different length");
    return status;
}

static rh_status read_foreign_keys(const reader *r, const json_t *json, rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status =
        begin_list(r, json, "foreign_keys", sizeof(rh_structure_foreign_key), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->foreign_keys = items;
    table->foreign_key_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->foreign_key_count; i++)
        status =
            read_foreign_key(r, json_array_get(list, i), &((rh_structure_foreign_key *)items)[i]);
    return status;
}

static rh_status check_kind(const reader *r, const char *kind)
{
    static const char *const KINDS[] = {"table",   "partitioned", "partition", "foreign", "view",
                                        "matview", "virtual",     "shadow",    "settings"};

    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(kind, KINDS[i]) == 0)
            return RH_OK;
    }
    return damaged(r, "kind", "is not known");
}

static rh_status read_table_head(reader *r, const json_t *json, rh_structure_table *table)
{
    rh_status status = take_name(r, json, "schema", &table->schema);

    if (status == RH_OK)
        status = take_name(r, json, "name", &table->name);
    if (status != RH_OK)
        return status;
    status = take_text(r, json, "full_name", &table->full_name);
    if (status == RH_OK && (table->full_name == NULL || table->full_name[0] == '\0')) {
        table->full_name = rh_arena_printf(r->arena, "%s.%s", table->schema, table->name);
        if (table->full_name == NULL)
            status = rh_error_oom(r->err);
    }
    if (status != RH_OK)
        return status;
    r->table = table->full_name;

    table->kind = "table";
    status = take_text(r, json, "kind", &table->kind);
    if (status == RH_OK)
        status = check_kind(r, table->kind);
    if (status == RH_OK)
        status = take_bool(r, json, "strict", &table->strict);
    if (status == RH_OK)
        status = take_text(r, json, "parent", &table->parent);
    if (status == RH_OK)
        status = take_text(r, json, "comment", &table->comment);
    if (status == RH_OK)
        status = take_text(r, json, "view_text", &table->view_text);
    if (status == RH_OK)
        status = take_text(r, json, "partition_key", &table->partition_key);
    if (status == RH_OK)
        status = take_text(r, json, "partition_bound", &table->partition_bound);
    return status;
}

static rh_status read_table(reader *r, const json_t *json, rh_structure_table *table)
{
    rh_status status;

    r->table = NULL;
    r->column_count = 0;
    status = read_table_head(r, json, table);
    if (status == RH_OK)
        status = read_columns(r, json, table);
    if (status == RH_OK)
        status = take_positions(r, json, "partition_columns", &table->partition_columns,
                                &table->partition_column_count);
    if (status == RH_OK)
        status = read_indexes(r, json, table);
    if (status == RH_OK)
        status = read_checks(r, json, table);
    if (status == RH_OK)
        status = read_foreign_keys(r, json, table);
    return status;
}

/* ---- the whole ---- */

static int by_full_name(const void *a, const void *b)
{
    return strcmp((*(const rh_structure_table *const *)a)->full_name,
                  (*(const rh_structure_table *const *)b)->full_name);
}

static rh_status sort_tables(rh_structure *s, const reader *r)
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
static rh_status check_parents(const rh_structure *s, const reader *r)
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

static rh_status read_texts(rh_structure *s, const json_t *root, reader *r)
{
    static const rh_structure_text NONE[1];
    const json_t *list;
    void *items = NULL;
    rh_structure_text *texts;
    rh_status status = begin_list(r, root, "texts", sizeof(rh_structure_text), &list, &items);

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

        status = take_name(r, json, "kind", &texts[i].kind);
        if (status == RH_OK)
            status = take_name(r, json, "name", &texts[i].name);
        if (status == RH_OK)
            status = take_name(r, json, "text", &texts[i].text);
    }
    return status;
}

static rh_status read_root(rh_structure *s, const json_t *root, reader *r)
{
    const json_t *list;
    void *items = NULL;
    rh_status status;

    if (!json_is_object(root))
        return rh_error_set(r->err, RH_EFORMAT, "structure: is not an object");
    if (!json_is_integer(json_object_get(root, "version")))
        return damaged(r, "version", "is missing");
    if (json_integer_value(json_object_get(root, "version")) != 1)
        return damaged(r, "version", "is newer than this program");
    status = read_texts(s, root, r);
    if (status == RH_OK)
        status = begin_list(r, root, "tables", sizeof(rh_structure_table), &list, &items);
    if (status != RH_OK || list == NULL)
        return status;
    s->tables = items;
    s->table_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < s->table_count; i++)
        status = read_table(r, json_array_get(list, i), &s->tables[i]);
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

    reader r = {s->arena, err, NULL, 0};

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
