/*
 * A plan as lines that people read: one per node, from the top.
 */
#ifndef DB_PLAN_LINES_H
#define DB_PLAN_LINES_H

#include <jansson.h>

#include <rehearse/error.h>

/**
 * Append the lines of what EXPLAIN gave to an array of strings: the "detail" of SQLite's rows;
 * "Index Scan using i on t (a = $1)" of PostgreSQL's nodes.
 */
rh_status rh_plan_lines_add(const json_t *plan, json_t *lines, rh_error *err) RH_MUST_CHECK;

#endif
