/*
 * The end of a run: everything durable, then the manifest, which makes the snapshot exist.
 */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "manifest_internal.h"
#include "store_internal.h"

enum { TIME_CHARS = 16 };

/* ---- what the manifest gets from us ---- */

static rh_status packs_json(const rh_store *store, json_t *manifest, uint64_t *out_bytes,
                            rh_error *err)
{
    json_t *packs = json_array();
    uint64_t bytes = 0;
    rh_status status = packs == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < store->packs.count; i++) {
        const store_pack *pack = &store->packs.items[i];

        if (pack->name[0] == '\0')
            status = rh_error_set(err, RH_EUSAGE, "a stream was not finished before the commit");
        else if (json_array_append_new(packs, json_string(pack->name)) != 0)
            status = rh_error_oom(err);
        bytes += pack->bytes;
    }
    if (status == RH_OK && json_object_set(manifest, "packs", packs) != 0)
        status = rh_error_oom(err);
    json_decref(packs);
    if (status == RH_OK)
        *out_bytes = bytes;
    return status;
}

static rh_status dicts_json(const rh_store *store, json_t *manifest, uint64_t *out_bytes,
                            rh_error *err)
{
    json_t *dicts = json_array();
    uint64_t bytes = 0;
    rh_status status = dicts == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < store->dict_count; i++) {
        const store_used_dict *dict = &store->dicts[i];
        char hash[RH_ID_HEX_BYTES];
        char id[RH_REPO_DICT_NAME_BYTES];

        rh_id_hex(&dict->hash, hash);
        (void)snprintf(id, sizeof id, "%08x", (unsigned)dict->id);
        if (json_array_append_new(dicts, json_pack("{s:s, s:s, s:I}", "id", id, "hash", hash,
                                                   "bytes", (json_int_t)dict->bytes)) != 0)
            status = rh_error_oom(err);
        bytes += dict->bytes;
    }
    if (status == RH_OK && json_object_set(manifest, "dictionaries", dicts) != 0)
        status = rh_error_oom(err);
    json_decref(dicts);
    if (status == RH_OK)
        *out_bytes = bytes;
    return status;
}

/* A table may name last night's dictionary although none of its chunks uses it any more. */
static rh_status note_table_dicts(rh_store *store, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < store->table_count; i++) {
        const store_table *table = store->tables[i];

        if (table != NULL && table->dictionary != 0)
            status = rh_store_note_old_dict(store, table->dictionary, err);
    }
    return status;
}

/* What a reader must know of to restore the snapshot rightly. */
static json_t *features_of(const json_t *manifest)
{
    const json_t *source = json_object_get(manifest, "source");

    return json_object_get(source, "routes") != NULL ? json_pack("[s]", RH_MANIFEST_ROUTES)
                                                     : json_array();
}

static rh_status add_members(rh_store *store, json_t *manifest, rh_error *err)
{
    uint64_t packs = 0;
    uint64_t dicts = 0;
    rh_status status = note_table_dicts(store, err);

    if (status == RH_OK)
        status = packs_json(store, manifest, &packs, err);
    if (status == RH_OK)
        status = dicts_json(store, manifest, &dicts, err);
    if (status != RH_OK)
        return status;
    if (json_object_set_new(manifest, "rehearse_snapshot", json_integer(RH_MANIFEST_VERSION)) !=
            0 ||
        json_object_set_new(manifest, "features", features_of(manifest)) != 0 ||
        json_object_set_new(manifest, "repository", json_string(rh_repo_id_hex(store->repo))) !=
            0 ||
        json_object_set_new(manifest, "lineage", json_string(store->lineage)) != 0 ||
        json_object_set_new(manifest, "new_bytes",
                            json_integer((json_int_t)atomic_load(&store->new_bytes))) != 0 ||
        json_object_set_new(manifest, "stored_bytes", json_integer((json_int_t)(packs + dicts))) !=
            0)
        return rh_error_oom(err);
    return RH_OK;
}

