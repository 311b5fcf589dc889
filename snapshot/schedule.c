/*
 * See schedule.h.
 */
#include "schedule.h"

#include <stdlib.h>

#include "core/mem.h"

void rh_schedule_init(rh_schedule *schedule)
{
    schedule->items = NULL;
    schedule->count = 0;
    schedule->cap = 0;
    atomic_init(&schedule->next, 0);
}

void rh_schedule_done(rh_schedule *schedule)
{
    rh_mem_free(schedule->items);
    rh_schedule_init(schedule);
}

rh_status rh_schedule_add(rh_schedule *schedule, const rh_schedule_item *item, rh_error *err)
{
    if (schedule->count == schedule->cap) {
        size_t cap = schedule->cap == 0 ? 64 : schedule->cap * 2;
        rh_schedule_item *items = rh_mem_rearray(schedule->items, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        schedule->items = items;
        schedule->cap = cap;
    }
    schedule->items[schedule->count++] = *item;
    return RH_OK;
}

/* What qsort compares: qsort_r is not POSIX 2008, so the table's bytes travel with the item. */
typedef struct sort_key {
    int64_t table_bytes;
    rh_schedule_item item;
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

void rh_schedule_sort(rh_schedule *schedule, const int64_t *table_bytes)
{
    sort_key *keys = rh_mem_array(schedule->count, sizeof *keys);

    /* Order is a matter of speed only: without memory for the keys the schedule stays as it is. */
    if (keys == NULL)
        return;
    for (size_t i = 0; i < schedule->count; i++) {
        keys[i].table_bytes = table_bytes[schedule->items[i].table];
        keys[i].item = schedule->items[i];
    }
    qsort(keys, schedule->count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < schedule->count; i++)
        schedule->items[i] = keys[i].item;
    rh_mem_free(keys);
}

static int compare_items(const void *left, const void *right)
{
    const rh_schedule_item *a = left;
    const rh_schedule_item *b = right;

    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

void rh_schedule_sort_items(rh_schedule *schedule)
{
    if (schedule->count > 0)
        qsort(schedule->items, schedule->count, sizeof *schedule->items, compare_items);
}

const rh_schedule_item *rh_schedule_take(rh_schedule *schedule)
{
    size_t at = atomic_fetch_add(&schedule->next, 1);

    return at < schedule->count ? &schedule->items[at] : NULL;
}
