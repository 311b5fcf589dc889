/*
 * Where each subquery of a statement went in its plan, and which subquery a node of the plan works
 * for. A place is told only when it is certain; else all places that are possible.
 */
#ifndef PROFILER_SUBQUERY_H
#define PROFILER_SUBQUERY_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/plan.h"
#include "core/sql_levels.h"

typedef enum rh_subquery_fate {
    RH_SUBQUERY_OWN,     /* a part of the plan by itself; `node` is its root */
    RH_SUBQUERY_JOINED,  /* merged into the query around it: `node` is the join (or scan) that does
                            its work; counters are those of its own side */
    RH_SUBQUERY_ABSENT,  /* planned away: nothing of it is executed */
    RH_SUBQUERY_UNCLEAR, /* see alternatives; no node */
} rh_subquery_fate;

typedef struct rh_subquery {
    const rh_sql_level *level; /* span, kind, correlated_by; offsets are those of `text` */
    const char *text;          /* the statement, or the definition of `view` */
    size_t text_len;
    const char *view; /* the view in whose definition it stands; NULL: in the statement itself */
    rh_subquery_fate fate;
    size_t node;          /* RH_PLAN_NO_NODE when unclear or absent */
    const size_t *copies; /* further nodes like it: one subquery may be planned several times */
    size_t copy_count;
    const size_t *alternatives; /* unclear: the entries that it cannot be told from, itself too */
    size_t alternative_count;
    /* Of all copies together. */
    double loops; /* RH_PLAN_UNKNOWN where the engine does not tell */
    bool counted; /* loops were counted by rh_subquery_set_loops(), not told by the plan */
    bool once;    /* loops are not known, but at most 1 */
    double rows;  /* that it gave, over all loops */
    double share; /* 0 to 1 of the statement's rows processed, or of its cost when not executed */
} rh_subquery;

typedef struct rh_subquery_map rh_subquery_map;

typedef struct rh_subquery_options {
    /** Definition of a view: SQL of its query, allocated by rh_mem, NULL when it is no view. */
    rh_status (*view)(void *ctx, const char *schema, const char *name, char **out, rh_error *err);
    /**
     * PostgreSQL: plan sql (the statement under other aliases) exactly as the given plan was made,
     * without executing it. RH_EDB and others only mean that nothing can be verified.
     */
    rh_status (*explain)(void *ctx, const char *sql, rh_plan **out, rh_error *err);
    void *ctx;
} rh_subquery_options;

/**
 * plan, levels, text: of the same statement, borrowed, must outlive the map. options may be NULL;
 * without `explain`, subqueries that read the same tables under the same names stay unclear.
 * RH_OK (also when nothing is mapped because levels are not), RH_ENOMEM, or what `view` returned.
 */
rh_status rh_subquery_map_new(const rh_plan *plan, const rh_sql_levels *levels, const char *text,
                              size_t text_len, const rh_subquery_options *options,
                              rh_subquery_map **out, rh_error *err) RH_MUST_CHECK;
void rh_subquery_map_free(rh_subquery_map *map); /* NULL is a no-op */

/** Entry 0 is the statement itself; the statement's levels follow in their order, then views'. */
size_t rh_subquery_count(const rh_subquery_map *map);
const rh_subquery *rh_subquery_at(const rh_subquery_map *map, size_t index);

/**
 * The entries that a node of the plan works for: *out_entries borrowed from the map. 1: that one
 * (0 is the statement's own level); more: one of these; 0: not known.
 */
size_t rh_subquery_of_node(const rh_subquery_map *map, size_t node, const size_t **out_entries);

/** NULL, or why nothing was mapped (the levels' own reason). */
const char *rh_subquery_problem(const rh_subquery_map *map);

/* ---- counting runs where the engine does not ---- */

/** The SQL function that the counting text calls: (k, value) counts call k and gives the value;
 * (-k - 1, value) counts call k and gives 1. */
#define RH_SUBQUERY_COUNTER "rehearse_count"

/** Whether the text can be made to count the entry: SQLite, in the text or in a view's. */
bool rh_subquery_is_countable(const rh_subquery_map *map, size_t entry);

/** YES: it runs as often as it is counted; NO: once, if it is counted at all; else UNKNOWN. */
rh_sql_answer rh_subquery_runs_each_time(const rh_subquery_map *map, size_t entry);

/**
 * The statement with a call of the counter for each of these countable entries, the k-th for
 * entries[k], appended to out. Good for counting only when its plan, its rows and its counters
 * prove to be those of the statement. RH_ENOMEM, RH_ELIMIT.
 */
rh_status rh_subquery_counting_text(const rh_subquery_map *map, const size_t *entries, size_t count,
                                    rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** What was counted. */
void rh_subquery_set_loops(rh_subquery_map *map, size_t entry, double loops);

const char *rh_subquery_fate_name(rh_subquery_fate fate); /* "own", "joined", "absent", "unclear" */

#endif
