/*
 * Sequences: all states in one statement. Also the planner settings that production's database has:
 * they are offered, not made, since the staging server may be of another size.
 */
#include "core/doc.h"
#include "core/sql_name.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_target.h"

static rh_status offer_settings(const rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const json_t *settings = json_object_get(target->input->facts, "database_settings");
    json_t *copy = json_copy(settings == NULL ? NULL : (json_t *)(uintptr_t)settings);
    const char *name;
    json_t *value;
    rh_status status = RH_OK;

    json_object_foreach(copy, name, value)
    {
        const char *text = json_string_value(value);

        status = rh_problems_add(notes, false, "ALTER DATABASE ... SET gives staging the same", err,
                                 "production's database has the setting '%s' = '%s'", name,
                                 text == NULL ? "" : text);
        if (status != RH_OK)
            break;
    }
    json_decref(copy);
    return status;
}

/* A sequence whose own state would tell raw values, or fall behind masked ones: the furthest value
 * of the columns that it feeds, within its bounds. */
static rh_status append_columns(const json_t *columns, rh_buf *sql, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(columns); i++) {
        const json_t *one = json_array_get(columns, i);
        const char *schema = json_string_value(json_object_get(one, "schema"));
        const char *table = json_string_value(json_object_get(one, "table"));
        const char *column = json_string_value(json_object_get(one, "column"));

        if (schema == NULL || table == NULL || column == NULL)
            return rh_error_set(err, RH_EFORMAT, "a sequence follows a column without a name");
        status = rh_buf_append_str(sql, i == 0 ? "SELECT " : " UNION ALL SELECT ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(column, sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(sql, "::pg_catalog.int8 AS v FROM ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(schema, table, sql, err);
    }
    return status;
}

static rh_status follow(rh_pg *pg, const json_t *entry, const json_t *columns, rh_error *err)
{
    static const char head[] =
        "SELECT pg_catalog.setval(s.seqrelid::pg_catalog.regclass, greatest(s.seqmin, "
        "least(s.seqmax, CASE WHEN s.seqincrement > 0 THEN m.high ELSE m.low END))) "
        "FROM pg_catalog.pg_sequence s, (SELECT max(v) AS high, min(v) AS low FROM (";
    const char *schema = json_string_value(json_object_get(entry, "schema"));
    const char *name = json_string_value(json_object_get(entry, "name"));
    rh_buf sql = RH_BUF_INIT;
    rh_buf full = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = rh_buf_append_str(&sql, head, err);

    if (status == RH_OK && (schema == NULL || name == NULL))
        status = rh_error_set(err, RH_EFORMAT, "a sequence has no name");
    if (status == RH_OK)
        status = append_columns(columns, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(
            &sql, ") r) m WHERE s.seqrelid = $1::pg_catalog.regclass AND m.high IS NOT NULL", err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(schema, name, &full, err);
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&full)};

        status = rh_pg_query(pg, rh_buf_cstr(&sql), 1, params, &result, err);
    }
    PQclear(result);
    rh_buf_done(&full);
    rh_buf_done(&sql);
    return status;
}

static rh_status follow_all(rh_pg *pg, const json_t *list, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const json_t *columns = json_object_get(entry, "follows");

        if (json_array_size(columns) > 0)
            status = follow(pg, entry, columns, err);
    }
    return status;
}

rh_status rh_pg_sequences_restore(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const json_t *list = json_object_get(target->input->facts, "sequences");
    rh_pg *pg = NULL;
    PGresult *result = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_status status = offer_settings(target, notes, err);

    if (status != RH_OK || json_array_size(list) == 0)
        return status;
    status = rh_doc_print_json(list, JSON_COMPACT | JSON_ENCODE_ANY, &text, err);
    if (status == RH_OK)
        status = rh_pg_target_connect(target, &pg, err);
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&text)};

        status = rh_pg_query(pg, rh_pg_sql_sequences_restore, 1, params, &result, err);
    }
    if (status == RH_OK)
        status = follow_all(pg, list, err);
    if (status != RH_OK)
        rh_error_where(err, "sequences");
    PQclear(result);
    rh_pg_close(pg);
    rh_buf_done(&text);
    return status;
}
