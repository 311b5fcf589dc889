/*
 * Which rule decides which column, before anybody complains.
 *
 * 1. Each column gets the most specific rule whose pattern matches it ("own").
 * 2. A partition or inheritance child without a rule that names it follows its parent.
 * 3. Along foreign keys the referencing column takes over the rule of the referenced one when its
 *    own is broader or missing; this is repeated until nothing changes, so chains and cycles end.
 * 4. Columns that are tied together by 2 and 3 and share a mask without a named domain form a group
 *    with one key: that of the column that all others refer to.
 */
#ifndef RH_DECIDE_H
#define RH_DECIDE_H

#include "rule_file.h"

#define NO_CELL SIZE_MAX

/** One column of one table. */
typedef struct cell {
    const rh_structure_table *table;
    const rh_structure_column *column;
    const char *name;      /* "schema.table.column" */
    bool decided_here;     /* rows of the table are copied, and the column is not generated */
    bool refers;           /* has an edge to another column */
    const rule *own;       /* of its own patterns */
    const rule *set_aside; /* own rule of a child that follows its parent */
    const rule *rule;      /* in force; NULL: undecided */
    size_t from;           /* the column that the rule in force came from, or NO_CELL */
    size_t group;          /* one member of the group that stands for all of it */
    size_t group_size;     /* of the standing member */
} cell;

/** What ties a column to another. */
typedef struct edge {
    size_t from, to;
    const rh_structure_foreign_key *key; /* NULL: to is the same column of the parent table */
} edge;

typedef struct rule_hits {
    size_t decided;   /* columns that it matches and that are copied */
    size_t generated; /* generated ones */
    size_t elsewhere; /* columns of views, foreign and virtual tables */
    size_t won;       /* columns that it decides */
    const rule *tied; /* another rule that is as specific, for one column at least */
    size_t tied_cell;
} rule_hits;

typedef struct decisions {
    const rh_rules *rules;
    const rh_structure *structure;
    rh_arena *arena;
    cell *cells;
    size_t cell_count;
    size_t *first; /* cell of the first column, per table */
    edge *edges;
    size_t edge_count;
    rule_hits *hits;    /* per rule */
    const char **names; /* of all decided columns, with and without schema; NULL-terminated */
} decisions;

/** Everything lives in arena. RH_ENOMEM only. */
rh_status decide(const rh_rules *rules, const rh_structure *structure, rh_arena *arena,
                 decisions *out, rh_error *err);

/** True when the two columns end up with equal values for equal values: same mask, same key. */
bool cells_agree(const decisions *d, const cell *a, const cell *b);

/** Cell of a table's column; NO_CELL for what does not exist. */
size_t cell_find(const decisions *d, const char *table_full_name, const char *column);
size_t cell_of(const decisions *d, const rh_structure_table *table, size_t position);

/** The name that keys are derived from: of the rule's domain, or of the group; NULL: its own. */
const char *cell_domain(const decisions *d, const cell *c);

bool rows_are_copied(const rh_structure_table *table);

#endif
