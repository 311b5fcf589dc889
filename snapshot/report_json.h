/*
 * Building the JSON answers of the repository commands: every call that can run out of memory says
 * so, and text that is not UTF-8 (old databases) becomes readable instead of an error.
 */
#ifndef SNAPSHOT_REPORT_JSON_H
#define SNAPSHOT_REPORT_JSON_H

#include <jansson.h>
#include <stddef.h>

#include <rehearse/error.h>

/** object[key] = value. Takes value, also on failure; value NULL means that making it failed. */
rh_status rh_report_set(json_t *object, const char *key, json_t *value,
                        rh_error *err) RH_MUST_CHECK;

/** As rh_report_set, for the end of an array. */
rh_status rh_report_append(json_t *array, json_t *value, rh_error *err) RH_MUST_CHECK;

/** String value of len bytes; bytes that are not UTF-8 become U+FFFD. NULL when memory is out. */
json_t *rh_report_text_len(const char *text, size_t len) RH_MUST_CHECK;

/** The same for a C string; NULL text gives JSON null. */
json_t *rh_report_text(const char *text) RH_MUST_CHECK;

#endif
