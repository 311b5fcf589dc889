/*
 * Rows that do not fit into their own partition any more: those of a table by HASH whose key is
 * masked. A copy loads them through the partitioned table, and the server puts each where its image
 * belongs. Which ones, the source's facts say: "routes", an array of
 * {"schema", "name", "through": {"schema", "name"}} (docs/format.md).
 */
#ifndef CORE_ROUTES_H
#define CORE_ROUTES_H

#include <jansson.h>
#include <stdbool.h>

#include <rehearse/error.h>

typedef struct rh_route {
    const char *schema; /* of the table to load through; borrowed from the facts */
    const char *name;
} rh_route;

/** Where rows of schema.name are loaded instead; false: nowhere else. Distrusts the facts. */
bool rh_route_find(const json_t *facts, const char *schema, const char *name, rh_route *out);

/** Add one to the facts, unless the table has one. RH_ENOMEM. */
rh_status rh_route_add(json_t *facts, const char *schema, const char *name, const rh_route *through,
                       rh_error *err) RH_MUST_CHECK;

#endif
