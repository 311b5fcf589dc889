/*
 * The order of work: which worker copies what, largest first.
 */
#ifndef SNAPSHOT_PLAN_H
#define SNAPSHOT_PLAN_H

#include <stdatomic.h>

#include <rehearse/error.h>

#include "core/catalog.h"

/** One piece of work: ranges [first, first + count) of one table. */
typedef struct rh_plan_item {
    size_t table; /* index in the catalog */
    size_t first;
    size_t count;
    bool whole; /* all of the table's ranges */
    int64_t bytes;
} rh_plan_item;

/** Items handed out in order to any number of threads. */
typedef struct rh_plan {
    rh_plan_item *items;
    size_t count;
    size_t cap;
    atomic_size_t next;
} rh_plan;

void rh_plan_init(rh_plan *plan);
void rh_plan_done(rh_plan *plan);
rh_status rh_plan_add(rh_plan *plan, const rh_plan_item *item, rh_error *err) RH_MUST_CHECK;

/**
 * Largest tables first (longest processing time first keeps the workers' ends close together);
 * the pieces of one table stay together and in physical order, so that disks read ahead.
 * table_bytes: bytes per table index.
 */
void rh_plan_sort(rh_plan *plan, const int64_t *table_bytes);

/** Largest items first, whatever their table: for loaders, whose items differ much in size. */
void rh_plan_sort_items(rh_plan *plan);

/** Next item or NULL. Any thread. */
const rh_plan_item *rh_plan_take(rh_plan *plan);

#endif
