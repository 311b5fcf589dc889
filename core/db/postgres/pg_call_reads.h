/*
 * How many rows a statement processes.
 */
#ifndef PG_CALL_READS_H
#define PG_CALL_READS_H

#include "pg_connection.h"

/** Run it in a savepoint that is rolled back, and add up what its plan's nodes counted; 0 for what
 * has no plan or fails. Inside of a transaction only. */
rh_status rh_pg_count_reads(rh_pg *pg, const char *sql, size_t count, const char *const *values,
                            int64_t *out, rh_error *err) RH_MUST_CHECK;

#endif
