/*
 * Permutation of byte strings of any length, among those of the same length. Those of 20 and 32
 * bytes have the images that chain addresses and transaction ids of the same domain have.
 */
#ifndef RH_BYTE_ENGINE_H
#define RH_BYTE_ENGINE_H

#include "anonymize/mask_key.h"
#include <rehearse/error.h>

typedef struct byte_engine byte_engine;

rh_status byte_engine_open(const rh_mask_key *key, const char *domain, byte_engine **out,
                           rh_error *err);
void byte_engine_close(byte_engine *engine);

/** In place. RH_ENOMEM only (tables of short strings are made when the first one comes). */
rh_status byte_engine_map(byte_engine *engine, uint8_t *data, size_t len, rh_error *err);

#endif
