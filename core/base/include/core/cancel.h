/*
 * Cancellation: a flag that a signal handler may set and that long operations poll.
 * The library never installs signal handlers; the program does (cli/).
 */
#ifndef CORE_CANCEL_H
#define CORE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

#include <rehearse/error.h>

typedef struct rh_cancel {
    atomic_int requested;
    const struct rh_cancel
        *parent; /* asked together with it; NULL: none. Set before threads start */
} rh_cancel;

/** Ask for an end. Async-signal-safe. */
void rh_cancel_request(rh_cancel *cancel);

/** True once asked. cancel may be NULL (never canceled). */
bool rh_cancel_requested(const rh_cancel *cancel);

/** RH_OK, or RH_ECANCELED with the text "interrupted". cancel may be NULL. */
rh_status rh_cancel_check(const rh_cancel *cancel, rh_error *err) RH_MUST_CHECK;

#endif
