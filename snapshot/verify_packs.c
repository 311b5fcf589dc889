/*
 * Second step of verify: the files that manifests name.
 */
#include "verify.h"

#include <string.h>

#include "core/bytes.h"
#include "core/cancel.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/progress.h"
#include "pack_reader.h"
#include "repo.h"

static const size_t MAX_DICT_FILE_BYTES = (size_t)4 << 20;

/* Is the file there? The cheapest look, for level manifest. */
static rh_status look_at_pack(rh_repo *repo, const char *name, rh_verify_pack *pack, rh_error *why)
{
    char *path = NULL;
    int64_t mtime_us = 0;
    rh_status status = rh_repo_pack_path(repo, name, &path, why);

    if (status == RH_OK && !rh_fs_exists(path))
        status = rh_error_set(why, RH_ENOTFOUND, "pack '%s' is missing", name);
    if (status == RH_OK)
        status = rh_fs_stat(path, &pack->bytes, &mtime_us, why);
    rh_mem_free(path);
    return status;
}

static rh_status open_pack(rh_repo *repo, const char *name, rh_verify_pack *out, rh_error *why)
{
    rh_pack *pack = NULL;
    rh_status status = rh_pack_open(repo, name, &pack, why);

    if (status == RH_OK) {
        out->entries = (uint32_t)rh_pack_get_table(pack)->count;
        out->bytes = rh_pack_get_bytes(pack);
    }
    rh_pack_free(pack);
    return status;
}

static rh_status check_pack(rh_verify *v, size_t index, rh_error *err)
{
    const char *name = v->names.names[index];
    const rh_damage_place place = {NULL, NULL, -1, name};
    rh_verify_pack *pack = &v->packs[index];
    rh_error why = RH_ERROR_INIT;
    rh_status status = v->level >= RH_VERIFY_PACKS ? open_pack(v->repo, name, pack, &why)
                                                   : look_at_pack(v->repo, name, pack, &why);

    if (status != RH_OK) {
        pack->bad = true;
        return rh_damage_take(v->damage, &place, &why, err);
    }
    atomic_fetch_add(&v->chunks, pack->entries);
    return RH_OK;
}

static rh_status pack_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_verify *v = ctx;
    rh_status status = RH_OK;

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&v->next, 1);

        if (at >= v->names.count)
            break;
        status = rh_cancel_check(rh_repo_cancel(v->repo), err);
        if (status == RH_OK)
            status = check_pack(v, at, err);
        rh_progress_add(rh_repo_progress(v->repo), 0, 0, 1);
    }
    return status;
}

/* ---- dictionaries ---- */

/* The stored file is what the manifest says, by its unkeyed hash: no key is needed. */
static rh_status check_dict_file(const rh_verify *v, const char *path, const char *hash,
                                 rh_error *why)
{
    rh_buf bytes = RH_BUF_INIT;
    uint8_t found[RH_ID_BYTES];
    char hex[RH_ID_HEX_BYTES];
    rh_status status = RH_OK;

    if (v->level < RH_VERIFY_PACKS)
        return RH_OK;
    status = rh_fs_read(path, MAX_DICT_FILE_BYTES, &bytes, why);
    if (status == RH_OK) {
        rh_hash_blake2b(bytes.data, bytes.len, found);
        rh_hex_encode(found, sizeof found, hex);
        if (strcmp(hex, hash) != 0)
            status = rh_error_set(why, RH_EFORMAT, "its content is not what was written");
    }
    rh_buf_done(&bytes);
    return status;
}

static rh_status check_dict(rh_verify *v, const char *name, rh_error *err)
{
    const rh_damage_place place = {NULL, NULL, -1, NULL};
    rh_error why = RH_ERROR_INIT;
    char id[RH_REPO_DICT_NAME_BYTES];
    uint32_t number = 0;
    char *path = NULL;
    rh_status status = RH_OK;

    memcpy(id, name, sizeof id - 1);
    id[sizeof id - 1] = '\0';
    if (!rh_repo_is_dict_name(id, &number))
        status = rh_error_set(&why, RH_EFORMAT, "its name is none of ours");
    if (status == RH_OK)
        status = rh_repo_dict_path(v->repo, number, &path, &why);
    if (status == RH_OK && !rh_fs_exists(path))
        status = rh_error_set(&why, RH_ENOTFOUND, "it is missing");
    if (status == RH_OK)
        status = check_dict_file(v, path, name + sizeof id, &why);
    rh_mem_free(path);
    if (status == RH_OK)
        return RH_OK;
    rh_error_where(&why, "dictionary '%s'", id);
    return rh_damage_take(v->damage, &place, &why, err);
}

/* ---- who needs a pack that is not there ---- */

/* Where lists are not walked later (level manifest, or no key), at least the snapshots are named.
 */
static rh_status name_users(rh_verify *v, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_manifest_pack_count(v->manifest); i++) {
        const rh_damage_place place = {v->snapshot->id, NULL, -1, rh_manifest_pack(v->manifest, i)};

        if (v->packs[v->pack_of[i]].bad)
            status = rh_damage_add(v->damage, &place, err, "the snapshot needs this pack");
    }
    return status;
}

static bool any_bad(const rh_verify *v)
{
    for (size_t i = 0; i < v->names.count; i++) {
        if (v->packs[i].bad)
            return true;
    }
    return false;
}

rh_status rh_verify_packs(rh_verify *v, rh_error *err)
{
    rh_status status;

    rh_progress_stage(rh_repo_progress(v->repo), "packs", 0, 0, v->names.count);
    atomic_store(&v->next, 0);
    status = rh_pool_run(rh_verify_threads(v, v->names.count), pack_thread, v, err);
    for (size_t i = 0; status == RH_OK && i < v->dicts.count; i++)
        status = check_dict(v, v->dicts.names[i], err);
    if (status == RH_OK && any_bad(v) && (v->level < RH_VERIFY_PACKS || !v->can_read))
        status = rh_verify_each(v, name_users, err);
    return status;
}
