/*
 * Expressions of users inside of our statements.
 */
#ifndef EXTRA_TEXT_H
#define EXTRA_TEXT_H

#include <rehearse/error.h>

#include "core/sql_scan.h"

/** Brackets and quotes are closed, nothing ends the statement: RH_ECONFIG else. A jsonb operator
 * with '?' has to be written as a function. */
rh_status rh_extra_check_text(rh_sql_dialect dialect, const char *sql, rh_error *err) RH_MUST_CHECK;

#endif
