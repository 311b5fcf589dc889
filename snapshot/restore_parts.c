/*
 * See restore_parts.h.
 */
#include "restore_parts.h"

#include "core/mem.h"

enum {
    PIECES_PER_LOADER = 4,            /* pieces of a cut table per loader: even ends, few COPYs */
    MIN_CUT_BYTES = 32 * 1024 * 1024, /* smaller tables are never worth a second connection */
};

/* Ranges of one table in pieces of about piece_bytes each. */
static rh_status cut_table(const rh_stored_table *stored, size_t table, int64_t piece_bytes,
                           rh_plan *plan, rh_error *err)
{
    size_t first = 0;
    int64_t bytes = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < stored->range_count; i++) {
        bytes += stored->ranges[i].bytes;
        if (bytes < piece_bytes && i + 1 < stored->range_count)
            continue;

        const rh_plan_item item = {table, first, i + 1 - first, false, bytes};

        status = rh_plan_add(plan, &item, err);
        first = i + 1;
        bytes = 0;
    }
    return status;
}

rh_status rh_restore_parts(const rh_manifest *manifest, size_t loaders, rh_plan *plan,
                           rh_error *err)
{
    size_t count = rh_manifest_table_count(manifest);
    int64_t *bytes = rh_mem_array(count, sizeof *bytes);
    int64_t total = 0;
    rh_status status = bytes == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        bytes[i] = rh_manifest_table(manifest, i)->bytes;
        total += bytes[i];
    }

    int64_t fair = total / (int64_t)loaders;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_stored_table *stored = rh_manifest_table(manifest, i);
        const rh_plan_item whole = {i, 0, stored->range_count, true, bytes[i]};

        if (stored->range_count == 0)
            continue;
        if (loaders > 1 && bytes[i] > fair && bytes[i] >= MIN_CUT_BYTES)
            status =
                cut_table(stored, i, bytes[i] / (int64_t)(loaders * PIECES_PER_LOADER), plan, err);
        else
            status = rh_plan_add(plan, &whole, err);
    }
    if (status == RH_OK)
        rh_plan_sort(plan, bytes);
    rh_mem_free(bytes);
    return status;
}
