/*
 * Compression of one chunk into one frame, with the parameters that suit chunks of rows.
 */
#ifndef SNAPSHOT_PACK_ENCODER_H
#define SNAPSHOT_PACK_ENCODER_H

#include "core/buf.h"

typedef struct rh_pack_encoder rh_pack_encoder;
struct ZSTD_CDict_s; /* zstd.h */

/** For one thread. NULL when memory is out. */
rh_pack_encoder *rh_pack_encoder_new(void) RH_MUST_CHECK;
void rh_pack_encoder_free(rh_pack_encoder *encoder);

/** Append the frame to out. dict may be NULL. RH_ENOMEM, RH_ELIMIT (out->max). */
rh_status rh_pack_encode(rh_pack_encoder *encoder, const struct ZSTD_CDict_s *dict,
                         const void *data, size_t len, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** A dictionary made ready for rh_pack_encode; free with ZSTD_freeCDict. NULL: memory is out. */
struct ZSTD_CDict_s *rh_pack_encoder_dict(const void *data, size_t len) RH_MUST_CHECK;

#endif
