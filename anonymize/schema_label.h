/*
 * Labels of enum types under new names (mask enum, rename: true): in CREATE TYPE, and where the
 * structure lists them.
 */
#ifndef ANONYMIZE_SCHEMA_LABEL_H
#define ANONYMIZE_SCHEMA_LABEL_H

#include "schema_literal.h"

/** CREATE TYPE .. AS ENUM (..) of a renamed type: appended with its new labels. RH_SKIPPED for
 * every other statement: nothing is appended. */
rh_status masked_labels_statement(const masked_literals *m, const char *text, size_t len,
                                  rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** The lists of labels of one table's columns, in the section "structure". */
rh_status masked_labels_table(const masked_literals *m, json_t *table, rh_error *err) RH_MUST_CHECK;

#endif
