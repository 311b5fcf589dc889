/*
 * A handful of threads that run the same function until the work is gone; the first error wins and
 * tells the others to stop.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

typedef struct rh_pool rh_pool;

/** One thread's work. index is 0 .. threads-1. Must return soon after rh_pool_stopping(). */
typedef rh_status (*rh_pool_function)(void *ctx, size_t index, rh_pool *pool, rh_error *err);

/**
 * Run function in `threads` new threads (1 to 256) and wait for all of them.
 *
 * Returns RH_OK when every call returned RH_OK or RH_DONE. Otherwise the error of the first that
 * failed (in time). When a thread cannot be started the others are stopped and RH_EIO returned.
 * Signals are blocked in the new threads: the main thread handles them.
 */
rh_status rh_pool_run(size_t threads, rh_pool_function function, void *ctx,
                      rh_error *err) RH_MUST_CHECK;

/** True once some thread failed: finish early. */
bool rh_pool_stopping(const rh_pool *pool);

/** Number of processors this process may use (>= 1). */
size_t rh_pool_processors(void);

#endif
