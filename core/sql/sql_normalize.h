/*
 * Text without values: what all executions of a statement have in common.
 */
#ifndef SQL_NORMALIZE_H
#define SQL_NORMALIZE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/sql_scan.h"

typedef enum rh_sql_normal_form {
    RH_SQL_NORMAL_KEY,  /* every value and parameter is ?: for comparing and hashing */
    RH_SQL_NORMAL_SHOW, /* what rh_sql_shape.normalized promises */
} rh_sql_normal_form;

/** Append the normal form to out. Words are in lower case, comments are gone. RH_ENOMEM, RH_ELIMIT.
 */
rh_status rh_sql_normalize(rh_sql_dialect dialect, rh_sql_normal_form form, const char *text,
                           size_t len, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** 64 bits over bytes, the same on every machine; not for adversaries. */
uint64_t rh_sql_hash(const char *text, size_t len);

#endif
