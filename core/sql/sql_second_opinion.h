/*
 * Our reading of a PostgreSQL statement beside libpg_query's: places of subqueries, CTEs, tables
 * and columns must be the same in both.
 */
#ifndef SQL_SECOND_OPINION_H
#define SQL_SECOND_OPINION_H

#include "sql_tree.h"

/** *out_differs: the parser read it and found something else. RH_OK or RH_ENOMEM. */
rh_status rh_sql_second_opinion(const rh_sql_tree *tree, bool *out_differs,
                                rh_error *err) RH_MUST_CHECK;

#endif
