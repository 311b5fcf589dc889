/*
 * Level 1 with two changes that matter for frames of 16 KiB (rehearse_bench_chunk shows them):
 *
 *   step 2 (target length) while literals stay Huffman-coded: 1.14 to 1.27 times as fast for at
 * most 2 % more bytes; the negative levels of zstd use the step too, but give up on literals. A
 * larger table and longer matches with a dictionary: 2.5 % fewer bytes at the same speed.
 */
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_createCDict_advanced, literal compression */
#include "pack_encoder.h"

#include <zstd.h>

#include "core/mem.h"

enum {
    LEVEL = 1,
    STEP = 2,
    DICT_HASH_LOG = 14,
    DICT_MIN_MATCH = 6,
    LITERALS_ON = 1, /* ZSTD_lcm_huffman, ZSTD_ps_enable: the name changed, the value did not */
};

struct rh_pack_encoder {
    ZSTD_CCtx *context;
};

rh_pack_encoder *rh_pack_encoder_new(void)
{
    rh_pack_encoder *encoder = rh_mem_zalloc(sizeof *encoder);

    if (encoder == NULL)
        return NULL;
    encoder->context = ZSTD_createCCtx();
    if (encoder->context == NULL) {
        rh_mem_free(encoder);
        return NULL;
    }
    /* A library that does not know one of these compresses a little slower or worse, that is all.
     */
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_targetLength, STEP);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_literalCompressionMode, LITERALS_ON);
    return encoder;
}

void rh_pack_encoder_free(rh_pack_encoder *encoder)
{
    if (encoder == NULL)
        return;
    (void)ZSTD_freeCCtx(encoder->context);
    rh_mem_free(encoder);
}

rh_status rh_pack_encode(rh_pack_encoder *encoder, const struct ZSTD_CDict_s *dict,
                         const void *data, size_t len, rh_buf *out, rh_error *err)
{
    size_t room = ZSTD_compressBound(len);
    rh_status status = rh_buf_reserve(out, room, err);
    size_t got;

    if (status != RH_OK)
        return status;
    /* Also for NULL: the context must not remember a dictionary that is gone. */
    got = ZSTD_CCtx_refCDict(encoder->context, dict);
    if (!ZSTD_isError(got))
        got = ZSTD_compress2(encoder->context, out->data + out->len, room, data, len);
    if (ZSTD_isError(got))
        return rh_error_set(err, RH_ENOMEM, "cannot compress: %s", ZSTD_getErrorName(got));
    out->len += got;
    return RH_OK;
}

struct ZSTD_CDict_s *rh_pack_encoder_dict(const void *data, size_t len)
{
    ZSTD_compressionParameters params = ZSTD_getCParams(LEVEL, ZSTD_CONTENTSIZE_UNKNOWN, len);

    params.hashLog = DICT_HASH_LOG;
    params.minMatch = DICT_MIN_MATCH;
    params.targetLength = STEP;
    return ZSTD_createCDict_advanced(data, len, ZSTD_dlm_byCopy, ZSTD_dct_fullDict, params,
                                     ZSTD_defaultCMem);
}
