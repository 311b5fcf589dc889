#include "garbage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/cancel.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/progress.h"
#include "pack_reader.h"
#include "repo.h"

/* ---- what stays ---- */

rh_status rh_garbage_keep_pack(rh_garbage *garbage, const char *name, rh_error *err)
{
    return rh_name_set_add(&garbage->packs, name, err);
}

rh_status rh_garbage_keep_dict(rh_garbage *garbage, uint32_t id, rh_error *err)
{
    char name[RH_REPO_DICT_NAME_BYTES];

    (void)snprintf(name, sizeof name, "%08" PRIx32, id);
    return rh_name_set_add(&garbage->dicts, name, err);
}

void rh_garbage_kept(rh_garbage *garbage)
{
    rh_name_set_sort(&garbage->packs);
    rh_name_set_sort(&garbage->dicts);
}

/* ---- what goes ---- */

/* Takes path, also on failure. */
static rh_status add_file(rh_garbage *garbage, char *path, uint64_t bytes, rh_error *err)
{
    if (garbage->count == garbage->cap) {
        size_t cap = garbage->cap == 0 ? 64 : garbage->cap * 2;
        rh_garbage_file *grown = rh_mem_rearray(garbage->files, cap, sizeof *grown);

        if (grown == NULL) {
            rh_mem_free(path);
            return rh_error_oom(err);
        }
        garbage->files = grown;
        garbage->cap = cap;
    }
    garbage->files[garbage->count++] = (rh_garbage_file){path, bytes};
    garbage->bytes += bytes;
    return RH_OK;
}

/* Takes path. RH_SKIPPED when the file is too young to go. */
static rh_status add_if_old(rh_garbage *garbage, char *path, int64_t before_us, rh_error *err)
{
    uint64_t bytes = 0;
    int64_t mtime_us = 0;
    rh_status status = rh_fs_stat(path, &bytes, &mtime_us, err);

    if (status == RH_OK && mtime_us > before_us)
        status = RH_SKIPPED;
    if (status != RH_OK) {
        rh_mem_free(path);
        return status;
    }
    return add_file(garbage, path, bytes, err);
}

/* A pack that waits may be reused by the next run: its dictionary must wait with it. A pack that
 * cannot be opened is never reused. */
static rh_status keep_dictionary(rh_garbage *garbage, rh_repo *repo, const char *pack_name,
                                 rh_error *err)
{
    rh_pack *pack = NULL;
    rh_status status = rh_pack_open(repo, pack_name, &pack, NULL);
    uint32_t id = status == RH_OK ? rh_pack_get_header(pack)->dictionary : 0;

    rh_pack_free(pack);
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    return id == 0 ? RH_OK : rh_garbage_keep_dict(garbage, id, err);
}

static rh_status find_packs(rh_garbage *garbage, rh_repo *repo, int64_t before_us, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_repo_pack_names(repo, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *path = NULL;

        if (rh_name_set_has(&garbage->packs, names[i]))
            continue;
        status = rh_repo_pack_path(repo, names[i], &path, err);
        if (status == RH_OK)
            status = add_if_old(garbage, path, before_us, err);
        if (status == RH_OK)
            garbage->packs_removed++;
        if (status == RH_SKIPPED) {
            garbage->packs_waiting++;
            status = keep_dictionary(garbage, repo, names[i], err);
        }
    }
    rh_name_set_sort(&garbage->dicts);
    rh_fs_list_free(names);
    return status;
}

static rh_status find_dicts(rh_garbage *garbage, rh_repo *repo, int64_t before_us, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_repo_dict_names(repo, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *path = NULL;
        uint32_t id = 0;

        if (rh_name_set_has(&garbage->dicts, names[i]) || !rh_repo_is_dict_name(names[i], &id))
            continue;
        status = rh_repo_dict_path(repo, id, &path, err);
        if (status == RH_OK)
            status = add_if_old(garbage, path, before_us, err);
        if (status == RH_SKIPPED)
            status = RH_OK;
    }
    rh_fs_list_free(names);
    return status;
}

/* Bytes of the files directly in a directory, or of the file itself; 0 for what is neither. */
static uint64_t size_of(const char *path)
{
    uint64_t bytes = 0;
    int64_t mtime_us = 0;
    char **names = NULL;
    size_t count = 0;

    if (rh_fs_stat(path, &bytes, &mtime_us, NULL) == RH_OK)
        return bytes;
    if (!rh_fs_is_dir(path) || rh_fs_list(path, &names, &count, NULL) != RH_OK)
        return 0;
    for (size_t i = 0; i < count; i++) {
        char *inner = rh_fs_join(path, names[i]);
        uint64_t more = 0;

        if (inner != NULL && rh_fs_stat(inner, &more, &mtime_us, NULL) == RH_OK)
            bytes += more;
        rh_mem_free(inner);
    }
    rh_fs_list_free(names);
    return bytes;
}

/* What killed runs left behind. Who may delete holds the repository alone, so no run is active and
 * nothing here is of use to a later one: no grace. */
static rh_status find_temporaries(rh_garbage *garbage, rh_repo *repo, rh_error *err)
{
    char *dir = NULL;
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_repo_sub_path(repo, "tmp", &dir, err);

    if (status == RH_OK && rh_fs_is_dir(dir))
        status = rh_fs_list(dir, &names, &count, err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *path;

        if (strcmp(names[i], "write.lock") == 0)
            continue;
        path = rh_fs_join(dir, names[i]);
        status = path == NULL ? rh_error_oom(err) : add_file(garbage, path, size_of(path), err);
    }
    rh_fs_list_free(names);
    rh_mem_free(dir);
    return status;
}

rh_status rh_garbage_find(rh_garbage *garbage, rh_repo *repo, int64_t grace_us, rh_error *err)
{
    int64_t before_us = rh_clock_wall_us() - grace_us;
    rh_status status = find_packs(garbage, repo, before_us, err);

    if (status == RH_OK)
        status = find_dicts(garbage, repo, before_us, err);
    if (status == RH_OK)
        status = find_temporaries(garbage, repo, err);
    return status;
}

/* ---- the end ---- */

rh_status rh_garbage_delete(const rh_garbage *garbage, rh_repo *repo, rh_error *err)
{
    rh_progress *progress = rh_repo_progress(repo);
    rh_status status = RH_OK;

    rh_progress_stage(progress, "garbage", garbage->bytes, 0, garbage->count);
    for (size_t i = 0; status == RH_OK && i < garbage->count; i++) {
        status = rh_cancel_check(rh_repo_cancel(repo), err);
        if (status == RH_OK)
            status = rh_fs_remove_tree(garbage->files[i].path, err);
        rh_progress_add(progress, garbage->files[i].bytes, 0, 1);
    }
    return status;
}

void rh_garbage_done(rh_garbage *garbage)
{
    for (size_t i = 0; i < garbage->count; i++)
        rh_mem_free(garbage->files[i].path);
    rh_mem_free(garbage->files);
    rh_name_set_done(&garbage->packs);
    rh_name_set_done(&garbage->dicts);
}
