/*
 * See plan.h.
 */
#include "plan.h"

#include <stdlib.h>

#include "core/mem.h"

void rh_plan_init(rh_plan *plan)
{
    plan->items = NULL;
    plan->count = 0;
    plan->cap = 0;
    atomic_init(&plan->next, 0);
}

void rh_plan_done(rh_plan *plan)
{
    rh_mem_free(plan->items);
    rh_plan_init(plan);
}

rh_status rh_plan_add(rh_plan *plan, const rh_plan_item *item, rh_error *err)
{
    if (plan->count == plan->cap) {
        size_t cap = plan->cap == 0 ? 64 : plan->cap * 2;
        rh_plan_item *items = rh_mem_rearray(plan->items, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        plan->items = items;
        plan->cap = cap;
    }
    plan->items[plan->count++] = *item;
    return RH_OK;
}

/* What qsort compares: qsort_r is not POSIX 2008, so the table's bytes travel with the item. */
typedef struct sort_key {
    int64_t table_bytes;
    rh_plan_item item;
} sort_key;

static int compare_keys(const void *left, const void *right)
{
    const sort_key *a = left;
    const sort_key *b = right;

    if (a->table_bytes != b->table_bytes)
        return a->table_bytes > b->table_bytes ? -1 : 1;
    if (a->item.table != b->item.table)
        return a->item.table < b->item.table ? -1 : 1;
    return a->item.first < b->item.first ? -1 : a->item.first > b->item.first;
}

void rh_plan_sort(rh_plan *plan, const int64_t *table_bytes)
{
    sort_key *keys = rh_mem_array(plan->count, sizeof *keys);

    /* Order is a matter of speed only: without memory for the keys the plan stays as it is. */
    if (keys == NULL)
        return;
    for (size_t i = 0; i < plan->count; i++) {
        keys[i].table_bytes = table_bytes[plan->items[i].table];
        keys[i].item = plan->items[i];
    }
    qsort(keys, plan->count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < plan->count; i++)
        plan->items[i] = keys[i].item;
    rh_mem_free(keys);
}

static int compare_items(const void *left, const void *right)
{
    const rh_plan_item *a = left;
    const rh_plan_item *b = right;

    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

void rh_plan_sort_items(rh_plan *plan)
{
    if (plan->count > 0)
        qsort(plan->items, plan->count, sizeof *plan->items, compare_items);
}

const rh_plan_item *rh_plan_take(rh_plan *plan)
{
    size_t at = atomic_fetch_add(&plan->next, 1);

    return at < plan->count ? &plan->items[at] : NULL;
}
