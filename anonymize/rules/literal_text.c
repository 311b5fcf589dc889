/*
 * Literals as they stand in SQL: what they say, and how an image is written.
 */
#include "anonymize/literals.h"
#include "core/num.h"
#include "core/sql_literal.h"

/* What a literal says, as the field that the database would store. RH_SKIPPED: a form that is not
 * supported. */
static rh_status literal_field(const rh_literals *literals, const rh_sql_value *value,
                               const char *text, rh_field *out, rh_error *err)
{
    const char *literal = text + value->offset;
    rh_buf decoded = RH_BUF_INIT_WIPING;
    int64_t number;
    char *copy;
    rh_status status;

    if (literals->engine == RH_ENGINE_POSTGRESQL && value->kind == RH_SQL_VALUE_BYTES)
        return RH_SKIPPED; /* bit strings */
    status = rh_sql_literal_decode(literals->dialect, literal, value->len, &decoded, err);
    if (status != RH_OK)
        return status;
    copy = rh_arena_strndup(literals->scratch, rh_buf_cstr(&decoded), decoded.len);
    *out = (rh_field){.kind = value->kind == RH_SQL_VALUE_BYTES ? RH_FIELD_BLOB : RH_FIELD_TEXT,
                      .data = (const uint8_t *)copy,
                      .len = decoded.len};
    if (copy == NULL) {
        status = rh_error_oom(err);
    } else if (literals->engine == RH_ENGINE_SQLITE && value->kind == RH_SQL_VALUE_NUMBER) {
        if (rh_num_scan_int64(copy, decoded.len, &number))
            *out = (rh_field){.kind = RH_FIELD_INTEGER, .integer = number};
        else
            status = RH_SKIPPED; /* REAL literals are too rare to be worth their rounding */
    }
    rh_buf_wipe_done(&decoded);
    return status;
}

static bool is_number(const rh_field *field)
{
    int64_t number;

    return field->len < 19 && rh_num_scan_int64((const char *)field->data, field->len, &number);
}

rh_status rh_literal_put(const rh_literals *literals, const rh_field *field, bool was_number,
                         rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, ' ', err);

    if (status != RH_OK)
        return status;
    switch (field->kind) {
    case RH_FIELD_INTEGER:
        return rh_buf_printf(out, err, "%lld", (long long)field->integer);
    case RH_FIELD_REAL:
        return rh_buf_printf(out, err, "%.17g", field->real);
    case RH_FIELD_BLOB:
        status = rh_buf_append_str(out, "X'", err);
        for (size_t i = 0; i < field->len && status == RH_OK; i++)
            status = rh_buf_printf(out, err, "%02x", field->data[i]);
        return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
    case RH_FIELD_TEXT:
        if (was_number && is_number(field))
            return rh_buf_append(out, field->data, field->len, err);
        return rh_sql_literal_quote(literals->dialect, (const char *)field->data, field->len, out,
                                    err);
    default:
        return rh_buf_append_str(out, "NULL", err);
    }
}

rh_status rh_literal_mask(rh_literals *literals, const rh_literal_verdict *verdict,
                          const rh_sql_value *value, const char *text, rh_field *raw,
                          rh_field *image, const char **why, rh_error *err)
{
    rh_status status = literal_field(literals, value, text, raw, err);

    if (status == RH_SKIPPED)
        *why = "a literal in a form that is not supported";
    return status == RH_OK ? rh_literal_mask_field(literals, verdict, raw, image, why, err)
                           : status;
}

rh_status rh_literals_rewrite(rh_sql_dialect dialect, const char *text, size_t len, size_t from,
                              const rh_sql_values *values, const rh_literal_rewriter *rewriter,
                              rh_buf *out, rh_error *err)
{
    size_t count = values == NULL ? 0 : rh_sql_values_count(values);
    size_t copied = from;
    size_t v = 0;
    rh_sql_scan scan;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, dialect, text, len);
    scan.at = from;
    while (v < count && rh_sql_values_at(values, v)->offset < from)
        v++;
    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next(&scan);
        const rh_sql_value *value = v < count ? rh_sql_values_at(values, v) : NULL;
        bool at_value = value != NULL && token.offset >= value->offset;
        bool comment = token.kind == RH_SQL_TOKEN_COMMENT;

        if (token.kind == RH_SQL_TOKEN_END)
            return rh_buf_append(out, text + copied, token.offset - copied, err);
        if (!at_value && !comment) {
            if (rewriter->other != NULL)
                rewriter->other(rewriter->ctx, text, &token);
            continue;
        }
        status = rh_buf_append(out, text + copied, token.offset - copied, err);
        copied = at_value ? value->offset + value->len : token.offset + token.len;
        if (status == RH_OK && at_value)
            status = rewriter->value(rewriter->ctx, text, value, &token, err);
        else if (status == RH_OK)
            status = rh_buf_append_byte(out, ' ', err);
        scan.at = copied;
        v += at_value;
    }
    return status;
}
