#include "samples.h"

#include <string.h>

#include "core/index_sample.h"
#include "core/sql_scan.h"
#include "core/str.h"

enum { AT_TABLE, AT_INDEX, AT_SAMPLE = 5, MAX_KEY = 64 };

/* The masks of a key's values; NULL: kept. */
typedef struct key_masks {
    const rh_mask *masks[MAX_KEY];
    size_t count;
} key_masks;

static bool is_named(const rh_field *field, const char *name)
{
    return field->kind == RH_FIELD_TEXT && strlen(name) == field->len &&
           memcmp(name, field->data, field->len) == 0;
}

/* The table with rows that have a rowid, in UTF-8. */
static const rh_table *find_table(const rh_anonymizer *anonymizer, const rh_field *name)
{
    for (size_t i = 0; i < anonymizer->table_count; i++) {
        const rh_table *table = anonymizer->tables[i].table;
        const char *encoding = json_string_value(json_object_get(table->extra, "encoding"));

        if (table->kind == RH_TABLE_PLAIN && is_named(name, table->name))
            return json_is_true(json_object_get(table->extra, "rowid")) &&
                           (encoding == NULL || rh_str_ieq(encoding, "UTF-8"))
                       ? table
                       : NULL;
    }
    return NULL;
}

static const rh_structure_index *find_index(const rh_structure_table *table, const rh_field *name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (is_named(name, table->indexes[i].name))
            return &table->indexes[i];
    }
    return NULL;
}

static bool mentions_word(const char *text, const char *word)
{
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_SQLITE, text);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (rh_sql_token_is(&token, text, word))
            return true;
    }
}

/* Does the column's mask keep the place of every value in the index? */
static bool keeps_place(const rh_decision *decision, const rh_mask *mask)
{
    const unsigned needed = RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE | RH_KEEPS_ORDER | RH_KEEPS_NULLS;
    const char *collation = decision->column->collation;
    size_t others = 0;

    (void)rh_mask_reads(mask, &others);
    return (rh_mask_keeps(mask) & needed) == needed && others == 0 &&
           rh_mask_custom_of(mask) == NULL && !rh_decision_has_exceptions(decision) &&
           (collation == NULL || rh_str_ieq(collation, "binary"));
}

static bool add_column(const rh_anonymizer *anonymizer, const rh_structure_table *table,
                       const char *column, key_masks *key)
{
    const rh_decision *decision = rh_bound_find(anonymizer->bound, table->full_name, column);
    const rh_mask *mask;

    if (decision == NULL || key->count == MAX_KEY)
        return false;
    mask = rh_bound_mask_of(anonymizer->bound, decision);
    key->masks[key->count++] = mask;
    return mask == NULL || keeps_place(decision, mask);
}

/* A masked column in its predicate changes which rows there are. */
static bool predicate_is_kept(const rh_anonymizer *anonymizer, const rh_structure_table *table,
                              const rh_structure_index *index)
{
    for (size_t i = 0; index->partial && i < index->mention_count; i++) {
        bool known = false;
        const rh_mask *mask = rh_anonymizer_mask(anonymizer, table->full_name,
                                                 table->columns[index->mentions[i]].name, &known);

        if (!known || mask != NULL)
            return false;
    }
    return true;
}

static bool read_key(const rh_anonymizer *anonymizer, const rh_field *fields, key_masks *key)
{
    const rh_table *table = find_table(anonymizer, &fields[AT_TABLE]);
    const rh_structure_table *known =
        table == NULL ? NULL : rh_structure_find(anonymizer->structure, table->full_name);
    const rh_structure_index *index = known == NULL ? NULL : find_index(known, &fields[AT_INDEX]);
    const json_t *ipk = table == NULL ? NULL : json_object_get(table->extra, "ipk");
    bool masked = false;

    if (index == NULL || index->expressions || !predicate_is_kept(anonymizer, known, index))
        return false;
    for (size_t i = 0; i < index->column_count; i++) {
        if (!add_column(anonymizer, known, known->columns[index->columns[i]].name, key))
            return false;
    }
    if (key->count == MAX_KEY)
        return false;
    key->masks[key->count] = NULL; /* the rowid, which may be a column */
    if (!json_is_integer(ipk) || json_integer_value(ipk) < 0)
        key->count++;
    else if (!add_column(anonymizer, known, table->columns[json_integer_value(ipk)].name, key))
        return false;
    for (size_t i = 0; i < key->count; i++)
        masked = masked || key->masks[i] != NULL;
    /* COLLATE of an index of its own compares in another way than the masks keep order. */
    return !masked || !mentions_word(index->text, "collate");
}

static rh_status mask_key(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    const key_masks *key = ctx;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < key->count; i++) {
        rh_error lower = RH_ERROR_INIT;

        if (key->masks[i] == NULL)
            continue;
        status = rh_mask_apply(key->masks[i], &fields[i], NULL, scratch, &fields[i], &lower);
        /* A sample may be older than the rows: its value need not have the form. */
        if (status != RH_OK)
            status = status == RH_ENOMEM ? rh_error_oom(err) : RH_SKIPPED;
    }
    return status;
}

rh_status rh_mask_sample(const rh_anonymizer *anonymizer, rh_field *fields, rh_arena *scratch,
                         rh_error *err)
{
    key_masks key = {.count = 0};

    if (!read_key(anonymizer, fields, &key))
        return RH_SKIPPED;
    return rh_index_sample_edit(&fields[AT_SAMPLE], key.count, mask_key, &key, scratch,
                                &fields[AT_SAMPLE], err);
}
