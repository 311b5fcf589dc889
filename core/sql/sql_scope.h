/*
 * Which relation a name means: FROM lists, CTEs, outer levels.
 */
#ifndef SQL_SCOPE_H
#define SQL_SCOPE_H

#include "sql_tree.h"

/** What a column reference means. */
typedef struct rh_sql_meaning {
    rh_sql_answer known;   /* YES: the rest is set; UNKNOWN: only the catalog could tell; NO */
    rh_sql_query *query;   /* whose FROM holds it */
    rh_sql_from *relation; /* NULL: a name of query's own select list */
} rh_sql_meaning;

/** Bind each relation that reads a CTE to it. Once per tree, before the functions below. */
void rh_sql_bind_tables(rh_sql_tree *tree);

/** The next level around q whose FROM its expressions can see; NULL at the outermost. */
rh_sql_query *rh_sql_outer_scope(const rh_sql_query *q);

/** column: a COLUMN node that stands in clause `clause` of q. catalog may be NULL. */
rh_sql_meaning rh_sql_resolve(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                              rh_sql_query *q, rh_sql_clause clause, const rh_sql_node *column);

/** Follow a column of a FROM-subquery or CTE to the table that it comes from, as long as it is
 * passed on unchanged. *relation and *name are replaced; false when it is made by an expression. */
bool rh_sql_base_column(const rh_sql_tree *tree, const rh_sql_catalog *catalog,
                        rh_sql_from **relation, const char **name);

#endif
