/*
 * A thread that makes complete packs durable and visible, so that the workers never wait for a disk
 * unless it is far behind.
 */
#ifndef SNAPSHOT_SYNCER_H
#define SNAPSHOT_SYNCER_H

#include "pack_writer.h"

typedef struct rh_syncer rh_syncer;

rh_status rh_syncer_start(rh_repo *repo, rh_syncer **out, rh_error *err) RH_MUST_CHECK;

/** Takes the writer (after rh_pack_writer_end), also on failure. Waits while the queue is full. The
 * error of an earlier pack comes back here. */
rh_status rh_syncer_put(rh_syncer *syncer, rh_pack_writer *writer, const char *name,
                        rh_error *err) RH_MUST_CHECK;

/** Wait until everything is on disk; no put afterwards. The first error of any pack. */
rh_status rh_syncer_finish(rh_syncer *syncer, rh_error *err) RH_MUST_CHECK;
void rh_syncer_free(rh_syncer *syncer);

#endif
