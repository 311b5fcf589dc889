/*
 * From one reader thread to one loader thread: pieces of work and their rows, in order.
 *
 *   reader: begin(item) -> put(batch)* -> end    loader: take_item -> next* (RH_DONE) -> take_item
 */
#ifndef SNAPSHOT_MIRROR_CHANNEL_H
#define SNAPSHOT_MIRROR_CHANNEL_H

#include "core/rows.h"
#include "schedule.h"

typedef struct rh_channel rh_channel;

rh_channel *rh_channel_new(void) RH_MUST_CHECK;

/** Both threads must have ended. Wipes rows that nobody took. */
void rh_channel_free(rh_channel *channel);

/** No more: waiting calls return. Either side may call it, also after a failure. */
void rh_channel_close(rh_channel *channel);

/* ---- reader's side; RH_ECANCELED once the channel is closed ---- */

rh_status rh_channel_begin(rh_channel *channel, const rh_schedule_item *item,
                           rh_error *err) RH_MUST_CHECK;
/** Copies the rows. RH_ENOMEM. */
rh_status rh_channel_put(rh_channel *channel, const rh_batch *batch, rh_error *err) RH_MUST_CHECK;
rh_status rh_channel_end(rh_channel *channel, rh_error *err) RH_MUST_CHECK;

/* ---- loader's side ---- */

/** Next piece of work, or NULL when the channel was closed. */
const rh_schedule_item *rh_channel_take_item(rh_channel *channel);

/** The rows of the piece taken last, as a loader wants them. A channel that is closed before the
 * piece has ended is RH_ECANCELED: never a short table. */
rh_row_reader rh_channel_reader(rh_channel *channel);

#endif
