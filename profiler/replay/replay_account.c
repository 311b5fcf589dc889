#include "replay_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"

/* ---- histograms ---- */

static size_t bucket_of(int64_t us)
{
    uint64_t value = us > 0 ? (uint64_t)us : 0;
    unsigned top = 0;
    size_t bucket;

    if (value < 4)
        return (size_t)value;
    while (value >> (top + 1) != 0)
        top++;
    bucket = (size_t)top * 4 - 4 + (size_t)((value >> (top - 2)) & 3);
    return bucket < RP_BUCKETS ? bucket : RP_BUCKETS - 1;
}

int64_t rp_bucket_us(size_t bucket)
{
    unsigned top = (unsigned)(bucket / 4 + 1);

    if (bucket < 4)
        return (int64_t)bucket;
    return ((int64_t)(bucket % 4 + 5) << (top - 2)) - 1;
}

int64_t rp_percentile_us(const rp_figures *figures, unsigned per_mille)
{
    uint64_t want = (figures->executions * per_mille + 999) / 1000;
    uint64_t seen = 0;

    for (size_t i = 0; i < RP_BUCKETS; i++) {
        seen += figures->histogram[i];
        if (seen >= want && seen > 0) {
            int64_t bound = rp_bucket_us(i);

            return bound < figures->max_us ? bound : figures->max_us;
        }
    }
    return 0;
}

/* ---- who is counted ---- */

rh_status rp_session_get(rh_replay_run *run, uint64_t id, rp_session **out, rh_error *err)
{
    rp_session *session = rp_map_get(&run->sessions, id);
    rh_status status = RH_OK;

    if (session == NULL) {
        session = rh_mem_zalloc(sizeof *session);
        if (session == NULL)
            return rh_error_oom(err);
        session->id = id;
        session->figures.key = id;
        session->link = RP_NO_LINK;
        status = rp_map_put(&run->sessions, id, session, err);
        if (status != RH_OK)
            rh_mem_free(session);
    }
    if (status == RH_OK)
        *out = session;
    return status;
}

rh_status rp_figures_get(rh_replay_run *run, const rh_workload_statement *statement,
                         rp_figures **out, rh_error *err)
{
    uint64_t key = statement == NULL ? 0 : statement->fingerprint;
    rp_figures *figures = rp_map_get(&run->fingerprints, key);
    rh_status status = RH_OK;

    if (figures != NULL) {
        *out = figures;
        return RH_OK;
    }
    figures = rh_mem_zalloc(sizeof *figures);
    if (figures == NULL)
        return rh_error_oom(err);
    figures->key = key;
    figures->normalized = rh_mem_strdup(statement == NULL ? "" : statement->normalized);
    status = figures->normalized == NULL ? rh_error_oom(err)
                                         : rp_map_put(&run->fingerprints, key, figures, err);
    if (status != RH_OK) {
        rh_mem_free(figures->normalized);
        rh_mem_free(figures);
        return status;
    }
    rh_str_make_utf8(figures->normalized, strlen(figures->normalized));
    *out = figures;
    return RH_OK;
}

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    return hash;
}

rh_status rp_intern(rh_replay_run *run, const char *name, const char **out, rh_error *err)
{
    uint64_t key = hash_text(name);
    char *found = rp_map_get(&run->files, key);
    rh_status status = RH_OK;

    while (found != NULL && strcmp(found, name) != 0)
        found = rp_map_get(&run->files, ++key);
    if (found == NULL) {
        found = rh_mem_strdup(name);
        if (found == NULL)
            return rh_error_oom(err);
        status = rp_map_put(&run->files, key, found, err);
        if (status != RH_OK)
            rh_mem_free(found);
    }
    if (status == RH_OK)
        *out = found;
    return status;
}

/* ---- one execution ---- */

static void add(rp_figures *figures, const rp_item *item, const rh_replay_done *done)
{
    int64_t us = done->end_us - done->start_us;

    figures->executions++;
    figures->errors += done->status != RH_OK;
    figures->rows += done->rows;
    figures->total_us += us;
    figures->lock_us += done->lock_us;
    if (done->steps > 0)
        figures->steps += done->steps;
    if (us > figures->max_us)
        figures->max_us = us;
    figures->histogram[bucket_of(us)]++;
    if (item->duration_us >= 0) {
        figures->captured_us += item->duration_us;
        figures->captured++;
    }
}

