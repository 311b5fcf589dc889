/*
 * Token bucket, kept as the moment until which all bytes taken so far are paid for. A taker moves
 * that moment on and sleeps until it has come, minus the quarter of a second that the bucket holds.
 */
#include "core/rate.h"

#include <pthread.h>

#include "core/clock.h"
#include "core/mem.h"

static const double BUCKET_SECONDS = 0.25;
static const int64_t SLICE_US = 100000; /* how long a changed limit may go unseen by a sleeper */

struct rh_rate {
    pthread_mutex_t lock;
    double bytes_per_second; /* 0: no limit */
    double paid_until;       /* seconds of the monotonic clock */
};

static double now_seconds(void)
{
    return (double)rh_clock_mono_us() / 1e6;
}

rh_rate *rh_rate_new(uint64_t bytes_per_second)
{
    rh_rate *rate = rh_mem_zalloc(sizeof *rate);

    if (rate == NULL)
        return NULL;
    if (pthread_mutex_init(&rate->lock, NULL) != 0) {
        rh_mem_free(rate);
        return NULL;
    }
    rate->bytes_per_second = (double)bytes_per_second;
    return rate;
}

void rh_rate_free(rh_rate *rate)
{
    if (rate == NULL)
        return;
    (void)pthread_mutex_destroy(&rate->lock);
    rh_mem_free(rate);
}

/* Book bytes and say how long to sleep, and at which limit that was reckoned. */
static double book(rh_rate *rate, uint64_t bytes, double *out_limit)
{
    double wait = 0;

    (void)pthread_mutex_lock(&rate->lock);
    *out_limit = rate->bytes_per_second;
    if (rate->bytes_per_second > 0) {
        double now = now_seconds();

        if (rate->paid_until < now - BUCKET_SECONDS)
            rate->paid_until = now - BUCKET_SECONDS;
        rate->paid_until += (double)bytes / rate->bytes_per_second;
        wait = rate->paid_until - now;
    }
    (void)pthread_mutex_unlock(&rate->lock);
    return wait > 0 ? wait : 0;
}

/* What is left to sleep when the limit changed from *limit meanwhile. */
static double rescale(rh_rate *rate, double wait, double *limit)
{
    (void)pthread_mutex_lock(&rate->lock);

    double current = rate->bytes_per_second;

    (void)pthread_mutex_unlock(&rate->lock);
    if (current <= 0)
        return 0;
    wait *= *limit / current;
    *limit = current;
    return wait;
}

rh_status rh_rate_take(rh_rate *rate, uint64_t bytes, const rh_cancel *cancel, rh_error *err)
{
    double limit = 0;

    if (rate == NULL)
        return RH_OK;

    double wait = book(rate, bytes, &limit);

    while (wait > 0) {
        int64_t nap = wait * 1e6 < (double)SLICE_US ? (int64_t)(wait * 1e6) + 1 : SLICE_US;
        double before = now_seconds();
        rh_status status = rh_clock_sleep_us(nap, cancel, err);

        if (status != RH_OK)
            return status;
        wait -= now_seconds() - before;
        if (wait > 0)
            wait = rescale(rate, wait, &limit);
    }
    return rh_cancel_check(cancel, err);
}

void rh_rate_set(rh_rate *rate, uint64_t bytes_per_second)
{
    if (rate == NULL)
        return;
    (void)pthread_mutex_lock(&rate->lock);

    double now = now_seconds();
    double before = rate->bytes_per_second;

    rate->bytes_per_second = (double)bytes_per_second;
    if (before > 0 && bytes_per_second > 0 && rate->paid_until > now)
        rate->paid_until = now + (rate->paid_until - now) * before / rate->bytes_per_second;
    else if (bytes_per_second == 0)
        rate->paid_until = 0;
    (void)pthread_mutex_unlock(&rate->lock);
}
