/*
 * Mirror: source to target in one stream, masked on the way, nothing at rest in between.
 */
#ifndef REHEARSE_MIRROR_H
#define REHEARSE_MIRROR_H

#include <rehearse/snapshot.h>

struct rh_target_options;

/**
 * Copy source into target through options->filter (NULL: raw). options: as for rh_snapshot_take
 * (label and unsealed_raw have no meaning); target_options as for rh_restore_run, its snapshot_id
 * is set by this call. Nothing is written to disk but the target.
 *
 * *out (new reference): {"target_id","tables","rows","bytes","held_us","elapsed_us","swap"}. Any
 * failure leaves the target as it was. Codes as for the two calls.
 */
RH_API rh_status rh_mirror_run(const char *source, const char *target,
                               const rh_snapshot_options *options,
                               const struct rh_target_options *target_options, struct json_t **out,
                               rh_error *err) RH_MUST_CHECK;

#endif
