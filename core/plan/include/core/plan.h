/*
 * The plan of one statement, the same model for PostgreSQL and SQLite: a tree of nodes with
 * estimates, counters and the links of subqueries. Filled by plan_postgres.h and plan_sqlite.h.
 *
 * Everything belongs to the plan and lives until rh_plan_free(). A finished plan is never changed,
 * so threads may share it. Numbers that the engine did not give are RH_PLAN_UNKNOWN; strings NULL.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** "Not given": for every double and int64_t of a node or plan. Test with rh_plan_known(). */
#define RH_PLAN_UNKNOWN (-1)
#define RH_PLAN_NO_NODE ((size_t)-1)

typedef enum rh_plan_engine {
    RH_PLAN_POSTGRES,
    RH_PLAN_SQLITE,
} rh_plan_engine;

/** What a node does, over both engines; `raw` of the node keeps the engine's own word. */
typedef enum rh_plan_kind {
    RH_PLAN_OTHER,     /* a word that this version does not know; raw tells */
    RH_PLAN_STATEMENT, /* SQLite: the root, made by the reader; its children are EQP's lines as they
                          are */
    RH_PLAN_SEQ_SCAN,  /* every row of a table */
    RH_PLAN_INDEX_SCAN,      /* SQLite: SEARCH or SCAN with `index`; see full_scan */
    RH_PLAN_INDEX_ONLY_SCAN, /* SQLite: COVERING INDEX */
    RH_PLAN_AUTO_INDEX_SCAN, /* SQLite: SEARCH of an index built for this run */
    RH_PLAN_ROWID_SCAN,      /* SQLite: SEARCH by rowid; PostgreSQL: Tid (Range) Scan */
    RH_PLAN_BITMAP_HEAP_SCAN,
    RH_PLAN_BITMAP_INDEX_SCAN,
    RH_PLAN_BITMAP_AND,
    RH_PLAN_BITMAP_OR, /* SQLite: MULTI-INDEX OR */
    RH_PLAN_SAMPLE_SCAN,
    RH_PLAN_SUBQUERY_SCAN, /* SQLite: SCAN of a FROM-subquery, view or coroutine */
    RH_PLAN_FUNCTION_SCAN, /* also table functions and virtual tables */
    RH_PLAN_VALUES_SCAN,
    RH_PLAN_CTE_SCAN,
    RH_PLAN_WORK_TABLE_SCAN,
    RH_PLAN_NAMED_STORE_SCAN,
    RH_PLAN_FOREIGN_SCAN,
    RH_PLAN_CUSTOM_SCAN,
    RH_PLAN_NESTED_LOOP, /* PostgreSQL only: SQLite's loops are siblings, outermost first */
    RH_PLAN_MERGE_JOIN,
    RH_PLAN_HASH_JOIN,
    RH_PLAN_HASH,
    RH_PLAN_BLOOM_FILTER,
    RH_PLAN_MATERIALIZE, /* SQLite: MATERIALIZE x */
    RH_PLAN_COROUTINE,   /* SQLite: CO-ROUTINE x */
    RH_PLAN_MEMOIZE,
    RH_PLAN_SORT,
    RH_PLAN_INCREMENTAL_SORT,
    RH_PLAN_TEMP_BTREE, /* SQLite: USE TEMP B-TREE FOR ..; `purpose` tells */
    RH_PLAN_UNIQUE,
    RH_PLAN_GROUP,
    RH_PLAN_AGGREGATE,
    RH_PLAN_WINDOW,
    RH_PLAN_LIMIT,
    RH_PLAN_LOCK_ROWS,
    RH_PLAN_SET_OP,
    RH_PLAN_APPEND, /* SQLite: COMPOUND QUERY */
    RH_PLAN_MERGE_APPEND,
    RH_PLAN_RECURSIVE_UNION,
    RH_PLAN_RESULT,
    RH_PLAN_PROJECT_SET,
    RH_PLAN_MODIFY,
    RH_PLAN_GATHER,
    RH_PLAN_GATHER_MERGE,
    RH_PLAN_SUBQUERY, /* SQLite: SCALAR or LIST SUBQUERY n; the children are its plan */
} rh_plan_kind;

