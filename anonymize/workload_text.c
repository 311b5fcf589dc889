#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "workload.h"

rh_status workload_masker_init(workload_masker *masker, rh_anonymizer *anonymizer,
                               rh_engine_kind engine, const char *structure, size_t len,
                               rh_error *err)
{
    rh_status status =
        rh_anonymizer_bind(anonymizer, rh_engine_rows_format(engine), structure, len, err);

    if (status != RH_OK)
        return status;
    rh_literals_init(&masker->literals, anonymizer->structure, anonymizer->bound, engine,
                     rh_arena_new_wiping(0));
    return masker->literals.scratch == NULL ? rh_error_oom(err) : RH_OK;
}

void workload_masker_done(workload_masker *masker)
{
    rh_arena_free(masker->literals.scratch);
}

/* A statement on its way. */
typedef struct written {
    workload_masker *masker;
    rh_buf *out;
    const char *why;
} written;

/* One value of the text: masked, kept, or the reason to drop the execution. */
static rh_status put_value(void *ctx, const char *text, const rh_sql_value *value,
                           const rh_sql_token *token, rh_error *err)
{
    written *w = ctx;
    workload_masker *masker = w->masker;
    rh_buf *out = w->out;
    rh_literal_verdict verdict = rh_literal_judge(&masker->literals, value, text);
    rh_field field = {.kind = RH_FIELD_NULL};
    rh_field masked = {.kind = RH_FIELD_NULL};
    rh_status status = RH_OK;

    (void)token;
    if (value->kind == RH_SQL_VALUE_PARAMETER)
        return rh_buf_append(out, text + value->offset, value->len, err);
    if (verdict.fate == RH_LITERAL_MASK) {
        status = rh_literal_mask(&masker->literals, &verdict, value, text, &field, &masked,
                                 &verdict.why, err);
        if (status == RH_OK)
            return rh_literal_put(&masker->literals, &masked, value->kind == RH_SQL_VALUE_NUMBER,
                                  out, err);
        if (status != RH_SKIPPED)
            return status;
        verdict.fate = RH_LITERAL_LOST;
    }
    if (verdict.fate == RH_LITERAL_LOST) {
        masker->unattributed++;
        if (!masker->keep_unattributed) {
            w->why = verdict.why;
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

static rh_status mask_piece(workload_masker *masker, const char *text, size_t len, rh_buf *out,
                            rh_sql_values **io_values, const char **why, rh_error *err)
{
    rh_sql_command command = rh_sql_command_of(masker->literals.dialect, text, len);
    written w = {masker, out, NULL};
    const rh_literal_rewriter rewriter = {put_value, NULL, &w};
    bool harmless = is_harmless_setting(&command, text, len);
    rh_sql_values *values = NULL;
    rh_status status = rh_sql_values_new(masker->literals.dialect, text, len,
                                         &masker->literals.catalog, &values, err);

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
    status = rh_literals_rewrite(masker->literals.dialect, text, len, 0, harmless ? NULL : values,
                                 &rewriter, out, err);
    if (status == RH_SKIPPED)
        *why = w.why;
    return status;
}

rh_status workload_mask_text(workload_masker *masker, const char *text, size_t len, rh_buf *out,
                             rh_sql_values **out_values, const char **why, rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    rh_sql_values *values = NULL;
    size_t pieces = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, masker->literals.dialect, text, len);
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
static rh_literal_verdict judge_parameter(const workload_masker *masker, const char *text,
                                          const rh_sql_values *values,
                                          const rh_parameter *parameter, size_t number)
{
    rh_literal_verdict all = {.fate = RH_LITERAL_LOST, .why = "a parameter that no text uses"};
    bool first = true;

    for (size_t i = 0; values != NULL && i < rh_sql_values_count(values); i++) {
        const rh_sql_value *value = rh_sql_values_at(values, i);
        rh_literal_verdict one;

        if (!is_of_parameter(value, text, parameter, number))
            continue;
        one = rh_literal_judge(&masker->literals, value, text);
        if (first ||
            (all.fate == RH_LITERAL_LOST && all.mask == NULL && one.fate == RH_LITERAL_MASK)) {
            all = one;
        } else if (one.fate == RH_LITERAL_MASK && all.fate == RH_LITERAL_MASK &&
                   one.mask != all.mask) {
            return (rh_literal_verdict){.fate = RH_LITERAL_LOST,
                                        .why = "a parameter of columns with different masks"};
        } else if ((one.fate == RH_LITERAL_MASK) != (all.fate == RH_LITERAL_MASK) &&
                   one.fate != RH_LITERAL_LOST && all.fate != RH_LITERAL_LOST) {
            return (rh_literal_verdict){.fate = RH_LITERAL_LOST,
                                        .why = "a parameter of a masked and a kept column"};
        } else if (one.fate == RH_LITERAL_LOST && all.fate == RH_LITERAL_KEEP) {
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
        rh_literal_verdict verdict;

        masked[i] = *parameter;
        if (field.kind == RH_FIELD_NULL)
            continue;
        verdict = judge_parameter(masker, text, values, parameter, i + 1);
        if (verdict.fate == RH_LITERAL_MASK) {
            rh_field out = {.kind = RH_FIELD_NULL};

            status =
                rh_literal_mask_field(&masker->literals, &verdict, &field, &out, &verdict.why, err);
            if (status == RH_OK)
                set_parameter(&masked[i], &out);
            else if (status == RH_SKIPPED)
                verdict.fate = RH_LITERAL_LOST;
        }
        if (verdict.fate == RH_LITERAL_KEEP)
            masker->kept++;
        if (verdict.fate == RH_LITERAL_LOST) {
            masker->unattributed++;
            *why = verdict.why;
            status = masker->keep_unattributed ? RH_OK : RH_SKIPPED;
        }
    }
    return status;
}
