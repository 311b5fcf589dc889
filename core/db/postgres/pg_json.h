/*
 * JSON values as text for a statement's parameter.
 */
#ifndef PG_JSON_H
#define PG_JSON_H

#include <jansson.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** Append value as compact JSON. */
rh_status rh_pg_json_text(const json_t *value, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