/** How a node hangs under its parent. */
typedef enum rh_plan_relationship {
    RH_PLAN_REL_ROOT,
    RH_PLAN_REL_OUTER,
    RH_PLAN_REL_INNER,
    RH_PLAN_REL_MEMBER,
    RH_PLAN_REL_SUBQUERY,  /* below a Subquery Scan: a FROM-subquery or view */
    RH_PLAN_REL_INIT_PLAN, /* also CTE bodies; see subplan */
    RH_PLAN_REL_SUB_PLAN,
    RH_PLAN_REL_CHILD, /* SQLite, and what has no name */
} rh_plan_relationship;

typedef enum rh_plan_subplan_kind {
    RH_PLAN_SUBPLAN_NONE,
    RH_PLAN_SUBPLAN_INIT, /* runs before or when first asked; SQLite: uncorrelated subquery */
    RH_PLAN_SUBPLAN_CTE,  /* body of a WITH query; cte_name has its name */
    RH_PLAN_SUBPLAN_SUB,  /* run when the expression is; SQLite: correlated subquery */
} rh_plan_subplan_kind;

typedef enum rh_plan_tristate {
    RH_PLAN_NO,
    RH_PLAN_YES,
    RH_PLAN_MAYBE, /* the engine does not say */
} rh_plan_tristate;

/** An expression of a node, as the engine prints it. */
typedef struct rh_plan_texts {
    const char *const *items;
    size_t count;
} rh_plan_texts;

typedef struct rh_plan_node {
    rh_plan_kind kind;
    const char *raw; /* PostgreSQL: "Node Type"; SQLite: the whole line */
    size_t index;    /* of this node in the plan: depth first, parents before children */
    size_t parent;   /* RH_PLAN_NO_NODE for the root */
    size_t first_child;
    size_t next_sibling;
    size_t end;   /* index behind the last node of this subtree */
    size_t depth; /* 0 for the root */
    rh_plan_relationship relationship;

    /* what it reads */
    const char *schema;
    const char *relation;
    const char *alias; /* PostgreSQL always gives one with a relation */
    const char *index_name;
    const char *function_name;
    const char *cte_name;       /* of a CTE Scan or a CTE's body */
    const char *provider;       /* custom and foreign scans */
    const char *scan_direction; /* "Backward" */
    const char *operation;      /* Modify: Insert, Update, Delete, Merge; SetOp: Except .. */
    const char *join_type;      /* Inner, Left, Full, Right, Semi, Anti */
    const char *strategy;       /* Aggregate: Plain, Sorted, Hashed, Mixed; SetOp */
    const char *partial_mode;   /* Aggregate: Simple, Partial, Finalize */
    const char
        *purpose; /* SQLite: ORDER BY, GROUP BY, DISTINCT .. of a temp b-tree; PostgreSQL NULL */
    bool inner_unique;
    bool parallel_aware;
    bool
        full_scan; /* reads all entries although `index_name` is set (SQLite SCAN .. USING INDEX) */
    bool covering; /* SQLite: COVERING */
    bool partial_index; /* SQLite: AUTOMATIC PARTIAL */
    bool disabled;      /* PostgreSQL 18: chosen although enable_* is off */

    /* expressions */
    const char *index_cond;
    const char *recheck_cond;
    const char *filter; /* also One-Time Filter, see one_time */
    const char *join_filter;
    const char *join_cond; /* Hash Cond or Merge Cond */
    const char *order_by;  /* Order By of a KNN index scan */
    const char *cache_key; /* Memoize */
    const char *conflict_filter;
    const char *one_time_filter;
    const char *tid_cond;
    const char *function_call;
    rh_plan_texts output;
    rh_plan_texts sort_keys;
    rh_plan_texts presorted_keys;
    rh_plan_texts group_keys; /* all grouping sets, one after the other */

    /* subquery: set on the node that is the root of one */
    rh_plan_subplan_kind subplan;
    const char *subplan_name; /* whole, as given: "SubPlan 2", "InitPlan 1 (returns $0)", "CTE x" */
    const char *subplan_id;   /* without "(returns ..)": "SubPlan 2", "InitPlan 1", "CTE x" */
    rh_plan_tristate
        correlated; /* SQLite says so; PostgreSQL: SubPlan hangs on parameters, MAYBE */
    bool hashed;    /* PostgreSQL: "hashed SubPlan n" */
    size_t host;    /* the node whose expression evaluates it; NO_NODE when none says so (CTE) */
    size_t host_output; /* position in host's output, from 0; NO_NODE when in a condition */

    /* estimates */
    double startup_cost;
    double total_cost;
    double plan_rows; /* per loop; partial plans: per process */
    double plan_width;

    /* what happened; per loop as the engine gives it */
    bool never_executed;
    double actual_rows;       /* mean per loop; fractional from PostgreSQL 18 on */
    double actual_loops;      /* with workers: of all processes */
    double removed_by_filter; /* mean per loop */
    double removed_by_join_filter;
    double removed_by_recheck;
    double removed_by_conflict;
    double heap_fetches; /* total */
    double startup_ms;   /* RH_PLAN_UNKNOWN with TIMING OFF */
    double total_ms;
    double index_searches; /* 18 and newer */

    /* blocks and memory, totals including the children */
    double shared_hit;
    double shared_read;
    double shared_dirtied;
    double shared_written;
    double local_hit;
    double local_read;
    double temp_read;
    double temp_written;
    const char *sort_method;     /* "external merge", "quicksort", "top-N heapsort" .. */
    const char *sort_space_type; /* "Disk" or "Memory" */
    double sort_space_kb;
    double sort_groups; /* incremental sort: full + presorted groups */
    double hash_buckets;
    double hash_batches;
    double hash_batches_planned;
    double memory_kb; /* Hash: Peak Memory Usage; Aggregate too */
    double disk_kb;   /* Aggregate: Disk Usage */
    double exact_blocks;
    double lossy_blocks;
    double cache_hits; /* Memoize, per worker summed */
    double cache_misses;
    double cache_evictions;
    double cache_overflows;
    double workers_planned;
    double workers_launched;
    double subplans_removed; /* partitions pruned at start */
    double tuples_inserted;
    double tuples_updated;
    double tuples_deleted;
} rh_plan_node;

