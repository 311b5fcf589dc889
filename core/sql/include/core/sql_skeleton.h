/*
 * A text without its values, by one pass that makes no tokens of words: the cheap key under which
 * the shape of texts that differ in their values is remembered. Three times as fast as normalising.
 */
#ifndef CORE_SQL_SKELETON_H
#define CORE_SQL_SKELETON_H

#include "core/buf.h"
#include "core/sql_scan.h"

/**
 * Append the skeleton of text: strings, numbers and comments are left out, all else stays as it is.
 * Two texts with the same skeleton have the same normal form; the other way round blanks, letter
 * case and the length of lists may differ. Bytes for machines, not for people.
 *
 * RH_OK, RH_SKIPPED (the text holds control characters that stand for values in a skeleton; out is
 * untouched) or RH_ENOMEM.
 */
rh_status rh_sql_skeleton(rh_sql_dialect dialect, const char *text, size_t len, rh_buf *out,
                          rh_error *err) RH_MUST_CHECK;

#endif
