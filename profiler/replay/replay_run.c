/*
 * The scheduler: one thread, one loop.
 *
 * A session's first item moves
 *
 *   ready --(its time has come)--> blocked (order) | queued (connection) | skipped | started
 *   blocked, queued --(something ended)--> ready
 *   started --(wait tells)--> disposed of, and the next item becomes ready
 *
 * 1. A session has items on their way (replay_send.c) or is in at most one of the heaps.
 * 2. A session inside a transaction keeps its link; others give theirs up when somebody else needs
 *    it, and the server forgets the session's state then.
 * 3. Every item that was read is disposed of exactly once: accounted as done or as skipped.
 * 4. When nothing ended for stall_us, the first that waits for order goes (counted): whatever the
 *    capture's order was, the run ends.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "replay_internal.h"

enum {
    DONE_AT_ONCE = 128,
    RETRY_US = 1000000,       /* between attempts to open a link again */
    CANCEL_WAIT_US = 5000000, /* for the answers of what was canceled */
};

static int64_t now(const rh_replay_run *run)
{
    return run->engine->ops->now_us(run->engine->ctx);
}

/* ---- items and sessions ---- */

/* The session is not running: its next item may be looked at. */
static void make_ready(rh_replay_run *run, rp_session *session, int64_t now_us)
{
    rp_item *item = session->first;

    if (item == NULL)
        return;
    if (item->ready_us == 0)
        item->ready_us = now_us;
    rp_heap_add(&run->ready, (int64_t)item->seq, 0, session);
}

/* Take the session's first item out and free it. */
static void dispose(rh_replay_run *run, rp_session *session)
{
    rp_item *item = session->first;

    session->first = item->next;
    if (session->first == NULL)
        session->last = NULL;
    run->pending--;
    rp_unit_dispose(run, item->unit);
    rp_item_free(item);
    run->progress_us = now(run);
}

static rh_status skip(rh_replay_run *run, rp_session *session, const char *reason, int64_t now_us,
                      rh_error *err)
{
    rp_item *item = session->first;
    rh_status status = rp_account_skip(run, item, reason, err);

    rp_note_start(run, item);
    session->granted = false;
    if (item->plan.ends)
        session->broken = false;
    dispose(run, session);
    make_ready(run, session, now_us);
    return status;
}

/* ---- links ---- */

/* False: not now. Nobody waits for a connection that has been open before. */
static bool try_open(rh_replay_run *run, size_t at)
{
    rp_link *link = &run->links[at];
    rh_error failed = RH_ERROR_INIT;
    rh_status status;

    if (link->open)
        return true;
    if (link->retry_us > now(run))
        return false;
    status = run->engine->ops->open_link(run->engine->ctx, at, &failed);
    link->open = status == RH_OK;
    link->dirty = false;
    if (status >= RH_OK)
        return link->open;
    link->retry_us = now(run) + RETRY_US;
    run->not_opened++;
    (void)rh_str_copy(run->not_opened_text, sizeof run->not_opened_text, failed.text);
    return false;
}

static void assign(rh_replay_run *run, size_t at, rp_session *session)
{
    rp_link *link = &run->links[at];

    if (link->owner != NULL) {
        link->owner->link = RP_NO_LINK;
        link->dirty = true;
        run->moved++;
    }
    link->owner = session;
    session->link = at;
}

/* A link nobody has, else the one that its session, not in a transaction, used longest ago. */
static size_t find_link(rh_replay_run *run)
{
    size_t best = RP_NO_LINK;

    for (size_t i = 0; i < run->options.links; i++) {
        rp_link *link = &run->links[i];

        if (link->owner != NULL &&
            (link->owner->running > 0 || link->owner->in_transaction || link->owner->granted))
            continue;
        if (!try_open(run, i))
            continue;
        if (link->owner == NULL)
            return i;
        if (best == RP_NO_LINK || link->used < run->links[best].used)
            best = i;
    }
    return best;
}

