/*
 * Rules bound to a schema: decisions, their masks, and what the proof needs of them.
 */
#ifndef RH_BIND_H
#define RH_BIND_H

#include "decide.h"

struct rh_bound_rules {
    const rh_rules *rules;
    rh_arena *arena;
    decisions plan;
    rh_decision *items;
    size_t *item_cells; /* the cell of each decision */
    size_t *cell_items; /* the decision of each cell, or NO_CELL */
    size_t count;
    rh_engine_kind engine; /* of the source */
    rh_mask **masks;       /* NULL before rh_bound_compile */
};

/** Whether the column is copied as it stands. */
bool decision_keeps(const rh_decision *decision);
/** Its mask gives the labels of the column's enum type new names. */
bool decision_renames(const rh_decision *decision);

/** Names of RH_KEEPS_* bits as a list; NULL when memory is out. */
json_t *keeps_json(unsigned keeps);

#endif
