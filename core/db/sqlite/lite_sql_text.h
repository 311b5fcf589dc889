/*
 * A look into CREATE TABLE texts, for the one thing that SQLite does not tell otherwise: the
 * expressions of generated columns.
 */
#ifndef LITE_SQL_TEXT_H
#define LITE_SQL_TEXT_H

#include <stddef.h>

#include <rehearse/error.h>

/**
 * The expression inside AS (...) of column number `column` (from 0, as table_xinfo counts),
 * borrowed from sql. RH_EFORMAT when there is none.
 */
rh_status rh_lite_generated_expression(const char *sql, size_t column, const char **out,
                                       size_t *out_len, rh_error *err) RH_MUST_CHECK;

#endif