static bool acquire(rh_replay_run *run, rp_session *session)
{
    size_t at = session->link;

    if (at != RP_NO_LINK && try_open(run, at))
        return true;
    at = find_link(run);
    if (at == RP_NO_LINK)
        return false;
    if (session->link != RP_NO_LINK)
        run->links[session->link].owner = NULL;
    assign(run, at, session);
    return true;
}

/* ---- starting ---- */

/* Why the session's first item must not run; NULL: it may. */
static const char *reason_to_skip(rp_session *session)
{
    const rp_item *item = session->first;

    if (session->broken && item->tx != session->broken_tx)
        session->broken = false;
    if (item->plan.skip != NULL)
        return item->plan.skip;
    return session->broken ? "its transaction was lost with the connection" : NULL;
}

/* The first of ready, whose time has come. */
static rh_status advance(rh_replay_run *run, rp_session *session, int64_t now_us, rh_error *err)
{
    rp_item *item = session->first;
    const char *reason;

    if (!rp_may_start(run, item)) {
        rp_heap_add(&run->blocked,
                    run->options.order == RH_REPLAY_ORDER_STRICT ? (int64_t)item->seq
                                                                 : item->time_us,
                    item->seq, session);
        return RH_OK;
    }
    if (item->ordered_us == 0)
        item->ordered_us = now_us;
    reason = reason_to_skip(session);
    if (reason != NULL)
        return skip(run, session, reason, now_us, err);
    if (!acquire(run, session)) {
        if (item->queued_us == 0)
            item->queued_us = now_us;
        rp_heap_add(&run->queued, (int64_t)item->seq, 0, session);
        return RH_OK;
    }
    rp_send(run, session, now_us);
    return RH_OK;
}

/* Those whose turn it is by now. */
static void release_ordered(rh_replay_run *run)
{
    while (run->blocked.count > 0) {
        rp_session *session = run->blocked.entries[0].value;

        if (!rp_may_start(run, session->first))
            break;
        (void)rp_heap_take(&run->blocked);
        rp_heap_add(&run->ready, (int64_t)session->first->seq, 0, session);
    }
}

/* Something ended: those that waited for order or a link may look again. */
static void release(rh_replay_run *run)
{
    release_ordered(run);
    while (run->queued.count > 0) {
        rp_session *session = run->queued.entries[0].value;

        if (!acquire(run, session))
            break;
        session->granted = true;
        (void)rp_heap_take(&run->queued);
        rp_heap_add(&run->ready, (int64_t)session->first->seq, 0, session);
    }
}

/* Start what may start. */
static rh_status dispatch(rh_replay_run *run, rh_error *err)
{
    int64_t now_us = now(run);
    rh_status status = RH_OK;

    while (status == RH_OK && run->ready.count > 0) {
        rp_session *session = run->ready.entries[0].value;

        if (rp_due_us(run, session->first) > now_us)
            break;
        (void)rp_heap_take(&run->ready);
        status = advance(run, session, now_us, err);
        if (run->options.order == RH_REPLAY_ORDER_STRICT)
            release_ordered(run); /* a start may be what the next waits for */
    }
    return status;
}

/* ---- ending ---- */

static bool cannot_be_wrapped(const rp_item *item, const rh_replay_done *done)
{
    return item->call.wrap && done->status == RH_EDB && strcmp(done->sqlstate, "25001") == 0;
}

static rh_status account(rh_replay_run *run, const rp_item *item, const rh_replay_done *done,
                         rh_error *err)
{
    if (cannot_be_wrapped(item, done))
        return rp_account_skip(run, item, "cannot run in a transaction", err);
    return rp_account_done(run, item, done, err);
}

/* The server could not tell the types of the parameters: once more, on the same link. */
static void run_again(rh_replay_run *run, rp_item *item, size_t at)
{
    const rh_replay_call *call = &item->call;

    item->call.guess_types = true;
    item->call.prepare = 0;
    item->call.reset = false;
    item->call.undo = item->call.guard;
    item->call.guard = false;
    run->engine->ops->start(run->engine->ctx, at, &call, 1);
}

