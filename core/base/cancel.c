/*
 * The cancel flag. Relaxed order is enough: the flag guards no other data.
 */
#include "core/cancel.h"

void rh_cancel_request(rh_cancel *cancel)
{
    atomic_store_explicit(&cancel->requested, 1, memory_order_relaxed);
}

bool rh_cancel_requested(const rh_cancel *cancel)
{
    for (; cancel != NULL; cancel = cancel->parent) {
        if (atomic_load_explicit(&cancel->requested, memory_order_relaxed) != 0)
            return true;
    }
    return false;
}

rh_status rh_cancel_check(const rh_cancel *cancel, rh_error *err)
{
    if (!rh_cancel_requested(cancel))
        return RH_OK;
    return rh_error_set(err, RH_ECANCELED, "interrupted");
}
