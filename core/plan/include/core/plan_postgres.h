/*
 * Reads EXPLAIN (FORMAT JSON) of PostgreSQL 12 to 18, and 19's names as far as they are known.
 */
#ifndef CORE_PLAN_POSTGRES_H
#define CORE_PLAN_POSTGRES_H

#include <jansson.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/plan.h"

/**
 * The text is what EXPLAIN printed: an array of one object, or auto_explain's object. name is used
 * in errors ("plan of q.sql"). Unknown keys are ignored, an unknown node type becomes
 * RH_PLAN_OTHER.
 *
 * Returns RH_OK, RH_EFORMAT (no JSON, no plan, nested deeper than 500, more than 20,000 nodes) or
 * RH_ENOMEM. *out is the caller's, free with rh_plan_free().
 */
rh_status rh_plan_read_postgres(const char *name, const char *text, size_t len, rh_plan **out,
                                rh_error *err) RH_MUST_CHECK;

/** The same from a parsed document, borrowed for the call. */
rh_status rh_plan_from_json(const char *name, const json_t *document, rh_plan **out,
                            rh_error *err) RH_MUST_CHECK;

#endif
