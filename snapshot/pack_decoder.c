/*
 * From stored bytes to plain bytes: unseal, decompress, prove. Nothing is handed out before its id
 * was recomputed (or, without any key, its stored hash).
 */
#include <string.h>
#include <zstd.h>

#include "core/mem.h"
#include "pack_internal.h"

struct rh_pack_decoder {
    ZSTD_DCtx *context;
    rh_buf plain;
    rh_buf frame; /* unsealed, still compressed */
};

rh_pack_decoder *rh_pack_decoder_new(void)
{
    rh_pack_decoder *decoder = rh_mem_zalloc(sizeof *decoder);

    if (decoder == NULL)
        return NULL;
    rh_buf_init_wiping(&decoder->plain, RH_PACK_MAX_PLAIN_BYTES);
    rh_buf_init_wiping(&decoder->frame, RH_PACK_MAX_PLAIN_BYTES + RH_PACK_MAX_STORED_EXTRA);
    decoder->context = ZSTD_createDCtx();
    if (decoder->context == NULL) {
        rh_mem_free(decoder);
        return NULL;
    }
    return decoder;
}

void rh_pack_decoder_free(rh_pack_decoder *decoder)
{
    if (decoder == NULL)
        return;
    (void)ZSTD_freeDCtx(decoder->context);
    rh_buf_wipe_done(&decoder->plain);
    rh_buf_wipe_done(&decoder->frame);
    rh_mem_free(decoder);
}

static rh_status unseal(const rh_pack *pack, size_t entry, const uint8_t *stored, rh_buf *out,
                        rh_error *err)
{
    const rh_pack_entry *at = &pack->table.entries[entry];
    uint8_t ad[RH_PACK_NONCE_BYTES + RH_ID_BYTES];
    rh_status status;

    if (!pack->has_key) {
        rh_error_set(err, RH_EKEY, "the pack is sealed and no key at hand opens it");
        rh_error_hint(err, "use --key with the .secret file that rehearse keygen wrote");
        return RH_EKEY;
    }
    if (at->stored_bytes <= RH_SEAL_TAG_BYTES)
        return rh_error_set(err, RH_EFORMAT, "too short to be sealed");
    memcpy(ad, pack->header.nonce, RH_PACK_NONCE_BYTES);
    memcpy(ad + RH_PACK_NONCE_BYTES, at->id.bytes, RH_ID_BYTES);
    rh_buf_clear(out);
    status = rh_buf_reserve(out, at->stored_bytes, err);
    if (status == RH_OK)
        status = rh_unseal_frame(pack->key, entry, ad, sizeof ad, stored, at->stored_bytes,
                                 out->data, err);
    if (status == RH_OK)
        out->len = at->stored_bytes - RH_SEAL_TAG_BYTES;
    return status;
}

static rh_status inflate(rh_pack_decoder *decoder, const rh_pack_entry *at, const uint8_t *frame,
                         size_t len, const rh_dict *dict, rh_error *err)
{
    rh_buf *plain = &decoder->plain;
    rh_status status;
    size_t got;

    if (ZSTD_getFrameContentSize(frame, len) != at->plain_bytes)
        return rh_error_set(err, RH_EFORMAT, "the frame has another size than the table says");
    rh_buf_clear(plain);
    status = rh_buf_reserve(plain, at->plain_bytes, err);
    if (status != RH_OK)
        return status;
    if (dict == NULL)
        got = ZSTD_decompressDCtx(decoder->context, plain->data, at->plain_bytes, frame, len);
    else
        got = ZSTD_decompress_usingDDict(decoder->context, plain->data, at->plain_bytes, frame, len,
                                         rh_dict_reader(dict));
    if (ZSTD_isError(got))
        return rh_error_set(err, RH_EFORMAT, "cannot decompress: %s", ZSTD_getErrorName(got));
    if (got != at->plain_bytes)
        return rh_error_set(err, RH_EFORMAT, "the frame is shorter than the table says");
    plain->len = got;
    return RH_OK;
}

static rh_status prove(const rh_pack *pack, size_t entry, const uint8_t *stored,
                       const rh_buf *plain, rh_error *err)
{
    const uint8_t *key = rh_repo_id_key(pack->repo);
    rh_id id;

    if (key == NULL)
        return rh_pack_check_stored(pack, entry, stored, err);
    rh_hash_id(key, plain->data, plain->len, &id);
    if (memcmp(id.bytes, pack->table.entries[entry].id.bytes, sizeof id.bytes) != 0)
        return rh_error_set(err, RH_EFORMAT, "the content is not what its id says");
    return RH_OK;
}

/* NOLINTNEXTLINE(readability-function-size): entry, bytes, dictionary and scratch are separate */
rh_status rh_pack_decode(const rh_pack *pack, size_t entry, const uint8_t *stored,
                         const rh_dict *dict, rh_pack_decoder *decoder, const uint8_t **out,
                         rh_error *err)
{
    const rh_pack_entry *at = &pack->table.entries[entry];
    const uint8_t *frame = stored;
    size_t len = at->stored_bytes;
    rh_status status = RH_OK;

    if (pack->header.sealed) {
        status = unseal(pack, entry, stored, &decoder->frame, err);
        frame = decoder->frame.data;
        len = decoder->frame.len;
    }
    if (status == RH_OK)
        status = inflate(decoder, at, frame, len, dict, err);
    if (status == RH_OK)
        status = prove(pack, entry, stored, &decoder->plain, err);
    if (status != RH_OK) {
        rh_error_where(err, "pack '%s': entry %zu", pack->name, entry);
        return status;
    }
    *out = decoder->plain.data;
    return RH_OK;
}
