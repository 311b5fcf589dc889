/*
 * One table of section "structure": columns, indexes, checks, foreign keys.
 */
#ifndef STRUCTURE_TABLE_H
#define STRUCTURE_TABLE_H

#include "core/structure.h"
#include "structure_members.h"

/** Read one table; r tells afterwards which table and how many columns. RH_EFORMAT, RH_ENOMEM. */
rh_status rh_structure_read_table(rh_structure_reader *r, const json_t *json,
                                  rh_structure_table *table) RH_MUST_CHECK;

#endif
