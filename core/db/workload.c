#include "core/workload.h"

static rh_status list_next(void *ctx, rh_workload_item *out, rh_error *err)
{
    rh_workload_list *list = ctx;

    (void)err;
    if (list->at >= list->count)
        return RH_DONE;
    *out = list->items[list->at++];
    return RH_OK;
}

static rh_status list_rewind(void *ctx, rh_error *err)
{
    rh_workload_list *list = ctx;

    (void)err;
    list->at = 0;
    return RH_OK;
}

rh_workload rh_workload_from_list(rh_workload_list *list)
{
    rh_workload workload = {list_next, list_rewind, list};

    return workload;
}
