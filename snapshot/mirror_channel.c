/*
 * See mirror_channel.h.
 */
#include "mirror_channel.h"

#include <string.h>

#include "core/mem.h"
#include "core/queue.h"

enum { QUEUED_PIECES = 8 }; /* batches of about 256 KiB: 2 MiB a pair of threads */

typedef enum message_kind {
    MESSAGE_BEGIN,
    MESSAGE_ROWS,
    MESSAGE_END,
} message_kind;

typedef struct channel_message {
    message_kind kind;
    const rh_schedule_item *item;
    size_t len;
    uint8_t rows[]; /* raw or masked: wiped before it is freed */
} channel_message;

struct rh_channel {
    rh_queue *queue;
    channel_message *current; /* the rows handed out last */
};

static void message_free(channel_message *message)
{
    if (message != NULL)
        rh_mem_wipe_free(message, sizeof *message + message->len);
}

rh_channel *rh_channel_new(void)
{
    rh_channel *channel = rh_mem_zalloc(sizeof *channel);

    if (channel == NULL)
        return NULL;
    channel->queue = rh_queue_new(QUEUED_PIECES);
    if (channel->queue == NULL) {
        rh_mem_free(channel);
        return NULL;
    }
    return channel;
}

void rh_channel_free(rh_channel *channel)
{
    channel_message *left;

    if (channel == NULL)
        return;
    while ((left = rh_queue_try_get(channel->queue)) != NULL)
        message_free(left);
    message_free(channel->current);
    rh_queue_free(channel->queue);
    rh_mem_free(channel);
}

void rh_channel_close(rh_channel *channel)
{
    rh_queue_close(channel->queue);
}

static rh_status send(rh_channel *channel, message_kind kind, const rh_schedule_item *item,
                      const rh_batch *batch, rh_error *err)
{
    size_t len = batch == NULL ? 0 : batch->len;
    channel_message *message = rh_mem_alloc(sizeof *message + len);

    if (message == NULL)
        return rh_error_oom(err);
    message->kind = kind;
    message->item = item;
    message->len = len;
    if (len > 0)
        memcpy(message->rows, batch->data, len);
    if (!rh_queue_put(channel->queue, message)) {
        message_free(message);
        return rh_error_set(err, RH_ECANCELED, "stopped because the loader failed");
    }
    return RH_OK;
}

rh_status rh_channel_begin(rh_channel *channel, const rh_schedule_item *item, rh_error *err)
{
    return send(channel, MESSAGE_BEGIN, item, NULL, err);
}

rh_status rh_channel_put(rh_channel *channel, const rh_batch *batch, rh_error *err)
{
    return batch->len == 0 ? RH_OK : send(channel, MESSAGE_ROWS, NULL, batch, err);
}

rh_status rh_channel_end(rh_channel *channel, rh_error *err)
{
    return send(channel, MESSAGE_END, NULL, NULL, err);
}

const rh_schedule_item *rh_channel_take_item(rh_channel *channel)
{
    channel_message *message = rh_queue_get(channel->queue);
    const rh_schedule_item *item = message == NULL ? NULL : message->item;

    message_free(message);
    return item;
}

static rh_status channel_next(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err)
{
    rh_channel *channel = ctx;

    message_free(channel->current);
    channel->current = rh_queue_get(channel->queue);
    if (channel->current == NULL)
        return rh_error_set(err, RH_ECANCELED, "stopped because the reader failed");
    if (channel->current->kind == MESSAGE_END)
        return RH_DONE;
    *out_data = channel->current->rows;
    *out_len = channel->current->len;
    return RH_OK;
}

rh_row_reader rh_channel_reader(rh_channel *channel)
{
    const rh_row_reader reader = {channel_next, channel};

    return reader;
}
