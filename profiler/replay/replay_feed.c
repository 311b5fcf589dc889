/*
 * From the workload to the queues of the sessions: copies, because what the workload hands out
 * lives until its next item. Reading ahead is bounded by a window, but never starves a session
 * that stands inside a transaction: others may wait for its locks.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "replay_internal.h"

enum {
    ITEM_BLOCK_BYTES = 1024,
    READ_AT_ONCE = 256, /* then the links are looked at again */
    HARD_FACTOR = 64,   /* of the window, for the sake of open transactions */
};

void rp_item_free(rp_item *item)
{
    if (item != NULL)
        rh_arena_free(item->arena); /* the item lives in it */
}

/* ---- copying ---- */

static rh_status copy_parameters(rp_item *item, const rh_workload_item *from, rh_error *err)
{
    item->parameter_count = from->parameter_count;
    if (from->parameter_count == 0)
        return RH_OK;
    item->parameters = rh_arena_array(item->arena, from->parameter_count, sizeof *item->parameters);
    if (item->parameters == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < from->parameter_count; i++) {
        const rh_parameter *source = &from->parameters[i];
        rh_parameter *copy = &item->parameters[i];

        item->bytes += source->len;
        *copy = *source;
        if (source->data != NULL)
            copy->data = rh_arena_strndup(item->arena, source->data, source->len);
        if (source->name != NULL)
            copy->name = rh_arena_strdup(item->arena, source->name);
        if ((source->data != NULL && copy->data == NULL) ||
            (source->name != NULL && copy->name == NULL))
            return rh_error_oom(err);
    }
    return RH_OK;
}

static rh_status judge(rh_replay_run *run, rp_item *item, const rh_workload_item *from,
                       rh_error *err)
{
    rh_status status = rp_judge(run->options.dialect, run->options.writes, from->sql, item->arena,
                                &item->plan, err);

    if (status == RH_OK && from->unreplayable != NULL) {
        run->unreplayable++;
        status = rp_intern(run, from->unreplayable, &item->plan.skip, err);
    }
    if (status == RH_OK && item->plan.count > 1 && item->parameter_count > 0)
        item->plan.skip = "parameters of several statements";
    return status;
}

static rh_status fill(rh_replay_run *run, rp_item *item, const rh_workload_item *from,
                      rh_error *err)
{
    rh_status status = rp_session_get(run, from->session, &item->session, err);

    if (status == RH_OK)
        status = rp_figures_get(run, from->statement, &item->figures, err);
    if (status == RH_OK && from->source_file != NULL)
        status = rp_intern(run, from->source_file, &item->place.file, err);
    if (status == RH_OK)
        status = copy_parameters(item, from, err);
    if (status == RH_OK)
        status = judge(run, item, from, err);
    if (status != RH_OK)
        return status;
    item->place.line = from->source_line;
    item->place.execution = from->execution;
    item->execution = from->execution != 0 ? from->execution : run->read;
    item->seq = run->next_seq++;
    item->bytes += strlen(from->sql);
    item->loop = run->loop;
    item->tx = from->transaction;
    item->text = from->text;
    item->types_key = rp_types_key(item);
    item->prepared = from->protocol == RH_WORKLOAD_PREPARED;
    item->time_us = from->time_us == 0 ? 0 : from->time_us + run->shift_us;
    item->duration_us = from->duration_us;
    if (from->sqlstate != NULL)
        (void)rh_str_copy(item->sqlstate, sizeof item->sqlstate, from->sqlstate);
    return RH_OK;
}

static rh_status copy_item(rh_replay_run *run, const rh_workload_item *from, rp_item **out,
                           rh_error *err)
{
    rh_arena *arena = rh_arena_new_wiping(ITEM_BLOCK_BYTES);
    rp_item *item = arena == NULL ? NULL : rh_arena_array(arena, 1, sizeof *item);
    rh_status status;

    if (item == NULL) {
        rh_arena_free(arena);
        return rh_error_oom(err);
    }
    item->arena = arena;
    status = fill(run, item, from, err);
    if (status != RH_OK) {
        rh_arena_free(arena);
        return status;
    }
    *out = item;
    return RH_OK;
}

/* ---- queues ---- */

static rh_status reserve(rh_replay_run *run, rh_error *err)
{
    size_t sessions = run->sessions.count;
    rh_status status = rp_heap_reserve(&run->ready, sessions, err);

    if (status == RH_OK)
        status = rp_heap_reserve(&run->blocked, sessions, err);
    if (status == RH_OK)
        status = rp_heap_reserve(&run->queued, sessions, err);
    if (status == RH_OK)
        status = rp_heap_reserve(&run->sent, run->pending + 1, err);
    return status;
}

static rh_status enqueue(rh_replay_run *run, rp_item *item, int64_t now_us, rh_error *err)
{
    rp_session *session = item->session;
    rh_status status = reserve(run, err);

    if (status == RH_OK)
        status = rp_unit_read(run, session, item, err);
    if (session->last == NULL)
        session->first = item;
    else
        session->last->next = item;
    session->last = item;
    run->pending++;
    if (status == RH_OK && session->first == item && !session->running) {
        item->ready_us = now_us;
        rp_heap_add(&run->ready, (int64_t)item->seq, 0, session);
    }
    return status;
}

static void note_time(rh_replay_run *run, int64_t time_us)
{
    if (time_us == 0)
        return;
    if (run->first_us == 0)
        run->first_us = time_us;
    if (time_us > run->last_us)
        run->last_us = time_us;
}

/* The end of a loop: the next one follows on the axis of time. */
static rh_status turn_round(rh_replay_run *run, rh_error *err)
{
    run->loop++;
    if (run->loop > run->options.loops || run->read == 0) {
        run->read_all = true;
        return RH_OK;
    }
    if (run->workload->rewind == NULL)
        return rh_error_set(err, RH_EUSAGE, "the workload can be read only once");
    run->shift_us += run->last_us - run->first_us + 1;
    run->read = 0;
    return run->workload->rewind(run->workload->ctx, err);
}

static rh_status read_one(rh_replay_run *run, int64_t now_us, rh_error *err)
{
    rh_workload_item from;
    rp_item *item = NULL;
    rh_status status = RH_DONE;

    if (run->options.limit == 0 || run->read < run->options.limit)
        status = run->workload->next(run->workload->ctx, &from, err);
    if (status == RH_DONE)
        return turn_round(run, err);
    if (status != RH_OK)
        return status;
    run->read++;
    if (run->loop == 1)
        note_time(run, from.time_us);
    status = copy_item(run, &from, &item, err);
    return status == RH_OK ? enqueue(run, item, now_us, err) : status;
}

/* Some session inside a transaction has nothing to do: what it waits for is further on. */
static bool is_starving(const rh_replay_run *run)
{
    for (size_t i = 0; i < run->options.links; i++) {
        const rp_session *owner = run->links[i].owner;

        if (owner != NULL && owner->in_transaction && !owner->running && owner->first == NULL)
            return true;
    }
    return false;
}

bool rp_wants_more(const rh_replay_run *run)
{
    size_t window = run->options.window;

    if (run->read_all)
        return false;
    return run->pending < window || (run->pending < window * HARD_FACTOR && is_starving(run));
}

rh_status rp_feed(rh_replay_run *run, int64_t now_us, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < READ_AT_ONCE && rp_wants_more(run); i++)
        status = read_one(run, now_us, err);
    return status;
}
