/*
 * Level 1 with two changes that matter for frames of 16 KiB (rehearse_bench_chunk shows them):
 *
 *   step 2 (target length) while literals stay Huffman-coded: 1.14 to 1.27 times as fast for at
 * most 2 % more bytes; the negative levels of zstd use the step too, but give up on literals. A
 * larger table and longer matches with a dictionary: 2.5 % fewer bytes at the same speed.
 *
 * With a dictionary, the chunk is copied right behind the dictionary's bytes. zstd then takes both
 * for one text and need not ask for every match in which of two it is: 1.12 times as fast for the
 * same frames. This pays for shorter steps (1), which make 3 % fewer bytes.
 */
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_createCDict_advanced, literal compression */
#include "pack_encoder.h"

#include <stdatomic.h>
#include <string.h>
#include <zstd.h>

#include "core/mem.h"
#include "dictionary.h"

enum {
    LEVEL = 1,
    STEP = 2,
    DICT_STEP = 1,
    DICT_HASH_LOG = 14,
    DICT_MIN_MATCH = 7,          /* of 6: 7 to 8 % slower, and 0.3 % more bytes */
    DICT_ROOM_BYTES = 64 * 1024, /* for the chunk; longer ones are pieces of giant rows */
    LITERALS_ON = 1, /* ZSTD_lcm_huffman, ZSTD_ps_enable: the name changed, the value did not */
};

struct rh_pack_encoder {
    ZSTD_CCtx *context;
    uint64_t serial;      /* of the dictionary in text; 0: none */
    rh_buf text;          /* the dictionary, and behind it room for a chunk */
    ZSTD_CDict *prepared; /* refers to text */
};

rh_pack_dict rh_pack_dict_of(const void *data, size_t len)
{
    static atomic_uint_fast64_t last;

    return (rh_pack_dict){data, len, atomic_fetch_add(&last, 1) + 1};
}

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
    rh_buf_init_wiping(&encoder->text, RH_DICT_MAX_BYTES + DICT_ROOM_BYTES);
    /* A library that does not know one of these compresses a little slower or worse, that is all.
     */
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_targetLength, STEP);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_literalCompressionMode, LITERALS_ON);
    return encoder;
}

static void forget_dict(rh_pack_encoder *encoder)
{
    (void)ZSTD_CCtx_refCDict(encoder->context, NULL);
    (void)ZSTD_freeCDict(encoder->prepared);
    encoder->prepared = NULL;
    encoder->serial = 0;
    rh_buf_wipe_done(&encoder->text);
}

void rh_pack_encoder_free(rh_pack_encoder *encoder)
{
    if (encoder == NULL)
        return;
    forget_dict(encoder);
    (void)ZSTD_freeCCtx(encoder->context);
    rh_mem_free(encoder);
}

static rh_status follow_dict(rh_pack_encoder *encoder, const rh_pack_dict *dict, rh_error *err)
{
    ZSTD_compressionParameters params;
    rh_status status;

    if (encoder->serial == dict->serial)
        return RH_OK;
    forget_dict(encoder);
    status = rh_buf_reserve(&encoder->text, dict->len + DICT_ROOM_BYTES, err);
    if (status == RH_OK)
        status = rh_buf_append(&encoder->text, dict->data, dict->len, err);
    if (status != RH_OK)
        return status;
    params = ZSTD_getCParams(LEVEL, ZSTD_CONTENTSIZE_UNKNOWN, dict->len);
    params.hashLog = DICT_HASH_LOG;
    params.minMatch = DICT_MIN_MATCH;
    params.targetLength = DICT_STEP;
    encoder->prepared = ZSTD_createCDict_advanced(encoder->text.data, dict->len, ZSTD_dlm_byRef,
                                                  ZSTD_dct_fullDict, params, ZSTD_defaultCMem);
    if (encoder->prepared == NULL)
        return rh_error_oom(err);
    encoder->serial = dict->serial;
    return RH_OK;
}

rh_status rh_pack_encode(rh_pack_encoder *encoder, const rh_pack_dict *dict, const void *data,
                         size_t len, rh_buf *out, rh_error *err)
{
    size_t room = ZSTD_compressBound(len);
    rh_status status = dict == NULL ? RH_OK : follow_dict(encoder, dict, err);
    size_t got;

    if (status == RH_OK)
        status = rh_buf_reserve(out, room, err);
    if (status != RH_OK)
        return status;
    if (dict != NULL && len <= DICT_ROOM_BYTES) {
        memcpy(encoder->text.data + encoder->text.len, data, len);
        data = encoder->text.data + encoder->text.len;
    }
    /* Also without one: the context remembers the last. */
    got = ZSTD_CCtx_refCDict(encoder->context, dict == NULL ? NULL : encoder->prepared);
    if (!ZSTD_isError(got))
        got = ZSTD_compress2(encoder->context, out->data + out->len, room, data, len);
    if (ZSTD_isError(got))
        return rh_error_set(err, RH_ENOMEM, "cannot compress: %s", ZSTD_getErrorName(got));
    out->len += got;
    return RH_OK;
}
