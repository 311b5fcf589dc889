/*
 * A plan as far as it can be compared: its shape in one line, estimated rows per node, total cost.
 */
#ifndef FID_PLAN_H
#define FID_PLAN_H

#include <jansson.h>

#include "core/engine.h"
#include "core/plan.h"

enum { RH_FID_HASH_HEX_BYTES = 17 };

typedef struct rh_fid_plan {
    rh_plan *plan;
    char *shape; /* rh_plan_signature(): node types, relations, indexes, joins; never a literal */
    char hash[RH_FID_HASH_HEX_BYTES];
} rh_fid_plan;

/** From what rh_session_explain gives. RH_EFORMAT, RH_ELIMIT (a shape of more than 4 MiB). */
rh_status rh_fid_plan_read(rh_engine_kind kind, const json_t *explain, rh_fid_plan **out,
                           rh_error *err) RH_MUST_CHECK;
void rh_fid_plan_free(rh_fid_plan *plan);

/** False for SQLite, which tells neither rows nor cost. */
bool rh_fid_plan_counts(const rh_fid_plan *plan);

typedef struct rh_fid_plan_difference {
    bool same_shape;
    double row_qerror; /* largest of all nodes; of the top node where the shapes differ; >= 1 */
    double cost_ratio; /* >= 1 */
    const rh_plan_node *node; /* where row_qerror is; borrowed from a; NULL for SQLite */
    double rows_a;
    double rows_b;
} rh_fid_plan_difference;

rh_fid_plan_difference rh_fid_plan_compare(const rh_fid_plan *a, const rh_fid_plan *b);

#endif
