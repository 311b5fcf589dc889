/*
 * Which member of a plan node each key of PostgreSQL's JSON fills.
 */
#ifndef PLAN_POSTGRES_FIELDS_H
#define PLAN_POSTGRES_FIELDS_H

#include <jansson.h>

#include "plan_internal.h"

/** Everything of one JSON node but its children. Strings are copied. RH_ENOMEM. */
rh_status rh_plan_fill_node(rh_plan *plan, rh_plan_node *node, const json_t *json,
                            rh_error *err) RH_MUST_CHECK;

/** Copy of a string member, NULL where it is absent or no string; false when memory is out. */
bool rh_plan_copy_text(rh_plan *plan, const json_t *json, const char *key, const char **out);

/** Number of a member, whole or not; RH_PLAN_UNKNOWN where it is absent, no number or negative. */
double rh_plan_number(const json_t *json, const char *key);

#endif
