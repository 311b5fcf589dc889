/*
 * How tables are cut into pieces for several loaders.
 */
#ifndef SNAPSHOT_LOAD_PARTS_H
#define SNAPSHOT_LOAD_PARTS_H

#include "plan.h"

/** What is known of a table before it is loaded. */
typedef struct rh_load_table {
    int64_t bytes;
    size_t range_count;         /* 0: nothing to load */
    const int64_t *range_bytes; /* one per range; NULL: all alike */
} rh_load_table;

/**
 * Fill plan. A table is loaded whole (COPY FREEZE, no second writer) unless it alone would keep one
 * loader busy after the others have nothing left: then it is cut into runs of ranges.
 */
rh_status rh_load_parts(const rh_load_table *tables, size_t count, size_t loaders, rh_plan *plan,
                        rh_error *err) RH_MUST_CHECK;

#endif
