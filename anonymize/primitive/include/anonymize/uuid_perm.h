/*
 * Keyed permutation of UUIDs: version and variant are kept, version 7 keeps its order in time.
 */
#ifndef ANONYMIZE_UUID_PERM_H
#define ANONYMIZE_UUID_PERM_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"
#include "anonymize/time_map.h"

enum { RH_UUID_BYTES = 16 };

typedef struct rh_uuid_perm rh_uuid_perm;

/**
 * The permutation of a domain. time (borrowed, must outlive the permutation; its epoch is 1970)
 * maps the 48-bit milliseconds of version 7; NULL: version 7 is permuted like the others.
 * RH_ENOMEM, RH_EUSAGE (the map does not reach from 1990 to 2200). Free with rh_uuid_perm_free. Not
 * for two threads at a time.
 */
rh_status rh_uuid_perm_new(const rh_mask_key *master, const char *domain, const rh_time_map *time,
                           rh_uuid_perm **out, rh_error *err) RH_MUST_CHECK;
void rh_uuid_perm_free(rh_uuid_perm *perm);

/**
 * Replace count UUIDs of 16 bytes each. The six bits of version and variant stay, whatever they
 * are; the other 122 bits are permuted; all zeros and all ones (nil and max of RFC 9562) stay.
 * Version 7 with a time from 1990 to 2200: milliseconds through the time map, the other 74 bits
 * permuted. All of it together is one to one.
 */
void rh_uuid_perm_map(rh_uuid_perm *perm, uint8_t *uuids, size_t count);

#endif
