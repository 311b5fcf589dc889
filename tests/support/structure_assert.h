/*
 * Parts of a structure by name, for tests: the test fails where there is no such part.
 */
#ifndef TESTS_STRUCTURE_ASSERT_H
#define TESTS_STRUCTURE_ASSERT_H

#include "core/structure.h"

const rh_structure_table *structure_table(const rh_structure *structure, const char *name);
const rh_structure_column *structure_column(const rh_structure_table *table, const char *name);
const rh_structure_index *structure_index(const rh_structure_table *table, const char *name);

/** expected: the numbers, each with a space behind it. */
void structure_assert_positions(const size_t *actual, size_t count, const char *expected);

#endif
