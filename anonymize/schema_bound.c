/*
 * See schema_bound.h; anonymize/partition_bound.h makes the images.
 */
#include "schema_bound.h"

#include <string.h>

#include "anonymize/partition_bound.h"
#include "anonymize/sql_token.h"
#include "core/mem.h"
#include "core/str.h"

/* ---- images ---- */

/* For the leak scan. */
static rh_status remember(const void *ctx, const rh_decision *decision, const rh_field *value,
                          const rh_field *image, rh_error *err)
{
    const rh_anonymizer *anonymizer = ctx;
    const rh_masked_column column = {.mask = rh_bound_mask_of(anonymizer->bound, decision),
                                     .seen_as = rh_anonymizer_seen_kind(decision->column)};

    return rh_anonymizer_remember(anonymizer, &column, value, image, err);
}

static rh_status find_bound(const rh_anonymizer *anonymizer, const rh_structure_table *partition,
                            rh_arena *scratch, schema_images *out, rh_error *err)
{
    const rh_bound_witness witness = {remember, anonymizer};
    schema_image *item = schema_images_add(out, partition, NULL, partition->partition_bound);
    rh_status status = rh_partition_bound_image(anonymizer->bound, anonymizer->structure, partition,
                                                &witness, scratch, &item->image, err);

    if (status == RH_SKIPPED) {
        schema_images_drop(out);
        status = RH_OK;
    }
    return status;
}

rh_status masked_bounds_find(const rh_anonymizer *anonymizer, schema_images *out, rh_error *err)
{
    size_t tables = rh_structure_table_count(anonymizer->structure);
    rh_arena *scratch = rh_arena_new_wiping(0);
    rh_status status = schema_images_init(out, tables, err);

    if (status == RH_OK && scratch == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < tables; i++) {
        status = find_bound(anonymizer, rh_structure_table_at(anonymizer->structure, i), scratch,
                            out, err);
        rh_arena_reset(scratch);
    }
    rh_arena_free(scratch);
    if (status != RH_OK)
        schema_images_done(out);
    return status;
}

/* ---- replacing them ---- */

/* [schema.]name; *at is behind it. */
static bool skip_name(const char **at, sql_token *schema, sql_token *name)
{
    const char *behind;
    sql_token dot;

    schema->kind = SQL_END;
    *name = sql_next(at);
    behind = *at;
    dot = sql_next(&behind);
    if (sql_is(&dot, ".")) {
        *schema = *name;
        *name = sql_next(&behind);
        *at = behind;
    }
    return name->kind == SQL_WORD || name->kind == SQL_NAME;
}

static size_t item_named(const schema_images *bounds, const sql_token *schema,
                         const sql_token *name)
{
    size_t i = 0;

    while (i < bounds->count &&
           !(sql_names(name, bounds->items[i].table->name) &&
             (schema->kind == SQL_END || sql_names(schema, bounds->items[i].table->schema))))
        i++;
    return i;
}

/* ALTER TABLE [ONLY] parent ATTACH PARTITION name bound; *at is moved to where the bound begins.
 * bounds->count: another statement, or a partition whose bound stays. */
static size_t attached(const schema_images *bounds, const char **at)
{
    static const char *const words[] = {"attach", "partition"};
    sql_token schema;
    sql_token name = sql_next(at);

    if (!sql_is(&name, "alter") || (name = sql_next(at), !sql_is(&name, "table")))
        return bounds->count;
    const char *before = *at;

    name = sql_next(at);
    if (!sql_is(&name, "only"))
        *at = before;
    if (!skip_name(at, &schema, &name))
        return bounds->count;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        name = sql_next(at);
        if (!sql_is(&name, words[i]))
            return bounds->count;
    }
    if (!skip_name(at, &schema, &name))
        return bounds->count;
    *at += strspn(*at, " \t\r\n");
    return item_named(bounds, &schema, &name);
}

static const char *statement_end(const char *at)
{
    sql_token token = sql_next(&at);

    while (token.kind != SQL_END && !sql_is(&token, ";"))
        token = sql_next(&at);
    return token.at;
}

static rh_status check_placed(const schema_images *bounds, const bool *placed, rh_error *err)
{
    for (size_t i = 0; i < bounds->count; i++) {
        if (!placed[i])
            return rh_error_set(err, RH_EUNSUPPORTED,
                                "the schema does not attach partition '%s', whose bound is masked",
                                bounds->items[i].table->full_name);
    }
    return RH_OK;
}

rh_status masked_bounds_apply(const schema_images *bounds, const rh_buf *in, bool complete,
                              rh_buf *out, rh_error *err)
{
    const char *sql = rh_buf_cstr(in);
    const char *copied = sql;
    bool *placed = rh_mem_array(bounds->count + 1, sizeof *placed);
    rh_status status = placed == NULL ? rh_error_oom(err) : RH_OK;

    /* Statements begin at the beginning of a line. */
    for (const char *line = sql; status == RH_OK && line != NULL;) {
        const char *at = line;
        const char *newline = strchr(line, '\n');
        size_t item = *line == 'A' && line >= copied ? attached(bounds, &at) : bounds->count;

        if (item < bounds->count) {
            const rh_buf *image = &bounds->items[item].image;

            status = rh_buf_append(out, copied, (size_t)(at - copied), err);
            if (status == RH_OK)
                status = rh_buf_append(out, image->data, image->len, err);
            copied = statement_end(at);
            placed[item] = true;
        }
        line = newline == NULL ? NULL : newline + 1;
    }
    if (status == RH_OK)
        status = rh_buf_append(out, copied, strlen(copied), err);
    if (status == RH_OK && complete)
        status = check_placed(bounds, placed, err);
    rh_mem_free(placed);
    return status;
}
