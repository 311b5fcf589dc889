/*
 * The engine of a replay on PostgreSQL: links, one poll over all of them, cancel, close.
 */
#include "pg_replay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/replay_engine_ops.h"
#include "core/str.h"
#include "pg_identity.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum { WATCH_MS = 20 }; /* longest poll while something runs: locks are looked at so often */

typedef struct pg_replay {
    rh_pg_conninfo *info;
    rh_replay_engine_options options;
    rh_pg_link *links;
    rh_replay_done *done; /* of all links, depth each */
    rh_pg_settings settings;
    struct pollfd *fds; /* one per link and one for the watch */
    rh_row_hasher *hasher;
    uint8_t secret[RH_ROW_SECRET_BYTES]; /* the hasher borrows it */
    rh_pg_locks locks;
    size_t next; /* link that wait looks at first, so that none starves */
} pg_replay;

/* ---- looking ---- */

static rh_status look(rh_pg *pg, rh_replay_target *out, rh_error *err)
{
    rh_pg_identity identity;
    PGresult *result = NULL;
    rh_status status = rh_pg_identity_get(pg, &identity, err);

    if (status == RH_OK)
        status = rh_pg_query(pg, rh_pg_sql_replay_look, 0, NULL, &result, err);
    if (status == RH_OK && PQntuples(result) == 1) {
        out->engine = RH_ENGINE_POSTGRESQL;
        out->staging = rh_pg_true(result, 0, 0);
        out->production = rh_pg_true(result, 0, 1);
        (void)rh_str_copy(out->system_id, sizeof out->system_id, identity.system_id);
        (void)rh_str_copy(out->database, sizeof out->database, PQgetvalue(result, 0, 2));
        (void)rh_str_copy(out->version, sizeof out->version, PQgetvalue(result, 0, 3));
    }
    PQclear(result);
    return status;
}

static rh_status pg_look(const char *name, const rh_cancel *cancel, rh_replay_target *out,
                         rh_error *err)
{
    rh_pg_conninfo *info = NULL;
    rh_pg *pg = NULL;
    rh_replay_target found = {0};
    rh_status status = rh_pg_conninfo_parse(name, &info, err);

    if (status == RH_OK)
        status = rh_pg_open(info, NULL, cancel, &pg, err);
    if (status == RH_OK)
        status = look(pg, &found, err);
    if (status == RH_OK)
        *out = found;
    rh_pg_close(pg);
    rh_pg_conninfo_free(info);
    return status;
}

/* ---- links ---- */

static int64_t pg_now(void *ctx)
{
    (void)ctx;
    return rh_clock_mono_us();
}

/* What the role and the database set is what the application had: only our own settings go. */
static void fill_settings(rh_pg_settings *out, const rh_replay_engine_options *options)
{
    (void)rh_str_copy(out->texts[out->count++], sizeof out->texts[0],
                      RH_PG_OURS "SET client_min_messages = error");
    if (options->read_only)
        (void)rh_str_copy(out->texts[out->count++], sizeof out->texts[0],
                          RH_PG_OURS "SET default_transaction_read_only = on");
    if (options->statement_time_us > 0)
        (void)snprintf(out->texts[out->count++], sizeof out->texts[0],
                       RH_PG_OURS "SET statement_timeout = '%lldms'",
                       (long long)((options->statement_time_us + 999) / 1000));
}

static rh_status pg_open_link(void *ctx, size_t at, rh_error *err)
{
    pg_replay *replay = ctx;
    rh_pg_link *link = &replay->links[at];
    rh_status status = link->connecting.status;

    if (!link->opened)
        return rh_pg_link_open(link, replay->info, replay->options.cancel, err);
    link->connecting.status = RH_SKIPPED;
    if (status == RH_OK && link->conn != NULL) /* while we waited for others */
        return RH_OK;
    if (status < RH_OK)
        return rh_error_set(err, status, "%s", link->connecting.failed.text);
    return rh_pg_link_reopen(link, replay->info, err);
}

static void pg_start(void *ctx, size_t at, const rh_replay_call *const *calls, size_t count)
{
    pg_replay *replay = ctx;

    rh_pg_link_start(&replay->links[at], calls, count);
}

/* One request at a time, and nobody waits for it: links are many, and the host may be silent. */
static void pg_cancel_link(void *ctx, size_t at)
{
    pg_replay *replay = ctx;
    rh_pg_link *link = &replay->links[at];

    if (rh_pg_link_current(link) == NULL || link->conn == NULL)
        return;
    link->canceled = true;
    if (link->canceling != NULL && !rh_pg_errand_wait_us(link->canceling, 0))
        return;
    rh_pg_errand_leave(link->canceling);
    link->canceling = rh_pg_errand_cancel(link->conn);
}

/* ---- waiting ---- */

static size_t collect(pg_replay *replay, rh_replay_done *out, size_t max)
{
    size_t links = replay->options.links;
    size_t count = 0;

    for (size_t i = 0; i < links && count < max; i++) {
        size_t at = (replay->next + i) % links;
        rh_pg_link *link = &replay->links[at];

        rh_pg_link_advance(link, replay->hasher);
        while (count < max && rh_pg_link_tell(link, &out[count]))
            out[count++].link = at;
    }
    replay->next = (replay->next + 1) % links;
    return count;
}

