/*
 * A small catalog for the tests of levels and columns:
 * acct(id, name, email, created_at), tx(id, acct_id, amount, status, note), ev(id, tx_id, kind).
 */
#ifndef SQL_WORLD_H
#define SQL_WORLD_H

#include <string.h>

#include "core/sql_levels.h"
#include "core/str.h"

static const char *const world[][7] = {
    {"acct", "id", "name", "email", "created_at", NULL},
    {"tx", "id", "acct_id", "amount", "status", "note", NULL},
    {"ev", "id", "tx_id", "kind", NULL},
};

static const char *const *world_table(const char *relation)
{
    for (size_t i = 0; i < sizeof world / sizeof world[0]; i++) {
        if (rh_str_ieq(world[i][0], relation))
            return world[i] + 1;
    }
    return NULL;
}

static rh_sql_answer world_has(void *ctx, const char *schema, const char *relation,
                               const char *column)
{
    const char *const *columns = world_table(relation);

    (void)ctx;
    (void)schema;
    if (columns == NULL)
        return RH_SQL_UNKNOWN;
    for (; *columns != NULL; columns++) {
        if (rh_str_ieq(*columns, column))
            return RH_SQL_YES;
    }
    return RH_SQL_NO;
}

static const char *world_at(void *ctx, const char *schema, const char *relation, size_t k)
{
    const char *const *columns = world_table(relation);

    (void)ctx;
    (void)schema;
    for (size_t i = 0; columns != NULL && columns[i] != NULL; i++) {
        if (i == k)
            return columns[i];
    }
    return NULL;
}

static const rh_sql_catalog world_catalog = {world_has, world_at, NULL};

#endif
