/*
 * Facts about the source: one JSON document made by the server, sequences and position added.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_source.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum { SEQUENCES_PER_QUERY = 200 };

/* Columns of sequences.sql. */
enum { SEQUENCE_FEEDS = 2 };

static rh_status set_new(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

/* A function that the role may not call is asked for first: a failed statement would end the
 * snapshot's transaction. */
static rh_status read_lsn(rh_pg_source *source, json_t *facts, rh_error *err)
{
    const char *function = source->in_recovery ? "pg_catalog.pg_last_wal_replay_lsn()"
                                               : "pg_catalog.pg_current_wal_lsn()";
    const char *params[] = {function};
    rh_buf sql = RH_BUF_INIT;
    char *allowed = NULL;
    char *lsn = NULL;
    rh_status status =
        rh_pg_query_text(source->main, "SELECT pg_catalog.has_function_privilege($1, 'EXECUTE')", 1,
                         params, &allowed, err);

    if (status == RH_OK && rh_str_eq(allowed, "t")) {
        status = rh_buf_printf(&sql, err, "SELECT %s", function);
        if (status == RH_OK)
            status = rh_pg_query_text(source->main, rh_buf_cstr(&sql), 0, NULL, &lsn, err);
    }
    if (status == RH_OK)
        status = set_new(facts, "lsn", lsn == NULL ? json_null() : json_string(lsn), err);
    rh_buf_done(&sql);
    rh_mem_free(allowed);
    rh_mem_free(lsn);
    return status;
}

/* One statement for many sequences: each is a relation of its own. */
static rh_status read_states(rh_pg *pg, const PGresult *names, int from, int to, PGresult **out,
                             rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = RH_OK;

    for (int i = from; i < to && status == RH_OK; i++) {
        status = rh_buf_printf(&sql, err, "%sSELECT %d, last_value, is_called FROM ",
                               i == from ? "" : " UNION ALL ", i);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(PQgetvalue(names, i, 0), PQgetvalue(names, i, 1),
                                                 &sql, err);
    }
    if (status == RH_OK)
        status = rh_pg_query(pg, rh_buf_cstr(&sql), 0, NULL, out, err);
    rh_buf_done(&sql);
    return status;
}

static rh_status add_states(json_t *list, const PGresult *names, const PGresult *states,
                            rh_error *err)
{
    for (int i = 0; i < PQntuples(states); i++) {
        int at = (int)rh_pg_int64(states, i, 0);
        json_t *entry =
            json_pack("{s:s, s:s, s:I, s:b}", "schema", PQgetvalue(names, at, 0), "name",
                      PQgetvalue(names, at, 1), "last_value", (json_int_t)rh_pg_int64(states, i, 1),
                      "is_called", rh_pg_true(states, i, 2));

        if (entry == NULL || json_array_append_new(list, entry) != 0)
            return rh_error_oom(err);
        if (!PQgetisnull(names, at, SEQUENCE_FEEDS)) {
            const char *text = PQgetvalue(names, at, SEQUENCE_FEEDS);
            json_t *feeds = NULL;
            rh_status status = rh_doc_parse_json("sequences", text, strlen(text), &feeds, err);

            if (status == RH_OK && json_object_set_new(entry, "feeds", feeds) != 0)
                status = rh_error_oom(err);
            if (status != RH_OK)
                return status;
        }
    }
    return RH_OK;
}

static rh_status read_sequences(rh_pg_source *source, json_t *facts, rh_error *err)
{
    PGresult *names = NULL;
    json_t *list = json_array();
    rh_status status = rh_pg_query(source->main, rh_pg_sql_sequences, 0, NULL, &names, err);

    if (list == NULL && status == RH_OK)
        status = rh_error_oom(err);
    for (int from = 0; status == RH_OK && from < PQntuples(names); from += SEQUENCES_PER_QUERY) {
        int to = from + SEQUENCES_PER_QUERY;
        PGresult *states = NULL;

        if (to > PQntuples(names))
            to = PQntuples(names);
        status = read_states(source->main, names, from, to, &states, err);
        if (status == RH_OK)
            status = add_states(list, names, states, err);
        PQclear(states);
    }
    if (status == RH_OK) {
        status = set_new(facts, "sequences", list, err);
        list = NULL;
    }
    PQclear(names);
    json_decref(list);
    return status;
}

rh_status rh_pg_source_facts(void *handle, json_t **out, rh_error *err)
{
    rh_pg_source *source = handle;
    const char *system_id = source->identity.system_id;
    json_t *facts = NULL;
    char *text = NULL;
    rh_status status = rh_pg_query_text(source->main, rh_pg_sql_facts, 0, NULL, &text, err);

    if (status == RH_OK)
        status = rh_doc_parse_json("facts", text == NULL ? "" : text,
                                   text == NULL ? 0 : strlen(text), &facts, err);
    if (status == RH_OK)
        status = set_new(facts, "system_id",
                         system_id[0] == '\0' ? json_null() : json_string(system_id), err);
    if (status == RH_OK)
        status = read_lsn(source, facts, err);
    if (status == RH_OK)
        status = read_sequences(source, facts, err);
    if (status == RH_OK) {
        *out = facts;
        facts = NULL;
    }
    rh_mem_free(text);
    json_decref(facts);
    return status;
}
