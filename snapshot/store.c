/*
 * A run's write side: begin, the packs that the new manifest references, the end.
 *
 * Invariants
 *   1. Ordinals are given out once and never change; a pack that is referenced is on disk, or
 * handed to the syncer, before the manifest is written (rh_store_commit waits for it).
 *   2. What lies in tmp/ of earlier runs is removed: this process holds tmp/write.lock.
 *   3. A dictionary is durable before a pack that uses it is.
 *
 *   begin -> streams, objects -> commit -> free        (free without commit leaves no manifest;
 * what is in packs/ then, the next run reuses)
 */
#include "store.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "pack_cache.h"
#include "store_internal.h"

/* ---- lineage and keys ---- */

static rh_status name_lineage(rh_store *store, const char *system_id, const char *database,
                              rh_error *err)
{
    uint8_t key[RH_ID_KEY_BYTES];
    rh_buf text = RH_BUF_INIT;
    rh_id id;
    rh_status status = rh_buf_append(&text, system_id, strlen(system_id) + 1, err);

    if (status == RH_OK)
        status = rh_buf_append_str(&text, database, err);
    if (status == RH_OK) {
        rh_hash_derive(rh_repo_id_key(store->repo), "lineage", key, sizeof key);
        rh_hash_id(key, text.data, text.len, &id);
        rh_hex_encode(id.bytes, 16, store->lineage);
        rh_hash_derive(rh_repo_id_key(store->repo), "span", store->span_key,
                       sizeof store->span_key);
        rh_wipe(key, sizeof key);
    }
    rh_buf_done(&text);
    return status;
}

/* ---- tmp/ ---- */

static rh_status clean_tmp(const char *tmp, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_list(tmp, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *path;

        if (rh_str_eq(names[i], "write.lock"))
            continue;
        path = rh_fs_join(tmp, names[i]);
        status = path == NULL ? rh_error_oom(err) : rh_fs_remove_tree(path, err);
        rh_mem_free(path);
    }
    rh_fs_list_free(names);
    return status;
}

static rh_status make_run_dir(rh_store *store, rh_error *err)
{
    char *tmp = NULL;
    uint8_t random[8];
    char hex[17];
    rh_status status = rh_repo_sub_path(store->repo, "tmp", &tmp, err);

    if (status == RH_OK)
        status = clean_tmp(tmp, err);
    if (status == RH_OK) {
        rh_random(random, sizeof random);
        rh_hex_encode(random, sizeof random, hex);
        store->run_dir = rh_mem_printf("%s/run-%s", tmp, hex);
        status = store->run_dir == NULL ? rh_error_oom(err) : rh_fs_mkdir(store->run_dir, err);
    }
    rh_mem_free(tmp);
    return status;
}

/* ---- life cycle ---- */

static rh_status begin(rh_store *store, const char *system_id, const char *database, rh_error *err)
{
    rh_status status = name_lineage(store, system_id, database, err);

    if (status == RH_OK)
        status = make_run_dir(store, err);
    if (status == RH_OK)
        status = rh_manifest_latest(store->repo, store->lineage, &store->last, err);
    if (status == RH_OK)
        status = rh_store_find_orphans(store, err);
    if (status == RH_OK)
        status = rh_syncer_start(store->repo, &store->syncer, err);
    if (status != RH_OK)
        return status;
    store->encoder = rh_pack_encoder_new();
    store->objects = rh_mem_zalloc(sizeof *store->objects);
    store->lists = rh_mem_zalloc(sizeof *store->lists);
    if (store->encoder == NULL || store->objects == NULL || store->lists == NULL)
        return rh_error_oom(err);
    return RH_OK;
}

rh_status rh_store_begin(rh_repo *repo, const char *system_id, const char *database,
                         rh_rows_format format, rh_store **out, rh_error *err)
{
    rh_store *store;
    rh_status status;

    if (!rh_repo_is_writable(repo) || rh_repo_id_key(repo) == NULL)
        return rh_error_set(err, RH_EUSAGE, "the repository was not opened for writing");
    store = rh_mem_zalloc(sizeof *store);
    if (store == NULL)
        return rh_error_oom(err);
    store->repo = repo;
    store->format = format;
    store->lock_made = pthread_mutex_init(&store->lock, NULL) == 0;
    status = store->lock_made ? begin(store, system_id, database, err) : rh_error_oom(err);
    if (status != RH_OK) {
        rh_store_free(store);
        return status;
    }
    *out = store;
    return RH_OK;
}

