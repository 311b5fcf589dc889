/*
 * A rule file and a key as a row filter (row_filter.h): decides, proves and compiles in begin; rows
 * are masked in filter_rows.c, sections in section_*.c, the end is told in filter_report.c.
 */
#include <string.h>

#include "core/key_file.h"
#include "core/mem.h"
#include "core/seal.h"
#include "custom.h"
#include "filter.h"
#include "hash_routes.h"
#include "samples.h"
#include "schema_bound.h"

/* ---- decisions ---- */

const rh_mask *rh_anonymizer_mask(const rh_anonymizer *anonymizer, const char *table,
                                  const char *column, bool *out_known)
{
    const rh_decision *decision = rh_bound_find(anonymizer->bound, table, column);

    *out_known = decision != NULL;
    if (decision == NULL)
        return NULL;
    return rh_bound_mask_of(anonymizer->bound, decision);
}

static void add_column(rh_masked_table *masked, size_t column, const rh_mask *mask,
                       rh_seen_kind seen_as)
{
    size_t reads = 0;
    const size_t *others = rh_mask_reads(mask, &reads);
    const rh_mask_custom *custom = rh_mask_custom_of(mask);
    size_t extra = 0;

    if (custom != NULL && custom->sql != NULL) {
        extra = masked->table->column_count + masked->extra_count;
        masked->extras[masked->extra_count++] =
            (rh_extra_column){custom->sql, column, custom->where[0] == '\0' ? NULL : custom->where};
    } else if (custom != NULL) {
        masked->command_count++;
    }
    masked->columns[masked->count++] =
        (rh_masked_column){column, mask, seen_as, rh_mask_may_pass(mask), custom, extra};
    masked->read[column] = true;
    for (size_t i = 0; i < reads; i++) {
        masked->read[others[i]] = true;
        masked->reads_others = true;
    }
}

/* Tables of full-text indexes: "shadow" holds all words of all texts, and the restore makes it
 * again from the masked ones; "settings" holds SQLite's own words, the version of the format among
 * them. */
static bool is_of_kind(const rh_anonymizer *anonymizer, const rh_table *table, const char *kind)
{
    const rh_structure_table *known = rh_structure_find(anonymizer->structure, table->full_name);

    return known != NULL && strcmp(known->kind, kind) == 0;
}

static rh_status mask_table(rh_anonymizer *anonymizer, const rh_table *table,
                            rh_masked_table *masked, rh_error *err)
{
    masked->table = table;
    masked->columns = rh_mem_array(table->column_count, sizeof *masked->columns);
    masked->read = rh_mem_array(table->column_count, sizeof *masked->read);
    masked->extras = rh_mem_array(table->column_count, sizeof *masked->extras);
    if (masked->columns == NULL || masked->read == NULL || masked->extras == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < table->column_count; i++) {
        const rh_decision *decision =
            rh_bound_find(anonymizer->bound, table->full_name, table->columns[i].name);
        bool known = false;
        const rh_mask *mask =
            rh_anonymizer_mask(anonymizer, table->full_name, table->columns[i].name, &known);

        if (mask == NULL)
            continue;
        add_column(masked, i, mask, rh_anonymizer_seen_kind(decision->column));
        if (rh_anonymizer_remember_kept(anonymizer, mask, err) != RH_OK)
            return RH_ENOMEM;
    }
    masked->sequences = table->kind == RH_TABLE_SYSTEM && table->column_count > 0 &&
                        strcmp(table->name, "sqlite_sequence") == 0;
    if (masked->sequences)
        masked->read[0] = true;
    masked->samples = table->kind == RH_TABLE_SYSTEM && strcmp(table->name, "sqlite_stat4") == 0;
    for (size_t i = 0; masked->samples && i < table->column_count; i++)
        masked->read[i] = true;
    masked->drop_rows = is_of_kind(anonymizer, table, "shadow") ||
                        (masked->samples && table->column_count != SAMPLE_COLUMNS);
    return RH_OK;
}

static rh_status mask_tables(rh_anonymizer *anonymizer, const rh_catalog *catalog, rh_error *err)
{
    rh_status status = RH_OK;

    anonymizer->tables = rh_mem_array(catalog->table_count, sizeof *anonymizer->tables);
    if (anonymizer->tables == NULL)
        return rh_error_oom(err);
    anonymizer->table_count = catalog->table_count;
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++)
        status = mask_table(anonymizer, &catalog->tables[i], &anonymizer->tables[i], err);
    return status;
}

