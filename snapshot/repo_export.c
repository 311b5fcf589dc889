/*
 * A snapshot as a plain directory. Everything is written to "<dir>.rehearse-<pid>", which is
 * renamed when the last file is complete and removed when anything fails.
 */
#include <rehearse/repository.h>

#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "export.h"
#include "repo.h"
#include "report_json.h"

/* dir without slashes at its end, and the name beside it. */
static rh_status name_dirs(const char *dir, char **out_final, char **out_aside, rh_error *err)
{
    size_t len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    if (len == 0 || (len == 1 && dir[0] == '/'))
        return rh_error_set(err, RH_EUSAGE, "'%s' is no directory to create", dir);
    *out_final = rh_mem_strndup(dir, len);
    if (*out_final == NULL)
        return rh_error_oom(err);
    *out_aside = rh_mem_printf("%s.rehearse-%ld", *out_final, (long)getpid());
    return *out_aside == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status refuse_existing(const char *path, rh_error *err)
{
    if (!rh_fs_exists(path))
        return RH_OK;
    rh_error_set(err, RH_EEXISTS, "'%s' exists", path);
    rh_error_hint(err, "name a directory that does not exist yet, or remove this one");
    return RH_EEXISTS;
}

static rh_status write_files(rh_export *x, rh_error *err)
{
    rh_status status = rh_manifest_engine(x->manifest) == RH_ENGINE_SQLITE
                           ? rh_export_sqlite(x, err)
                           : rh_export_postgres(x, err);

    return status == RH_OK ? rh_export_seal(x, err) : status;
}

static rh_status build(rh_export *x, const char *final, json_t *result, rh_error *err)
{
    const char *left = x->dir;
    rh_status status = rh_fs_mkdir(x->dir, err);

    if (status == RH_OK)
        status = write_files(x, err);
    if (status == RH_OK)
        status = rh_report_set(result, "files", json_integer((json_int_t)x->file_count), err);
    if (status == RH_OK)
        status = rh_report_set(result, "bytes", json_integer((json_int_t)x->file_bytes), err);
    if (status == RH_OK)
        status = rh_fs_sync(x->dir, err);
    if (status == RH_OK) {
        status = rh_fs_rename_new(x->dir, final, err);
        /* Renamed, but not known to be durable: a failure leaves nothing. */
        if (status != RH_OK && !rh_fs_exists(x->dir))
            left = final;
    }
    if (status != RH_OK && rh_fs_exists(left) && rh_fs_remove_tree(left, NULL) != RH_OK)
        rh_error_hint(err, "'%s' could not be removed, please do so", left);
    return status;
}

static rh_status start(rh_export *x, const char *snapshot_id, rh_manifest **manifest, rh_error *err)
{
    rh_status status;

    if (!rh_repo_can_read(x->repo)) {
        rh_error_set(err, RH_EKEY, "the repository is sealed and no key to read it was given");
        rh_error_hint(err, "give the secret key file with --key");
        return RH_EKEY;
    }
    status = rh_manifest_load(x->repo, snapshot_id, manifest, err);
    x->manifest = *manifest;
    x->files = json_array();
    if (status == RH_OK && x->files == NULL)
        status = rh_error_oom(err);
    return status;
}

rh_status rh_repo_export(rh_repo *repo, const char *snapshot_id, const char *dir, json_t **out,
                         rh_error *err)
{
    rh_export x = {.repo = repo};
    rh_manifest *manifest = NULL;
    json_t *result = json_object();
    char *final = NULL;
    rh_status status = result == NULL ? rh_error_oom(err) : RH_OK;

    pthread_mutex_init(&x.lock, NULL);
    if (status == RH_OK)
        status = name_dirs(dir, &final, &x.dir, err);
    if (status == RH_OK)
        status = refuse_existing(final, err);
    if (status == RH_OK)
        status = refuse_existing(x.dir, err);
    if (status == RH_OK)
        status = start(&x, snapshot_id, &manifest, err);
    if (status == RH_OK)
        status = build(&x, final, result, err);
    if (status == RH_OK) {
        *out = result;
        result = NULL;
    }
    json_decref(result);
    json_decref(x.files);
    rh_manifest_free(manifest);
    rh_mem_free(x.dir);
    rh_mem_free(final);
    pthread_mutex_destroy(&x.lock);
    return status;
}