typedef struct rh_plan_trigger {
    const char *name;
    const char *constraint; /* foreign keys */
    const char *relation;
    double calls;
    double ms; /* RH_PLAN_UNKNOWN with TIMING OFF */
} rh_plan_trigger;

typedef struct rh_plan_setting {
    const char *name;
    const char *value;
} rh_plan_setting;

typedef struct rh_plan_jit {
    double functions; /* RH_PLAN_UNKNOWN: no JIT */
    double total_ms;
    bool inlining;
    bool optimization;
} rh_plan_jit;

/** Counters of a whole SQLite statement (sqlite3_stmt_status and its cache). */
typedef struct rh_plan_steps {
    int64_t vm_steps;
    int64_t full_scan_steps;
    int64_t sorts;
    int64_t auto_index_rows;
    int64_t filter_hits;
    int64_t filter_misses;
    int64_t runs;
    int64_t reprepares;
    int64_t memory_bytes;
    int64_t rows;       /* that the statement returned */
    int64_t cache_hits; /* pages */
    int64_t cache_misses;
} rh_plan_steps;

typedef struct rh_plan rh_plan;

void rh_plan_free(rh_plan *plan); /* NULL allowed */

rh_plan_engine rh_plan_engine_of(const rh_plan *plan);
/** Nodes depth first; index 0 is the root. A plan has at least one. */
size_t rh_plan_count(const rh_plan *plan);
const rh_plan_node *rh_plan_at(const rh_plan *plan, size_t index);
const rh_plan_node *rh_plan_root(const rh_plan *plan);
/** NULL when there is none. */
const rh_plan_node *rh_plan_parent(const rh_plan *plan, const rh_plan_node *node);
const rh_plan_node *rh_plan_first_child(const rh_plan *plan, const rh_plan_node *node);
const rh_plan_node *rh_plan_next_sibling(const rh_plan *plan, const rh_plan_node *node);
/** First child that is no InitPlan, SubPlan or CTE body: the k-th input, from 0; NULL if fewer. */
const rh_plan_node *rh_plan_input(const rh_plan *plan, const rh_plan_node *node, size_t k);
/** True when `node` stands in the subtree of `top` (or is it). */
bool rh_plan_inside(const rh_plan_node *top, const rh_plan_node *node);
/** The node, or the nearest above it, that is the root of a subquery (InitPlan, SubPlan, CTE body);
 * NULL = none. */
