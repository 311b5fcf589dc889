/*
 * Mask a snapshot that exists into another repository, without its database.
 */
#ifndef REHEARSE_REMASK_H
#define REHEARSE_REMASK_H

#include <rehearse/snapshot.h>

/**
 * Read snapshot_id of from (which must be readable), put its rows and sections through
 * options->filter (not NULL) and store them as a new snapshot in to (open for writing). Of options,
 * jobs, label, filter, problems, cancel and progress count. Results and codes as for
 * rh_snapshot_take; held_us is 0.
 */
RH_API rh_status rh_snapshot_remask(rh_repo *from, const char *snapshot_id, rh_repo *to,
                                    const rh_snapshot_options *options, char **out_id,
                                    struct json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
