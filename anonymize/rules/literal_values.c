#include <stdio.h>
#include <string.h>

#include "anonymize/array_text.h"
#include "anonymize/literals.h"
#include "bind.h"
#include "core/engine_dialect.h"
#include "core/num.h"
#include "core/str.h"

/* SELECT 1, varchar(255), ORDER BY 2: longer numbers there may be somebody's. */
enum { MAX_FORM_DIGITS = 4 };

/* ---- the structure as a catalog for names ---- */

static bool name_eq(const rh_literals *literals, const char *a, const char *b)
{
    return literals->engine == RH_ENGINE_SQLITE ? rh_str_ieq(a, b) : strcmp(a, b) == 0;
}

/* Without a schema: the only table of that name, else the one in public. */
static const rh_structure_table *find_table(const rh_literals *literals, const char *schema,
                                            const char *name)
{
    const rh_structure *structure = literals->structure;
    const rh_structure_table *found = NULL;

    for (size_t i = 0; i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (!name_eq(literals, table->name, name) ||
            (schema != NULL && !name_eq(literals, table->schema, schema)))
            continue;
        if (found != NULL && strcmp(found->schema, "public") == 0)
            continue;
        if (found != NULL && strcmp(table->schema, "public") != 0)
            return NULL; /* the search path decides, and we do not know it */
        found = table;
    }
    return found;
}

static const rh_structure_column *find_column(const rh_literals *literals,
                                              const rh_structure_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (name_eq(literals, table->columns[i].name, name))
            return &table->columns[i];
    }
    return NULL;
}

static rh_sql_answer has_column(void *ctx, const char *schema, const char *relation,
                                const char *column)
{
    const rh_literals *literals = ctx;
    const rh_structure_table *table = find_table(literals, schema, relation);

    if (table == NULL)
        return RH_SQL_UNKNOWN;
    return find_column(literals, table, column) != NULL ? RH_SQL_YES : RH_SQL_NO;
}

static const char *column_at(void *ctx, const char *schema, const char *relation, size_t k)
{
    const rh_structure_table *table = find_table(ctx, schema, relation);

    return table == NULL || k >= table->column_count ? NULL : table->columns[k].name;
}

void rh_literals_init(rh_literals *literals, const rh_structure *structure,
                      const rh_bound_rules *bound, rh_engine_kind engine, rh_arena *scratch)
{
    *literals = (rh_literals){
        .structure = structure,
        .bound = bound,
        .engine = engine,
        .dialect = rh_engine_dialect(engine),
        .catalog = {has_column, column_at, literals},
        .scratch = scratch,
    };
}

/* ---- verdicts ---- */

static rh_literal_verdict lost(const char *why)
{
    return (rh_literal_verdict){.fate = RH_LITERAL_LOST, .why = why};
}

/* 0, 1 and -1 tell nothing about anybody. */
static bool says_nothing(const rh_sql_value *value, const char *text)
{
    const char *p = text + value->offset;
    int64_t number;

    return value->kind == RH_SQL_VALUE_NUMBER && rh_num_scan_int64(p, value->len, &number) &&
           number >= -1 && number <= 1;
}

static rh_literal_verdict judge_masked(const rh_sql_value *value, const rh_mask *mask,
                                       const rh_structure_table *table,
                                       const rh_structure_column *column)
{
    rh_literal_verdict verdict = {
        .fate = RH_LITERAL_MASK, .mask = mask, .table = table, .column = column, .use = value->use};
    size_t others = 0;

    if (mask == NULL)
        return lost("its column's mask is not compiled");
    (void)rh_mask_reads(mask, &others);
    if (others > 0)
        return lost("its column's mask reads other columns of the row");
    if (rh_mask_custom_of(mask) != NULL)
        return lost("its column is masked by an expression or a command");
    if (value->use == RH_SQL_USE_MATCH)
        return lost("a pattern over a masked column");
    return verdict;
}

