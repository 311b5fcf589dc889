/*
 * Run one function in several threads. The first failure is kept and raises the stop flag; every
 * thread that was started is always joined.
 */
#define _GNU_SOURCE /* sched_getaffinity: a container may use fewer processors than exist */

#include "core/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/mem.h"

enum { MAX_THREADS = 256 };

struct rh_pool {
    atomic_bool stopping;
    pthread_mutex_t lock;
    rh_pool_function function;
    void *ctx;
    rh_status status; /* of the first that failed */
    rh_error error;
};

typedef struct worker {
    rh_pool *pool;
    size_t index;
    pthread_t thread;
} worker;

/* Keep the first failure; first in the order in which threads come here. */
static void record(rh_pool *pool, rh_status status, const rh_error *error)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->status == RH_OK) {
        pool->status = status;
        pool->error = *error;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    atomic_store(&pool->stopping, true);
}

static void *work(void *arg)
{
    worker *w = arg;
    rh_error error = RH_ERROR_INIT;
    rh_status status = w->pool->function(w->pool->ctx, w->index, w->pool, &error);

    if (status < RH_OK) {
        if (error.code == RH_OK)
            (void)rh_error_set(&error, status, "a worker failed (%s)", rh_status_name(status));
        record(w->pool, status, &error);
    }
    return NULL;
}

/*
 * Block what a handler of the main thread may want; faults of the thread itself stay deliverable
 * because blocking those is undefined.
 */
static void block_signals(sigset_t *out_before)
{
    static const int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t all;

    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof own_faults / sizeof own_faults[0]; i++)
        (void)sigdelset(&all, own_faults[i]);
    (void)pthread_sigmask(SIG_SETMASK, &all, out_before);
}

/* Start the threads with signals blocked. Returns how many run. */
static size_t start(rh_pool *pool, worker *workers, size_t threads)
{
    sigset_t before;
    size_t started = 0;

    block_signals(&before);
    for (; started < threads; started++) {
        workers[started].pool = pool;
        workers[started].index = started;

        int failed = pthread_create(&workers[started].thread, NULL, work, &workers[started]);

        if (failed != 0) {
            rh_error error = RH_ERROR_INIT;

            (void)rh_error_errno(&error, failed, "cannot start thread %zu of %zu", started + 1,
                                 threads);
            error.code = RH_EIO;
            record(pool, RH_EIO, &error);
            break;
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

rh_status rh_pool_run(size_t threads, rh_pool_function function, void *ctx, rh_error *err)
{
    rh_pool pool;
    rh_status status = RH_OK;
    worker *workers = NULL;

    if (threads < 1 || threads > MAX_THREADS)
        return rh_error_set(err, RH_EUSAGE, "the number of threads must be 1 to %d, not %zu",
                            MAX_THREADS, threads);

    atomic_init(&pool.stopping, false);
    pool.function = function;
    pool.ctx = ctx;
    pool.status = RH_OK;
    pool.error = (rh_error)RH_ERROR_INIT;
    if (pthread_mutex_init(&pool.lock, NULL) != 0)
        return rh_error_oom(err);

    workers = rh_mem_array(threads, sizeof *workers);
    if (workers == NULL) {
        status = rh_error_oom(err);
        goto out;
    }

    size_t started = start(&pool, workers, threads);

    for (size_t i = 0; i < started; i++)
        (void)pthread_join(workers[i].thread, NULL);

    status = pool.status;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = pool.error;
out:
    rh_mem_free(workers);
    (void)pthread_mutex_destroy(&pool.lock);
    return status;
}

bool rh_pool_stopping(const rh_pool *pool)
{
    return atomic_load_explicit(&pool->stopping, memory_order_relaxed);
}

size_t rh_pool_processors(void)
{
    long count = 0;
#ifdef CPU_COUNT
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        count = CPU_COUNT(&allowed);
#endif
    if (count < 1)
        count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (size_t)count;
}
