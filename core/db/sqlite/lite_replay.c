/*
 * The engine of a replay on SQLite: a thread for each connection, handed one call at a time.
 *
 *   IDLE --start--> RUNNING --(the link's thread)--> DONE --wait--> IDLE
 */
#include "lite_replay.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/replay_engine_ops.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_target.h"

enum { LOOK_US = 100000 }; /* how often an interrupt is looked for */

/* ---- looking ---- */

static rh_status find_file(const char *name, char **out, rh_error *err)
{
    rh_status status = rh_lite_target_path(name, out, err);

    if (status == RH_OK && !rh_fs_exists(*out))
        return rh_error_set(err, RH_ENOTFOUND, "there is no file '%s'", rh_lite_path(name));
    return status;
}

static rh_status lite_look(const char *name, const rh_cancel *cancel, rh_replay_target *out,
                           rh_error *err)
{
    rh_replay_target found = {.engine = RH_ENGINE_SQLITE};
    char *path = NULL;
    char *mark = NULL;
    rh_status status = find_file(name, &path, err);

    (void)cancel;
    if (status == RH_OK) {
        mark = rh_mem_printf("%s.rehearse-production", path);
        if (mark == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK && !rh_str_copy(found.database, sizeof found.database, path))
        status = rh_error_set(err, RH_ELIMIT, "the path '%.80s...' is too long", path);
    if (status == RH_OK) {
        found.staging = rh_lite_is_marked(path);
        found.production = rh_fs_exists(mark);
        (void)rh_str_copy(found.version, sizeof found.version, sqlite3_libversion());
        *out = found;
    }
    rh_mem_free(mark);
    rh_mem_free(path);
    return status;
}

/* ---- threads ---- */

static void *serve(void *ctx)
{
    rh_lite_link *link = ctx;
    rh_lite_replay *replay = link->replay;

    (void)pthread_mutex_lock(&replay->mutex);
    while (!replay->closing) {
        if (link->state != RH_LITE_LINK_RUNNING) {
            (void)pthread_cond_wait(&link->wake, &replay->mutex);
            continue;
        }
        (void)pthread_mutex_unlock(&replay->mutex);
        rh_lite_link_run(link);
        (void)pthread_mutex_lock(&replay->mutex);
        link->state = RH_LITE_LINK_DONE;
        (void)pthread_cond_signal(&replay->done);
    }
    (void)pthread_mutex_unlock(&replay->mutex);
    return NULL;
}

/* Signals are the main thread's. */
static int start_thread(rh_lite_link *link)
{
    sigset_t all;
    sigset_t before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&link->thread, NULL, serve, link);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

/* ---- the engine ---- */

static int64_t lite_now(void *ctx)
{
    (void)ctx;
    return rh_clock_mono_us();
}

static rh_status lite_open_link(void *ctx, size_t at, rh_error *err)
{
    rh_lite_replay *replay = ctx;
    rh_lite_link *link = &replay->links[at];
    rh_status status = rh_lite_link_open(link, err);
    int failed;

    if (status != RH_OK || link->started)
        return status;
    failed = start_thread(link);
    if (failed != 0)
        return rh_error_errno(err, failed, "cannot start a thread");
    link->started = true;
    return RH_OK;
}

static void lite_start(void *ctx, size_t at, const rh_replay_call *const *calls, size_t count)
{
    rh_lite_replay *replay = ctx;
    rh_lite_link *link = &replay->links[at];

    assert(count == 1);
    (void)count;
    memset(&link->done, 0, sizeof link->done);
    link->done.link = at;
    link->done.start_us = rh_clock_mono_us();
    link->call = calls[0];
    atomic_store(&link->canceled, false);
    (void)pthread_mutex_lock(&replay->mutex);
    link->state = RH_LITE_LINK_RUNNING;
    (void)pthread_cond_signal(&link->wake);
    (void)pthread_mutex_unlock(&replay->mutex);
}

static void lite_cancel(void *ctx, size_t at)
{
    rh_lite_replay *replay = ctx;

    /* The progress handler and the busy handler look at it. */
    atomic_store(&replay->links[at].canceled, true);
}

/* Under the mutex. */
static size_t collect(rh_lite_replay *replay, rh_replay_done *out, size_t max, bool *out_running)
{
    size_t links = replay->options.links;
    size_t count = 0;

    *out_running = false;
    for (size_t i = 0; i < links; i++) {
        rh_lite_link *link = &replay->links[(replay->next + i) % links];

        *out_running = *out_running || link->state == RH_LITE_LINK_RUNNING;
        if (link->state != RH_LITE_LINK_DONE || count == max)
            continue;
        link->state = RH_LITE_LINK_IDLE;
        out[count++] = link->done;
    }
    replay->next = (replay->next + 1) % links;
    return count;
}

static void nap(rh_lite_replay *replay, int64_t until_us)
{
    int64_t limit = rh_clock_mono_us() + LOOK_US;
    int64_t end = until_us < limit ? until_us : limit;
    struct timespec when = {.tv_sec = (time_t)(end / 1000000),
                            .tv_nsec = (long)(end % 1000000) * 1000};

    (void)pthread_cond_timedwait(&replay->done, &replay->mutex, &when);
}

static rh_status lite_wait(void *ctx, int64_t until_us, rh_replay_done *out, size_t max,
                           size_t *out_count, rh_error *err)
{
    rh_lite_replay *replay = ctx;
    bool running = false;
    size_t count;

    (void)err;
    (void)pthread_mutex_lock(&replay->mutex);
    count = collect(replay, out, max, &running);
    while (count == 0 && rh_clock_mono_us() < until_us && !(until_us == INT64_MAX && !running) &&
           !rh_cancel_requested(replay->options.cancel)) {
        nap(replay, until_us);
        count = collect(replay, out, max, &running);
    }
    (void)pthread_mutex_unlock(&replay->mutex);
    *out_count = count;
    return RH_OK;
}

static void stop_threads(rh_lite_replay *replay)
{
    (void)pthread_mutex_lock(&replay->mutex);
    replay->closing = true;
    for (size_t i = 0; i < replay->options.links; i++) {
        atomic_store(&replay->links[i].canceled, true);
        (void)pthread_cond_signal(&replay->links[i].wake);
    }
    (void)pthread_mutex_unlock(&replay->mutex);
    for (size_t i = 0; i < replay->options.links; i++) {
        if (replay->links[i].started)
            (void)pthread_join(replay->links[i].thread, NULL);
    }
}

static void lite_close(void *ctx)
{
    rh_lite_replay *replay = ctx;

    if (replay == NULL)
        return;
    if (replay->ready) {
        stop_threads(replay);
        for (size_t i = 0; i < replay->options.links; i++) {
            rh_lite_close(replay->links[i].db);
            rh_row_hasher_free(replay->links[i].hasher);
            (void)pthread_cond_destroy(&replay->links[i].wake);
        }
        (void)pthread_cond_destroy(&replay->done);
        (void)pthread_mutex_destroy(&replay->mutex);
    }
    rh_mem_free(replay->links);
    rh_mem_free(replay->path);
    rh_mem_free(replay);
}

static const rh_replay_engine_ops ops = {
    lite_now, lite_open_link, lite_start, lite_wait, lite_cancel, lite_close,
};

static rh_status make_links(rh_lite_replay *replay, rh_error *err)
{
    pthread_condattr_t attributes;

    (void)rh_replay_row_secret(replay->secret);
    (void)pthread_mutex_init(&replay->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&replay->done, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    for (size_t i = 0; i < replay->options.links; i++)
        (void)pthread_cond_init(&replay->links[i].wake, NULL);
    replay->ready = true;
    for (size_t i = 0; i < replay->options.links; i++) {
        replay->links[i].replay = replay;
        replay->links[i].hasher = rh_row_hasher_new(replay->secret);
        if (replay->links[i].hasher == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

static rh_status lite_open(const char *name, const rh_replay_engine_options *options,
                           rh_replay_engine *out, rh_error *err)
{
    rh_lite_replay *replay = rh_mem_zalloc(sizeof *replay);
    rh_status status;

    if (replay == NULL)
        return rh_error_oom(err);
    replay->options = *options;
    replay->links = rh_mem_array(options->links, sizeof *replay->links);
    status = replay->links != NULL ? find_file(name, &replay->path, err) : rh_error_oom(err);
    if (status == RH_OK)
        status = make_links(replay, err);
    if (status != RH_OK) {
        lite_close(replay);
        return status;
    }
    out->ops = &ops;
    out->ctx = replay;
    return RH_OK;
}

const rh_replay_ops rh_replay_sqlite = {lite_look, lite_open};
