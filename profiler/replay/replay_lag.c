/*
 * Pace, and whose fault it is when it is not kept.
 */
#include "replay_internal.h"

int64_t rp_due_us(const rh_replay_run *run, const rp_item *item)
{
    int64_t since = item->time_us - run->first_us;

    if (run->options.speed_milli == 0 || item->time_us == 0)
        return 0;
    return run->origin_us + (int64_t)((double)since * 1000.0 / (double)run->options.speed_milli);
}

void rp_lag_account(rh_replay_run *run, const rp_item *item, int64_t now_us)
{
    int64_t due = rp_due_us(run, item);
    int64_t from = item->ready_us > due ? item->ready_us : due;
    int64_t late = due > 0 && item->ready_us > due ? item->ready_us - due : 0;
    int64_t locks;

    if (late > item->session->last_us)
        late = item->session->last_us;
    locks = item->session->last_lock_us < late ? item->session->last_lock_us : late;
    run->lag.lock_us += locks;
    run->lag.server_us += late - locks;
    if (item->ordered_us > from) {
        run->lag.order_us += item->ordered_us - from;
        from = item->ordered_us;
    }
    if (item->queued_us > 0 && now_us > item->queued_us) {
        run->lag.connection_us += now_us - item->queued_us;
        from = now_us;
    }
    if (now_us > from)
        run->lag.tool_us += now_us - from;
    if (due > 0 && now_us - due > run->lag.max_us)
        run->lag.max_us = now_us - due;
}

/* As if it had been sent when the one before it was answered: that is when the server began. */
void rp_lag_account_behind(rh_replay_run *run, rp_item *item, const rh_replay_done *done)
{
    item->ready_us = done->start_us;
    rp_lag_account(run, item, done->start_us);
}
