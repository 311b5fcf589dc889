/*
 * See schema_bound.h. A bound is "FOR VALUES IN ('a', NULL)" or "FOR VALUES FROM (1, MINVALUE) TO
 * ('5', MAXVALUE)": literals at places of the key, nothing else (pg_get_expr of relpartbound).
 */
#include "schema_bound.h"

#include <string.h>

#include "anonymize/partition_key.h"
#include "anonymize/sql_token.h"
#include "core/mem.h"
#include "core/str.h"

/* ---- images ---- */

typedef struct bound_walk {
    const rh_anonymizer *anonymizer;
    const rh_structure_table *parent;
    const rh_partition_key *key;
    rh_arena *scratch;
    rh_buf *out;
} bound_walk;

static const rh_decision *decision_at(const bound_walk *w, size_t place)
{
    if (w->key->method == RH_PARTITION_LIST)
        place = 0;
    if (place >= w->key->count)
        return NULL;
    return rh_bound_find(w->anonymizer->bound, w->parent->full_name,
                         w->parent->columns[w->key->columns[place]].name);
}

static const rh_mask *mask_at(const bound_walk *w, size_t place)
{
    const rh_decision *decision = decision_at(w, place);
    const rh_mask *mask;
    size_t others = 0;

    if (decision == NULL)
        return NULL;
    mask = rh_bound_mask_of(w->anonymizer->bound, decision);
    if (mask != NULL)
        (void)rh_mask_reads(mask, &others);
    return others > 0 || (mask != NULL && rh_mask_custom_of(mask) != NULL) ? NULL : mask;
}

/* 'text' or 12: what the value is. RH_SKIPPED for E'..' and what is no literal. */
static rh_status read_literal(const sql_token *token, rh_arena *scratch, rh_field *out,
                              rh_error *err)
{
    bool quoted = token->kind == SQL_TEXT;
    size_t end = token->len - (quoted ? 1 : 0);
    size_t len = 0;
    char *value;

    if ((!quoted && token->kind != SQL_NUMBER) || (quoted && token->at[0] != '\''))
        return RH_SKIPPED;
    value = rh_arena_alloc(scratch, token->len + 1);
    if (value == NULL)
        return rh_error_oom(err);
    for (size_t i = quoted ? 1 : 0; i < end; i++) {
        value[len++] = token->at[i];
        if (quoted && token->at[i] == '\'')
            i++;
    }
    *out = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)value, .len = len};
    return RH_OK;
}

static rh_status put_literal(const rh_field *value, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '\'', err);

    for (size_t i = 0; status == RH_OK && i < value->len; i++) {
        if (value->data[i] == '\'')
            status = rh_buf_append_byte(out, '\'', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, value->data[i], err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
}

static rh_status mask_literal(const bound_walk *w, const rh_mask *mask, size_t place,
                              const sql_token *token, rh_error *err)
{
    const rh_decision *decision = decision_at(w, place);
    const rh_masked_column column = {.mask = mask,
                                     .seen_as = rh_anonymizer_seen_kind(decision->column)};
    rh_field value;
    rh_field image;
    rh_status status = read_literal(token, w->scratch, &value, err);

    if (status != RH_OK)
        return status;
    image = value;
    status = rh_mask_apply(mask, &value, NULL, w->scratch, &image, err);
    if (status == RH_OK && image.kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    if (status == RH_OK)
        status = rh_anonymizer_remember(w->anonymizer, &column, &value, &image, err);
    return status == RH_OK ? put_literal(&image, w->out, err) : status;
}

static bool is_no_value(const sql_token *token)
{
    return sql_is(token, "null") || sql_is(token, "minvalue") || sql_is(token, "maxvalue");
}

/* The bound with its literals replaced; RH_SKIPPED for a form that is not understood. */
static rh_status put_bound(const bound_walk *w, const char *text, rh_error *err)
{
    const char *at = text;
    const char *copied = text;
    size_t place = 0;
    bool inside = false;
    rh_status status = RH_OK;

    for (sql_token token = sql_next(&at); status == RH_OK && token.kind != SQL_END;
         token = sql_next(&at)) {
        const rh_mask *mask = inside ? mask_at(w, place) : NULL;

        if (sql_is(&token, "(")) {
            inside = true;
            place = 0;
        } else if (sql_is(&token, ")")) {
            inside = false;
        } else if (sql_is(&token, ",")) {
            place++;
        } else if (mask != NULL && !is_no_value(&token)) {
            status = rh_buf_append(w->out, copied, (size_t)(token.at - copied), err);
            if (status == RH_OK)
                status = mask_literal(w, mask, place, &token, err);
            copied = at;
        }
    }
    return status == RH_OK ? rh_buf_append_str(w->out, copied, err) : status;
}

/* Is a column of the key masked? */
static bool is_masked(const bound_walk *w)
{
    for (size_t i = 0; i < w->key->count; i++) {
        if (mask_at(w, i) != NULL)
            return true;
    }
    return false;
}

static rh_status find_bound(const rh_anonymizer *anonymizer, const rh_structure_table *partition,
                            rh_arena *scratch, schema_images *out, rh_error *err)
{
    rh_partition_key key;
    bound_walk w = {anonymizer, NULL, &key, scratch, NULL};
    rh_status status;

    if (partition->partition_bound == NULL || partition->parent == NULL ||
        rh_str_ieq(partition->partition_bound, "DEFAULT"))
        return RH_OK;
    w.parent = rh_structure_find(anonymizer->structure, partition->parent);
    if (w.parent == NULL || !rh_partition_key_read(w.parent, &key) ||
        key.method == RH_PARTITION_HASH || !is_masked(&w))
        return RH_OK;
    w.out = &schema_images_add(out, partition, NULL, partition->partition_bound)->image;
    status = put_bound(&w, partition->partition_bound, err);
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EUNSUPPORTED, "it is in a form that no mask reads");
    if (status != RH_OK)
        rh_error_where(err, "bound of partition '%s'", partition->full_name);
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
