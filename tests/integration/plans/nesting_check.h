/*
 * What a mapping may say of a statement made by nesting_make: the truth, or that it is not certain.
 */
#ifndef NESTING_CHECK_H
#define NESTING_CHECK_H

#include "nesting.h"
#include "profiler/subquery.h"

typedef struct nesting_tally {
    size_t statements;
    size_t subqueries;
    size_t placed;
    size_t wrong;
} nesting_tally;

/** The level whose mark the node itself has; NESTING_MAX when it has none. */
typedef size_t (*nesting_truth)(const nesting *n, const rh_plan_node *node);

/** Compare; what is wrong is printed with the statement. */
void nesting_check(const nesting *n, const rh_plan *plan, const rh_subquery_map *map,
                   nesting_truth truth, nesting_tally *tally);

#endif
