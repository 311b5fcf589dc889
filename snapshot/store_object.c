/*
 * Sections: schema text, statistics. Cut into pieces, found again in last night's section of the
 * same name, in packs of their own.
 */
#include <string.h>

#include "core/mem.h"
#include "fetch_blob.h"
#include "known.h"
#include "store_internal.h"

/* Last night's list of the section, if it can be read. */
static rh_status load_last(rh_store *store, rh_known *known, const char *name, rh_error *err)
{
    const rh_stored_section *section =
        store->last == NULL ? NULL : rh_manifest_find_section(store->last, name);
    rh_buf list = RH_BUF_INIT;
    rh_error local = RH_ERROR_INIT;
    rh_status status = RH_OK;

    if (section != NULL) {
        const rh_chunk_run run = {section->list_pack, section->list_first, section->list_count};

        status = rh_fetch_blob(store->repo, store->last, &run, RH_CHUNK_LIST, &list, &local);
    }
    if (status == RH_EFORMAT || status == RH_ENOTFOUND) {
        rh_buf_clear(&list);
        status = RH_OK;
    } else if (status != RH_OK && err != NULL) {
        *err = local;
    }
    if (status == RH_OK)
        status = rh_known_begin_list(known, &list, err);
    rh_buf_done(&list);
    return status;
}

static rh_status write_piece(rh_store *store, const rh_chunk *chunk, chunk_ref *out, rh_error *err)
{
    open_pack *pack = store->objects;
    size_t stored;
    rh_status status = RH_OK;

    if (rh_open_pack_full(pack))
        status = rh_open_pack_end(store, pack, err);
    if (status == RH_OK && pack->writer == NULL)
        status = rh_open_pack_begin(store, pack, NULL, false, err);
    if (status == RH_OK)
        status = rh_pack_writer_add(pack->writer, store->encoder, chunk, &stored, err);
    if (status == RH_OK)
        *out = (chunk_ref){pack->ordinal, (uint32_t)rh_pack_writer_count(pack->writer) - 1};
    return status;
}

static rh_status put_piece(rh_store *store, rh_known *known, const uint8_t *data, size_t len,
                           rh_chunk_list *list, rh_error *err)
{
    rh_chunk chunk = {data, len, {{0}}, 0, RH_CHUNK_OBJECT};
    chunk_ref ref;
    rh_status status;

    rh_hash_id(rh_repo_id_key(store->repo), data, len, &chunk.id);
    status = rh_known_find(known, &chunk.id, 0, RH_CHUNK_OBJECT, &ref, err);
    if (status == RH_SKIPPED) {
        status = write_piece(store, &chunk, &ref, err);
        if (status == RH_OK)
            status = rh_known_add(known, &chunk, &ref, err);
    }
    if (status == RH_OK)
        status = rh_chunk_list_add(list, ref.pack, ref.entry, err);
    return status;
}

static rh_status put_pieces(rh_store *store, const char *name, const uint8_t *data, size_t len,
                            rh_chunk_run *out, rh_error *err)
{
    rh_known *known = rh_known_new(store);
    rh_chunk_list list;
    rh_status status = known == NULL ? rh_error_oom(err) : RH_OK;

    rh_chunk_list_init(&list);
    if (status == RH_OK)
        status = load_last(store, known, name, err);
    for (size_t at = 0; status == RH_OK && at < len; at += RH_STORE_PIECE_BYTES) {
        size_t piece = len - at < RH_STORE_PIECE_BYTES ? len - at : (size_t)RH_STORE_PIECE_BYTES;

        status = put_piece(store, known, data + at, piece, &list, err);
    }
    if (status == RH_OK)
        status = rh_chunk_list_end(&list, err);
    if (status == RH_OK)
        status = rh_open_pack_list(store, store->lists, store->encoder, &list.bytes, out, err);
    rh_chunk_list_done(&list);
    rh_known_free(known);
    return status;
}

rh_status rh_store_object(rh_store *store, const char *name, const void *data, size_t len,
                          json_t **out, rh_error *err)
{
    char ref[RH_CHUNK_REF_BYTES];
    char hex[RH_ID_HEX_BYTES];
    rh_chunk_run run;
    rh_id hash;
    json_t *json;
    rh_status status;

    if (len > RH_FETCH_SECTION_MAX_BYTES)
        return rh_error_set(err, RH_ELIMIT, "section '%s' has %zu bytes, more than %d", name, len,
                            (int)RH_FETCH_SECTION_MAX_BYTES);
    status = put_pieces(store, name, data, len, &run, err);
    if (status != RH_OK) {
        rh_error_where(err, "section '%s'", name);
        return status;
    }
    rh_hash_id(rh_repo_id_key(store->repo), data, len, &hash);
    rh_id_hex(&hash, hex);
    rh_chunk_ref_format(&run, ref);
    json = json_pack("{s:I, s:s, s:s}", "bytes", (json_int_t)len, "hash", hex, "list", ref);
    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}
