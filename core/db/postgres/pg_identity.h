/*
 * Which instance does a connection reach: load balancers and host lists may send two connections to
 * two servers, and a copy made of both would be of neither.
 */
#ifndef PG_IDENTITY_H
#define PG_IDENTITY_H

#include <stdbool.h>

#include "pg_connection.h"

typedef struct rh_pg_identity {
    char system_id[24]; /* "" when the role may not ask */
    char instance[96];  /* recovery flag, database oid, start time */
} rh_pg_identity;

rh_status rh_pg_identity_get(rh_pg *pg, rh_pg_identity *out, rh_error *err) RH_MUST_CHECK;

/** RH_ECONNECT when pg is not the instance of expected. */
rh_status rh_pg_identity_check(rh_pg *pg, const rh_pg_identity *expected,
                               rh_error *err) RH_MUST_CHECK;

#endif
