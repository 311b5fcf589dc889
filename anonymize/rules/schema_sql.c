/*
 * See schema_sql.h. A part is made a statement, SELECT 1 FROM its table WHERE the part, and read as
 * captured statements are: core/sql tells which column each literal meets.
 */
#include "anonymize/schema_sql.h"

#include <string.h>

#include "bind.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "schema_domain.h"
#include "schema_left.h"
#include "schema_parts.h"

enum { PART_BYTES = 16 << 20 };

typedef struct job {
    rh_literals *literals;
    const rh_schema_sql_visitor *visitor;
    rh_buf *out;
    rh_schema_literals *result;
    bool drops_comments;
    bool understood;       /* the part at hand: what is no value of it is a name */
    bool judged_elsewhere; /* the proof says of the part's object what its numbers do */
} job;

/* ---- does a comparison keep its answer? ---- */

/* Text in the database's own order, or that is equal when its bytes are not. */
static bool is_text(const rh_structure_column *column)
{
    return strstr(column->base_type, "char") != NULL || strstr(column->base_type, "text") != NULL;
}

static bool folds(const rh_literals *literals, const rh_structure_column *column)
{
    if (literals->engine == RH_ENGINE_SQLITE)
        return column->collation != NULL && !rh_str_ieq(column->collation, "binary");
    return rh_structure_is_type(column->base_type, "citext") ||
           (is_text(column) && column->collation != NULL);
}

/* 'x'::text against a text column, '1'::bigint against a bigint: the image is cast as the values
 * are. Others might be rounded or cut on the way. */
static bool cast_agrees(const rh_structure_column *column, const char *cast)
{
    size_t len = strlen(column->type);
    size_t cast_len = cast == NULL ? 0 : strlen(cast);

    if (cast == NULL || rh_str_ieq(cast, column->type) || rh_str_ieq(cast, column->base_type))
        return true;
    if (is_text(column) && strcmp(column->base_type, "character") != 0 &&
        (rh_str_ieq(cast, "text") || rh_str_starts_with(cast, "character varying")))
        return true;
    return cast_len > len && cast[cast_len - len - 1] == '.' &&
           strcmp(cast + cast_len - len, column->type) == 0;
}

static bool keeps_answer(const rh_literals *literals, const rh_literal_verdict *verdict,
                         const rh_sql_value *value)
{
    const unsigned one_to_one = RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE;
    unsigned keeps = rh_mask_keeps(verdict->mask);

    if ((keeps & one_to_one) != one_to_one || folds(literals, verdict->column) ||
        !cast_agrees(verdict->column, value->cast))
        return false;
    if (value->use == RH_SQL_USE_EQUAL || value->use == RH_SQL_USE_ARRAY ||
        value->use == RH_SQL_USE_SET || value->use == RH_SQL_USE_INSERT)
        return true;
    return value->use == RH_SQL_USE_ORDER && (keeps & RH_KEEPS_ORDER) != 0 &&
           !(literals->engine == RH_ENGINE_POSTGRESQL && is_text(verdict->column)) &&
           !rh_decision_has_exceptions(
               rh_bound_find(literals->bound, verdict->table->full_name, verdict->column->name));
}

/* ---- what stays ---- */

/* Between parts of SQLite's statements stand names, but behind DEFAULT: there "x" is a text. */
static bool is_name(const job *j, const rh_sql_token *token, bool behind_default)
{
    return token->kind == RH_SQL_TOKEN_IDENT && j->drops_comments && !behind_default;
}

/* The text between parts as it is, but for SQLite's comments: people write examples there. */
static rh_status copy_between(job *j, const char *text, size_t len, rh_error *err)
{
    size_t copied = 0;
    bool behind_default = false;
    rh_sql_scan scan;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, j->literals->dialect, text, len);
    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (token.kind != RH_SQL_TOKEN_COMMENT || !j->drops_comments) {
            if (!is_name(j, &token, behind_default))
                j->result->left += schema_data_of(j->literals, text, &token, 0);
            behind_default = rh_sql_token_is(&token, text, "default");
            continue;
        }
        status = rh_buf_append(j->out, text + copied, token.offset - copied, err);
        if (status == RH_OK)
            status = rh_buf_append_byte(j->out, ' ', err);
        copied = token.offset + token.len;
    }
    return status == RH_OK && len > copied ? rh_buf_append(j->out, text + copied, len - copied, err)
                                           : status;
}