const rh_plan_node *rh_plan_subquery_around(const rh_plan *plan, const rh_plan_node *node);

/** True when the plan was executed (has actual rows, or SQLite's steps). */
bool rh_plan_executed(const rh_plan *plan);
double rh_plan_planning_ms(const rh_plan *plan);
double rh_plan_execution_ms(const rh_plan *plan);
const rh_plan_jit *rh_plan_jit_of(const rh_plan *plan);
size_t rh_plan_trigger_count(const rh_plan *plan);
const rh_plan_trigger *rh_plan_trigger_at(const rh_plan *plan, size_t index);
/** Planner settings that are not the server's default (EXPLAIN's SETTINGS). */
size_t rh_plan_setting_count(const rh_plan *plan);
const rh_plan_setting *rh_plan_setting_at(const rh_plan *plan, size_t index);
/** SQLite's counters; NULL for PostgreSQL or when not executed. */
const rh_plan_steps *rh_plan_steps_of(const rh_plan *plan);

bool rh_plan_known(double value); /* not RH_PLAN_UNKNOWN */
/** Lower-case words with '-', stable: "seq-scan", "nested-loop". */
const char *rh_plan_kind_name(rh_plan_kind kind);
bool rh_plan_is_scan(rh_plan_kind kind);
bool rh_plan_is_join(rh_plan_kind kind);
/** True when something above ends this node early by design: LIMIT, a semi or anti join's inner
 * side, a min/max InitPlan, EXISTS; estimates of its rows say nothing then. */
bool rh_plan_stopped_early(const rh_plan *plan, const rh_plan_node *node);

/** What the work of one node costs by itself, children and subqueries taken off. */
typedef struct rh_plan_work {
    double rows; /* (rows + removed by filter, join filter, recheck) x loops */
    double loops;
    double blocks; /* shared and local hit + read */
    double blocks_read;
    double temp_read; /* blocks */
    double temp_written;
    double cost; /* planner's total cost by itself, x loops it expected once */
} rh_plan_work;

/**
 * Exclusive figures. A CTE's body and an InitPlan are charged by the engine to whichever node first
 * asked for them and hang elsewhere in the tree; they are counted once, at their own nodes, and
 * taken off their readers. Never negative. RH_PLAN_UNKNOWN where the plan was not executed.
 */
rh_plan_work rh_plan_exclusive(const rh_plan *plan, const rh_plan_node *node);
/** Sum of the exclusive figures of a subtree; of the whole statement with the root. */
rh_plan_work rh_plan_inclusive(const rh_plan *plan, const rh_plan_node *node);

/**
 * What one node is, in few words: "LeftHashJoin", "BackwardIndexScan account a account_pkey"
 * (table, alias where it is another word, index); SQLite's line. Appended to out. No figure and no
 * literal in it. RH_ENOMEM.
 */
rh_status rh_plan_append_label(const rh_plan *plan, const rh_plan_node *node, rh_buf *out,
                               rh_error *err) RH_MUST_CHECK;

/**
 * All labels as one line: "Limit(Sort(HashJoin(SeqScan a, Hash(IndexScan b i_b))))"; "init:",
 * "sub:", "hashed:" and "cte:" stand before subqueries. Appended to out. RH_ENOMEM, RH_ELIMIT.
 */
rh_status rh_plan_signature(const rh_plan *plan, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** 64-bit hash of the signature: equal shapes, equal hash, on every machine. */
rh_status rh_plan_shape_hash(const rh_plan *plan, uint64_t *out, rh_error *err) RH_MUST_CHECK;

#endif
