/*
 * Tables in which SQLite's virtual tables keep what they hold, as far as rules must know them.
 */
#ifndef RH_VIRTUAL_PART_H
#define RH_VIRTUAL_PART_H

#include "core/structure.h"

/** Is it the rowid of a full-text index (FTS3, FTS4, FTS5)? The rows that it indexes have it, too.
 */
bool virtual_part_fulltext_rowid(const rh_structure *structure, const rh_structure_table *table,
                                 const rh_structure_column *column);

/** The R-tree of whose nodes the column is a part, or NULL. Its auxiliary columns are none. */
const rh_structure_table *virtual_part_rtree(const rh_structure *structure,
                                             const rh_structure_table *table,
                                             const rh_structure_column *column);

#endif
