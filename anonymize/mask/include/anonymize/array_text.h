/*
 * One-dimensional PostgreSQL arrays as text, element by element: planner statistics are such
 * arrays.
 */
#ifndef ANONYMIZE_ARRAY_TEXT_H
#define ANONYMIZE_ARRAY_TEXT_H

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/row_fields.h"

/** Changes one element in place; new bytes live in scratch. */
typedef rh_status (*rh_array_edit)(void *ctx, rh_field *element, rh_arena *scratch, rh_error *err);

/**
 * Append text with every element edited. Braces, quoting and NULL are array_out's (PostgreSQL
 * manual, "Array Input and Output Syntax"). RH_EFORMAT for anything else, also for bounds and
 * unquoted nesting, which statistics never have.
 */
rh_status rh_array_text_edit(const char *text, size_t len, rh_array_edit edit, void *ctx,
                             rh_arena *scratch, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