/* ---- its name ---- */

/* The time of the snapshot, or one second after the newest one: names sort as snapshots were made.
 */
static rh_status choose_time(rh_store *store, const json_t *manifest, char out[TIME_CHARS + 1],
                             rh_error *err)
{
    const char *text = json_string_value(json_object_get(manifest, "time"));
    char compact[RH_CLOCK_TEXT_BYTES];
    char **ids = NULL;
    size_t count = 0;
    int64_t when = 0;
    rh_status status = rh_repo_snapshot_ids(store->repo, &ids, &count, err);

    if (status == RH_OK && (text == NULL || rh_clock_parse(text, &when, NULL) != RH_OK))
        when = rh_clock_wall_us();
    if (status == RH_OK) {
        rh_clock_format_compact(when, compact);
        if (count > 0 && strncmp(compact, ids[count - 1], TIME_CHARS) <= 0) {
            const char *id = ids[count - 1];
            char last[RH_CLOCK_TEXT_BYTES];

            (void)snprintf(last, sizeof last, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", id, id + 4, id + 6,
                           id + 9, id + 11, id + 13);
            /* An impossible date is somebody's joke; then the order is lost, nothing else. */
            if (rh_clock_parse(last, &when, NULL) == RH_OK)
                rh_clock_format_compact(when + 1000000, compact);
        }
        (void)rh_str_copy(out, TIME_CHARS + 1, compact);
    }
    rh_fs_list_free(ids);
    return status;
}

static rh_status write_manifest(rh_store *store, const json_t *manifest, char **out_id,
                                rh_error *err)
{
    char *text = NULL;
    char time[TIME_CHARS + 1];
    char hex[17];
    char *path = NULL;
    char *id = NULL;
    rh_status status = rh_doc_json_text(manifest, JSON_INDENT(1) | JSON_SORT_KEYS, &text, err);

    if (status == RH_OK)
        status = choose_time(store, manifest, time, err);
    if (status == RH_OK) {
        rh_manifest_hex(rh_repo_id_key(store->repo), text, strlen(text), hex);
        id = rh_mem_printf("%s-%s", time, hex);
        status =
            id == NULL ? rh_error_oom(err) : rh_repo_snapshot_path(store->repo, id, &path, err);
    }
    if (status == RH_OK)
        status = rh_fs_write(path, 0600, text, strlen(text), err);
    if (status == RH_OK) {
        *out_id = id;
        id = NULL;
    }
    rh_mem_free(id);
    rh_mem_free(path);
    rh_mem_free(text);
    return status;
}

rh_status rh_store_commit(rh_store *store, json_t *manifest, char **out_id, rh_error *err)
{
    rh_status status = rh_open_pack_end(store, store->objects, err);

    if (status == RH_OK)
        status = rh_open_pack_end(store, store->lists, err);
    if (status == RH_OK)
        status = rh_syncer_finish(store->syncer, err);
    if (status == RH_OK)
        status = add_members(store, manifest, err);
    if (status == RH_OK)
        status = write_manifest(store, manifest, out_id, err);
    return status;
}

rh_status rh_store_range_json(const rh_stored_range *range, json_t **out, rh_error *err)
{
    const rh_chunk_run run = {range->list_pack, range->list_first, range->list_count};
    char ref[RH_CHUNK_REF_BYTES];
    json_t *json;

    rh_chunk_ref_format(&run, ref);
    json = json_pack("{s:o, s:o, s:I, s:I, s:I, s:s}", "from",
                     range->from == INT64_MIN ? json_null() : json_integer(range->from), "to",
                     range->to == INT64_MAX ? json_null() : json_integer(range->to), "rows",
                     (json_int_t)range->rows, "bytes", (json_int_t)range->bytes, "chunks",
                     (json_int_t)range->chunks, "list", ref);
    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}