/* ---- one part ---- */

static rh_status put_table(const rh_structure_table *table, const char *as, rh_buf *out,
                           rh_error *err)
{
    rh_status status = rh_sql_name_quote_qualified(table->schema, table->name, out, err);

    return status == RH_OK ? rh_buf_append_str(out, as, err) : status;
}

/* VALUE of a domain's CHECK as a column of that name. */
static rh_status put_value_table(const rh_structure_table *table, size_t column, rh_buf *out,
                                 rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "SELECT 1 FROM (SELECT ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(table->columns[column].name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " AS value FROM ", err);
    if (status == RH_OK)
        status = put_table(table, ") AS d WHERE ", out, err);
    return status;
}

/* The part as a statement; *out_at is where the part begins in it. */
static rh_status wrap(const schema_part *part, const char *text, rh_buf *out, size_t *out_at,
                      rh_error *err)
{
    rh_status status = RH_OK;

    if (part->kind != PART_QUERY) {
        status = rh_buf_append_str(out, "SELECT 1 FROM ", err);
        if (status == RH_OK)
            status = put_table(part->table, part->kind == PART_ROW ? " AS new, " : "", out, err);
        if (status == RH_OK && part->kind == PART_ROW)
            status = put_table(part->table, " AS old", out, err);
        if (status == RH_OK)
            status =
                rh_buf_append_str(out, part->kind == PART_KEYS ? " ORDER BY " : " WHERE ", err);
    }
    *out_at = out->len;
    return status == RH_OK ? rh_buf_append(out, text + part->offset, part->len, err) : status;
}

/* Constants that all become one, and ranges without order, would only change what the text says. */
static bool is_of_use(const rh_literal_verdict *verdict)
{
    const unsigned distinct = RH_KEEPS_EQUALITY | RH_KEEPS_FREQUENCY;
    unsigned keeps;

    if (verdict->fate != RH_LITERAL_MASK)
        return false;
    keeps = rh_mask_keeps(verdict->mask);
    return verdict->use == RH_SQL_USE_ORDER ? (keeps & RH_KEEPS_ORDER) != 0
                                            : (keeps & distinct) == distinct;
}

static rh_status put_image(job *j, const char *text, const rh_sql_value *value,
                           const rh_literal_verdict *verdict, rh_error *err)
{
    rh_field raw = {.kind = RH_FIELD_NULL};
    rh_field image = {.kind = RH_FIELD_NULL};
    const char *why = NULL;
    rh_status status = rh_literal_mask(j->literals, verdict, value, text, &raw, &image, &why, err);

    if (status != RH_OK)
        return status;
    if (j->visitor != NULL)
        status = j->visitor->masked(j->visitor->ctx, verdict, &raw, &image, err);
    if (status == RH_OK)
        status =
            rh_literal_put(j->literals, &image, value->kind == RH_SQL_VALUE_NUMBER, j->out, err);
    j->result->masked++;
    if (!keeps_answer(j->literals, verdict, value))
        j->result->exact = false;
    return status;
}

/* A number that stays beside the column that claims it. */
static size_t stays_number(const job *j, const char *text, const rh_sql_value *value)
{
    return !j->judged_elsewhere && value->kind == RH_SQL_VALUE_NUMBER && value->column != NULL &&
           !schema_number_is_small(text + value->offset, value->len);
}

static rh_status put_value(void *ctx, const char *text, const rh_sql_value *value,
                           const rh_sql_token *token, rh_error *err)
{
    job *j = ctx;
    rh_literal_verdict verdict = rh_literal_judge(j->literals, value, text);

    if (is_of_use(&verdict)) {
        rh_status status = put_image(j, text, value, &verdict, err);

        if (status != RH_SKIPPED)
            return status;
        verdict.fate = RH_LITERAL_LOST;
    }
    if (verdict.fate != RH_LITERAL_KEEP && value->kind != RH_SQL_VALUE_PARAMETER) {
        j->result->left +=
            schema_data_of(j->literals, text, token, 0) + stays_number(j, text, value);
        j->result->exact = false;
    }
    return rh_buf_append(j->out, text + value->offset, value->len, err);
}

