#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "workload.h"

/* ---- literals ---- */

/* What a literal says, as the field that the database would store. RH_SKIPPED: a form that is not
 * supported. */
static rh_status literal_field(workload_masker *masker, const rh_sql_value *value, const char *text,
                               rh_field *out, rh_error *err)
{
    const char *literal = text + value->offset;
    rh_buf decoded = RH_BUF_INIT_WIPING;
    int64_t number;
    char *copy;
    rh_status status;

    if (masker->engine == RH_ENGINE_POSTGRESQL && value->kind == RH_SQL_VALUE_BYTES)
        return RH_SKIPPED; /* bit strings */
    status = rh_sql_literal_decode(masker->dialect, literal, value->len, &decoded, err);
    if (status != RH_OK)
        return status;
    copy = rh_arena_strndup(masker->scratch, rh_buf_cstr(&decoded), decoded.len);
    *out = (rh_field){.kind = value->kind == RH_SQL_VALUE_BYTES ? RH_FIELD_BLOB : RH_FIELD_TEXT,
                      .data = (const uint8_t *)copy,
                      .len = decoded.len};
    if (copy == NULL) {
        status = rh_error_oom(err);
    } else if (masker->engine == RH_ENGINE_SQLITE && value->kind == RH_SQL_VALUE_NUMBER) {
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

static rh_status put_field(const workload_masker *masker, const rh_field *field, bool was_number,
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
        return rh_sql_literal_quote(masker->dialect, (const char *)field->data, field->len, out,
                                    err);
    default:
        return rh_buf_append_str(out, "NULL", err);
    }
}

/* One value of the text: masked, kept, or the reason to drop the execution. */
static rh_status put_value(workload_masker *masker, const char *text, const rh_sql_value *value,
                           rh_buf *out, const char **why, rh_error *err)
{
    workload_verdict verdict = workload_judge(masker, value, text);
    rh_field field = {.kind = RH_FIELD_NULL};
    rh_field masked = {.kind = RH_FIELD_NULL};
    rh_status status = RH_OK;

    if (value->kind == RH_SQL_VALUE_PARAMETER)
        return rh_buf_append(out, text + value->offset, value->len, err);
    if (verdict.fate == WORKLOAD_MASK) {
        verdict.why = "a literal in a form that is not supported";
        status = literal_field(masker, value, text, &field, err);
        if (status == RH_OK)
            status = workload_mask_field(masker, &verdict, &field, &masked, &verdict.why, err);
        if (status == RH_OK)
            return put_field(masker, &masked, value->kind == RH_SQL_VALUE_NUMBER, out, err);
        if (status != RH_SKIPPED)
            return status;
        verdict.fate = WORKLOAD_LOST;
    }
    if (verdict.fate == WORKLOAD_LOST) {
        masker->unattributed++;
        if (!masker->keep_unattributed) {
            *why = verdict.why;
            return RH_SKIPPED;
        }
    } else {
        masker->kept++;
    }
    return rh_buf_append(out, text + value->offset, value->len, err);
}

/* ---- statements ---- */

/* Settings whose values name no one. */
static bool is_harmless_setting(const rh_sql_command *command, const char *text, size_t len)
{
    static const char *const names[] = {"search_path",
                                        "timezone",
                                        "time",
                                        "datestyle",
                                        "intervalstyle",
                                        "client_encoding",
                                        "standard_conforming_strings",
                                        "extra_float_digits",
                                        "bytea_output",
                                        "client_min_messages",
                                        "statement_timeout",
                                        "lock_timeout",
                                        "idle_in_transaction_session_timeout",
                                        "work_mem",
                                        "transaction",
                                        "plan_cache_mode",
                                        "default_transaction_isolation",
                                        "synchronous_commit"};
    rh_sql_scan scan;
    rh_sql_token token;

    if (strcmp(command->verb, "set") != 0)
        return false;
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    (void)rh_sql_scan_next_code(&scan);
    token = rh_sql_scan_next_code(&scan);
    while (rh_sql_token_is(&token, text, "session") || rh_sql_token_is(&token, text, "local"))
        token = rh_sql_scan_next_code(&scan);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (rh_sql_token_is(&token, text, names[i]))
            return true;
    }
    return false;
}

