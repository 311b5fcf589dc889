/*
 * What is sent at once.
 *
 * A client waits for an answer before it sends the next statement; so do we, unless options.depth
 * allows more. Then plain reads that stand one behind the other in a session are sent together,
 * when each of them could be sent alone now: its time has come and its order allows it. Whatever
 * the answer to one may change for the next is never followed by another: writes and locks, the
 * ends and beginnings of transactions, settings of the session, a text whose parameters' types are
 * not known yet. What stood behind a lost connection stays in its session and is looked at again.
 */
#include <string.h>

#include "replay_internal.h"

enum { MAX_BYTES_AT_ONCE = 256 * 1024 };

static void fill_call(rh_replay_run *run, rp_item *item)
{
    rh_replay_call *call = &item->call;

    memset(call, 0, sizeof *call);
    call->statements = item->plan.statements;
    call->statement_count = item->plan.count;
    call->parameters = item->parameters;
    call->parameter_count = item->parameter_count;
    call->prepare = item->prepared ? item->text : 0;
    call->wrap = item->plan.wrap && !item->session->in_transaction;
    call->end = item->plan.end_behind;
    rp_types_prepare(run, item, call);
}

/* May others be on their way together with it? */
static bool is_light(const rh_replay_run *run, const rp_item *item)
{
    const rp_session *session = item->session;
    bool inside = session->in_transaction;

    return item->plan.light && item->plan.skip == NULL && inside == (item->tx != 0) &&
           rp_types_settled(run, item);
}

static bool may_follow(rh_replay_run *run, const rp_item *before, const rp_item *item,
                       int64_t now_us)
{
    return item != NULL && item->tx == before->tx && is_light(run, item) &&
           rp_due_us(run, item) <= now_us && rp_may_start(run, item);
}

void rp_send(rh_replay_run *run, rp_session *session, int64_t now_us)
{
    const rh_replay_call *calls[RH_REPLAY_MAX_DEPTH];
    rp_link *link = &run->links[session->link];
    rp_item *item = session->first;
    size_t bytes = item->bytes;
    size_t count = 1;

    fill_call(run, item);
    item->call.reset = link->dirty;
    item->behind = false;
    calls[0] = &item->call;
    rp_lag_account(run, item, now_us);
    rp_note_start(run, item);
    while (count < run->options.depth && is_light(run, item) &&
           may_follow(run, item, item->next, now_us)) {
        item = item->next;
        bytes += item->bytes;
        if (bytes > MAX_BYTES_AT_ONCE)
            break;
        fill_call(run, item);
        item->behind = true;
        item->ordered_us = now_us;
        rp_note_start(run, item);
        calls[count++] = &item->call;
    }
    link->dirty = false;
    link->used = ++run->uses;
    session->running = count;
    session->granted = false;
    run->running++;
    run->engine->ops->start(run->engine->ctx, session->link, calls, count);
}
