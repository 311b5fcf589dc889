#include "mask_lane.h"

#include <sched.h>

#include "core/mem.h"

void mask_lane_free(mask_lane *lane)
{
    if (lane == NULL)
        return;
    for (size_t i = 0; i < lane->mask->node_count; i++) {
        const mask_ops *ops = lane->mask->nodes[i]->ops;

        if (lane->states != NULL && lane->states[i] != NULL)
            ops->close(lane->states[i]);
        if (lane->shapes != NULL)
            shape_close(lane->shapes[i]);
    }
    rh_mem_free(lane->states);
    rh_mem_free(lane->shapes);
    mask_memo_free(lane->memo);
    rh_mem_free(lane);
}

static rh_status lane_new(const rh_mask *mask, mask_lane **out, rh_error *err)
{
    rh_status status = RH_OK;
    mask_lane *lane = rh_mem_zalloc(sizeof *lane);

    if (lane == NULL)
        return rh_error_oom(err);
    lane->mask = mask;
    lane->states = rh_mem_array(mask->node_count, sizeof(void *));
    lane->shapes = rh_mem_array(mask->node_count, sizeof(shape_engine *));
    if (lane->states == NULL || lane->shapes == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; i < mask->node_count && status == RH_OK; i++) {
        const mask_node *node = mask->nodes[i];

        if (node->ops->open != NULL)
            status = node->ops->open(node, &mask->key, &lane->states[i], err);
    }
    if (status != RH_OK) {
        mask_lane_free(lane);
        return status;
    }
    *out = lane;
    return RH_OK;
}

/* Looked for from a place that differs between threads. */
rh_status mask_lane_take(const rh_mask *mask, size_t *out, rh_error *err)
{
    static _Thread_local char here; /* its address is the thread's own */
    size_t start = (size_t)(((uint64_t)(uintptr_t)&here * UINT64_C(0x9E3779B97F4A7C15)) >> 59);

    for (size_t i = start % LANES;; i = (i + 1) % LANES) {
        if (!atomic_flag_test_and_set_explicit(&mask->lanes[i].busy, memory_order_acquire)) {
            rh_status status = RH_OK;

            if (mask->lanes[i].lane == NULL)
                status = lane_new(mask, &mask->lanes[i].lane, err);
            if (status != RH_OK)
                atomic_flag_clear_explicit(&mask->lanes[i].busy, memory_order_release);
            else
                *out = i;
            return status;
        }
        if ((i + 1) % LANES == start % LANES)
            (void)sched_yield();
    }
}

void mask_lane_give(const rh_mask *mask, size_t index)
{
    atomic_flag_clear_explicit(&mask->lanes[index].busy, memory_order_release);
}
