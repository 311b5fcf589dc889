/*
 * See schema_sql.h. A part is made a statement, SELECT 1 FROM its table WHERE the part, and read as
 * captured statements are: core/sql tells which column each literal meets.
 */
#include "anonymize/schema_sql.h"

#include <string.h>

#include "bind.h"
#include "core/str.h"
#include "schema_parts.h"

enum { PART_BYTES = 16 << 20 };

typedef struct job {
    rh_literals *literals;
    const rh_schema_sql_visitor *visitor;
    rh_buf *out;
    rh_schema_literals *result;
    bool drops_comments;
    bool understood; /* the part at hand: what is no value of it is a name */
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

/* SQLite's "x" that nothing has as its name is a text. */
static bool names_something(const rh_structure *structure, const char *at, size_t len)
{
    for (size_t i = 0; i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (strlen(table->name) == len && memcmp(table->name, at, len) == 0)
            return true;
        for (size_t j = 0; j < table->column_count; j++) {
            if (strlen(table->columns[j].name) == len &&
                memcmp(table->columns[j].name, at, len) == 0)
                return true;
        }
    }
    return false;
}

static size_t count_data(const rh_literals *literals, const char *text, size_t len, size_t depth);

/* A program between dollar quotes: the values in it. Quotes in quotes are not looked into. */
static size_t count_quoted(const rh_literals *literals, const char *text, size_t len, size_t depth)
{
    size_t tag = schema_dollar_quote(text, len);

    if (tag == 0 || depth > 0)
        return 1;
    return count_data(literals, text + tag, len - 2 * tag, depth + 1);
}

/* How many values is the token? Numbers are none: there are too many that are nobody's. */
static size_t data_of(const rh_literals *literals, const char *text, const rh_sql_token *token,
                      size_t depth)
{
    const char *at = text + token->offset;

    switch (token->kind) {
    case RH_SQL_TOKEN_STRING:
        return *at == '$' ? count_quoted(literals, at, token->len, depth)
                          : token->len > 2; /* '' is nobody's value */
    case RH_SQL_TOKEN_BYTES:
        return token->len > 3;
    case RH_SQL_TOKEN_COMMENT: /* people write examples there */
    case RH_SQL_TOKEN_OTHER:
        return 1;
    case RH_SQL_TOKEN_IDENT:
        return literals->dialect == RH_SQL_SQLITE && *at == '"' && token->len > 2 &&
               !names_something(literals->structure, at + 1, token->len - 2);
    default:
        return !token->closed;
    }
}

static size_t count_data(const rh_literals *literals, const char *text, size_t len, size_t depth)
{
    size_t count = 0;
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, literals->dialect, text, len);
    while (token = rh_sql_scan_next(&scan), token.kind != RH_SQL_TOKEN_END)
        count += data_of(literals, text, &token, depth);
    return count;
}

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
                j->result->left += data_of(j->literals, text, &token, 0);
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

static rh_status put_name(const char *name, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '"', err);

    for (; status == RH_OK && *name != '\0'; name++) {
        if (*name == '"')
            status = rh_buf_append_byte(out, '"', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, (uint8_t)*name, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '"', err) : status;
}

static rh_status put_table(const rh_structure_table *table, const char *as, rh_buf *out,
                           rh_error *err)
{
    rh_status status = put_name(table->schema, out, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(out, '.', err);
    if (status == RH_OK)
        status = put_name(table->name, out, err);
    return status == RH_OK ? rh_buf_append_str(out, as, err) : status;
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

/* The CHECK of a domain type asks about VALUE: it stands with the type, which serves many. A column
 * of that name is written in lower case. */
static bool is_of_domain(const rh_literals *literals, const char *text, const schema_part *part)
{
    rh_sql_scan scan;
    rh_sql_token token;

    if (literals->dialect != RH_SQL_POSTGRES || part->kind != PART_EXPRESSION)
        return false;
    rh_sql_scan_init(&scan, literals->dialect, text + part->offset, part->len);
    while (token = rh_sql_scan_next(&scan), token.kind != RH_SQL_TOKEN_END) {
        if (token.len == 5 && memcmp(text + part->offset + token.offset, "VALUE", 5) == 0)
            return true;
    }
    return false;
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
        j->result->left += data_of(j->literals, text, token, 0);
        j->result->exact = false;
    }
    return rh_buf_append(j->out, text + value->offset, value->len, err);
}

static void count_other(void *ctx, const char *text, const rh_sql_token *token)
{
    job *j = ctx;

    if (!j->understood || token->kind != RH_SQL_TOKEN_IDENT)
        j->result->left += data_of(j->literals, text, token, 0);
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
    if (part->len > PART_BYTES || is_of_domain(j->literals, text, part)) {
        j->result->exact = false;
        return copy_between(j, text + part->offset, part->len, err);
    }
    status = wrap(part, text, &statement, &at, err);
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
    job j = {literals, visitor, out, &found, drops_comments(literals, sql), false};
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