/* Returns whether anything runs. */
static bool fill_fds(pg_replay *replay, nfds_t *out_count)
{
    nfds_t count = 0;
    bool running = false;

    for (size_t i = 0; i < replay->options.links; i++) {
        const rh_pg_link *link = &replay->links[i];

        if (link->connecting.conn != NULL) {
            replay->fds[count].fd = PQsocket(link->connecting.conn);
            replay->fds[count].events = rh_pg_link_connect_events(link);
            replay->fds[count++].revents = 0;
        }
        if (rh_pg_link_current(link) == NULL || link->conn == NULL)
            continue;
        running = true;
        replay->fds[count].fd = PQsocket(link->conn);
        replay->fds[count].events = (short)(link->flushing ? POLLIN | POLLOUT : POLLIN);
        replay->fds[count++].revents = 0;
    }
    if (replay->locks.asking && replay->locks.conn != NULL) {
        replay->fds[count].fd = PQsocket(replay->locks.conn);
        replay->fds[count].events = POLLIN;
        replay->fds[count++].revents = 0;
    }
    *out_count = count;
    return running;
}

/* Returns whether any has come to an end; open_link tells which. */
static bool go_on_connecting(pg_replay *replay)
{
    bool ended = false;

    for (size_t i = 0; i < replay->options.links; i++) {
        rh_pg_link *link = &replay->links[i];

        if (link->connecting.conn == NULL)
            continue;
        rh_error_clear(&link->connecting.failed);
        link->connecting.status = rh_pg_link_reopen(link, replay->info, &link->connecting.failed);
        ended = ended || link->connecting.status != RH_SKIPPED;
    }
    return ended;
}

static int timeout_ms(int64_t until_us, bool running)
{
    int64_t left_us = until_us == INT64_MAX ? INT64_MAX : until_us - rh_clock_mono_us();
    int64_t limit_us = (running ? WATCH_MS : 200) * 1000;

    if (left_us <= 0)
        return 0;
    return (int)(((left_us < limit_us ? left_us : limit_us) + 999) / 1000);
}

/* What stood behind a canceled statement is on its way already: it is stopped as it comes. */
static void cancel_again(pg_replay *replay)
{
    for (size_t i = 0; i < replay->options.links; i++) {
        if (replay->links[i].canceled && replay->links[i].count > 1)
            pg_cancel_link(replay, i);
    }
}

static rh_status pg_wait(void *ctx, int64_t until_us, rh_replay_done *out, size_t max,
                         size_t *out_count, rh_error *err)
{
    pg_replay *replay = ctx;
    size_t count = collect(replay, out, max);

    while (count == 0) {
        nfds_t fds = 0;
        bool running = fill_fds(replay, &fds);

        if (!running && until_us == INT64_MAX)
            break;
        if (poll(replay->fds, fds, timeout_ms(until_us, running)) < 0 && errno != EINTR)
            return rh_error_errno(err, errno, "cannot wait for the server");
        rh_pg_locks_watch(&replay->locks, replay->links, replay->options.links, rh_clock_mono_us());
        cancel_again(replay);
        count = collect(replay, out, max);
        if (go_on_connecting(replay) || rh_clock_mono_us() >= until_us ||
            rh_cancel_requested(replay->options.cancel))
            break;
    }
    *out_count = count;
    return RH_OK;
}

/* ---- life cycle ---- */

static void pg_close(void *ctx)
{
    pg_replay *replay = ctx;

    if (replay == NULL)
        return;
    for (size_t i = 0; replay->links != NULL && i < replay->options.links; i++) {
        rh_pg_link_close(&replay->links[i]);
        PQfinish(replay->links[i].connecting.conn);
        rh_pg_errand_leave(replay->links[i].canceling);
    }
    PQfinish(replay->locks.conn);
    rh_row_hasher_free(replay->hasher);
    rh_mem_free(replay->links);
    rh_mem_free(replay->done);
    rh_mem_free(replay->fds);
    rh_pg_conninfo_free(replay->info);
    rh_mem_free(replay);
}

static const rh_replay_engine_ops ops = {
    pg_now, pg_open_link, pg_start, pg_wait, pg_cancel_link, pg_close,
};

/* Which of several hosts it is, is decided here; the watch keeps that first connection. */
static rh_status open_watch(pg_replay *replay, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = rh_pg_open(replay->info, NULL, replay->options.cancel, &pg, err);

    if (status == RH_OK)
        status = rh_pg_pin(pg, replay->info, err);
    if (status == RH_OK) {
        (void)PQsetnonblocking(pg->conn, 1);
        replay->locks.conn = pg->conn;
        pg->conn = NULL;
    }
    rh_pg_close(pg);
    return status;
}

static rh_status pg_open(const char *name, const rh_replay_engine_options *options,
                         rh_replay_engine *out, rh_error *err)
{
    pg_replay *replay = rh_mem_zalloc(sizeof *replay);
    rh_status status;

    if (replay == NULL)
        return rh_error_oom(err);
    replay->options = *options;
    if (options->depth == 0)
        replay->options.depth = 1;
    fill_settings(&replay->settings, options);
    replay->links = rh_mem_array(options->links, sizeof *replay->links);
    replay->done = rh_mem_array(options->links * replay->options.depth, sizeof *replay->done);
    replay->fds = rh_mem_array(options->links + 1, sizeof *replay->fds);
    replay->hasher = rh_row_hasher_new(rh_replay_row_secret(replay->secret));
    for (size_t i = 0; replay->links != NULL && replay->done != NULL && i < options->links; i++) {
        replay->links[i].settings = &replay->settings;
        replay->links[i].connecting.status = RH_SKIPPED;
        replay->links[i].done = &replay->done[i * replay->options.depth];
    }
    if (replay->links == NULL || replay->done == NULL || replay->fds == NULL ||
        replay->hasher == NULL)
        status = rh_error_oom(err);
    else
        status = rh_pg_conninfo_parse(name, &replay->info, err);
    if (status == RH_OK)
        status = open_watch(replay, err);
    if (status != RH_OK) {
        pg_close(replay);
        return status;
    }
    out->ops = &ops;
    out->ctx = replay;
    return RH_OK;
}

const rh_replay_ops rh_replay_postgresql = {pg_look, pg_open};
