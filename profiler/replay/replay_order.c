/*
 * Order between sessions.
 *
 * Commit order: a unit (a transaction, or a statement outside of one) may begin when every unit
 * that writes and had committed before it began in the capture is done. Items are read by time, so
 * whatever committed before a unit began has been read before it. The units that matter are those
 * that are closed (their end was read) and not done; the one that committed first stands on top of
 * a heap. The relation follows time and has no cycles.
 *
 * Strict order: items start in the order of reading.
 */
#include "replay_internal.h"

#include "core/mem.h"

static void free_when_over(rp_unit *unit)
{
    if (unit->closed && unit->pending == 0 && !unit->in_heap)
        rh_mem_free(unit);
}

static int64_t end_of(const rp_item *item)
{
    return item->time_us + (item->duration_us > 0 ? item->duration_us : 0);
}

/* From here on others may have to wait for it. */
static rh_status close_unit(rh_replay_run *run, rp_session *session, rh_error *err)
{
    rp_unit *unit = session->unit;
    rh_status status = RH_OK;

    session->unit = NULL;
    unit->closed = true;
    if (unit->writes && unit->pending > 0 && run->options.order == RH_REPLAY_ORDER_COMMIT) {
        status = rp_heap_reserve(&run->units, run->units.count + 1, err);
        if (status == RH_OK) {
            unit->in_heap = true;
            rp_heap_add(&run->units, unit->commit_us, 0, unit);
        }
    }
    free_when_over(unit);
    return status;
}

rh_status rp_unit_read(rh_replay_run *run, rp_session *session, rp_item *item, rh_error *err)
{
    rh_status status = RH_OK;

    if (session->unit != NULL && session->unit->tx != item->tx)
        status = close_unit(run, session, err);
    if (status != RH_OK)
        return status;
    if (session->unit == NULL) {
        session->unit = rh_mem_zalloc(sizeof *session->unit);
        if (session->unit == NULL)
            return rh_error_oom(err);
        session->unit->tx = item->tx;
        item->begins_unit = true;
    }
    item->unit = session->unit;
    item->unit->pending++;
    item->unit->writes = item->unit->writes || (item->plan.writes && item->plan.skip == NULL);
    item->unit->commit_us = end_of(item);
    if (item->tx == 0 || item->plan.ends)
        status = close_unit(run, session, err);
    return status;
}

void rp_unit_dispose(rh_replay_run *run, rp_unit *unit)
{
    (void)run;
    if (unit == NULL) /* memory ended before it had one */
        return;
    unit->pending--;
    free_when_over(unit);
}

/* Those that are done leave when they come to the top. */
static void drop_done(rp_heap *heap)
{
    while (heap->count > 0) {
        rp_unit *unit = heap->entries[0].value;

        if (unit->pending > 0)
            return;
        (void)rp_heap_take(heap);
        unit->in_heap = false;
        free_when_over(unit);
    }
}

bool rp_may_start(rh_replay_run *run, const rp_item *item)
{
    switch (run->options.order) {
    case RH_REPLAY_ORDER_STRICT:
        return item->seq == run->next_start;
    case RH_REPLAY_ORDER_COMMIT:
        if (!item->begins_unit)
            return true;
        drop_done(&run->units);
        return run->units.count == 0 || run->units.entries[0].key >= item->time_us;
    default:
        return true;
    }
}

void rp_note_start(rh_replay_run *run, const rp_item *item)
{
    if (run->options.order != RH_REPLAY_ORDER_STRICT)
        return;
    if (item->seq != run->next_start) {
        rp_heap_add(&run->sent, (int64_t)item->seq, 0, run);
        return;
    }
    run->next_start++;
    while (run->sent.count > 0 && (uint64_t)run->sent.entries[0].key == run->next_start) {
        (void)rp_heap_take(&run->sent);
        run->next_start++;
    }
}
