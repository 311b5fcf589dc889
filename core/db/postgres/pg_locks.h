/*
 * ACCESS SHARE on everything that will be read, so that no DDL changes it under the snapshot.
 */
#ifndef PG_LOCKS_H
#define PG_LOCKS_H

#include "pg_connection.h"

/** Relations to lock as the connection sees them now: oid, schema, name, by oid. PQclear it. */
rh_status rh_pg_locks_plan(rh_pg *pg, PGresult **out, rh_error *err) RH_MUST_CHECK;

/**
 * LOCK all of list within the current transaction, waiting at most timeout_us for each batch.
 * RH_EBUSY (lock timeout), RH_ENOTFOUND (one was dropped meanwhile), RH_EPRIVILEGE; the
 * transaction is then in a failed state.
 */
rh_status rh_pg_locks_take(rh_pg *pg, const PGresult *list, int64_t timeout_us,
                           rh_error *err) RH_MUST_CHECK;

/** Are all relations of now also in before, under the same oid and name? If not, *out_row is the
 * first of now that is not. */
bool rh_pg_locks_cover(const PGresult *before, const PGresult *now, int *out_row);

/** After a timeout, outside a transaction: RH_EBUSY naming the table and the process in the way,
 * as far as they can be seen. */
rh_status rh_pg_locks_blame(rh_pg *pg, const PGresult *list, rh_error *err);

#endif
