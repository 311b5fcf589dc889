/*
 * A bounded queue of batches with a thread behind it that hands them to a sink, in order: one stage
 * of a row thread's work goes on beside the one before it.
 */
#ifndef SNAPSHOT_ROW_PIPE_H
#define SNAPSHOT_ROW_PIPE_H

#include "core/rows.h"

typedef struct rh_row_pipe rh_row_pipe;

/** Start the thread. sink->put is called by it only; sink is copied, its ctx borrowed until
 * rh_row_pipe_stop. RH_ENOMEM, RH_EIO (no thread to be had). */
rh_status rh_row_pipe_start(const rh_row_sink *sink, rh_row_pipe **out,
                            rh_error *err) RH_MUST_CHECK;

/** End the thread; what still waits is thrown away and wiped. NULL is a no-op. */
void rh_row_pipe_stop(rh_row_pipe *pipe);

/**
 * Add a batch, one thread at a time. Usual batches are copied; one that a giant row blew up is lent
 * instead, so that it does not stand in memory twice: the call returns once the sink is done with
 * it. RH_ENOMEM, or the sink's error about an earlier batch.
 */
rh_status rh_row_pipe_put(rh_row_pipe *pipe, const rh_batch *batch, rh_error *err) RH_MUST_CHECK;

/** Wait until the sink has taken everything: what it wrote may be read now. Its first error. */
rh_status rh_row_pipe_drain(rh_row_pipe *pipe, rh_error *err) RH_MUST_CHECK;

/** The pipe as a sink. */
rh_row_sink rh_row_pipe_sink(rh_row_pipe *pipe);

#endif
