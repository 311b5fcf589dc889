/*
 * See virtual_part.h.
 */
#include "virtual_part.h"

#include <string.h>

#include "core/str.h"

/* The virtual table whose name is that of table without the end. */
static const rh_structure_table *owner_of(const rh_structure *structure,
                                          const rh_structure_table *table, const char *end)
{
    size_t len = strlen(table->full_name);
    const rh_structure_table *found;
    char owner[512];

    if (!rh_str_ends_with(table->full_name, end) || len >= sizeof owner)
        return NULL;
    rh_str_copy(owner, len - strlen(end) + 1, table->full_name);
    found = rh_structure_find(structure, owner);
    return found != NULL && strcmp(found->kind, "virtual") == 0 ? found : NULL;
}

bool virtual_part_fulltext_rowid(const rh_structure *structure, const rh_structure_table *table,
                                 const rh_structure_column *column)
{
    return (strcmp(column->name, "id") == 0 || strcmp(column->name, "docid") == 0) &&
           owner_of(structure, table, "_content") != NULL;
}

const rh_structure_table *virtual_part_rtree(const rh_structure *structure,
                                             const rh_structure_table *table,
                                             const rh_structure_column *column)
{
    static const struct {
        const char *end;
        const char *columns[2];
    } PARTS[] = {
        {"_node", {"nodeno", "data"}},
        {"_parent", {"nodeno", "parentnode"}},
        {"_rowid", {"rowid", "nodeno"}},
    };

    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        if (strcmp(column->name, PARTS[i].columns[0]) == 0 ||
            strcmp(column->name, PARTS[i].columns[1]) == 0) {
            const rh_structure_table *owner = owner_of(structure, table, PARTS[i].end);

            if (owner != NULL)
                return owner;
        }
    }
    return NULL;
}