static void lose_link(rh_replay_run *run, rp_session *session, const rp_item *item)
{
    rp_link *link = &run->links[session->link];
    bool was_inside = session->in_transaction || item->plan.begins;

    run->lost++;
    link->open = false;
    link->retry_us = 0;
    session->in_transaction = false;
    session->broken = was_inside && item->tx != 0 && !item->plan.ends;
    session->broken_tx = item->tx;
}

/* The item's way is over, or it has to be gone once more. */
static void leave(rh_replay_run *run, rp_session *session)
{
    session->running--;
    if (session->running > 0)
        return;
    run->running--;
    make_ready(run, session, now(run));
}

static rh_status take_done(rh_replay_run *run, const rh_replay_done *done, rh_error *err)
{
    rp_session *session = run->links[done->link].owner;
    rp_item *item = session->first;
    bool again = false;
    rh_status status;

    if (done->unstarted) { /* it stays the session's first */
        leave(run, session);
        return RH_OK;
    }
    status = rp_types_learn(run, item, &item->call, done, &again, err);
    if (status == RH_OK && again && !done->lost && !run->interrupted && session->running == 1) {
        run_again(run, item, done->link);
        return RH_OK;
    }
    if (item->behind)
        rp_lag_account_behind(run, item, done);
    if (status == RH_OK)
        status = account(run, item, done, err);
    session->last_us = done->end_us - done->start_us;
    session->last_lock_us = done->lock_us;
    if (done->status == RH_ECONNECT || done->lost)
        lose_link(run, session, item);
    else
        session->in_transaction = done->in_transaction;
    dispose(run, session);
    leave(run, session);
    return status;
}

static rh_status take_all_done(rh_replay_run *run, int64_t until_us, rh_error *err)
{
    rh_replay_done done[DONE_AT_ONCE];
    size_t count = 0;
    int64_t before = now(run);
    rh_status status =
        run->engine->ops->wait(run->engine->ctx, until_us, done, DONE_AT_ONCE, &count, err);

    run->waited_us += now(run) - before;
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        status = take_done(run, &done[i], err);
        rh_progress_add(run->options.progress, 0, 0, !done[i].unstarted);
    }
    if (count > 0 || run->queued.count > 0)
        release(run);
    return status;
}

/* ---- the loop ---- */

static bool all_links_closed(const rh_replay_run *run)
{
    for (size_t i = 0; i < run->options.links; i++) {
        if (run->links[i].open)
            return false;
    }
    return true;
}

/* Nothing ended for long: the first that waits for order goes. */
static rh_status break_stall(rh_replay_run *run, int64_t now_us, rh_error *err)
{
    rp_session *session;

    if (run->blocked.count == 0 || now_us - run->progress_us < run->options.stall_us)
        return RH_OK;
    session = rp_heap_take(&run->blocked);
    run->overtaken++;
    run->progress_us = now_us;
    session->first->ordered_us = now_us;
    session->first->begins_unit = false;
    if (session->first->plan.skip != NULL)
        return skip(run, session, session->first->plan.skip, now_us, err);
    if (acquire(run, session)) {
        rp_send(run, session, now_us);
        return RH_OK;
    }
    rp_heap_add(&run->queued, (int64_t)session->first->seq, 0, session);
    return RH_OK;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wake_us(const rh_replay_run *run)
{
    int64_t until = INT64_MAX;

    if (run->ready.count > 0) {
        const rp_session *session = run->ready.entries[0].value;

        until = rp_due_us(run, session->first);
    }
    if (run->blocked.count > 0)
        until = earlier(until, run->progress_us + run->options.stall_us);
    if (run->queued.count > 0)
        until = earlier(until, now(run) + RETRY_US / 10);
    return until;
}

/* With no_idle: nothing runs and the next is due later: now is then. */
static void pass_over_idle(rh_replay_run *run, int64_t now_us)
{
    const rp_session *session;
    int64_t due;

    if (!run->options.no_idle || run->running > 0 || run->ready.count == 0)
        return;
    session = run->ready.entries[0].value;
    due = rp_due_us(run, session->first);
    if (due > now_us) {
        run->origin_us -= due - now_us;
        run->idle_us += due - now_us;
    }
}

static rh_status turn(rh_replay_run *run, rh_error *err)
{
    rh_status status = rp_feed(run, now(run), err);

    if (status == RH_OK) {
        pass_over_idle(run, now(run));
        status = dispatch(run, err);
    }
    if (status == RH_OK)
        status = break_stall(run, now(run), err);
    if (status != RH_OK || run->pending == 0)
        return status;
    if (all_links_closed(run) && run->running == 0 && run->queued.count > 0) {
        release(run);
        if (all_links_closed(run) && now(run) - run->progress_us > run->options.stall_us)
            return rh_error_set(err, RH_ECONNECT, "no connection can be opened any more");
    }
    return take_all_done(run, rp_wants_more(run) ? 0 : wake_us(run), err);
}

/* Interrupted: tell the server, and take its answers, so that nothing is left running there. */
static rh_status give_up(rh_replay_run *run, rh_error *err)
{
    int64_t until = now(run) + CANCEL_WAIT_US;

    run->interrupted = true;
    for (size_t i = 0; i < run->options.links; i++) {
        if (run->links[i].owner != NULL && run->links[i].owner->running > 0)
            run->engine->ops->cancel(run->engine->ctx, i);
    }
    while (run->running > 0 && now(run) < until) {
        rh_status status = take_all_done(run, until, err);

        if (status != RH_OK)
            return status;
    }
    return rh_error_set(err, RH_ECANCELED, "interrupted");
}

static rh_status open_links(rh_replay_run *run, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->options.links; i++) {
        status = run->engine->ops->open_link(run->engine->ctx, i, err);
        run->links[i].open = status == RH_OK;
    }
    return status;
}

