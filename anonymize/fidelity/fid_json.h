/*
 * Building a report: every failed allocation becomes an error, every figure a finite one.
 */
#ifndef FID_JSON_H
#define FID_JSON_H

#include <jansson.h>

#include <rehearse/error.h>

/** object[key] = value; value is taken over, also on failure. RH_ENOMEM. */
rh_status rh_fid_put(json_t *object, const char *key, json_t *value, rh_error *err) RH_MUST_CHECK;
rh_status rh_fid_append(json_t *array, json_t *value, rh_error *err) RH_MUST_CHECK;

/** Rounded to six significant digits, so that reports can be compared; NULL when out of memory. */
json_t *rh_fid_real(double value);

/** A string, or JSON null for NULL. */
json_t *rh_fid_text(const char *text);

/** Sort a list of objects by their "score", lowest first; equal ones keep their order. */
rh_status rh_fid_sort_by_score(json_t *list, rh_error *err) RH_MUST_CHECK;

#endif
