/*
 * The two questions that are asked about every byte of COPY text: where are the tabs, and is there
 * anything to escape?
 */
#ifndef RH_COPY_SCAN_H
#define RH_COPY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Number of tabs in data, or max when there are as many or more; the places of all that are counted
 * go to out, which has room for max. */
size_t rh_copy_find_tabs(const uint8_t *data, size_t len, const uint8_t **out, size_t max);

/* Whether data has a byte that COPY escapes; may also say so of other bytes below 8. */
bool rh_copy_may_escape(const uint8_t *data, size_t len);

#endif