static void count_other(void *ctx, const char *text, const rh_sql_token *token)
{
    job *j = ctx;

    if (!j->understood || token->kind != RH_SQL_TOKEN_IDENT)
        j->result->left += schema_data_of(j->literals, text, token, 0);
}

/* As wrap, where VALUE is a column; RH_SKIPPED: a part that is not read. */
static rh_status wrap_any(const job *j, const schema_part *part, const char *text, rh_buf *out,
                          size_t *out_at, rh_error *err)
{
    const char *at = text + part->offset;
    const rh_structure_table *table = NULL;
    size_t column = 0;
    rh_status status;

    if (part->len > PART_BYTES)
        return RH_SKIPPED;
    if (part->kind != PART_EXPRESSION || j->literals->dialect != RH_SQL_POSTGRES ||
        !schema_asks_value(at, part->len))
        return part->kind != PART_QUERY && part->table == NULL ? RH_SKIPPED
                                                               : wrap(part, text, out, out_at, err);
    if (!schema_value_column(j->literals, at, part->len, &table, &column))
        return RH_SKIPPED;
    status = put_value_table(table, column, out, err);
    *out_at = out->len;
    return status == RH_OK ? rh_buf_append(out, at, part->len, err) : status;
}

static rh_status mask_part(job *j, const char *text, const schema_part *part, rh_error *err)
{
    const rh_literal_rewriter rewriter = {put_value, count_other, j};
    rh_buf statement = RH_BUF_INIT_WIPING;
    rh_sql_values *values = NULL;
    size_t at = 0;
    rh_status status;

    if (part->kind == PART_SKIP)
        return rh_buf_append(j->out, text + part->offset, part->len, err);
    j->judged_elsewhere = part->table != NULL && part->kind != PART_ROW;
    status = wrap_any(j, part, text, &statement, &at, err);
    if (status == RH_SKIPPED) {
        j->result->exact = false;
        return copy_between(j, text + part->offset, part->len, err);
    }
    if (status == RH_OK)
        status = rh_sql_values_new(j->literals->dialect, rh_buf_cstr(&statement), statement.len,
                                   &j->literals->catalog, &values, err);
    if (status == RH_OK) {
        j->understood = rh_sql_values_problem(values) == NULL;
        j->result->exact = j->result->exact && j->understood;
        status = rh_literals_rewrite(j->literals->dialect, rh_buf_cstr(&statement), statement.len,
                                     at, values, &rewriter, j->out, err);
    }
    rh_sql_values_free(values);
    rh_buf_wipe_done(&statement);
    return status;
}

/* What follows CREATE VIRTUAL TABLE .. USING is the module's language. */
static bool drops_comments(const rh_literals *literals, const rh_schema_sql *sql)
{
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, literals->dialect, sql->text, sql->len);
    (void)rh_sql_scan_next_code(&scan);
    token = rh_sql_scan_next_code(&scan);
    return literals->dialect == RH_SQL_SQLITE && !rh_sql_token_is(&token, sql->text, "virtual");
}

rh_status rh_schema_sql_mask(rh_literals *literals, const rh_schema_sql *sql,
                             const rh_schema_sql_visitor *visitor, rh_buf *out,
                             rh_schema_literals *result, rh_error *err)
{
    rh_schema_literals found = {0, 0, true};
    job j = {literals, visitor, out, &found, drops_comments(literals, sql), false, false};
    schema_parts parts = {NULL, 0};
    size_t at = 0;
    rh_status status = schema_parts_find(literals, sql, &parts, err);

    for (size_t i = 0; status == RH_OK && i < parts.count; i++) {
        const schema_part *part = &parts.items[i];

        status = copy_between(&j, sql->text + at, part->offset - at, err);
        if (status == RH_OK)
            status = mask_part(&j, sql->text, part, err);
        at = part->offset + part->len;
    }
    if (status == RH_OK)
        status = copy_between(&j, sql->text + at, sql->len - at, err);
    if (status == RH_OK)
        *result = found;
    return status;
}
