/*
 * See load_parts.h.
 */
#include "load_parts.h"

rh_status rh_load_parts(const rh_load_table *tables, size_t count, rh_schedule *schedule,
                        rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_schedule_item whole = {i, 0, tables[i].range_count, true, tables[i].bytes};

        if (tables[i].range_count > 0)
            status = rh_schedule_add(schedule, &whole, err);
    }
    if (status == RH_OK)
        rh_schedule_sort_items(schedule);
    return status;
}
