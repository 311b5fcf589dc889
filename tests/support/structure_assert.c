/*
 * See structure_assert.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "structure_assert.h"

const rh_structure_table *structure_table(const rh_structure *structure, const char *name)
{
    const rh_structure_table *table = rh_structure_find(structure, name);

    if (table == NULL)
        fail_msg("there is no table '%s'", name);
    return table;
}

const rh_structure_column *structure_column(const rh_structure_table *table, const char *name)
{
    size_t i = rh_structure_column_index(table, name);

    if (i == table->column_count)
        fail_msg("there is no column '%s'", name);
    return &table->columns[i];
}

const rh_structure_index *structure_index(const rh_structure_table *table, const char *name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (strcmp(table->indexes[i].name, name) == 0)
            return &table->indexes[i];
    }
    fail_msg("there is no index '%s'", name);
    return NULL;
}

void structure_assert_positions(const size_t *actual, size_t count, const char *expected)
{
    char text[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu ", actual[i]);
    assert_string_equal(text, expected);
}
