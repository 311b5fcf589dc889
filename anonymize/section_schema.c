/*
 * Schema text under masks. COMMENTs are not even read (rh_source_options.no_comments): people write
 * names and examples there. The structure keeps what the next proof needs and loses its comments.
 * Literal defaults of masked columns go through the mask (schema_default.h), and so do the bounds
 * of partitions (schema_bound.h) and what CHECKs, indexes, views and the like compare with masked
 * columns (schema_literal.h).
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "schema_bound.h"
#include "schema_default.h"
#include "schema_literal.h"

/* What stands in the schema's texts instead of values. */
typedef struct schema_work {
    schema_images defaults;
    schema_images bounds;
    masked_literals literals;
} schema_work;

static rh_status change_bound(const schema_images *bounds, json_t *table, rh_error *err)
{
    const schema_image *item =
        schema_images_of(bounds, json_string_value(json_object_get(table, "schema")),
                         json_string_value(json_object_get(table, "name")), NULL);

    if (item != NULL &&
        json_object_set_new(table, "partition_bound",
                            json_stringn(rh_buf_cstr(&item->image), item->image.len)) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

static rh_status change_table(schema_work *images, json_t *table, rh_error *err)
{
    json_t *columns = json_object_get(table, "columns");
    const char *schema = json_string_value(json_object_get(table, "schema"));
    const char *name = json_string_value(json_object_get(table, "name"));

    (void)json_object_del(table, "comment");
    for (size_t c = 0; c < json_array_size(columns); c++) {
        json_t *column = json_array_get(columns, c);
        const schema_image *item = schema_images_of(
            &images->defaults, schema, name, json_string_value(json_object_get(column, "name")));

        (void)json_object_del(column, "comment");
        if (item != NULL &&
            json_object_set_new(column, "default_text",
                                json_stringn(rh_buf_cstr(&item->image), item->image.len)) != 0)
            return rh_error_oom(err);
    }
    rh_status status = change_bound(&images->bounds, table, err);

    return status == RH_OK ? masked_literals_table(&images->literals, table, err) : status;
}

static rh_status mask_structure(schema_work *images, const rh_buf *in, rh_buf *out, rh_error *err)
{
    json_t *structure = NULL;
    const json_t *tables;
    rh_status status = rh_doc_parse_json("structure", rh_buf_cstr(in), in->len, &structure, err);

    if (status != RH_OK)
        return status;
    tables = json_object_get(structure, "tables");
    for (size_t t = 0; status == RH_OK && t < json_array_size(tables); t++)
        status = change_table(images, json_array_get(tables, t), err);
    if (status == RH_OK)
        status = masked_literals_texts(&images->literals, json_object_get(structure, "texts"), err);
    if (status == RH_OK)
        status = rh_doc_print_json(structure, JSON_COMPACT | JSON_SORT_KEYS, out, err);
    json_decref(structure);
    return status;
}

static rh_status mask_object(schema_work *images, json_t *object, const json_t *sql, rh_error *err)
{
    rh_buf changed = RH_BUF_INIT_WIPING;
    rh_buf defaults = RH_BUF_INIT_WIPING;
    rh_schema_sql text = {.text = json_string_value(sql), .len = json_string_length(sql)};
    rh_status status = RH_OK;

    if (strcmp(json_string_value(json_object_get(object, "type")), "table") == 0) {
        status = masked_defaults_apply(&images->defaults, RH_SQL_SQLITE, text.text, text.len,
                                       &defaults, err);
        text.text = rh_buf_cstr(&defaults);
        text.len = defaults.len;
    }
    if (status == RH_OK)
        status = masked_literals_apply(&images->literals, &text, &changed, err);
    if (status == RH_OK &&
        json_object_set_new(object, "sql", json_stringn(rh_buf_cstr(&changed), changed.len)))
        status = rh_error_oom(err);
    rh_buf_wipe_done(&defaults);
    rh_buf_wipe_done(&changed);
    return status;
}

/* SQLite's section: the SQL of each object as a JSON text. */
static rh_status mask_objects(schema_work *images, const rh_buf *in, rh_buf *out, rh_error *err)
{
    json_t *objects = NULL;
    rh_status status = rh_doc_parse_json("schema", rh_buf_cstr(in), in->len, &objects, err);

    for (size_t i = 0; status == RH_OK && i < json_array_size(objects); i++) {
        json_t *object = json_array_get(objects, i);
        const json_t *sql = json_object_get(object, "sql");

        if (json_is_string(sql) && json_is_string(json_object_get(object, "type")))
            status = mask_object(images, object, sql, err);
    }
    if (status == RH_OK) /* as lite_schema.c writes it */
        status = rh_doc_print_json(objects, JSON_INDENT(1), out, err);
    json_decref(objects);
    return status;
}

/* SQL of PostgreSQL; bounds stand in the section that makes the tables. */
static rh_status mask_sql(schema_work *images, bool makes_tables, const rh_buf *in, rh_buf *out,
                          rh_error *err)
{
    rh_buf defaults = RH_BUF_INIT_WIPING;
    rh_buf bounds = RH_BUF_INIT_WIPING;
    rh_status status = masked_defaults_apply(&images->defaults, RH_SQL_POSTGRES, rh_buf_cstr(in),
                                             in->len, &defaults, err);

    if (status == RH_OK)
        status = masked_bounds_apply(&images->bounds, &defaults, makes_tables, &bounds, err);
    if (status == RH_OK)
        status = masked_literals_script(&images->literals, &bounds, out, err);
    rh_buf_wipe_done(&bounds);
    rh_buf_wipe_done(&defaults);
    return status;
}

rh_status rh_mask_schema(const rh_anonymizer *anonymizer, const char *name, const rh_buf *in,
                         rh_buf *out, rh_error *err)
{
    schema_work images = {{NULL, 0}, {NULL, 0}, {.anonymizer = NULL}};
    rh_status status = masked_literals_init(&images.literals, anonymizer, err);

    if (status == RH_OK)
        status = masked_defaults_find(anonymizer, &images.defaults, err);
    if (status == RH_OK)
        status = masked_bounds_find(anonymizer, &images.bounds, err);
    if (status == RH_OK && strcmp(name, "structure") == 0)
        status = mask_structure(&images, in, out, err);
    else if (status == RH_OK && strcmp(name, "schema") == 0)
        status = mask_objects(&images, in, out, err);
    else if (status == RH_OK && in->len > 0)
        status = mask_sql(&images, strcmp(name, "pre-data") == 0, in, out, err);
    schema_images_done(&images.defaults);
    schema_images_done(&images.bounds);
    masked_literals_done(&images.literals);
    return status;
}