static const char *state_of(const rh_replay_done *done)
{
    if (done->sqlstate[0] != '\0' || done->status == RH_OK)
        return done->sqlstate;
    switch (done->status) {
    case RH_ECONNECT:
        return "08006";
    case RH_EBUSY:
        return "55P03";
    case RH_ELIMIT:
    case RH_ECANCELED:
        return "57014";
    default:
        return "HV000"; /* SQLite has no states */
    }
}

static rh_status add_error(rh_replay_run *run, const rp_item *item, const rh_replay_done *done,
                           rh_error *err)
{
    const char *state = state_of(done);
    uint64_t key = item->figures->key * 31 + hash_text(state);
    rp_error_kind *kind = rp_map_get(&run->errors, key);
    rh_status status = RH_OK;

    if (kind == NULL && run->errors.count >= RP_MAX_KINDS)
        return RH_OK; /* counted with the fingerprint */
    if (kind == NULL) {
        kind = rh_mem_zalloc(sizeof *kind);
        if (kind == NULL)
            return rh_error_oom(err);
        kind->fingerprint = item->figures->key;
        (void)rh_str_copy(kind->sqlstate, sizeof kind->sqlstate, state);
        (void)rh_str_copy(kind->message, sizeof kind->message, done->message);
        rh_str_make_utf8(kind->message, strlen(kind->message));
        status = rp_map_put(&run->errors, key, kind, err);
        if (status != RH_OK) {
            rh_mem_free(kind);
            return status;
        }
    }
    kind->count++;
    kind->captured += strcmp(item->sqlstate, state) == 0;
    if (kind->place_count < RP_PLACES)
        kind->places[kind->place_count++] = item->place;
    return RH_OK;
}

static rh_status add_outcome(rh_replay_run *run, const rp_item *item, const rh_replay_done *done,
                             rh_error *err)
{
    rp_outcome outcome = {
        .loop = item->loop,
        .execution = item->execution,
        .rows = done->rows,
        .hash = done->hash,
        .place = item->place,
    };

    (void)rh_str_copy(outcome.sqlstate, sizeof outcome.sqlstate, state_of(done));
    return rp_outcomes_add(&run->outcomes, &outcome, err);
}

rh_status rp_account_done(rh_replay_run *run, const rp_item *item, const rh_replay_done *done,
                          rh_error *err)
{
    rh_status status = RH_OK;

    add(&run->total, item, done);
    add(&item->session->figures, item, done);
    add(item->figures, item, done);
    if (run->options.keep_outcomes)
        status = add_outcome(run, item, done, err);
    if (status == RH_OK && done->status != RH_OK)
        status = add_error(run, item, done, err);
    return status;
}

rh_status rp_account_skip(rh_replay_run *run, const rp_item *item, const char *reason,
                          rh_error *err)
{
    uint64_t key = hash_text(reason);
    rp_skip_kind *kind = rp_map_get(&run->skips, key);
    rh_status status = RH_OK;

    run->total.skipped++;
    item->session->figures.skipped++;
    item->figures->skipped++;
    if (kind == NULL) {
        kind = rh_mem_zalloc(sizeof *kind);
        if (kind == NULL)
            return rh_error_oom(err);
        kind->first = item->place;
        status = rp_intern(run, reason, &kind->reason, err);
        if (status == RH_OK)
            status = rp_map_put(&run->skips, key, kind, err);
        if (status != RH_OK) {
            rh_mem_free(kind);
            return status;
        }
    }
    kind->count++;
    return RH_OK;
}

/* ---- the end ---- */

static void free_values(rp_map *map)
{
    for (size_t i = 0; i < map->cap; i++)
        rh_mem_free(map->slots[i].value);
    rp_map_done(map);
}

void rp_account_free(rh_replay_run *run)
{
    for (size_t i = 0; i < run->fingerprints.cap; i++) {
        rp_figures *figures = run->fingerprints.slots[i].value;

        if (figures != NULL)
            rh_mem_free(figures->normalized);
    }
    free_values(&run->fingerprints);
    free_values(&run->errors);
    free_values(&run->skips);
    free_values(&run->files);
    free_values(&run->types);
    rp_outcomes_done(&run->outcomes);
}
