/*
 * The section "structure", which may come from a repository that somebody else wrote.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <assert.h>

#include "core/mem.h"
#include "core/structure.h"
#include "fuzz.h"

static void check_positions(const size_t *list, size_t count, const rh_structure_table *table)
{
    for (size_t i = 0; i < count; i++)
        assert(list[i] < table->column_count);
}

static void check_table(const rh_structure *structure, const rh_structure_table *table)
{
    assert(rh_structure_find(structure, table->full_name) == table);
    check_positions(table->partition_columns, table->partition_column_count, table);
    for (size_t i = 0; i < table->column_count; i++)
        assert(rh_structure_column_index(table, table->columns[i].name) == i);
    for (size_t i = 0; i < table->index_count; i++) {
        check_positions(table->indexes[i].columns, table->indexes[i].column_count, table);
        check_positions(table->indexes[i].mentions, table->indexes[i].mention_count, table);
    }
    for (size_t i = 0; i < table->check_count; i++)
        check_positions(table->checks[i].mentions, table->checks[i].mention_count, table);
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const rh_structure_foreign_key *key = &table->foreign_keys[i];

        check_positions(key->columns, key->column_count, table);
        assert(key->target_columns[key->column_count] == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_structure_parse((const char *)data, size, &structure, &err);

    assert((status == RH_OK) == (structure != NULL));
    assert(status == err.code);
    for (size_t i = 0; structure != NULL && i < rh_structure_table_count(structure); i++)
        check_table(structure, rh_structure_table_at(structure, i));
    rh_structure_free(structure);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
