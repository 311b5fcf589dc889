/*
 * A JSON value as text. jansson may give out a shortened text when memory is out; this does not.
 */
#ifndef SNAPSHOT_JSON_TEXT_H
#define SNAPSHOT_JSON_TEXT_H

#include <jansson.h>

#include <rehearse/error.h>

/** flags: jansson's JSON_COMPACT, JSON_SORT_KEYS ... *out: fresh memory, free with rh_mem_free. */
rh_status rh_json_text(const json_t *json, size_t flags, char **out, rh_error *err) RH_MUST_CHECK;

#endif