/* Every copied table must be in the structure that the rules decided: a table that only the catalog
 * knows would pass unmasked. */
static rh_status check_covered(const rh_anonymizer *anonymizer, const rh_catalog *catalog,
                               rh_error *err)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];

        if (table->kind == RH_TABLE_SYSTEM || table->rows_excluded ||
            is_of_kind(anonymizer, table, "shadow") || is_of_kind(anonymizer, table, "settings"))
            continue;
        for (size_t c = 0; c < table->column_count; c++) {
            bool known = table->columns[c].generated;

            if (!known)
                (void)rh_anonymizer_mask(anonymizer, table->full_name, table->columns[c].name,
                                         &known);
            if (!known)
                return rh_error_set(err, RH_ECONFIG, "no rule decides column '%s.%s'",
                                    table->full_name, table->columns[c].name);
        }
    }
    return RH_OK;
}

/* A bound without an image must stop the run before a row is read. */
static rh_status try_bounds(const rh_anonymizer *anonymizer, rh_error *err)
{
    schema_images bounds;
    rh_status status = masked_bounds_find(anonymizer, &bounds, err);

    if (status == RH_OK)
        schema_images_done(&bounds);
    return status;
}

rh_engine_kind rh_anonymizer_engine(const rh_anonymizer *anonymizer)
{
    return anonymizer->format == RH_ROWS_PGCOPY ? RH_ENGINE_POSTGRESQL : RH_ENGINE_SQLITE;
}

rh_status rh_anonymizer_bind(rh_anonymizer *anonymizer, rh_rows_format format,
                             const char *structure, size_t len, rh_error *err)
{
    size_t fatal;
    rh_status status;

    anonymizer->format = format;
    status = rh_structure_parse(structure, len, &anonymizer->structure, err);
    if (status == RH_OK)
        status = rh_rules_bind(anonymizer->rules, anonymizer->structure,
                               rh_anonymizer_engine(anonymizer), &anonymizer->bound,
                               anonymizer->problems, err);
    if (status == RH_OK)
        status = rh_bound_compile(anonymizer->bound, &anonymizer->key, err);
    if (status == RH_OK)
        status = rh_rules_prove(anonymizer->bound, anonymizer->structure, &anonymizer->proof,
                                anonymizer->problems, err);
    fatal = rh_problems_fatal(anonymizer->problems);
    if (status == RH_OK)
        anonymizer->moves_rows = hash_moves_rows(anonymizer);
    if (status == RH_OK && fatal == 0)
        status = try_bounds(anonymizer, err);
    if (status == RH_OK && fatal > 0)
        status = rh_error_set(err, RH_ECONFIG, "the rules do not fit the database: %zu problem%s",
                              fatal, fatal == 1 ? "" : "s");
    return status;
}

static rh_status begin(void *ctx, rh_rows_format format, const rh_catalog *catalog,
                       const json_t *facts, const rh_buf *structure, rh_error *err)
{
    rh_anonymizer *anonymizer = ctx;
    rh_status status;

    (void)facts;
    if (structure == NULL)
        return rh_error_set(err, RH_EUNSUPPORTED,
                            "the source does not tell its structure: rules cannot be proved");
    status = rh_anonymizer_bind(anonymizer, format, rh_buf_cstr(structure), structure->len, err);
    if (status == RH_OK)
        status = check_covered(anonymizer, catalog, err);
    if (status == RH_OK)
        status = mask_tables(anonymizer, catalog, err);
    return status;
}

static rh_status extras(void *ctx, const rh_table *table, const rh_extra_column **out,
                        size_t *out_count, rh_error *err)
{
    const rh_anonymizer *anonymizer = ctx;
    const rh_masked_table *masked = &anonymizer->tables[table->index];

    (void)err;
    *out = masked->extras;
    *out_count = masked->extra_count;
    return RH_OK;
}

static rh_status change_facts(void *ctx, json_t *facts, rh_error *err)
{
    return rh_mask_facts(ctx, facts, err);
}

/* What went wrong where nobody could be told. */
static rh_status end(void *ctx, rh_error *err)
{
    const rh_anonymizer *anonymizer = ctx;
    const rh_error *late = &anonymizer->late->error;

    if (late->code != RH_OK)
        return rh_error_set(err, late->code, "%s", late->text);
    return rh_mask_note_invalid(anonymizer, err);
}

