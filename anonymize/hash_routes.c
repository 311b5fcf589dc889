#include "hash_routes.h"

#include "anonymize/partition_key.h"
#include "core/routes.h"
#include "core/str.h"

static bool key_is_masked(const rh_anonymizer *anonymizer, const rh_structure_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        bool known = false;

        if (rh_partition_key_uses(table, i) &&
            rh_anonymizer_mask(anonymizer, table->full_name, table->columns[i].name, &known) !=
                NULL)
            return true;
    }
    return false;
}

const rh_structure_table *hash_route_of(const rh_anonymizer *anonymizer,
                                        const rh_structure_table *partition)
{
    const rh_structure_table *parent =
        partition->parent == NULL || partition->partition_bound == NULL
            ? NULL
            : rh_structure_find(anonymizer->structure, partition->parent);

    return parent != NULL && rh_partition_is_by_hash(parent) && key_is_masked(anonymizer, parent)
               ? parent
               : NULL;
}

bool hash_moves_rows(const rh_anonymizer *anonymizer)
{
    for (size_t i = 0; i < rh_structure_table_count(anonymizer->structure); i++) {
        if (hash_route_of(anonymizer, rh_structure_table_at(anonymizer->structure, i)) != NULL)
            return true;
    }
    return false;
}

static bool has_index(const rh_structure_table *table, const char *name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (rh_str_eq(table->indexes[i].name, name))
            return true;
    }
    return false;
}

bool hash_moves_rows_of(const rh_anonymizer *anonymizer, const char *schema, const char *name)
{
    for (size_t i = 0; i < rh_structure_table_count(anonymizer->structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(anonymizer->structure, i);

        if (rh_str_eq(table->schema, schema) &&
            (rh_str_eq(table->name, name) || has_index(table, name)))
            return hash_route_of(anonymizer, table) != NULL;
    }
    return false;
}

rh_status hash_routes_facts(const rh_anonymizer *anonymizer, json_t *facts, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(anonymizer->structure);
         i++) {
        const rh_structure_table *table = rh_structure_table_at(anonymizer->structure, i);
        const rh_structure_table *parent = hash_route_of(anonymizer, table);

        if (parent != NULL) {
            const rh_route through = {parent->schema, parent->name};

            status = rh_route_add(facts, table->schema, table->name, &through, err);
        }
    }
    return status;
}
