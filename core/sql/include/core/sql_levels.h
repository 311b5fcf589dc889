/*
 * The query levels of a statement: the statement itself and each subquery in it, with its exact
 * place, its relations, and whether it depends on a level around it.
 *
 * Our own recursive parser reads both dialects. For PostgreSQL, libpg_query reads the text as well
 * and the two must find the same levels; where they differ, or where the syntax is not known to us,
 * the answer is "not mapped", never a wrong span.
 */
#ifndef CORE_SQL_LEVELS_H
#define CORE_SQL_LEVELS_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/sql_scan.h"

#define RH_SQL_NONE ((size_t)-1)

typedef enum rh_sql_level_kind {
    RH_SQL_LEVEL_TOP,    /* the statement; always entry 0 */
    RH_SQL_LEVEL_EXPR,   /* (select ..) as a value or row, also INSERT ... SELECT's source query */
    RH_SQL_LEVEL_EXISTS, /* exists (select ..) */
    RH_SQL_LEVEL_ANY,    /* in (select ..), = any (select ..) */
    RH_SQL_LEVEL_ALL,    /* <> all (select ..); not in is ANY with `negated` */
    RH_SQL_LEVEL_ARRAY,  /* array(select ..) */
    RH_SQL_LEVEL_CTE,    /* with x as (..) */
    RH_SQL_LEVEL_FROM,   /* from (select ..) x */
    RH_SQL_LEVEL_ARM,    /* one side of union, intersect, except */
} rh_sql_level_kind;

typedef enum rh_sql_clause {
    RH_SQL_CLAUSE_NONE,   /* the statement itself */
    RH_SQL_CLAUSE_SELECT, /* `item` says which, from 1 */
    RH_SQL_CLAUSE_FROM,
    RH_SQL_CLAUSE_JOIN_ON,
    RH_SQL_CLAUSE_WHERE,
    RH_SQL_CLAUSE_GROUP_BY,
    RH_SQL_CLAUSE_HAVING,
    RH_SQL_CLAUSE_WINDOW,
    RH_SQL_CLAUSE_ORDER_BY,
    RH_SQL_CLAUSE_LIMIT, /* also OFFSET and FETCH */
    RH_SQL_CLAUSE_WITH,
    RH_SQL_CLAUSE_SET_OP, /* an arm; `item` says which, from 1 */
    RH_SQL_CLAUSE_VALUES, /* `item` is the column of the row, from 1 */
    RH_SQL_CLAUSE_SET,    /* UPDATE .. SET, ON CONFLICT DO UPDATE SET */
    RH_SQL_CLAUSE_INSERT, /* the query of INSERT .. SELECT */
    RH_SQL_CLAUSE_RETURNING,
    RH_SQL_CLAUSE_OTHER,
} rh_sql_clause;

typedef enum rh_sql_answer {
    RH_SQL_NO,
    RH_SQL_YES,
    RH_SQL_UNKNOWN, /* a name without qualifier that only the catalog can place */
} rh_sql_answer;

/** A relation in the FROM of a level (or the target of a write). Names are folded as the engine
 * folds them: PostgreSQL to lower case unless quoted, SQLite as written. */
typedef struct rh_sql_relation {
    const char *schema;  /* NULL when not given */
    const char *name;    /* NULL for a FROM-subquery */
    const char *alias;   /* NULL when none */
    size_t offset;       /* of the name, or of the subquery's parenthesis */
    size_t end;          /* behind the name or parenthesis: where " AS x" may go */
    size_t alias_offset; /* of the alias; 0 when none */
    size_t alias_length;
    size_t level;  /* the level it reads: a CTE or FROM-subquery; RH_SQL_NONE for a table */
    bool function; /* from f(..) */
    bool lateral;
    bool target; /* written by this level's INSERT, UPDATE, DELETE or MERGE */
} rh_sql_relation;