static rh_status work(rh_replay_run *run, rh_error *err)
{
    rh_status status = open_links(run, err);

    run->loop = 1;
    run->start_us = now(run);
    run->origin_us = run->start_us;
    run->progress_us = run->start_us;
    while (status == RH_OK && !(run->read_all && run->pending == 0)) {
        status = rh_cancel_requested(run->options.cancel) ? give_up(run, err) : turn(run, err);
    }
    run->end_us = now(run);
    return status;
}

/* ---- life cycle ---- */

static void free_session(rh_replay_run *run, rp_session *session)
{
    while (session->first != NULL)
        dispose(run, session);
    if (session->unit != NULL) /* its end was never read, and nothing of it is left */
        rh_mem_free(session->unit);
    rh_mem_free(session);
}

void rh_replay_run_free(rh_replay_run *run)
{
    if (run == NULL)
        return;
    while (run->units.count > 0) {
        rp_unit *unit = rp_heap_take(&run->units);

        unit->in_heap = false;
        if (unit->pending == 0)
            rh_mem_free(unit);
    }
    for (size_t i = 0; i < run->sessions.cap; i++) {
        if (run->sessions.slots[i].value != NULL)
            free_session(run, run->sessions.slots[i].value);
    }
    rp_map_done(&run->sessions);
    rp_account_free(run);
    rp_heap_done(&run->ready);
    rp_heap_done(&run->blocked);
    rp_heap_done(&run->queued);
    rp_heap_done(&run->units);
    rp_heap_done(&run->sent);
    rh_mem_free(run->links);
    rh_mem_free(run);
}

rh_status rh_replay_run_all(const rh_workload *workload, const rh_replay_engine *engine,
                            const rh_replay_options *options, rh_replay_run **out, rh_error *err)
{
    rh_replay_run *run = rh_mem_zalloc(sizeof *run);
    rh_status status;

    if (run == NULL)
        return rh_error_oom(err);
    run->options = *options;
    if (options->order == RH_REPLAY_ORDER_STRICT || options->writes == RH_REPLAY_WRITES_COMMIT)
        run->options.depth = 1;
    run->workload = workload;
    run->engine = engine;
    run->links = rh_mem_array(options->links, sizeof *run->links);
    status = run->links != NULL ? work(run, err) : rh_error_oom(err);
    run->workload = NULL;
    if (status == RH_OK) {
        *out = run;
        run = NULL;
    }
    rh_replay_run_free(run);
    return status;
}
