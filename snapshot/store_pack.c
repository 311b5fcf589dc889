/*
 * Packs that are being written: opened when first needed, handed to the syncer when long enough.
 */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "store_internal.h"

rh_status rh_open_pack_begin(rh_store *store, open_pack *pack, const rh_dict *dict, bool in_clear,
                             rh_error *err)
{
    unsigned number = atomic_fetch_add(&store->next_file, 1);
    char *path = rh_mem_printf("%s/%u.zp", store->run_dir, number);
    rh_pack_writer_options options = {path, dict, in_clear};
    rh_status status = path == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_store_reserve_pack(store, &pack->ordinal, err);
    if (status == RH_OK)
        status = rh_pack_writer_open(store->repo, &options, &pack->writer, err);
    if (status == RH_OK)
        pack->dict = dict;
    rh_mem_free(path);
    return status;
}

bool rh_open_pack_full(const open_pack *pack)
{
    return pack->writer != NULL && (rh_pack_writer_bytes(pack->writer) >= RH_PACK_TARGET_BYTES ||
                                    rh_pack_writer_table_full(pack->writer));
}

void rh_open_pack_discard(rh_store *store, open_pack *pack)
{
    if (pack->writer == NULL)
        return;
    rh_pack_writer_free(pack->writer);
    rh_dicts_put(rh_repo_dicts(store->repo), pack->dict);
    memset(pack, 0, sizeof *pack);
}

/* The name is known once the table is: fill in what the ordinal stands for. */
static void name_pack(rh_store *store, uint32_t ordinal, const char *name, uint64_t bytes)
{
    pthread_mutex_lock(&store->lock);
    memcpy(store->packs.items[ordinal].name, name, RH_REPO_PACK_NAME_BYTES);
    store->packs.items[ordinal].bytes = bytes;
    pthread_mutex_unlock(&store->lock);
}

rh_status rh_open_pack_end(rh_store *store, open_pack *pack, rh_error *err)
{
    char name[RH_REPO_PACK_NAME_BYTES];
    uint64_t bytes = 0;
    rh_status status;

    if (pack->writer == NULL)
        return RH_OK;
    status = rh_pack_writer_end(pack->writer, name, &bytes, err);
    if (status == RH_OK && pack->dict != NULL)
        status = rh_store_note_dict(store, pack->dict, err);
    if (status != RH_OK) {
        rh_open_pack_discard(store, pack);
        return status;
    }
    name_pack(store, pack->ordinal, name, bytes);
    atomic_fetch_add(&store->new_bytes, bytes);
    status = rh_syncer_put(store->syncer, pack->writer, name, err);
    rh_dicts_put(rh_repo_dicts(store->repo), pack->dict);
    memset(pack, 0, sizeof *pack);
    return status;
}

static rh_status add_piece(rh_store *store, open_pack *pack, rh_pack_encoder *encoder,
                           const uint8_t *data, size_t len, rh_error *err)
{
    rh_chunk chunk = {data, len, {{0}}, 0, RH_CHUNK_LIST};
    size_t stored;

    rh_hash_id(rh_repo_id_key(store->repo), data, len, &chunk.id);
    return rh_pack_writer_add(pack->writer, encoder, &chunk, &stored, err);
}

rh_status rh_open_pack_list(rh_store *store, open_pack *pack, rh_pack_encoder *encoder,
                            const rh_buf *list, rh_chunk_run *out, rh_error *err)
{
    rh_chunk_run run = {0, 0, 0};
    rh_status status = RH_OK;

    if (list->len == 0) {
        *out = run;
        return RH_OK;
    }
    if (rh_open_pack_full(pack))
        status = rh_open_pack_end(store, pack, err);
    if (status == RH_OK && pack->writer == NULL)
        status = rh_open_pack_begin(store, pack, NULL, true, err);
    if (status != RH_OK)
        return status;
    rh_pack_writer_span(pack->writer, NULL, 0, 0);
    run.pack = pack->ordinal;
    run.first = (uint32_t)rh_pack_writer_count(pack->writer);
    for (size_t at = 0; status == RH_OK && at < list->len; at += RH_STORE_PIECE_BYTES) {
        size_t len = list->len - at;

        if (len > RH_STORE_PIECE_BYTES)
            len = RH_STORE_PIECE_BYTES;
        status = add_piece(store, pack, encoder, list->data + at, len, err);
        run.count++;
    }
    if (status == RH_OK)
        *out = run;
    return status;
}
