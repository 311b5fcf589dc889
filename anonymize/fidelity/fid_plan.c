#include "fid_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/plan_postgres.h"
#include "core/plan_sqlite.h"
#include "fid_score.h"

void rh_fid_plan_free(rh_fid_plan *plan)
{
    if (plan == NULL)
        return;
    rh_plan_free(plan->plan);
    rh_mem_free(plan->shape);
    rh_mem_free(plan);
}

static rh_status put_shape(rh_fid_plan *plan, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    uint64_t hash = 0;
    rh_status status = rh_plan_signature(plan->plan, &text, err);

    if (status == RH_OK)
        status = rh_plan_shape_hash(plan->plan, &hash, err);
    if (status == RH_OK) {
        (void)snprintf(plan->hash, sizeof plan->hash, "%016" PRIx64, hash);
        plan->shape = rh_mem_strdup(rh_buf_cstr(&text));
        if (plan->shape == NULL)
            status = rh_error_oom(err);
    }
    rh_buf_done(&text);
    return status;
}

rh_status rh_fid_plan_read(rh_engine_kind kind, const json_t *explain, rh_fid_plan **out,
                           rh_error *err)
{
    static const char name[] = "the answer of EXPLAIN";
    rh_fid_plan *plan = rh_mem_zalloc(sizeof *plan);
    rh_status status;

    if (plan == NULL)
        return rh_error_oom(err);
    if (kind == RH_ENGINE_POSTGRESQL)
        status = rh_plan_from_json(name, explain, &plan->plan, err);
    else
        status = rh_plan_from_eqp_json(name, explain, NULL, &plan->plan, err);
    if (status == RH_OK)
        status = put_shape(plan, err);
    if (status == RH_OK) {
        *out = plan;
        plan = NULL;
    }
    rh_fid_plan_free(plan);
    return status;
}

bool rh_fid_plan_counts(const rh_fid_plan *plan)
{
    return rh_plan_known(rh_plan_root(plan->plan)->plan_rows);
}

rh_fid_plan_difference rh_fid_plan_compare(const rh_fid_plan *a, const rh_fid_plan *b)
{
    rh_fid_plan_difference difference = {
        .same_shape = strcmp(a->shape, b->shape) == 0, .row_qerror = 1, .cost_ratio = 1};
    size_t count = difference.same_shape ? rh_plan_count(a->plan) : 1;
    double cost_a = rh_plan_root(a->plan)->total_cost;
    double cost_b = rh_plan_root(b->plan)->total_cost;

    for (size_t i = 0; i < count; i++) {
        const rh_plan_node *x = rh_plan_at(a->plan, i);
        const rh_plan_node *y = rh_plan_at(b->plan, i);
        double qerror;

        if (!rh_plan_known(x->plan_rows) || !rh_plan_known(y->plan_rows))
            continue;
        qerror = rh_fid_qerror(x->plan_rows, y->plan_rows, 1);
        if (difference.node != NULL && qerror <= difference.row_qerror)
            continue;
        difference.row_qerror = qerror;
        difference.node = x;
        difference.rows_a = x->plan_rows;
        difference.rows_b = y->plan_rows;
    }
    if (rh_plan_known(cost_a) && rh_plan_known(cost_b))
        difference.cost_ratio = rh_fid_qerror(cost_a, cost_b, 0.01);
    return difference;
}
