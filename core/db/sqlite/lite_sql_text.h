/*
 * A look into CREATE texts, for what SQLite does not tell otherwise: the expressions of generated
 * columns, CHECKs, and which names an expression uses. All walk over tokens of core/sql_scan.h.
 */
#ifndef LITE_SQL_TEXT_H
#define LITE_SQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/sql_scan.h"

/** At the start of a terminated text, in SQLite's dialect. */
rh_sql_scan rh_lite_scan(const char *sql);

/** Move behind this keyword (lower case; met in any case, without quotes); false: it is not there.
 */
bool rh_lite_scan_find(rh_sql_scan *scan, const char *word);

/** Move behind the next '(' : that of a CREATE TABLE or CREATE INDEX. False: there is none. */
bool rh_lite_enter_list(rh_sql_scan *scan);

/** Move behind the ')' that closes the list we are in; false: there is none. */
bool rh_lite_leave_list(rh_sql_scan *scan);

/**
 * The expression inside AS (...) of column number `column` (from 0, as table_xinfo counts),
 * borrowed from sql. RH_EFORMAT when there is none.
 */
rh_status rh_lite_generated_expression(const char *sql, size_t column, const char **out,
                                       size_t *out_len, rh_error *err) RH_MUST_CHECK;

typedef struct rh_lite_check {
    rh_sql_token name; /* with its quotes; len 0 when it has none */
    size_t offset;     /* of what stands between the parentheses */
    size_t len;
} rh_lite_check;

/** The next CHECK of the list that scan is in; offsets are of its text. False: no more. */
bool rh_lite_next_check(rh_sql_scan *scan, rh_lite_check *out);

#endif
