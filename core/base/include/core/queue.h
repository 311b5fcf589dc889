/*
 * Bounded queue of pointers between threads. Closing it wakes everybody.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/visibility.h>

typedef struct rh_queue rh_queue;

/** Queue of at most capacity items (>= 1). NULL when memory is out. */
rh_queue *rh_queue_new(size_t capacity) RH_MUST_CHECK;

/** Frees the queue, not the items left in it: drain it first. No thread may be waiting. */
void rh_queue_free(rh_queue *queue);

/** Wait for room and add. False (item stays the caller's) once the queue is closed. */
bool rh_queue_put(rh_queue *queue, void *item);

/** Wait for an item. NULL when the queue is closed and empty. */
void *rh_queue_get(rh_queue *queue);

/** As rh_queue_get without waiting; NULL when empty. */
void *rh_queue_try_get(rh_queue *queue);

/** No more items will be added; waiting threads return. */
void rh_queue_close(rh_queue *queue);

#endif
