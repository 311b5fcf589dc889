/*
 * The tree that our own reader makes of one statement: levels (queries) with their relations and
 * expressions. Everything that steers neither levels nor the columns of values is flattened.
 *
 * All of it lives in one arena.
 */
#ifndef SQL_TREE_H
#define SQL_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/sql_columns.h"
#include "core/sql_levels.h"

typedef enum rh_sql_node_kind {
    RH_SQL_NODE_VALUE,   /* literal, parameter, NULL, TRUE, FALSE */
    RH_SQL_NODE_COLUMN,  /* [[schema.]qualifier.]name */
    RH_SQL_NODE_COMPARE, /* left, then one or more right sides, in the way of `use` */
    RH_SQL_NODE_ROW,     /* (a, b) */
    RH_SQL_NODE_ARRAY,   /* ARRAY[a, b] */
    RH_SQL_NODE_CAST,    /* one child; `name` is the type */
    RH_SQL_NODE_SAME,    /* one child, same value: COLLATE, a sign */
    RH_SQL_NODE_CASE,    /* CASE without operand: children are WHEN and result nodes */
    RH_SQL_NODE_FLOW,    /* COALESCE and its like: the result is one of the children */
    RH_SQL_NODE_CALL,    /* function `name` */
    RH_SQL_NODE_BOOL,    /* AND, OR, NOT */
    RH_SQL_NODE_QUERY,   /* a subquery as operand */
    RH_SQL_NODE_OTHER,   /* arithmetic and all else */
} rh_sql_node_kind;

struct rh_sql_query;

typedef struct rh_sql_node {
    rh_sql_node_kind kind;
    size_t offset;
    size_t end;
    unsigned height;  /* of the tree below, for limits */
    bool form;        /* VALUE: no datum, part of the statement's form */
    bool array;       /* COMPARE: the right side is an array of values (ANY) */
    bool quoted;      /* COLUMN in SQLite written "x", which may be a string */
    bool is_position; /* VALUE: a whole ORDER BY or GROUP BY item */
    rh_sql_value_kind value_kind;
    rh_sql_value_use use;
    size_t parameter;
    const char *schema;
    const char *qualifier;
    const char *name;
    size_t name_offset;         /* COLUMN: of the last part */
    struct rh_sql_query *query; /* QUERY */
    struct rh_sql_node *first;
    struct rh_sql_node *last;
    struct rh_sql_node *next;
} rh_sql_node;

/* An expression of a level, in the order of the text. */
typedef struct rh_sql_term {
    rh_sql_clause clause;
    size_t item;
    rh_sql_node *node;
    const char *alias; /* SELECT and RETURNING items; SET: the column */
    struct rh_sql_term *next;
} rh_sql_term;

typedef struct rh_sql_name {
    const char *text;
    struct rh_sql_name *next;
} rh_sql_name;

/* A relation of a level; public part first. */
typedef struct rh_sql_from {
    rh_sql_relation relation;
    struct rh_sql_query *query; /* of a FROM-subquery, or of the CTE it was found to read */
    rh_sql_name *columns;       /* of its alias: x(a, b) */
    struct rh_sql_from *next;
} rh_sql_from;

typedef struct rh_sql_query {
    rh_sql_level level; /* spans and flags; the lists are filled in by sql_levels.c */
    struct rh_sql_query *parent;
    struct rh_sql_query *first_child;
    struct rh_sql_query *last_child;
    struct rh_sql_query *next; /* sibling, in the order of the text */
    bool with_recursive;       /* its CTEs see each other and themselves */
    size_t cte_index;          /* among its parent's CTEs, from 0 */
    rh_sql_name *columns;      /* CTE: x(a, b) */
    rh_sql_from *from_first;
    rh_sql_from *from_last;
    rh_sql_term *term_first;
    rh_sql_term *term_last;
    rh_sql_name *insert_columns;
    bool insert_all;       /* INSERT without a column list */
    size_t index;          /* of the level */
    size_t keyword_offset; /* of EXISTS, [NOT] IN, the operator of ANY, ARRAY, or "(" */
} rh_sql_query;

typedef struct rh_sql_tree {
    rh_sql_dialect dialect;
    const char *text;
    size_t len;
    rh_arena *arena;
    rh_sql_query *top; /* NULL when not understood */
    size_t query_count;
    char problem[200]; /* "" when understood */
} rh_sql_tree;

/** Parse. RH_OK also for what is not understood (top is NULL, problem says why); RH_ENOMEM. */
rh_status rh_sql_tree_init(rh_sql_tree *tree, rh_sql_dialect dialect, const char *text, size_t len,
                           rh_error *err) RH_MUST_CHECK;
void rh_sql_tree_done(rh_sql_tree *tree);

#endif
