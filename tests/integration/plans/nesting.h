/*
 * Random statements with subqueries in subqueries, whose places are known because they were written
 * down while the text was made. Each query level tests a number of its own against a column of its
 * own table, so that a plan tells by itself which level a scan belongs to.
 *
 * Tables and aliases come from small sets: most names occur several times in a statement.
 */
#ifndef NESTING_H
#define NESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/sql_levels.h"

enum { NESTING_MAX = 12, NESTING_FIRST_MARK = 900000 };

typedef struct nesting_level {
    size_t offset; /* with its parentheses; of the statement: 0 */
    size_t length;
    size_t parent;
    size_t depth;
    rh_sql_level_kind kind;
    bool correlated;
    char alias[8]; /* of its table */
} nesting_level;

typedef struct nesting {
    bool postgres;
    uint64_t random;
    rh_buf sql;
    nesting_level levels[NESTING_MAX]; /* 0 is the statement */
    size_t count;
} nesting;

/**
 * Make the statement of a seed. PostgreSQL reads tables t0 to t2 (k, g, v) and level n has the
 * condition <alias>.v <> 900000 + n; SQLite reads table t<n>, whose index is i<n>. Free with
 * nesting_done.
 */
void nesting_make(nesting *out, bool postgres, uint64_t seed);
void nesting_done(nesting *n);

/** The level of an entry of a mapping: by its exact span; NESTING_MAX when no level stands there.
 */
size_t nesting_find(const nesting *n, size_t offset, size_t length);

/** True when level `inner` is `outer` or stands in it. */
bool nesting_within(const nesting *n, size_t inner, size_t outer);

#endif
