#include "export_sql.h"

#include <string.h>

#include "core/routes.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"

rh_status rh_export_shell_text(rh_buf *out, const char *text, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '\'', err);

    for (; status == RH_OK && *text != '\0'; text++) {
        if (*text == '\'')
            status = rh_buf_append_str(out, "'\\''", err);
        else
            status = rh_buf_append_byte(out, (uint8_t)*text, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
}

static rh_status put_literal(rh_buf *out, const char *text, rh_error *err)
{
    return rh_sql_literal_quote(RH_SQL_POSTGRES, text, strlen(text), out, err);
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
            status = rh_sql_name_quote(table->columns[i].name, out, err);
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
        status = rh_sql_name_quote_qualified(into.schema, into.name, out, err);
    if (status == RH_OK)
        status = put_columns(out, table, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " FROM STDIN WITH (ENCODING ", err);
    if (status == RH_OK)
        status = put_literal(out, encoding, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, ')', err);
    return status;
}

/* One that goes on behind the values of masked columns. */
static rh_status put_follower(rh_buf *out, const char *full, const json_t *columns, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "SELECT pg_catalog.setval(", err);

    if (status == RH_OK)
        status = put_literal(out, full, err);
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
            status = rh_sql_name_quote(column, out, err);
        if (status == RH_OK)
            status = rh_buf_append_str(out, " AS v FROM ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(schema, table, out, err);
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
    status = rh_sql_name_quote_qualified(schema, name, &full, err);
    if (follows != NULL) {
        if (status == RH_OK && json_array_size(follows) > 0)
            status = put_follower(out, rh_buf_cstr(&full), follows, err);
        rh_buf_done(&full);
        return status;
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, "SELECT pg_catalog.setval(", err);
    if (status == RH_OK)
        status = put_literal(out, rh_buf_cstr(&full), err);
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
