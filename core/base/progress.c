/*
 * Progress counters. Adding is a few relaxed atomic adds (workers do it often); the lock only keeps
 * the stage name and its start together, which change rarely.
 */
#include "core/progress.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"

struct rh_progress {
    pthread_mutex_t *lock; /* a pointer, so that looking at a const progress can lock */
    pthread_mutex_t lock_storage;
    char stage[RH_PROGRESS_STAGE_BYTES];
    int64_t start_us;
    int64_t stage_start_us;
    uint64_t total_bytes;
    uint64_t total_rows;
    uint64_t total_items;
    atomic_uint_least64_t bytes;
    atomic_uint_least64_t rows;
    atomic_uint_least64_t items;
};

rh_progress *rh_progress_new(void)
{
    rh_progress *progress = rh_mem_zalloc(sizeof *progress);

    if (progress == NULL)
        return NULL;
    if (pthread_mutex_init(&progress->lock_storage, NULL) != 0) {
        rh_mem_free(progress);
        return NULL;
    }
    progress->lock = &progress->lock_storage;
    progress->start_us = rh_clock_mono_us();
    progress->stage_start_us = progress->start_us;
    atomic_init(&progress->bytes, 0);
    atomic_init(&progress->rows, 0);
    atomic_init(&progress->items, 0);
    return progress;
}

void rh_progress_free(rh_progress *progress)
{
    if (progress == NULL)
        return;
    (void)pthread_mutex_destroy(progress->lock);
    rh_mem_free(progress);
}

void rh_progress_stage(rh_progress *progress, const char *stage, uint64_t total_bytes,
                       uint64_t total_rows, uint64_t total_items)
{
    if (progress == NULL)
        return;
    (void)pthread_mutex_lock(progress->lock);
    (void)rh_str_copy(progress->stage, sizeof progress->stage, stage);
    progress->stage_start_us = rh_clock_mono_us();
    progress->total_bytes = total_bytes;
    progress->total_rows = total_rows;
    progress->total_items = total_items;
    atomic_store(&progress->bytes, 0);
    atomic_store(&progress->rows, 0);
    atomic_store(&progress->items, 0);
    (void)pthread_mutex_unlock(progress->lock);
}

void rh_progress_add(rh_progress *progress, uint64_t bytes, uint64_t rows, uint64_t items)
{
    if (progress == NULL)
        return;
    if (bytes != 0)
        atomic_fetch_add_explicit(&progress->bytes, bytes, memory_order_relaxed);
    if (rows != 0)
        atomic_fetch_add_explicit(&progress->rows, rows, memory_order_relaxed);
    if (items != 0)
        atomic_fetch_add_explicit(&progress->items, items, memory_order_relaxed);
}

void rh_progress_look(const rh_progress *progress, rh_progress_view *out)
{
    memset(out, 0, sizeof *out);
    if (progress == NULL)
        return;
    (void)pthread_mutex_lock(progress->lock);

    int64_t now = rh_clock_mono_us();

    memcpy(out->stage, progress->stage, sizeof out->stage);
    out->total_bytes = progress->total_bytes;
    out->total_rows = progress->total_rows;
    out->total_items = progress->total_items;
    out->done_bytes = atomic_load_explicit(&progress->bytes, memory_order_relaxed);
    out->done_rows = atomic_load_explicit(&progress->rows, memory_order_relaxed);
    out->done_items = atomic_load_explicit(&progress->items, memory_order_relaxed);
    out->stage_elapsed_us = now - progress->stage_start_us;
    out->elapsed_us = now - progress->start_us;
    (void)pthread_mutex_unlock(progress->lock);
}
