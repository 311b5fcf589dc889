/*
 * See schema_bound.h; anonymize/partition_bound.h makes the images.
 */
#include "schema_bound.h"

#include <string.h>

#include "anonymize/partition_bound.h"
#include "core/mem.h"
#include "core/sql_name.h"
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

/* [schema.]name, behind it; schema->kind is END where it is not said. */
static bool skip_name(rh_sql_scan *scan, rh_sql_token *schema, rh_sql_token *name)
{
    rh_sql_scan behind;
    rh_sql_token dot;

    schema->kind = RH_SQL_TOKEN_END;
    *name = rh_sql_scan_next_code(scan);
    behind = *scan;
    dot = rh_sql_scan_next_code(&behind);
    if (rh_sql_token_is(&dot, scan->text, ".")) {
        *schema = *name;
        *name = rh_sql_scan_next_code(&behind);
        *scan = behind;
    }
    return rh_sql_token_is_name(RH_SQL_POSTGRES, name, scan->text);
}

static size_t item_named(const schema_images *bounds, const char *text, const rh_sql_token *schema,
                         const rh_sql_token *name)
{
    size_t i = 0;

    for (; i < bounds->count; i++) {
        const rh_structure_table *table = bounds->items[i].table;

        if (rh_sql_token_names(RH_SQL_POSTGRES, name, text, table->name) &&
            (schema->kind == RH_SQL_TOKEN_END ||
             rh_sql_token_names(RH_SQL_POSTGRES, schema, text, table->schema)))
            break;
    }
    return i;
}

static bool accept(rh_sql_scan *scan, const char *word)
{
    rh_sql_scan behind = *scan;
    rh_sql_token token = rh_sql_scan_next_code(&behind);

    if (!rh_sql_token_is(&token, scan->text, word))
        return false;
    *scan = behind;
    return true;
}

/* ALTER TABLE [ONLY] parent ATTACH PARTITION name bound; the scan is moved to where the bound
 * begins. bounds->count: another statement, or a partition whose bound stays. */
static size_t attached(const schema_images *bounds, rh_sql_scan *scan)
{
    rh_sql_token schema;
    rh_sql_token name;

    if (!accept(scan, "alter") || !accept(scan, "table"))
        return bounds->count;
    (void)accept(scan, "only");
    if (!skip_name(scan, &schema, &name) || !accept(scan, "attach") || !accept(scan, "partition") ||
        !skip_name(scan, &schema, &name))
        return bounds->count;
    scan->at += strspn(scan->text + scan->at, " \t\r\n");
    return item_named(bounds, scan->text, &schema, &name);
}

/* Where the semicolon of the statement stands. */
static size_t statement_end(rh_sql_scan *scan)
{
    rh_sql_token token = rh_sql_scan_next_code(scan);

    while (token.kind != RH_SQL_TOKEN_END && token.kind != RH_SQL_TOKEN_SEMICOLON)
        token = rh_sql_scan_next_code(scan);
    return token.offset;
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
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_POSTGRES, rh_buf_cstr(in));
    const char *sql = scan.text;
    size_t copied = 0;
    bool *placed = rh_mem_array(bounds->count + 1, sizeof *placed);
    rh_status status = placed == NULL ? rh_error_oom(err) : RH_OK;

    /* Statements begin at the beginning of a line. */
    for (const char *line = sql; status == RH_OK && line != NULL;) {
        const char *newline = strchr(line, '\n');
        size_t item = bounds->count;

        scan.at = (size_t)(line - sql);
        if (*line == 'A' && scan.at >= copied)
            item = attached(bounds, &scan);
        if (item < bounds->count) {
            const rh_buf *image = &bounds->items[item].image;

            status = rh_buf_append(out, sql + copied, scan.at - copied, err);
            if (status == RH_OK)
                status = rh_buf_append(out, image->data, image->len, err);
            copied = statement_end(&scan);
            placed[item] = true;
        }
        line = newline == NULL ? NULL : newline + 1;
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, sql + copied, err);
    if (status == RH_OK && complete)
        status = check_placed(bounds, placed, err);
    rh_mem_free(placed);
    return status;
}
