/*
 * See fetch_blob.h.
 */
#include "fetch_blob.h"

#include "core/mem.h"
#include "fetch.h"
#include "manifest_internal.h"
#include "pack_cache.h"

rh_status rh_fetch_dict(rh_repo *repo, const rh_manifest *manifest, const rh_pack *pack,
                        const rh_dict **out, rh_error *err)
{
    uint32_t id = rh_pack_get_header(pack)->dictionary;
    const rh_id *hash;
    rh_status status;

    if (id == 0) {
        *out = NULL;
        return RH_OK;
    }
    hash = rh_manifest_dictionary(manifest, id);
    if (hash == NULL)
        return rh_error_set(err, RH_EFORMAT,
                            "pack '%s' uses dictionary '%08x', which the manifest does not list",
                            rh_pack_get_name(pack), (unsigned)id);
    status = rh_dicts_get(rh_repo_dicts(repo), id, hash, out, err);
    if (status != RH_OK)
        rh_error_where(err, "pack '%s'", rh_pack_get_name(pack));
    return status;
}

/* What reading the entries of one pack takes. */
typedef struct blob_reader {
    rh_pack *pack;
    const rh_dict *dict;
    rh_pack_decoder *decoder;
    rh_buf stored;
} blob_reader;

static rh_status append_entry(blob_reader *from, size_t entry, rh_chunk_kind kind, rh_buf *out,
                              rh_error *err)
{
    const rh_pack_entry *at;
    const uint8_t *plain = NULL;
    rh_status status = rh_pack_read_stored(from->pack, entry, 1, &from->stored, err);

    if (status != RH_OK)
        return status;
    at = &rh_pack_get_table(from->pack)->entries[entry];
    if (at->kind != kind)
        return rh_error_set(err, RH_EFORMAT, "pack '%s': entry %zu holds something else",
                            rh_pack_get_name(from->pack), entry);
    status = rh_pack_decode(from->pack, entry, from->stored.data, from->dict, from->decoder, &plain,
                            err);
    if (status == RH_OK)
        status = rh_buf_append(out, plain, at->plain_bytes, err);
    return status;
}

rh_status rh_fetch_blob(rh_repo *repo, const rh_manifest *manifest, const rh_chunk_run *run,
                        rh_chunk_kind kind, rh_buf *out, rh_error *err)
{
    blob_reader from = {NULL, NULL, NULL, RH_BUF_INIT_WIPING};
    rh_status status;

    if (run->count == 0)
        return RH_OK;
    from.decoder = rh_pack_decoder_new();
    if (from.decoder == NULL)
        return rh_error_oom(err);
    status = rh_pack_cache_get(rh_repo_packs(repo), rh_manifest_pack(manifest, run->pack),
                               &from.pack, err);
    if (status == RH_OK)
        status = rh_fetch_dict(repo, manifest, from.pack, &from.dict, err);
    for (uint32_t i = 0; status == RH_OK && i < run->count; i++)
        status = append_entry(&from, run->first + i, kind, out, err);
    rh_dicts_put(rh_repo_dicts(repo), from.dict);
    rh_pack_cache_put(rh_repo_packs(repo), from.pack);
    rh_buf_wipe_done(&from.stored);
    rh_pack_decoder_free(from.decoder);
    return status;
}

rh_status rh_fetch_list(rh_repo *repo, const rh_manifest *manifest, const rh_stored_range *range,
                        rh_buf *out, rh_error *err)
{
    const rh_chunk_run run = {range->list_pack, range->list_first, range->list_count};
    rh_status status;

    out->max = RH_FETCH_LIST_MAX_BYTES;
    status = rh_fetch_blob(repo, manifest, &run, RH_CHUNK_LIST, out, err);
    if (status != RH_OK)
        rh_error_where(err, "list of chunks");
    return status;
}

/* ---- sections ---- */

static rh_status append_runs(rh_repo *repo, const rh_manifest *manifest, const rh_buf *list,
                             rh_buf *out, rh_error *err)
{
    size_t at = 0;
    rh_chunk_run run;
    rh_status status;

    for (;;) {
        status = rh_chunk_list_next(list->data, list->len, &at, rh_manifest_pack_count(manifest),
                                    &run, err);
        if (status == RH_OK)
            status = rh_fetch_blob(repo, manifest, &run, RH_CHUNK_OBJECT, out, err);
        if (status != RH_OK)
            return status == RH_DONE ? RH_OK : status;
    }
}

static rh_status check_section(const rh_repo *repo, const rh_stored_section *section,
                               const uint8_t *data, size_t len, rh_error *err)
{
    const uint8_t *key = rh_repo_id_key(repo);
    rh_id hash;

    if (len != (uint64_t)section->bytes)
        return rh_error_set(err, RH_EFORMAT, "%zu bytes instead of %lld", len,
                            (long long)section->bytes);
    if (key == NULL)
        return RH_OK;
    rh_hash_id(key, data, len, &hash);
    for (size_t i = 0; i < RH_ID_BYTES; i++)
        if (hash.bytes[i] != section->hash.bytes[i])
            return rh_error_set(err, RH_EFORMAT, "the content is not what its hash says");
    return RH_OK;
}

rh_status rh_fetch_section(rh_repo *repo, const rh_manifest *manifest, const char *name,
                           rh_buf *out, rh_error *err)
{
    const rh_stored_section *section = rh_manifest_find_section(manifest, name);
    rh_buf list = RH_BUF_INIT;
    rh_buf content = RH_BUF_INIT_WIPING;
    rh_chunk_run run;
    rh_status status;

    if (section == NULL)
        return rh_error_set(err, RH_ENOTFOUND, "the snapshot has no section '%s'", name);
    run = (rh_chunk_run){section->list_pack, section->list_first, section->list_count};
    content.max = (size_t)section->bytes + 1;
    status = rh_fetch_blob(repo, manifest, &run, RH_CHUNK_LIST, &list, err);
    if (status == RH_OK)
        status = append_runs(repo, manifest, &list, &content, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        status = rh_error_set(err, RH_EFORMAT, "longer than the manifest says");
    }
    if (status == RH_OK)
        status = check_section(repo, section, content.data, content.len, err);
    if (status == RH_OK)
        status = rh_buf_append(out, content.data, content.len, err);
    if (status != RH_OK)
        rh_error_where(err, "section '%s'", name);
    rh_buf_done(&list);
    rh_buf_wipe_done(&content);
    return status;
}
