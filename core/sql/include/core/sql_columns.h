/*
 * The values of a statement, literals and parameters, each with its place in the text and the
 * column that it is compared with or written to.
 */
#ifndef CORE_SQL_COLUMNS_H
#define CORE_SQL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/sql_levels.h"

typedef enum rh_sql_value_use {
    RH_SQL_USE_EQUAL,  /* =, <>, IN, IS, ANY($1) of one value */
    RH_SQL_USE_ORDER,  /* <, <=, >, >=, BETWEEN */
    RH_SQL_USE_LIKE,   /* LIKE, ILIKE, GLOB: a pattern */
    RH_SQL_USE_MATCH,  /* ~, REGEXP, SIMILAR TO, MATCH, @@: a pattern of another language */
    RH_SQL_USE_INSERT, /* INSERT .. VALUES, INSERT .. SELECT 'x' */
    RH_SQL_USE_SET,    /* UPDATE .. SET */
    RH_SQL_USE_ARRAY,  /* = ANY('{..}'), = ANY($1): an array of values of the column */
    RH_SQL_USE_COUNT,  /* LIMIT, OFFSET, FETCH: a number of rows, no datum */
    RH_SQL_USE_FORM, /* part of the statement's form: ORDER BY 1, varchar(10), SELECT 1, count(1) */
    RH_SQL_USE_UNKNOWN, /* not attributed: in a function, in arithmetic, in syntax not understood */
} rh_sql_value_use;

typedef enum rh_sql_value_kind {
    RH_SQL_VALUE_STRING,
    RH_SQL_VALUE_NUMBER, /* span includes a sign that belongs to it */
    RH_SQL_VALUE_BYTES,
    RH_SQL_VALUE_PARAMETER,
    RH_SQL_VALUE_WORD, /* NULL, TRUE, FALSE: listed because they may be bound to a column */
} rh_sql_value_kind;

typedef struct rh_sql_value {
    size_t offset; /* of the literal or parameter */
    size_t len;
    rh_sql_value_kind kind;
    rh_sql_value_use use;
    size_t parameter; /* position from 1: $3 -> 3, SQLite's numbering for ?, ?3, :x; 0 = literal */
    /* The column it meets. With UNKNOWN: the one column that the expression around it is about, if
     * there is just one: lower(email) = 'x', SET n = n + 1. Else NULL. */
    const char *schema; /* as written, NULL when not */
    const char *table;
    const char *column;
    const char *cast; /* type it is cast to, as written ("text[]"), or NULL */
    const char *why;  /* not attributed: why, one phrase; else NULL */
} rh_sql_value;

typedef struct rh_sql_values rh_sql_values;

/**
 * Values of one statement in the order of the text. A name without qualifier is placed by the
 * catalog, or when only one relation is in sight. RH_OK also when nothing could be attributed: text
 * that is not understood has all its values listed as UNKNOWN. RH_ENOMEM otherwise.
 */
rh_status rh_sql_values_new(rh_sql_dialect dialect, const char *text, size_t len,
                            const rh_sql_catalog *catalog, rh_sql_values **out,
                            rh_error *err) RH_MUST_CHECK;
void rh_sql_values_free(rh_sql_values *values);
size_t rh_sql_values_count(const rh_sql_values *values);
const rh_sql_value *rh_sql_values_at(const rh_sql_values *values, size_t index);

/** NULL, or why the text is not understood. */
const char *rh_sql_values_problem(const rh_sql_values *values);

const char *rh_sql_value_use_name(rh_sql_value_use use);

#endif
