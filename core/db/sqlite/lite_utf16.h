/*
 * UTF-16 text of a database as UTF-8.
 */
#ifndef LITE_UTF16_H
#define LITE_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** Append as UTF-8. *out_exact: false when something was no UTF-16 and is left out. */
rh_status rh_lite_from_utf16(const uint8_t *data, size_t len, bool big_endian, rh_buf *out,
                             bool *out_exact, rh_error *err) RH_MUST_CHECK;

#endif