static rh_status section(void *ctx, const char *name, const rh_buf *in, rh_buf *out, rh_error *err)
{
    const rh_anonymizer *anonymizer = ctx;

    if (strcmp(name, "statistics") == 0)
        return rh_mask_statistics(anonymizer, in, out, err);
    return rh_mask_schema(anonymizer, name, in, out, err);
}

static rh_status report(void *ctx, json_t **out, rh_error *err)
{
    return rh_mask_report(ctx, out, err);
}

/* ---- life cycle ---- */

static rh_status read_key(rh_anonymizer *anonymizer, const char *path, rh_error *err)
{
    rh_key key;
    rh_status status;

    if (path == NULL) {
        rh_error_set(err, RH_EKEY, "the rule file names no key");
        rh_error_hint(err, "make one with rehearse keygen --mask FILE and write key: {file: FILE}");
        return RH_EKEY;
    }
    status = rh_key_read(path, &key, err);
    if (status == RH_OK && key.kind != RH_KEY_MASK)
        status = rh_error_set(err, RH_EKEY, "'%s' is not a mask key", path);
    if (status == RH_OK) {
        memcpy(anonymizer->key.bytes, key.mask_key, sizeof anonymizer->key.bytes);
        rh_key_fingerprint(&key, anonymizer->key_fingerprint);
    }
    rh_wipe(&key, sizeof key);
    return status;
}

rh_status rh_anonymizer_new(const rh_anonymizer_options *options, rh_anonymizer **out,
                            rh_error *err)
{
    rh_anonymizer *anonymizer = rh_mem_zalloc(sizeof *anonymizer);
    rh_status status;

    if (anonymizer == NULL)
        return rh_error_oom(err);
    anonymizer->problems = options->problems;
    anonymizer->filter = (rh_row_filter){
        .begin = begin,
        .extras = extras,
        .end = end,
        .facts = change_facts,
        .table_open = rh_mask_rows_open,
        .apply = rh_mask_rows,
        .table_close = rh_mask_rows_close,
        .section = section,
        .report = report,
        .ctx = anonymizer,
    };
    anonymizer->late = rh_mem_zalloc(sizeof *anonymizer->late);
    if (anonymizer->late == NULL || pthread_mutex_init(&anonymizer->late->lock, NULL) != 0) {
        rh_mem_free(anonymizer->late);
        anonymizer->late = NULL;
        rh_anonymizer_free(anonymizer);
        return rh_error_oom(err);
    }
    status = rh_rules_read(options->rules_file, &anonymizer->rules, err);
    if (status == RH_OK && options->seen_file != NULL) {
        anonymizer->seen_file = rh_mem_strdup(options->seen_file);
        status = anonymizer->seen_file == NULL ? rh_error_oom(err)
                                               : rh_seen_new(0, &anonymizer->seen, err);
    }
    if (status == RH_OK)
        status = read_key(anonymizer,
                          options->key_file != NULL ? options->key_file
                                                    : rh_rules_key_file(anonymizer->rules),
                          err);
    if (status != RH_OK) {
        rh_anonymizer_free(anonymizer);
        return status;
    }
    *out = anonymizer;
    return RH_OK;
}

void rh_anonymizer_free(rh_anonymizer *anonymizer)
{
    if (anonymizer == NULL)
        return;
    for (size_t i = 0; i < anonymizer->table_count; i++) {
        rh_mem_free(anonymizer->tables[i].columns);
        rh_mem_free(anonymizer->tables[i].read);
        rh_mem_free(anonymizer->tables[i].extras);
    }
    rh_mem_free(anonymizer->tables);
    json_decref(anonymizer->proof);
    rh_bound_rules_free(anonymizer->bound);
    rh_structure_free(anonymizer->structure);
    rh_rules_free(anonymizer->rules);
    rh_seen_free(anonymizer->seen);
    rh_mem_free(anonymizer->seen_file);
    rh_mask_key_wipe(&anonymizer->key);
    if (anonymizer->late != NULL)
        (void)pthread_mutex_destroy(&anonymizer->late->lock);
    rh_mem_free(anonymizer->late);
    rh_mem_free(anonymizer);
}

rh_status rh_anonymizer_write_seen(rh_anonymizer *anonymizer, rh_error *err)
{
    if (anonymizer->seen == NULL)
        return RH_OK;
    return rh_seen_write(anonymizer->seen, anonymizer->seen_file, anonymizer->key.bytes, err);
}

const rh_row_filter *rh_anonymizer_filter(rh_anonymizer *anonymizer)
{
    return &anonymizer->filter;
}