/* The statement token by token: comments become a blank, values what they are to become. */
static rh_status put_statement(workload_masker *masker, const char *text, size_t len,
                               const rh_sql_values *values, bool harmless, rh_buf *out,
                               const char **why, rh_error *err)
{
    rh_sql_scan scan;
    size_t copied = 0;
    size_t v = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, masker->dialect, text, len);
    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next(&scan);
        const rh_sql_value *value =
            v < rh_sql_values_count(values) ? rh_sql_values_at(values, v) : NULL;
        bool at_value = value != NULL && token.offset >= value->offset && !harmless;

        if (token.kind != RH_SQL_TOKEN_END && token.kind != RH_SQL_TOKEN_COMMENT && !at_value)
            continue;
        if (token.offset > copied)
            status = rh_buf_append(out, text + copied, token.offset - copied, err);
        if (token.kind == RH_SQL_TOKEN_END)
            break;
        copied = token.offset + token.len;
        if (token.kind == RH_SQL_TOKEN_COMMENT) {
            if (status == RH_OK)
                status = rh_buf_append_byte(out, ' ', err);
            continue;
        }
        if (status == RH_OK)
            status = put_value(masker, text, value, out, why, err);
        copied = value->offset + value->len;
        scan.at = copied;
        v++;
    }
    return status;
}

static rh_status mask_piece(workload_masker *masker, const char *text, size_t len, rh_buf *out,
                            rh_sql_values **io_values, const char **why, rh_error *err)
{
    rh_sql_command command = rh_sql_command_of(masker->dialect, text, len);
    rh_sql_values *values = NULL;
    rh_status status =
        rh_sql_values_new(masker->dialect, text, len, &masker->catalog, &values, err);

    if (status != RH_OK)
        return status;
    rh_sql_values_free(*io_values);
    *io_values = values;
    if (rh_sql_values_problem(values) != NULL && command.kind == RH_SQL_COMMAND_UNKNOWN) {
        *why = "a statement that is not understood"; /* whatever it holds */
        masker->unattributed++;
        if (!masker->keep_unattributed)
            return RH_SKIPPED;
    }
    return put_statement(masker, text, len, values, is_harmless_setting(&command, text, len), out,
                         why, err);
}

rh_status workload_mask_text(workload_masker *masker, const char *text, size_t len, rh_buf *out,
                             rh_sql_values **out_values, const char **why, rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    rh_sql_values *values = NULL;
    size_t pieces = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, masker->dialect, text, len);
    while (status == RH_OK && rh_sql_split_next(&scan, &piece)) {
        if (pieces++ > 0)
            status = rh_buf_append_str(out, "; ", err);
        if (status == RH_OK)
            status = mask_piece(masker, text + piece.offset, piece.len, out, &values, why, err);
    }
    if (status == RH_OK && pieces == 0) {
        *why = "no statement";
        status = RH_SKIPPED;
    }
    if (status != RH_OK || pieces > 1) {
        rh_sql_values_free(values);
        values = NULL; /* parameters do not go with several statements */
    }
    if (status == RH_OK)
        *out_values = values;
    return status;
}

/* ---- parameters ---- */

static bool is_of_parameter(const rh_sql_value *value, const char *text,
                            const rh_parameter *parameter, size_t number)
{
    if (value->kind != RH_SQL_VALUE_PARAMETER)
        return false;
    if (parameter->name == NULL)
        return value->parameter == number;
    return strlen(parameter->name) == value->len &&
           memcmp(parameter->name, text + value->offset, value->len) == 0;
}

