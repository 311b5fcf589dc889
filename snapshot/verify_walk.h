/*
 * The walk of one manifest's lists over the marks that the reading of packs has left.
 */
#ifndef SNAPSHOT_VERIFY_WALK_H
#define SNAPSHOT_VERIFY_WALK_H

#include "verify.h"

/** Step of rh_verify_each: name bad chunks of the group at hand by table; add up row hashes; with
 * the last group, compare them. */
rh_status rh_verify_walk(rh_verify *v, rh_error *err) RH_MUST_CHECK;

/** Note one bad chunk: it is read again, to say what is wrong with it. */
rh_status rh_verify_name_bad(rh_verify *v, const rh_damage_place *place, uint32_t entry,
                             rh_error *err) RH_MUST_CHECK;

#endif
