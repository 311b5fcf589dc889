/*
 * Compression of one chunk into one frame, with the parameters that suit chunks of rows.
 */
#ifndef SNAPSHOT_PACK_ENCODER_H
#define SNAPSHOT_PACK_ENCODER_H

#include "core/buf.h"

typedef struct rh_pack_encoder rh_pack_encoder;

/** A dictionary's bytes; borrowed, an encoder makes its own copy. */
typedef struct rh_pack_dict {
    const void *data;
    size_t len;
    uint64_t serial; /* no other of this process has it; 0: not made ready */
} rh_pack_dict;

rh_pack_dict rh_pack_dict_of(const void *data, size_t len);

/** For one thread. NULL when memory is out. */
rh_pack_encoder *rh_pack_encoder_new(void) RH_MUST_CHECK;
void rh_pack_encoder_free(rh_pack_encoder *encoder);

/** Append the frame to out. dict may be NULL; the encoder keeps the last one prepared (about 250
 * KiB), so chunks of one dictionary should follow each other. RH_ENOMEM, RH_ELIMIT (out->max). */
rh_status rh_pack_encode(rh_pack_encoder *encoder, const rh_pack_dict *dict, const void *data,
                         size_t len, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