static rh_field field_of(const workload_masker *masker, const rh_parameter *parameter)
{
    rh_field field = {.data = parameter->data, .len = parameter->len};

    (void)masker;
    switch (parameter->kind) {
    case RH_PARAMETER_NULL:
        field.kind = RH_FIELD_NULL;
        break;
    case RH_PARAMETER_INTEGER:
        field.kind = RH_FIELD_INTEGER;
        field.integer = parameter->integer;
        break;
    case RH_PARAMETER_REAL:
        field.kind = RH_FIELD_REAL;
        field.real = parameter->real;
        break;
    case RH_PARAMETER_BLOB:
        field.kind = RH_FIELD_BLOB;
        break;
    default:
        field.kind = RH_FIELD_TEXT;
        break;
    }
    return field;
}

static void set_parameter(rh_parameter *parameter, const rh_field *field)
{
    parameter->data = field->data;
    parameter->len = field->len;
    parameter->integer = field->integer;
    parameter->real = field->real;
    switch (field->kind) {
    case RH_FIELD_INTEGER:
        parameter->kind = RH_PARAMETER_INTEGER;
        break;
    case RH_FIELD_REAL:
        parameter->kind = RH_PARAMETER_REAL;
        break;
    case RH_FIELD_BLOB:
        parameter->kind = RH_PARAMETER_BLOB;
        break;
    case RH_FIELD_TEXT:
        parameter->kind = RH_PARAMETER_TEXT;
        break;
    default:
        parameter->kind = RH_PARAMETER_NULL;
        break;
    }
}

/* The verdict over all places where a parameter stands: a column's mask wins over places that say
 * nothing; two masks that differ leave it lost. */
static workload_verdict judge_parameter(const workload_masker *masker, const char *text,
                                        const rh_sql_values *values, const rh_parameter *parameter,
                                        size_t number)
{
    workload_verdict all = {.fate = WORKLOAD_LOST, .why = "a parameter that no text uses"};
    bool first = true;

    for (size_t i = 0; values != NULL && i < rh_sql_values_count(values); i++) {
        const rh_sql_value *value = rh_sql_values_at(values, i);
        workload_verdict one;

        if (!is_of_parameter(value, text, parameter, number))
            continue;
        one = workload_judge(masker, value, text);
        if (first || (all.fate == WORKLOAD_LOST && all.mask == NULL && one.fate == WORKLOAD_MASK)) {
            all = one;
        } else if (one.fate == WORKLOAD_MASK && all.fate == WORKLOAD_MASK && one.mask != all.mask) {
            return (workload_verdict){.fate = WORKLOAD_LOST,
                                      .why = "a parameter of columns with different masks"};
        } else if ((one.fate == WORKLOAD_MASK) != (all.fate == WORKLOAD_MASK) &&
                   one.fate != WORKLOAD_LOST && all.fate != WORKLOAD_LOST) {
            return (workload_verdict){.fate = WORKLOAD_LOST,
                                      .why = "a parameter of a masked and a kept column"};
        } else if (one.fate == WORKLOAD_LOST && all.fate == WORKLOAD_KEEP) {
            all = one;
        }
        first = false;
    }
    return all;
}

rh_status workload_mask_parameters(workload_masker *masker, const char *text,
                                   const rh_sql_values *values, const rh_workload_item *item,
                                   rh_parameter *masked, const char **why, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < item->parameter_count && status == RH_OK; i++) {
        const rh_parameter *parameter = &item->parameters[i];
        rh_field field = field_of(masker, parameter);
        workload_verdict verdict;

        masked[i] = *parameter;
        if (field.kind == RH_FIELD_NULL)
            continue;
        verdict = judge_parameter(masker, text, values, parameter, i + 1);
        if (verdict.fate == WORKLOAD_MASK) {
            rh_field out = {.kind = RH_FIELD_NULL};

            status = workload_mask_field(masker, &verdict, &field, &out, &verdict.why, err);
            if (status == RH_OK)
                set_parameter(&masked[i], &out);
            else if (status == RH_SKIPPED)
                verdict.fate = WORKLOAD_LOST;
        }
        if (verdict.fate == WORKLOAD_KEEP)
            masker->kept++;
        if (verdict.fate == WORKLOAD_LOST) {
            masker->unattributed++;
            *why = verdict.why;
            status = masker->keep_unattributed ? RH_OK : RH_SKIPPED;
        }
    }
    return status;
}