void rh_store_free(rh_store *store)
{
    if (store == NULL)
        return;
    if (store->objects != NULL)
        rh_open_pack_discard(store, store->objects);
    if (store->lists != NULL)
        rh_open_pack_discard(store, store->lists);
    rh_syncer_free(store->syncer);
    if (store->run_dir != NULL) {
        rh_status removed = rh_fs_remove_tree(store->run_dir, NULL);

        (void)removed; /* the next writer removes what is left */
    }
    for (size_t i = 0; i < store->table_count; i++)
        rh_mem_free(store->tables[i]);
    rh_mem_free(store->tables);
    rh_mem_free(store->packs.items);
    rh_mem_free(store->packs.index);
    rh_mem_free(store->dicts);
    rh_mem_free(store->orphan_names);
    rh_mem_free(store->orphans);
    rh_mem_free(store->objects);
    rh_mem_free(store->lists);
    rh_mem_free(store->run_dir);
    rh_manifest_free(store->last);
    rh_pack_encoder_free(store->encoder);
    if (store->lock_made)
        pthread_mutex_destroy(&store->lock);
    rh_mem_wipe_free(store, sizeof *store);
}

const char *rh_store_lineage(const rh_store *store)
{
    return store->lineage;
}

uint64_t rh_store_new_bytes(const rh_store *store)
{
    return atomic_load(&store->new_bytes);
}

/* ---- packs ---- */

static size_t slot_of(const store_packs *packs, const char *name)
{
    size_t mask = packs->index_size - 1;
    size_t at;
    uint8_t start[8] = {0};

    (void)rh_hex_decode(name, sizeof start, start);
    for (at = (size_t)rh_get_u64(start) & mask; packs->index[at] != 0; at = (at + 1) & mask)
        if (strcmp(packs->items[packs->index[at] - 1].name, name) == 0)
            break;
    return at;
}

static rh_status grow_packs(store_packs *packs, rh_error *err)
{
    size_t cap = packs->cap == 0 ? 64 : packs->cap * 2;
    uint32_t *index = rh_mem_array(2 * cap, sizeof *index);
    store_pack *items;

    if (index == NULL)
        return rh_error_oom(err);
    items = rh_mem_rearray(packs->items, cap, sizeof *items);
    if (items == NULL) {
        rh_mem_free(index);
        return rh_error_oom(err);
    }
    rh_mem_free(packs->index);
    packs->items = items;
    packs->cap = cap;
    packs->index = index;
    packs->index_size = 2 * cap;
    for (size_t i = 0; i < packs->count; i++)
        if (items[i].name[0] != '\0')
            index[slot_of(packs, items[i].name)] = (uint32_t)i + 1;
    return RH_OK;
}

/* Under lock. */
static rh_status append_pack(rh_store *store, uint32_t *out_ordinal, rh_error *err)
{
    store_packs *packs = &store->packs;

    if (packs->count == packs->cap) {
        rh_status status = grow_packs(packs, err);

        if (status != RH_OK)
            return status;
    }
    memset(&packs->items[packs->count], 0, sizeof *packs->items);
    *out_ordinal = (uint32_t)packs->count++;
    return RH_OK;
}

