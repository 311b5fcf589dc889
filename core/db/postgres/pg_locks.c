#include "pg_locks.h"

#include <inttypes.h>
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"

/* Columns of sql/lock_list.sql. */
enum { L_OID, L_SCHEMA, L_NAME };

enum { LOCK_BATCH = 200 };

rh_status rh_pg_locks_plan(rh_pg *pg, PGresult **out, rh_error *err)
{
    return rh_pg_query(pg, rh_pg_sql_lock_list, 0, NULL, out, err);
}

static rh_status lock_batch(rh_pg *pg, const PGresult *list, int from, int to, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "LOCK TABLE ", err);

    for (int i = from; i < to && status == RH_OK; i++) {
        status = rh_buf_append_str(&sql, i == from ? "ONLY " : ", ONLY ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(PQgetvalue(list, i, L_SCHEMA),
                                                 PQgetvalue(list, i, L_NAME), &sql, err);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " IN ACCESS SHARE MODE", err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

rh_status rh_pg_locks_take(rh_pg *pg, const PGresult *list, int64_t timeout_us, rh_error *err)
{
    int count = PQntuples(list);
    int64_t timeout_ms = timeout_us / 1000 > 0 ? timeout_us / 1000 : 1;
    rh_status status = rh_pg_execf(pg, err, "SET LOCAL lock_timeout = %" PRId64, timeout_ms);

    for (int from = 0; from < count && status == RH_OK; from += LOCK_BATCH) {
        int to = from + LOCK_BATCH < count ? from + LOCK_BATCH : count;

        status = lock_batch(pg, list, from, to, err);
        if (status != RH_OK && err != NULL && strcmp(err->sqlstate, "53200") == 0)
            rh_error_hint(err, "the server's lock table is full: raise max_locks_per_transaction");
    }
    return status;
}

bool rh_pg_locks_cover(const PGresult *before, const PGresult *now, int *out_row)
{
    int b = 0;

    for (int n = 0; n < PQntuples(now); n++) {
        int64_t oid = rh_pg_int64(now, n, L_OID);

        while (b < PQntuples(before) && rh_pg_int64(before, b, L_OID) < oid)
            b++;
        if (b == PQntuples(before) || rh_pg_int64(before, b, L_OID) != oid ||
            strcmp(PQgetvalue(before, b, L_SCHEMA), PQgetvalue(now, n, L_SCHEMA)) != 0 ||
            strcmp(PQgetvalue(before, b, L_NAME), PQgetvalue(now, n, L_NAME)) != 0) {
            *out_row = n;
            return false;
        }
    }
    return true;
}

static int row_of_oid(const PGresult *list, int64_t oid)
{
    for (int i = 0; i < PQntuples(list); i++) {
        if (rh_pg_int64(list, i, L_OID) == oid)
            return i;
    }
    return -1;
}

rh_status rh_pg_locks_blame(rh_pg *pg, const PGresult *list, rh_error *err)
{
    static const char hint[] = "wait for its transaction to end, or raise the lock wait";
    PGresult *holders = NULL;
    rh_status status = rh_pg_query(pg, rh_pg_sql_lock_holders, 0, NULL, &holders, err);

    if (status != RH_OK)
        return status;
    for (int i = 0; i < PQntuples(holders); i++) {
        int row = row_of_oid(list, rh_pg_int64(holders, i, 0));

        if (row < 0)
            continue;
        rh_error_set(err, RH_EBUSY, "table '%s.%s' is locked by process %s of the server",
                     PQgetvalue(list, row, L_SCHEMA), PQgetvalue(list, row, L_NAME),
                     PQgetvalue(holders, i, 1));
        rh_error_hint(err, "%s", hint);
        PQclear(holders);
        return RH_EBUSY;
    }
    PQclear(holders);
    rh_error_set(err, RH_EBUSY, "a table was locked by another session for too long");
    rh_error_hint(err, "%s", hint);
    return RH_EBUSY;
}
