/*
 * What the rules share: the run with its input and list, figures of nodes, statistics of tables,
 * the use that a condition makes of a column.
 */
#ifndef FINDING_RUN_H
#define FINDING_RUN_H

#include "core/arena.h"
#include "profiler/findings.h"

typedef struct rh_finding_run {
    const rh_finding_input *input;
    const rh_plan *plan;
    rh_arena *arena;
    rh_finding *items;
    size_t count;
    size_t cap;
    bool failed; /* memory ran out somewhere */
} rh_finding_run;

/* ---- finding_list.c ---- */

/** The value of a rule's limit, by position. */
double rh_finding_limit_of(const rh_finding_run *run, rh_finding_kind kind, size_t limit);

/** One finding, to be filled in; NULL when the rule is off or memory ran out (run->failed). The
 * pointer is good until the next add. */
rh_finding *rh_finding_add(rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *node,
                           double value, double threshold, const char *unit);

/** printf into the run's arena; "" and run->failed when memory ran out. */
const char *rh_finding_text(rh_finding_run *run, const char *format, ...) RH_PRINTF(2, 3);

/** "1,234,567" or "12.5" in the arena. */
const char *rh_finding_number(rh_finding_run *run, double value);

/** One step less severe, not below a note. */
rh_severity rh_finding_milder(rh_severity severity);

/** True when a finding of this kind is about the node. */
bool rh_finding_has(const rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *node);

/* ---- finding_figures.c ---- */

/** Loops that happened, or that the plan expects (`*out_model` set). */
double rh_node_loops(const rh_finding_run *run, const rh_plan_node *node, bool *out_model);
/** Rows per loop that the node took in: kept and removed ones. */
double rh_node_rows_in(const rh_plan_node *node);
/** Rows processed by a subtree, all loops; from estimates when not executed. */
double rh_tree_rows(const rh_finding_run *run, const rh_plan_node *node);
/** "Seq Scan on tx", "Nested Loop". In the arena. */
const char *rh_node_title(rh_finding_run *run, const rh_plan_node *node);

/** The subquery of the text that begins at the node; level is NULL where it is not certain. */
rh_finding_origin rh_finding_origin_of(const rh_finding_run *run, const rh_plan_node *node);

/* ---- finding_tables.c ---- */

/** Statistics of a table by name (schema may be NULL); NULL when unknown. */
const json_t *rh_table_facts(const rh_finding_run *run, const char *schema, const char *name);
/** A number of it; -1 when absent. */
double rh_table_number(const json_t *table, const char *key);
const json_t *rh_table_column(const json_t *table, const char *column);
/** An index without predicate whose first column it is; NULL = none. */
const json_t *rh_table_index_on(const json_t *table, const char *column);
/** The index of that name; NULL = none. */
const json_t *rh_table_index(const json_t *table, const char *name);
/** A name as SQL, quoted where it is no plain lower-case word. */
const char *rh_quoted_name(rh_finding_run *run, const char *name);

/* ---- finding_condition.c ---- */

/** A level of the text; NULL where the text has none of this number. */
const rh_sql_level *rh_finding_level(const rh_finding_run *run, size_t index);

typedef enum rh_condition_op {
    RH_CONDITION_OTHER,
    RH_CONDITION_EQUAL, /* =, IN, = ANY, IS NULL */
    RH_CONDITION_RANGE, /* <, <=, >, >=, BETWEEN */
    RH_CONDITION_LIKE,
} rh_condition_op;

/** One mention of a column in a condition. */
typedef struct rh_condition {
    const char *column; /* in the arena */
    size_t offset;      /* in the text */
    size_t length;      /* of the comparison's side: the column with what wraps it */
    rh_condition_op op;
    const char *function; /* that it is wrapped in, "upper"; NULL */
    const char *cast;     /* "numeric"; NULL */
    bool arithmetic;      /* part of a computation */
    const char *other;    /* the column on the other side, "b.x"; NULL when no column */
} rh_condition;

typedef struct rh_conditions {
    rh_condition *items;
    size_t count;
    bool has_or; /* alternatives: one index will not do */
} rh_conditions;

/** Mentions of columns of `alias` in a condition as PostgreSQL prints it (VERBOSE: qualified). */
rh_conditions rh_conditions_of_text(rh_finding_run *run, const char *text, const char *alias);

/** Mentions in the statement of columns of relation `relation` of level `level`: WHERE and ON. */
rh_conditions rh_conditions_of_level(rh_finding_run *run, size_t level, size_t relation);

/** Propose an index over columns compared plainly: equal ones first, then one range. False when
 * there is nothing to propose or an index with these first columns is there. */
bool rh_propose_index(rh_finding_run *run, const json_t *table, const rh_conditions *conditions,
                      rh_finding_index *out);

/** "CREATE INDEX ON s.tx (acct)", with a name on SQLite, which wants one; columns as SQL. */
const char *rh_index_statement(rh_finding_run *run, const char *schema, const char *table,
                               const char *columns);

/** The same of a proposal; "" without one. */
const char *rh_index_advice(rh_finding_run *run, const rh_finding_index *index);

/* ---- rules ---- */

void rh_rules_subqueries(rh_finding_run *run);
void rh_rules_scans(rh_finding_run *run);
void rh_rules_joins(rh_finding_run *run);
void rh_rules_keys(rh_finding_run *run);
void rh_rules_hidden(rh_finding_run *run); /* behind rh_rules_keys */
void rh_rules_estimates(rh_finding_run *run);
void rh_rules_memory(rh_finding_run *run);
void rh_rules_sqlite(rh_finding_run *run);
void rh_rules_sqlite_text(rh_finding_run *run);

#endif
