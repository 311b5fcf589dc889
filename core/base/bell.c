#include "core/bell.h"

#include <pthread.h>
#include <time.h>

#include "core/mem.h"

enum { US_PER_SECOND = 1000000 };

struct rh_bell {
    pthread_mutex_t lock;
    pthread_cond_t rang;
    bool rung;
};

/* On the clock that nobody sets. */
static bool make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    bool good;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return good;
}

rh_bell *rh_bell_new(void)
{
    rh_bell *bell = rh_mem_zalloc(sizeof *bell);

    if (bell == NULL)
        return NULL;
    if (pthread_mutex_init(&bell->lock, NULL) != 0)
        goto fail;
    if (!make_condition(&bell->rang)) {
        (void)pthread_mutex_destroy(&bell->lock);
        goto fail;
    }
    return bell;
fail:
    rh_mem_free(bell);
    return NULL;
}

void rh_bell_free(rh_bell *bell)
{
    if (bell == NULL)
        return;
    (void)pthread_cond_destroy(&bell->rang);
    (void)pthread_mutex_destroy(&bell->lock);
    rh_mem_free(bell);
}

void rh_bell_ring(rh_bell *bell)
{
    if (bell == NULL)
        return;
    (void)pthread_mutex_lock(&bell->lock);
    bell->rung = true;
    (void)pthread_cond_broadcast(&bell->rang);
    (void)pthread_mutex_unlock(&bell->lock);
}

bool rh_bell_wait_us(rh_bell *bell, int64_t timeout_us)
{
    struct timespec until = {0, 0};
    int failed = 0;
    bool rung;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(timeout_us / US_PER_SECOND);
    until.tv_nsec += (long)(timeout_us % US_PER_SECOND) * 1000;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_mutex_lock(&bell->lock);
    while (!bell->rung && failed == 0)
        failed = pthread_cond_timedwait(&bell->rang, &bell->lock, &until);
    rung = bell->rung;
    (void)pthread_mutex_unlock(&bell->lock);
    return rung;
}
