/*
 * Which loader takes which table.
 */
#ifndef SNAPSHOT_LOAD_PARTS_H
#define SNAPSHOT_LOAD_PARTS_H

#include "schedule.h"

/** What is known of a table before it is loaded. */
typedef struct rh_load_table {
    int64_t bytes;
    size_t range_count; /* 0: nothing to load */
} rh_load_table;

/**
 * Fill schedule, largest table first. Every table is loaded whole, by one loader, in physical
 * order: two writers would interleave their pages, and with the order of the rows the planner's
 * correlations would be gone (docs/architecture.md §5). It also allows COPY FREEZE.
 */
rh_status rh_load_parts(const rh_load_table *tables, size_t count, rh_schedule *schedule,
                        rh_error *err) RH_MUST_CHECK;

#endif
