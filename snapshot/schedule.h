/*
 * The order of work: which worker copies what, largest first.
 */
#ifndef SNAPSHOT_SCHEDULE_H
#define SNAPSHOT_SCHEDULE_H

#include <stdatomic.h>

#include <rehearse/error.h>

#include "core/catalog.h"

/** One piece of work: ranges [first, first + count) of one table. */
typedef struct rh_schedule_item {
    size_t table; /* index in the catalog */
    size_t first;
    size_t count;
    bool whole; /* all of the table's ranges */
    int64_t bytes;
} rh_schedule_item;

/** Items handed out in order to any number of threads. */
typedef struct rh_schedule {
    rh_schedule_item *items;
    size_t count;
    size_t cap;
    atomic_size_t next;
} rh_schedule;

void rh_schedule_init(rh_schedule *schedule);
void rh_schedule_done(rh_schedule *schedule);
rh_status rh_schedule_add(rh_schedule *schedule, const rh_schedule_item *item,
                          rh_error *err) RH_MUST_CHECK;

/**
 * Largest tables first (longest processing time first keeps the workers' ends close together);
 * the pieces of one table stay together and in physical order, so that disks read ahead.
 * table_bytes: bytes per table index.
 */
void rh_schedule_sort(rh_schedule *schedule, const int64_t *table_bytes);

/** Largest items first, whatever their table: for loaders, whose items differ much in size. */
void rh_schedule_sort_items(rh_schedule *schedule);

/** Next item or NULL. Any thread. */
const rh_schedule_item *rh_schedule_take(rh_schedule *schedule);

#endif
