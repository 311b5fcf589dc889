/*
 * See load_parts.h.
 */
#include "load_parts.h"

enum {
    PIECES_PER_LOADER = 4,            /* pieces of a cut table per loader: even ends, few COPYs */
    MIN_CUT_BYTES = 32 * 1024 * 1024, /* smaller tables are never worth a second connection */
};

static int64_t bytes_of_range(const rh_load_table *table, size_t range)
{
    if (table->range_bytes != NULL)
        return table->range_bytes[range];
    return table->bytes / (int64_t)table->range_count;
}

/* Ranges of one table in pieces of about piece_bytes each. */
static rh_status cut_table(const rh_load_table *table, size_t index, int64_t piece_bytes,
                           rh_plan *plan, rh_error *err)
{
    size_t first = 0;
    int64_t bytes = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->range_count; i++) {
        bytes += bytes_of_range(table, i);
        if (bytes < piece_bytes && i + 1 < table->range_count)
            continue;

        const rh_plan_item item = {index, first, i + 1 - first, false, bytes};

        status = rh_plan_add(plan, &item, err);
        first = i + 1;
        bytes = 0;
    }
    return status;
}

rh_status rh_load_parts(const rh_load_table *tables, size_t count, size_t loaders, rh_plan *plan,
                        rh_error *err)
{
    int64_t total = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < count; i++)
        total += tables[i].bytes;

    int64_t fair = total / (int64_t)loaders;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        int64_t bytes = tables[i].bytes;
        const rh_plan_item whole = {i, 0, tables[i].range_count, true, bytes};
        bool cut =
            loaders > 1 && tables[i].range_count > 1 && bytes > fair && bytes >= MIN_CUT_BYTES;

        if (tables[i].range_count == 0)
            continue;
        if (cut)
            status =
                cut_table(&tables[i], i, bytes / (int64_t)(loaders * PIECES_PER_LOADER), plan, err);
        else
            status = rh_plan_add(plan, &whole, err);
    }
    if (status == RH_OK)
        rh_plan_sort_items(plan);
    return status;
}