/** A column named directly in a level (not in its subqueries). */
typedef struct rh_sql_column_ref {
    const char *qualifier; /* alias or table, NULL when none */
    const char *name;      /* "*" for x.* */
    size_t offset;
    size_t name_offset; /* of its last part: name or "*" */
    size_t level;       /* the level whose relation has it; RH_SQL_NONE when not known */
    size_t relation;    /* index into that level's relations; RH_SQL_NONE when not known */
    rh_sql_clause clause;
} rh_sql_column_ref;

typedef struct rh_sql_level {
    /* Span: with its parentheses; arms and the statement: from first to last token. */
    size_t offset;
    size_t length;
    size_t line;
    size_t column;
    /* The query inside of the parentheses; the same span where there are none. */
    size_t query_offset;
    size_t query_length;
    /* Where the construct begins: EXISTS, NOT, IN, ANY, ARRAY, the CTE's name; else offset. */
    size_t construct_offset;
    rh_sql_level_kind kind;
    size_t parent; /* index; RH_SQL_NONE for entry 0 */
    size_t depth;  /* 0 for entry 0 */
    rh_sql_clause clause;
    size_t item;      /* of the clause, from 1; 0 where it says nothing */
    const char *name; /* of the CTE, alias of the FROM-subquery; NULL */
    bool negated;     /* NOT EXISTS, NOT IN */
    bool lateral;
    bool set_operation;         /* its arms are levels of their own */
    bool has_limit;             /* LIMIT, OFFSET or FETCH of its own */
    bool aggregates;            /* GROUP BY, HAVING or DISTINCT of its own */
    bool recursive;             /* a CTE of WITH RECURSIVE that reads itself */
    bool nested_join;           /* its FROM has a join in parentheses */
    size_t rows;                /* of VALUES, 0 for others */
    bool writes;                /* INSERT, UPDATE, DELETE, MERGE */
    rh_sql_answer materialized; /* CTE: as written; UNKNOWN = the planner decides */
    rh_sql_answer correlated;   /* depends on a column of a level around it, itself or through the
                                   levels inside of it */
    const char *correlated_by;  /* "outer.column" of the first such column; NULL */
    size_t correlated_level;    /* whose column that is; RH_SQL_NONE */
    const rh_sql_relation *relations;
    size_t relation_count;
    const rh_sql_column_ref *columns;
    size_t column_count;
} rh_sql_level;

/** Parents before children, else in the order of the text. */
typedef struct rh_sql_levels rh_sql_levels;

/**
 * Whether a relation has a column. schema may be NULL (the search path decides). Answers UNKNOWN
 * for a relation that it does not know.
 */
typedef rh_sql_answer (*rh_sql_has_column)(void *ctx, const char *schema, const char *relation,
                                           const char *column);

/** k-th column of a relation, from 0; NULL behind the last or when unknown. Borrowed from ctx. */
typedef const char *(*rh_sql_column_at)(void *ctx, const char *schema, const char *relation,
                                        size_t k);

typedef struct rh_sql_catalog {
    rh_sql_has_column has_column;
    rh_sql_column_at column_at; /* may be NULL: INSERT without a column list is not attributed */
    void *ctx;
} rh_sql_catalog;

/**
 * Levels of one statement (without its semicolon; one behind it is allowed). catalog may be NULL.
 * RH_OK also for text that is not understood: see rh_sql_levels_problem(). RH_ENOMEM otherwise.
 */
rh_status rh_sql_levels_new(rh_sql_dialect dialect, const char *text, size_t len,
                            const rh_sql_catalog *catalog, rh_sql_levels **out,
                            rh_error *err) RH_MUST_CHECK;
void rh_sql_levels_free(rh_sql_levels *levels);

size_t rh_sql_levels_count(const rh_sql_levels *levels); /* 0 when not mapped */
const rh_sql_level *rh_sql_levels_at(const rh_sql_levels *levels, size_t index);

/** NULL, or why the text is not mapped ("syntax not understood at byte 17: ..."). */
const char *rh_sql_levels_problem(const rh_sql_levels *levels);

const char *rh_sql_level_kind_name(rh_sql_level_kind kind); /* "expr", "exists", "any" ... */
const char *rh_sql_clause_name(rh_sql_clause clause);       /* "select", "where", "join-on" ... */

#endif
