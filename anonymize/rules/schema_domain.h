/*
 * CHECKs of domain types: they ask about VALUE, which is every column of the type.
 */
#ifndef RH_SCHEMA_DOMAIN_H
#define RH_SCHEMA_DOMAIN_H

#include "anonymize/literals.h"

/** Does an expression ask about VALUE? A column of that name is written in lower case. */
bool schema_asks_value(const char *text, size_t len);

/**
 * The column that stands for VALUE in the expression of a CHECK: one of those that the check binds,
 * which the structure tells by its text, also through domains over the domain. False: it binds no
 * column, columns with different masks, arrays of the type that are masked, or generated columns.
 */
bool schema_value_column(const rh_literals *literals, const char *text, size_t len,
                         const rh_structure_table **out_table, size_t *out_column);

#endif
