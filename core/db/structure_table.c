#include "structure_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "structure_members.h"

enum {
    MAX_COLUMNS = 32767, /* far above what the engines allow */
    MIN_SCALE = -1000,   /* numeric(3,-2) counts hundreds */
};

static rh_status read_column_texts(const rh_structure_reader *r, const json_t *json,
                                   rh_structure_column *column)
{
    const struct {
        const char *key;
        const char **at;
    } texts[] = {
        {"element_type", &column->element_type},     {"domain", &column->domain},
        {"generated_from", &column->generated_from}, {"default_text", &column->default_text},
        {"collation", &column->collation},           {"comment", &column->comment},
    };
    rh_status status = rh_structure_take_name(r, json, "name", &column->name);

    column->type = "";
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "type", &column->type);
    column->base_type = column->type;
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "base_type", &column->base_type);
    for (size_t i = 0; status == RH_OK && i < sizeof texts / sizeof texts[0]; i++)
        status = rh_structure_take_text(r, json, texts[i].key, texts[i].at);
    return status;
}

static rh_status read_column(const rh_structure_reader *r, const json_t *json,
                             rh_structure_column *column)
{
    int64_t precision = -1;
    int64_t scale = -1;
    size_t labels = 0;
    rh_status status = read_column_texts(r, json, column);

    column->max_chars = -1;
    if (status == RH_OK)
        status = rh_structure_take_texts(r, json, "labels", &column->labels, &labels);
    if (status == RH_OK)
        status = rh_structure_take_int(r, json, "max_chars", -1, INT64_MAX, &column->max_chars);
    if (status == RH_OK)
        status = rh_structure_take_int(r, json, "precision", -1, INT32_MAX, &precision);
    if (status == RH_OK)
        status = rh_structure_take_int(r, json, "scale", MIN_SCALE, INT32_MAX, &scale);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "padded", &column->padded);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "not_null", &column->not_null);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "generated", &column->generated);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "identity", &column->identity);
    column->precision = (int32_t)precision;
    column->scale = (int32_t)scale;
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Two columns of one name would make every look-up by name a lie. */
static rh_status check_column_names(const rh_structure_reader *r,
                                    const rh_structure_column *columns, size_t count)
{
    const char **names = rh_arena_array(r->arena, count, sizeof *names);

    if (names == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++)
        names[i] = columns[i].name;
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            return rh_structure_damaged(r, "columns", "has the same name twice");
    }
    return RH_OK;
}

static rh_status read_columns(rh_structure_reader *r, const json_t *json, rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status =
        rh_structure_begin_list(r, json, "columns", sizeof(rh_structure_column), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;

    rh_structure_column *columns = items;
    size_t count = json_array_size(list);

    if (count > MAX_COLUMNS)
        return rh_structure_damaged(r, "columns", "are too many");
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = read_column(r, json_array_get(list, i), &columns[i]);
    if (status == RH_OK)
        status = check_column_names(r, columns, count);
    table->columns = columns;
    table->column_count = count;
    r->column_count = count;
    return status;
}

static rh_status read_index(const rh_structure_reader *r, const json_t *json,
                            rh_structure_index *index)
{
    rh_status status = rh_structure_take_name(r, json, "name", &index->name);

    index->method = "btree";
    index->text = "";
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "unique", &index->unique);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "primary", &index->primary);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "exclusion", &index->exclusion);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "expressions", &index->expressions);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "partial", &index->partial);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "method", &index->method);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "text", &index->text);
    if (status == RH_OK)
        status =
            rh_structure_take_positions(r, json, "columns", &index->columns, &index->column_count);
    if (status == RH_OK)
        status = rh_structure_take_positions(r, json, "mentions", &index->mentions,
                                             &index->mention_count);
    if (status == RH_OK)
        status = rh_structure_take_int(r, json, "rank", 0, INT32_MAX, &index->rank);
    return status;
}

static rh_status read_indexes(const rh_structure_reader *r, const json_t *json,
                              rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status =
        rh_structure_begin_list(r, json, "indexes", sizeof(rh_structure_index), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->indexes = items;
    table->index_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->index_count; i++)
        status = read_index(r, json_array_get(list, i), &((rh_structure_index *)items)[i]);
    return status;
}