/* "public.level" is meant by "level", too. */
static bool is_type(const char *name, const char *type)
{
    size_t len = strlen(name);
    size_t type_len = strlen(type);

    return strcmp(name, type) == 0 || (len > type_len && name[len - type_len - 1] == '.' &&
                                       strcmp(name + len - type_len, type) == 0);
}

const rh_decision *rh_renamed_enum(const rh_bound_rules *bound, const char *type)
{
    for (size_t i = 0; i < rh_bound_count(bound); i++) {
        const rh_decision *decision = rh_bound_at(bound, i);

        if (decision_renames(decision) && decision->column->element_type == NULL &&
            is_type(decision->column->base_type, type))
            return decision;
    }
    return NULL;
}

/* Whatever a label is compared with or selected for, its type knows it by the new name only. */
static rh_literal_verdict judge_label(const rh_literals *literals, const rh_sql_value *value)
{
    const rh_decision *decision = value->cast == NULL || value->kind != RH_SQL_VALUE_STRING
                                      ? NULL
                                      : rh_renamed_enum(literals->bound, value->cast);

    if (decision == NULL)
        return lost(value->why != NULL ? value->why : "compared with a column that no rule knows");
    return (rh_literal_verdict){.fate = RH_LITERAL_MASK,
                                .mask = rh_bound_mask_of(literals->bound, decision),
                                .table = decision->table,
                                .column = decision->column,
                                .use = RH_SQL_USE_EQUAL};
}

rh_literal_verdict rh_literal_judge(const rh_literals *literals, const rh_sql_value *value,
                                    const char *text)
{
    const rh_literal_verdict keep = {.fate = RH_LITERAL_KEEP};
    const rh_structure_table *table = NULL;
    const rh_structure_column *column = NULL;
    const rh_decision *decision = NULL;

    if (value->use == RH_SQL_USE_FORM && value->kind == RH_SQL_VALUE_NUMBER &&
        value->len > MAX_FORM_DIGITS)
        return lost("a long number that no column claims");
    if (value->use == RH_SQL_USE_COUNT || value->use == RH_SQL_USE_FORM ||
        value->kind == RH_SQL_VALUE_WORD)
        return keep;
    if (value->column != NULL)
        table = find_table(literals, value->schema, value->table);
    if (table != NULL)
        column = find_column(literals, table, value->column);
    if (column != NULL)
        decision = rh_bound_find(literals->bound, table->full_name, column->name);
    if (decision != NULL && decision_keeps(decision))
        return keep; /* also of lower(x) = 'a' and of sums, when x is kept */
    if (value->use == RH_SQL_USE_UNKNOWN)
        return says_nothing(value, text) ? keep : judge_label(literals, value);
    if (decision == NULL)
        return judge_label(literals, value);
    return judge_masked(value, rh_bound_mask_of(literals->bound, decision), table, column);
}

/* ---- one value ---- */

static rh_status apply(const rh_literals *literals, const rh_mask *mask, const rh_field *in,
                       rh_field *out, const char **why, rh_error *err)
{
    rh_error lower = RH_ERROR_INIT;
    rh_status status = rh_mask_apply(mask, in, NULL, literals->scratch, out, &lower);

    if (status == RH_OK)
        return RH_OK;
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    *why = "not of the form that its column's mask needs";
    return RH_SKIPPED;
}

typedef struct element_edit {
    const rh_literals *literals;
    const rh_mask *mask;
    const char *why;
} element_edit;

static rh_status edit_element(void *ctx, rh_field *element, rh_arena *scratch, rh_error *err)
{
    element_edit *edit = ctx;

    (void)scratch;
    return apply(edit->literals, edit->mask, element, element, &edit->why, err);
}