rh_status rh_store_reserve_pack(rh_store *store, uint32_t *out_ordinal, rh_error *err)
{
    rh_status status;

    pthread_mutex_lock(&store->lock);
    status = append_pack(store, out_ordinal, err);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ---- dictionaries of packs ---- */

/* Under lock. */
static bool has_dict(const rh_store *store, uint32_t id)
{
    for (size_t i = 0; i < store->dict_count; i++)
        if (store->dicts[i].id == id)
            return true;
    return false;
}

static rh_status add_dict(rh_store *store, const store_used_dict *dict, rh_error *err)
{
    rh_status status = RH_OK;

    pthread_mutex_lock(&store->lock);
    if (!has_dict(store, dict->id)) {
        if (store->dict_count == store->dict_cap) {
            size_t cap = store->dict_cap == 0 ? 8 : store->dict_cap * 2;
            store_used_dict *dicts = rh_mem_rearray(store->dicts, cap, sizeof *dicts);

            if (dicts == NULL) {
                status = rh_error_oom(err);
            } else {
                store->dicts = dicts;
                store->dict_cap = cap;
            }
        }
        if (status == RH_OK)
            store->dicts[store->dict_count++] = *dict;
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

rh_status rh_store_note_dict(rh_store *store, const rh_dict *dict, rh_error *err)
{
    const store_used_dict used = {rh_dict_id(dict), *rh_dict_file_hash(dict),
                                  rh_dict_file_bytes(dict)};

    return add_dict(store, &used, err);
}

/* The dictionary of a pack of an earlier run: hash from last night's manifest, or from the file. */
rh_status rh_store_note_old_dict(rh_store *store, uint32_t id, rh_error *err)
{
    const rh_id *listed = store->last == NULL ? NULL : rh_manifest_dictionary(store->last, id);
    store_used_dict used = {id, {{0}}, 0};
    rh_buf file = RH_BUF_INIT;
    char *path = NULL;
    bool noted;
    rh_status status;

    pthread_mutex_lock(&store->lock);
    noted = has_dict(store, id);
    pthread_mutex_unlock(&store->lock);
    if (noted)
        return RH_OK;
    status = rh_repo_dict_path(store->repo, id, &path, err);
    if (status == RH_OK)
        status = rh_fs_read(path, RH_DICT_MAX_BYTES, &file, err);
    if (status == RH_OK) {
        rh_hash_blake2b(file.data, file.len, used.hash.bytes);
        used.bytes = file.len;
        if (listed != NULL && memcmp(listed->bytes, used.hash.bytes, RH_ID_BYTES) != 0)
            status = rh_error_set(err, RH_EFORMAT, "dictionary '%08x' was changed", (unsigned)id);
    }
    if (status == RH_OK)
        status = add_dict(store, &used, err);
    rh_buf_wipe_done(&file);
    rh_mem_free(path);
    return status;
}

static rh_status check_pack(rh_store *store, const char *name, uint64_t *out_bytes, rh_error *err)
{
    rh_pack *pack = NULL;
    uint32_t dict = 0;
    rh_status status = rh_pack_cache_get(rh_repo_packs(store->repo), name, &pack, err);

    if (status != RH_OK)
        return status;
    *out_bytes = rh_pack_get_bytes(pack);
    dict = rh_pack_get_header(pack)->dictionary;
    rh_pack_cache_put(rh_repo_packs(store->repo), pack);
    return dict == 0 ? RH_OK : rh_store_note_old_dict(store, dict, err);
}

static bool find_pack(rh_store *store, const char *name, uint32_t *out_ordinal)
{
    const store_packs *packs = &store->packs;
    uint32_t found = packs->index_size == 0 ? 0 : packs->index[slot_of(packs, name)];

    if (found == 0)
        return false;
    *out_ordinal = found - 1;
    return true;
}

rh_status rh_store_refer_pack(rh_store *store, const char *name, uint32_t *out_ordinal,
                              rh_error *err)
{
    rh_error local = RH_ERROR_INIT;
    uint64_t bytes = 0;
    bool found;
    rh_status status;

    pthread_mutex_lock(&store->lock);
    found = find_pack(store, name, out_ordinal);
    pthread_mutex_unlock(&store->lock);
    if (found)
        return RH_OK;
    status = check_pack(store, name, &bytes, &local);
    if (status == RH_EFORMAT || status == RH_ENOTFOUND || status == RH_ELIMIT)
        return RH_SKIPPED;
    if (status != RH_OK) {
        if (err != NULL && err->code == RH_OK)
            *err = local;
        return status;
    }
    pthread_mutex_lock(&store->lock);
    if (!find_pack(store, name, out_ordinal)) {
        status = append_pack(store, out_ordinal, err);
        if (status == RH_OK) {
            store_pack *pack = &store->packs.items[*out_ordinal];
            size_t at = slot_of(&store->packs, name);

            (void)rh_str_copy(pack->name, sizeof pack->name, name);
            pack->bytes = bytes;
            store->packs.index[at] = *out_ordinal + 1;
        }
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}
