/*
 * The order of a table's indexes. The planner looks at them by OID and keeps the first of two that
 * cost the same, so a copy whose indexes were created in another order plans otherwise.
 */
#ifndef PG_INDEX_ORDER_H
#define PG_INDEX_ORDER_H

#include "core/problems.h"
#include "pg_connection.h"
#include "pg_target.h"

typedef struct rh_pg_index_order rh_pg_index_order;

/** Production's order, of the target's section "structure"; none is known when the snapshot lacks
 * it or is older than the ranks. Free with rh_pg_index_order_free. */
rh_status rh_pg_index_order_read(const rh_pg_target *target, rh_pg_index_order **out,
                                 rh_error *err) RH_MUST_CHECK;
void rh_pg_index_order_free(rh_pg_index_order *order);

/** Place of an index among those of its table, from 1; 0: not known. */
int64_t rh_pg_index_order_rank(const rh_pg_index_order *order, const char *schema,
                               const char *table, const char *index);

/** Compare with the OIDs that the indexes of pg's database have got; a note when some table's are
 * in another order. */
rh_status rh_pg_index_order_check(const rh_pg_index_order *order, rh_pg *pg, rh_problems *notes,
                                  rh_error *err) RH_MUST_CHECK;

#endif
