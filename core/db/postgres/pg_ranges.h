/*
 * How a table is cut into ranges of heap pages.
 */
#ifndef PG_RANGES_H
#define PG_RANGES_H

#include "core/catalog.h"

enum { RH_PG_RANGE_BYTES = 32 << 20 };

/**
 * Pages per range: the largest power of two whose pages hold, with their share of TOAST, at most
 * RH_PG_RANGE_BYTES; at least 1. A power of two changes only when the table's density doubles, so
 * last night's ranges are tonight's.
 */
int64_t rh_pg_range_pages(int64_t heap_pages, int64_t heap_bytes, int64_t toast_bytes);

/** Ranges over heap_pages in memory of arena; the first and last are open. At least one. RH_ENOMEM.
 */
rh_status rh_pg_ranges_plan(rh_arena *arena, int64_t heap_pages, int64_t range_pages,
                            const rh_range **out, size_t *out_count, rh_error *err) RH_MUST_CHECK;

#endif
