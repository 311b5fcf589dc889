/*
 * One line of EXPLAIN QUERY PLAN, in the words of SQLite 3.31 to 3.50.
 */
#ifndef PLAN_SQLITE_LINE_H
#define PLAN_SQLITE_LINE_H

#include "plan_internal.h"

/** Fill what the node does from its raw line; strings go to the arena. RH_ENOMEM. */
rh_status rh_plan_read_line(rh_arena *arena, rh_plan_node *node, rh_error *err) RH_MUST_CHECK;

#endif
