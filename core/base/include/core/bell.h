/*
 * A pause that somebody can end: for threads that look at something now and then and must not make
 * others wait for the rest of their pause.
 */
#ifndef CORE_BELL_H
#define CORE_BELL_H

#include <stdbool.h>
#include <stdint.h>

#include <rehearse/visibility.h>

typedef struct rh_bell rh_bell;

/** NULL when memory is out. */
rh_bell *rh_bell_new(void) RH_MUST_CHECK;

/** No thread may be waiting. NULL is a no-op. */
void rh_bell_free(rh_bell *bell);

/** End the pause that goes on and all later ones. Any thread, any number of times. NULL is a no-op.
 */
void rh_bell_ring(rh_bell *bell);

/** Pause for at most timeout_us; true once the bell was rung. */
bool rh_bell_wait_us(rh_bell *bell, int64_t timeout_us);

#endif
