#include "export_sql.h"

#include <string.h>

#include "core/routes.h"

/* text between two marks, with every inner quote replaced. */
static rh_status put_quoted(rh_buf *out, const char *text, const char *mark, char quote,
                            const char *replacement, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, mark, err);

    for (const char *at = text; status == RH_OK && *at != '\0'; at++) {
        if (*at == quote)
            status = rh_buf_append_str(out, replacement, err);
        else
            status = rh_buf_append_byte(out, (uint8_t)*at, err);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, mark, err);
    return status;
}

rh_status rh_export_sql_name(rh_buf *out, const char *name, rh_error *err)
{
    return put_quoted(out, name, "\"", '"', "\"\"", err);
}

rh_status rh_export_shell_text(rh_buf *out, const char *text, rh_error *err)
{
    return put_quoted(out, text, "'", '\'', "'\\''", err);
}

static rh_status put_full_name(rh_buf *out, const char *schema, const char *name, rh_error *err)
{
    rh_status status = rh_export_sql_name(out, schema, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(out, '.', err);
    if (status == RH_OK)
        status = rh_export_sql_name(out, name, err);
    return status;
}

/* The columns whose values are copied; none at all (a table without columns) needs no list. */
static rh_status put_columns(rh_buf *out, const rh_table *table, rh_error *err)
{
    rh_status status = RH_OK;
    size_t count = 0;

    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        if (table->columns[i].generated)
            continue;
        status = rh_buf_append_str(out, count++ == 0 ? " (" : ", ", err);
        if (status == RH_OK)
            status = rh_export_sql_name(out, table->columns[i].name, err);
    }
    if (status == RH_OK && count > 0)
        status = rh_buf_append_byte(out, ')', err);
    return status;
}

rh_status rh_export_sql_copy(rh_buf *out, const rh_table *table, const json_t *facts,
                             const char *encoding, rh_error *err)
{
    rh_route into = {table->schema, table->name};
    rh_status status = rh_buf_append_str(out, "COPY ", err);

    (void)rh_route_find(facts, table->schema, table->name, &into);
    if (status == RH_OK)
        status = put_full_name(out, into.schema, into.name, err);
    if (status == RH_OK)
        status = put_columns(out, table, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " FROM STDIN WITH (ENCODING ", err);
    if (status == RH_OK)
        status = put_quoted(out, encoding, "'", '\'', "''", err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, ')', err);
    return status;
}

/* One that goes on behind the values of masked columns. */
static rh_status put_follower(rh_buf *out, const char *full, const json_t *columns, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "SELECT pg_catalog.setval(", err);

    if (status == RH_OK)
        status = put_quoted(out, full, "'", '\'', "''", err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, "::pg_catalog.regclass, max(v)) FROM (", err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(columns); i++) {
        const json_t *one = json_array_get(columns, i);
        const char *schema = json_string_value(json_object_get(one, "schema"));
        const char *table = json_string_value(json_object_get(one, "table"));
        const char *column = json_string_value(json_object_get(one, "column"));

        if (schema == NULL || table == NULL || column == NULL)
            return rh_error_set(err, RH_EFORMAT, "the manifest describes a sequence wrongly");
        status = rh_buf_append_str(out, i == 0 ? "SELECT " : " UNION ALL SELECT ", err);
        if (status == RH_OK)
            status = put_quoted(out, column, "\"", '"', "\"\"", err);
        if (status == RH_OK)
            status = rh_buf_append_str(out, " AS v FROM ", err);
        if (status == RH_OK)
            status = put_full_name(out, schema, table, err);
    }
    return status == RH_OK ? rh_buf_append_str(out, ") r HAVING max(v) IS NOT NULL;\n", err)
                           : status;
}

static rh_status put_sequence(rh_buf *out, const json_t *sequence, rh_error *err)
{
    const char *schema = json_string_value(json_object_get(sequence, "schema"));
    const char *name = json_string_value(json_object_get(sequence, "name"));
    const json_t *value = json_object_get(sequence, "last_value");
    const json_t *follows = json_object_get(sequence, "follows");
    rh_buf full = RH_BUF_INIT;
    rh_status status;

    if (schema == NULL || name == NULL || (follows == NULL && !json_is_integer(value)))
        return rh_error_set(err, RH_EFORMAT, "the manifest describes a sequence wrongly");
    status = put_full_name(&full, schema, name, err);
    if (follows != NULL) {
        if (status == RH_OK && json_array_size(follows) > 0)
            status = put_follower(out, rh_buf_cstr(&full), follows, err);
        rh_buf_done(&full);
        return status;
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, "SELECT pg_catalog.setval(", err);
    if (status == RH_OK)
        status = put_quoted(out, rh_buf_cstr(&full), "'", '\'', "''", err);
    if (status == RH_OK)
        status =
            rh_buf_printf(out, err, "::pg_catalog.regclass, %" JSON_INTEGER_FORMAT ", %s);\n",
                          json_integer_value(value),
                          json_is_true(json_object_get(sequence, "is_called")) ? "true" : "false");
    rh_buf_done(&full);
    return status;
}

rh_status rh_export_sql_sequences(rh_buf *out, const json_t *facts, rh_error *err)
{
    const json_t *sequences = json_object_get(facts, "sequences");
    rh_status status = rh_buf_append_str(out,
                                         "-- where the sequences stood\n"
                                         "SET client_encoding = 'UTF8';\n"
                                         "SET standard_conforming_strings = on;\n",
                                         err);

    for (size_t i = 0; status == RH_OK && i < json_array_size(sequences); i++)
        status = put_sequence(out, json_array_get(sequences, i), err);
    return status;
}
