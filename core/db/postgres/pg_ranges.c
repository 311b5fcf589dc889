#include "pg_ranges.h"

int64_t rh_pg_range_pages(int64_t heap_pages, int64_t heap_bytes, int64_t toast_bytes)
{
    int64_t pages = 1;
    int64_t per_page;

    if (heap_pages <= 0)
        return (int64_t)1 << 32; /* nothing to cut */
    per_page = heap_bytes / heap_pages + toast_bytes / heap_pages;
    while (pages < ((int64_t)1 << 32) && per_page * pages * 2 <= RH_PG_RANGE_BYTES)
        pages *= 2;
    return pages;
}

rh_status rh_pg_ranges_plan(rh_arena *arena, int64_t heap_pages, int64_t range_pages,
                            const rh_range **out, size_t *out_count, rh_error *err)
{
    int64_t wanted = heap_pages <= range_pages ? 1 : (heap_pages + range_pages - 1) / range_pages;
    size_t count = (size_t)wanted;
    rh_range *ranges = rh_arena_array(arena, count, sizeof *ranges);

    if (ranges == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        ranges[i].from = i == 0 ? INT64_MIN : (int64_t)i * range_pages;
        ranges[i].to = i + 1 == count ? INT64_MAX : ((int64_t)i + 1) * range_pages;
    }
    *out = ranges;
    *out_count = count;
    return RH_OK;
}
