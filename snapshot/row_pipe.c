/*
 * Invariants
 *   1. Slots first .. first + count - 1 are full; the thread works on the first of them, which
 * stays counted until the sink is done. Only the putting side touches the others.
 *   2. After the sink's first error the rest is taken and thrown away: putting never waits for
 * ever.
 */
#include "row_pipe.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "core/mem.h"

enum {
    SLOTS = 4,
    LEND_BYTES = 4 * RH_BATCH_TARGET_BYTES, /* longer batches are not copied */
};

typedef struct slot {
    rh_batch_builder copy;
    rh_batch batch; /* a view of the copy, or lent */
} slot;

struct rh_row_pipe {
    rh_row_sink sink;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_cond_t freed;
    slot slots[SLOTS];
    size_t first; /* under lock, as all below */
    size_t count;
    bool closed;
    rh_status status;
    rh_error error;
};

/* ---- the thread ---- */

/* The slot to work on, or NULL at the end. */
static slot *next_slot(rh_row_pipe *pipe, bool *out_wanted)
{
    slot *next = NULL;

    (void)pthread_mutex_lock(&pipe->lock);
    while (pipe->count == 0 && !pipe->closed)
        (void)pthread_cond_wait(&pipe->filled, &pipe->lock);
    if (pipe->count > 0)
        next = &pipe->slots[pipe->first];
    *out_wanted = pipe->status == RH_OK;
    (void)pthread_mutex_unlock(&pipe->lock);
    return next;
}

static void slot_taken(rh_row_pipe *pipe, rh_status status, const rh_error *error)
{
    (void)pthread_mutex_lock(&pipe->lock);
    if (status != RH_OK && pipe->status == RH_OK) {
        pipe->status = status;
        pipe->error = *error;
    }
    pipe->first = (pipe->first + 1) % SLOTS;
    pipe->count--;
    (void)pthread_cond_signal(&pipe->freed);
    (void)pthread_mutex_unlock(&pipe->lock);
}

static void *run(void *ctx)
{
    rh_row_pipe *pipe = ctx;
    bool wanted;
    slot *next;

    while ((next = next_slot(pipe, &wanted)) != NULL) {
        rh_error error = RH_ERROR_INIT;
        rh_status status = RH_OK;

        if (wanted)
            status = pipe->sink.put(pipe->sink.ctx, &next->batch, &error);
        slot_taken(pipe, status, &error);
    }
    return NULL;
}

/* ---- life cycle ---- */

static bool make_locks(rh_row_pipe *pipe)
{
    if (pthread_mutex_init(&pipe->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&pipe->filled, NULL) != 0)
        goto fail_filled;
    if (pthread_cond_init(&pipe->freed, NULL) != 0)
        goto fail_freed;
    return true;
fail_freed:
    (void)pthread_cond_destroy(&pipe->filled);
fail_filled:
    (void)pthread_mutex_destroy(&pipe->lock);
    return false;
}

/* Signals are the main thread's. */
static rh_status start_thread(rh_row_pipe *pipe, rh_error *err)
{
    sigset_t all;
    sigset_t before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&pipe->thread, NULL, run, pipe);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return rh_error_errno(err, failed, "cannot start a thread");
    pipe->running = true;
    return RH_OK;
}

rh_status rh_row_pipe_start(const rh_row_sink *sink, rh_row_pipe **out, rh_error *err)
{
    rh_row_pipe *pipe = rh_mem_zalloc(sizeof *pipe);
    rh_status status;

    if (pipe == NULL)
        return rh_error_oom(err);
    if (!make_locks(pipe)) {
        rh_mem_free(pipe);
        return rh_error_oom(err);
    }
    pipe->sink = *sink;
    for (size_t i = 0; i < SLOTS; i++)
        rh_batch_builder_init(&pipe->slots[i].copy, LEND_BYTES);
    status = start_thread(pipe, err);
    if (status != RH_OK) {
        rh_row_pipe_stop(pipe);
        return status;
    }
    *out = pipe;
    return RH_OK;
}

void rh_row_pipe_stop(rh_row_pipe *pipe)
{
    if (pipe == NULL)
        return;
    if (pipe->running) {
        (void)pthread_mutex_lock(&pipe->lock);
        pipe->closed = true;
        if (pipe->status == RH_OK)
            pipe->status = RH_ECANCELED; /* what still waits is nobody's any more */
        (void)pthread_cond_signal(&pipe->filled);
        (void)pthread_mutex_unlock(&pipe->lock);
        (void)pthread_join(pipe->thread, NULL);
    }
    for (size_t i = 0; i < SLOTS; i++)
        rh_batch_builder_done(&pipe->slots[i].copy);
    (void)pthread_cond_destroy(&pipe->freed);
    (void)pthread_cond_destroy(&pipe->filled);
    (void)pthread_mutex_destroy(&pipe->lock);
    rh_mem_free(pipe);
}

/* ---- the putting side ---- */

/* Wait until at most `left` slots are full, and for the sink's error about earlier batches. *out is
 * the next free slot; it is not shared until `publish`. */
static rh_status wait_for_room(rh_row_pipe *pipe, size_t left, slot **out, rh_error *err)
{
    rh_status status;

    (void)pthread_mutex_lock(&pipe->lock);
    while (pipe->count > left)
        (void)pthread_cond_wait(&pipe->freed, &pipe->lock);
    *out = &pipe->slots[(pipe->first + pipe->count) % SLOTS];
    status = pipe->status;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = pipe->error;
    (void)pthread_mutex_unlock(&pipe->lock);
    return status;
}

static void publish(rh_row_pipe *pipe)
{
    (void)pthread_mutex_lock(&pipe->lock);
    pipe->count++;
    (void)pthread_cond_signal(&pipe->filled);
    (void)pthread_mutex_unlock(&pipe->lock);
}

static rh_status copy_batch(slot *to, const rh_batch *batch, rh_error *err)
{
    rh_status status;

    rh_batch_builder_clear(&to->copy);
    status = rh_batch_builder_copy(&to->copy, batch, err);
    if (status == RH_OK)
        to->batch = rh_batch_builder_view(&to->copy);
    return status;
}

rh_status rh_row_pipe_put(rh_row_pipe *pipe, const rh_batch *batch, rh_error *err)
{
    bool lent = batch->len > LEND_BYTES;
    slot *to = NULL;
    rh_status status = wait_for_room(pipe, SLOTS - 1, &to, err);

    if (status == RH_OK && !lent)
        status = copy_batch(to, batch, err);
    if (status != RH_OK)
        return status;
    if (lent)
        to->batch = *batch;
    publish(pipe);
    return lent ? rh_row_pipe_drain(pipe, err) : RH_OK;
}

rh_status rh_row_pipe_drain(rh_row_pipe *pipe, rh_error *err)
{
    slot *ignored;

    return wait_for_room(pipe, 0, &ignored, err);
}

static rh_status put(void *ctx, const rh_batch *batch, rh_error *err)
{
    return rh_row_pipe_put(ctx, batch, err);
}

rh_row_sink rh_row_pipe_sink(rh_row_pipe *pipe)
{
    return (rh_row_sink){put, pipe};
}