/* '{a,b}' of = ANY: each element. */
static rh_status mask_array(const rh_literals *literals, const rh_literal_verdict *verdict,
                            const rh_field *in, rh_field *out, const char **why, rh_error *err)
{
    element_edit edit = {literals, verdict->mask, NULL};
    rh_error lower = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT_WIPING;
    char *copy = NULL;
    rh_status status;

    if (in->kind != RH_FIELD_TEXT) {
        *why = "no array";
        return RH_SKIPPED;
    }
    status = rh_array_text_edit((const char *)in->data, in->len, edit_element, &edit,
                                literals->scratch, &text, &lower);
    if (status == RH_OK) {
        copy = rh_arena_strndup(literals->scratch, rh_buf_cstr(&text), text.len);
        if (copy == NULL)
            status = rh_error_oom(err);
        else
            *out =
                (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)copy, .len = text.len};
    } else if (status == RH_ENOMEM) {
        status = rh_error_oom(err);
    } else {
        *why = edit.why != NULL ? edit.why : "an array in a form that is not understood";
        status = RH_SKIPPED;
    }
    rh_buf_wipe_done(&text);
    return status;
}

/* A pattern: without wildcards it is the value; "abc%" follows a mask that keeps prefixes. */
static rh_status mask_pattern(const rh_literals *literals, const rh_literal_verdict *verdict,
                              const rh_field *in, rh_field *out, const char **why, rh_error *err)
{
    static const char wildcards[] = "%_*?[\\";
    rh_field plain = *in;
    bool prefix;
    char *copy;
    rh_status status;

    *why = "a pattern over a masked column";
    if (in->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    prefix = in->len > 1 && (in->data[in->len - 1] == '%' || in->data[in->len - 1] == '*');
    if (prefix)
        plain.len--;
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] != 0 && strchr(wildcards, plain.data[i]) != NULL)
            return RH_SKIPPED;
    }
    if (prefix && (rh_mask_keeps(verdict->mask) & RH_KEEPS_PREFIX) == 0)
        return RH_SKIPPED;
    status = apply(literals, verdict->mask, &plain, out, why, err);
    if (status != RH_OK || !prefix)
        return status;
    copy = rh_arena_alloc(literals->scratch, out->len + 1);
    if (copy == NULL)
        return rh_error_oom(err);
    memcpy(copy, out->data, out->len);
    copy[out->len] = (char)in->data[in->len - 1];
    *out = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)copy, .len = out->len + 1};
    return RH_OK;
}

/* SQLite compares by the column's affinity: '5' meets an INTEGER column as 5, 5 a TEXT column as
 * '5'. The mask sees what is stored. */
static rh_status take_affinity(const rh_literals *literals, const rh_literal_verdict *verdict,
                               rh_field *field, rh_error *err)
{
    const char *affinity = verdict->column->base_type;
    int64_t number;

    if (literals->engine != RH_ENGINE_SQLITE || affinity == NULL)
        return RH_OK;
    if (field->kind == RH_FIELD_TEXT && strcmp(affinity, "TEXT") != 0 &&
        strcmp(affinity, "BLOB") != 0 &&
        rh_num_scan_int64((const char *)field->data, field->len, &number)) {
        *field = (rh_field){.kind = RH_FIELD_INTEGER, .integer = number};
    } else if (field->kind == RH_FIELD_INTEGER && strcmp(affinity, "TEXT") == 0) {
        char *text = rh_arena_printf(literals->scratch, "%lld", (long long)field->integer);

        if (text == NULL)
            return rh_error_oom(err);
        *field =
            (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)text, .len = strlen(text)};
    }
    return RH_OK;
}

rh_status rh_literal_mask_field(rh_literals *literals, const rh_literal_verdict *verdict,
                                const rh_field *in, rh_field *out, const char **why, rh_error *err)
{
    rh_field field = *in;
    rh_status status = take_affinity(literals, verdict, &field, err);

    if (status != RH_OK)
        return status;
    if (verdict->use == RH_SQL_USE_ARRAY)
        status = mask_array(literals, verdict, &field, out, why, err);
    else if (verdict->use == RH_SQL_USE_LIKE)
        status = mask_pattern(literals, verdict, &field, out, why, err);
    else
        status = apply(literals, verdict->mask, &field, out, why, err);
    if (status == RH_OK) {
        literals->masked++;
        literals->order_lost += verdict->use == RH_SQL_USE_ORDER &&
                                (rh_mask_keeps(verdict->mask) & RH_KEEPS_ORDER) == 0;
    }
    return status;
}
