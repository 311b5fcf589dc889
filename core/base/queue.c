/*
 * Bounded queue: a ring under one mutex, one condition for each direction.
 */
#include "core/queue.h"

#include <assert.h>
#include <pthread.h>

#include "core/mem.h"

struct rh_queue {
    pthread_mutex_t lock;
    pthread_cond_t not_full;
    pthread_cond_t not_empty;
    void **ring;
    size_t capacity;
    size_t first;
    size_t count;
    bool closed;
};

rh_queue *rh_queue_new(size_t capacity)
{
    rh_queue *queue = rh_mem_zalloc(sizeof *queue);

    assert(capacity >= 1);
    if (queue == NULL)
        return NULL;
    queue->ring = rh_mem_array(capacity, sizeof *queue->ring);
    if (queue->ring == NULL)
        goto fail_ring;
    queue->capacity = capacity;
    if (pthread_mutex_init(&queue->lock, NULL) != 0)
        goto fail_ring;
    if (pthread_cond_init(&queue->not_full, NULL) != 0)
        goto fail_lock;
    if (pthread_cond_init(&queue->not_empty, NULL) != 0)
        goto fail_full;
    return queue;

fail_full:
    (void)pthread_cond_destroy(&queue->not_full);
fail_lock:
    (void)pthread_mutex_destroy(&queue->lock);
fail_ring:
    rh_mem_free(queue->ring);
    rh_mem_free(queue);
    return NULL;
}

void rh_queue_free(rh_queue *queue)
{
    if (queue == NULL)
        return;
    (void)pthread_cond_destroy(&queue->not_empty);
    (void)pthread_cond_destroy(&queue->not_full);
    (void)pthread_mutex_destroy(&queue->lock);
    rh_mem_free(queue->ring);
    rh_mem_free(queue);
}

bool rh_queue_put(rh_queue *queue, void *item)
{
    bool added = false;

    assert(item != NULL);
    (void)pthread_mutex_lock(&queue->lock);
    while (!queue->closed && queue->count == queue->capacity)
        (void)pthread_cond_wait(&queue->not_full, &queue->lock);
    if (!queue->closed) {
        queue->ring[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
        added = true;
        (void)pthread_cond_signal(&queue->not_empty);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return added;
}

/* Take the oldest item; the lock is held. NULL when there is none. */
static void *take_first(rh_queue *queue)
{
    void *item = NULL;

    if (queue->count == 0)
        return NULL;
    item = queue->ring[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    (void)pthread_cond_signal(&queue->not_full);
    return item;
}

void *rh_queue_get(rh_queue *queue)
{
    void *item = NULL;

    (void)pthread_mutex_lock(&queue->lock);
    while (!queue->closed && queue->count == 0)
        (void)pthread_cond_wait(&queue->not_empty, &queue->lock);
    item = take_first(queue);
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

void *rh_queue_try_get(rh_queue *queue)
{
    void *item = NULL;

    (void)pthread_mutex_lock(&queue->lock);
    item = take_first(queue);
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

void rh_queue_close(rh_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->not_full);
    (void)pthread_cond_broadcast(&queue->not_empty);
    (void)pthread_mutex_unlock(&queue->lock);
}
