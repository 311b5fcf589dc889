/*
 * What stays in a text of the schema and may be a value.
 */
#ifndef RH_SCHEMA_LEFT_H
#define RH_SCHEMA_LEFT_H

#include "anonymize/literals.h"

/**
 * How many values is the token? Strings, bytes, comments; of a program between dollar quotes
 * (depth 0) what it holds, quotes in quotes counting as one. Numbers are none, there are too many
 * that are nobody's, but for those of a program that are compared with a name of a masked column.
 */
size_t schema_data_of(const rh_literals *literals, const char *text, const rh_sql_token *token,
                      size_t depth);

/** 0, 1 and -1 tell nothing about anybody. */
bool schema_number_is_small(const char *text, size_t len);

#endif