static rh_status read_checks(const rh_structure_reader *r, const json_t *json,
                             rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status =
        rh_structure_begin_list(r, json, "checks", sizeof(rh_structure_check), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->checks = items;
    table->check_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->check_count; i++) {
        const json_t *item = json_array_get(list, i);
        rh_structure_check *check = &((rh_structure_check *)items)[i];

        check->name = "";
        check->text = "";
        status = rh_structure_take_text(r, item, "name", &check->name);
        if (status == RH_OK)
            status = rh_structure_take_text(r, item, "text", &check->text);
        if (status == RH_OK)
            status = rh_structure_take_positions(r, item, "mentions", &check->mentions,
                                                 &check->mention_count);
    }
    return status;
}

static rh_status read_foreign_key(const rh_structure_reader *r, const json_t *json,
                                  rh_structure_foreign_key *key)
{
    size_t targets = 0;
    rh_status status;

    key->name = "";
    status = rh_structure_take_text(r, json, "name", &key->name);
    if (status == RH_OK)
        status = rh_structure_take_name(r, json, "target", &key->target);
    if (status == RH_OK)
        status = rh_structure_take_positions(r, json, "columns", &key->columns, &key->column_count);
    if (status == RH_OK)
        status = rh_structure_take_texts(r, json, "target_columns", &key->target_columns, &targets);
    if (status == RH_OK && (key->column_count == 0 || targets != key->column_count))
        return rh_structure_damaged(r, "foreign_keys", "has two sides of different length");
    return status;
}

static rh_status read_foreign_keys(const rh_structure_reader *r, const json_t *json,
                                   rh_structure_table *table)
{
    const json_t *list;
    void *items = NULL;
    rh_status status = rh_structure_begin_list(r, json, "foreign_keys",
                                               sizeof(rh_structure_foreign_key), &list, &items);

    if (status != RH_OK || list == NULL)
        return status;
    table->foreign_keys = items;
    table->foreign_key_count = json_array_size(list);
    for (size_t i = 0; status == RH_OK && i < table->foreign_key_count; i++)
        status =
            read_foreign_key(r, json_array_get(list, i), &((rh_structure_foreign_key *)items)[i]);
    return status;
}

static rh_status check_kind(const rh_structure_reader *r, const char *kind)
{
    static const char *const KINDS[] = {"table",   "partitioned", "partition", "foreign", "view",
                                        "matview", "virtual",     "shadow",    "settings"};

    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(kind, KINDS[i]) == 0)
            return RH_OK;
    }
    return rh_structure_damaged(r, "kind", "is not known");
}

static rh_status read_table_head(rh_structure_reader *r, const json_t *json,
                                 rh_structure_table *table)
{
    rh_status status = rh_structure_take_name(r, json, "schema", &table->schema);

    if (status == RH_OK)
        status = rh_structure_take_name(r, json, "name", &table->name);
    if (status != RH_OK)
        return status;
    status = rh_structure_take_text(r, json, "full_name", &table->full_name);
    if (status == RH_OK && (table->full_name == NULL || table->full_name[0] == '\0')) {
        table->full_name = rh_arena_printf(r->arena, "%s.%s", table->schema, table->name);
        if (table->full_name == NULL)
            status = rh_error_oom(r->err);
    }
    if (status != RH_OK)
        return status;
    r->table = table->full_name;

    table->kind = "table";
    status = rh_structure_take_text(r, json, "kind", &table->kind);
    if (status == RH_OK)
        status = check_kind(r, table->kind);
    if (status == RH_OK)
        status = rh_structure_take_bool(r, json, "strict", &table->strict);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "parent", &table->parent);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "comment", &table->comment);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "view_text", &table->view_text);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "partition_key", &table->partition_key);
    if (status == RH_OK)
        status = rh_structure_take_text(r, json, "partition_bound", &table->partition_bound);
    return status;
}

rh_status rh_structure_read_table(rh_structure_reader *r, const json_t *json,
                                  rh_structure_table *table)
{
    rh_status status;

    r->table = NULL;
    r->column_count = 0;
    status = read_table_head(r, json, table);
    if (status == RH_OK)
        status = read_columns(r, json, table);
    if (status == RH_OK)
        status =
            rh_structure_take_positions(r, json, "partition_columns", &table->partition_columns,
                                        &table->partition_column_count);
    if (status == RH_OK)
        status = read_indexes(r, json, table);
    if (status == RH_OK)
        status = read_checks(r, json, table);
    if (status == RH_OK)
        status = read_foreign_keys(r, json, table);
    return status;
}
