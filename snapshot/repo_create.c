/*
 * See repo_create.h.
 */
#include "repo_create.h"

#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "repo_config.h"

static const char *const folders[] = {"packs", "dicts", "snapshots", "tmp"};
enum { FOLDER_COUNT = 4 };

rh_status rh_repo_read_writer_key(const char *path, rh_key *out, rh_error *err)
{
    rh_status status = rh_key_read(path, out, err);

    if (status == RH_OK && out->kind == RH_KEY_MASK)
        status = rh_error_set(err, RH_EKEY, "key file '%s' is a mask key, not a writer key", path);
    return status;
}

static bool is_ours(const char *name)
{
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        if (strcmp(name, folders[i]) == 0)
            return true;
    return strcmp(name, "lock") == 0;
}

/* Empty, or what a creation that was killed before the config left. */
static rh_status check_empty(const char *dir, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_list(dir, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        if (is_ours(names[i]))
            continue;
        status = rh_error_set(err, RH_EUSAGE, "'%s' is not a repository and not empty", dir);
        rh_error_hint(err, "give a new or empty directory");
    }
    rh_fs_list_free(names);
    return status;
}

rh_status rh_repo_make_folders(const char *dir, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < FOLDER_COUNT; i++) {
        char *path = rh_fs_join(dir, folders[i]);

        status = path == NULL ? rh_error_oom(err) : rh_fs_mkdir(path, err);
        rh_mem_free(path);
    }
    return status;
}

static rh_status write_config(const char *path, const char *const *seal_to, rh_error *err)
{
    rh_key *keys = rh_mem_array(RH_SEAL_MAX_READERS, sizeof *keys);
    rh_buf text = RH_BUF_INIT;
    size_t count = 0;
    rh_status status = keys == NULL ? rh_error_oom(err) : RH_OK;

    for (; status == RH_OK && seal_to != NULL && seal_to[count] != NULL; count++) {
        if (count == RH_SEAL_MAX_READERS)
            status = rh_error_set(err, RH_EUSAGE, "a repository is sealed to at most %d keys",
                                  (int)RH_SEAL_MAX_READERS);
        else
            status = rh_repo_read_writer_key(seal_to[count], &keys[count], err);
    }
    if (status == RH_OK)
        status = rh_repo_config_make(keys, count, &text, err);
    if (status == RH_OK)
        status = rh_fs_write(path, 0600, text.data, text.len, err);
    rh_buf_wipe_done(&text);
    rh_mem_wipe_free(keys, RH_SEAL_MAX_READERS * sizeof *keys);
    return status;
}

rh_status rh_repo_refuse_unsealed(rh_error *err)
{
    rh_error_set(err, RH_EUSAGE, "raw rows are not written to a repository that is not sealed");
    rh_error_hint(err, "create it with --seal-to WRITER_KEY (see rehearse keygen), or say "
                       "--unsealed-raw");
    return RH_EUSAGE;
}

/* Nothing under the folder but what a new repository has. */
static rh_status holds_nothing(const char *dir, const char *folder, bool *out, rh_error *err)
{
    char *path = rh_fs_join(dir, folder);
    char **names = NULL;
    size_t count = 0;
    rh_status status = path == NULL ? rh_error_oom(err) : rh_fs_list(path, &names, &count, err);

    *out = status == RH_OK && count == 0;
    rh_fs_list_free(names);
    rh_mem_free(path);
    return status;
}

static rh_status is_unused(const char *dir, bool *out, rh_error *err)
{
    static const char *const used[] = {"packs", "dicts", "snapshots"};
    rh_status status = RH_OK;

    *out = true;
    for (size_t i = 0; status == RH_OK && *out && i < sizeof used / sizeof *used; i++)
        status = holds_nothing(dir, used[i], out, err);
    return status;
}

/* An unsealed repository without contents, when keys are given. */
static rh_status may_seal(const char *dir, const char *config_path, const rh_repo_options *options,
                          bool *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_repo_config config;
    rh_status status;

    *out = false;
    if (options->seal_to == NULL || options->seal_to[0] == NULL)
        return RH_OK;
    status = rh_fs_read(config_path, RH_CONFIG_MAX_BYTES, &text, err);
    if (status == RH_OK)
        status = rh_repo_config_parse(rh_buf_cstr(&text), text.len, &config, err);
    rh_buf_wipe_done(&text);
    if (status != RH_OK) {
        rh_error_clear(err); /* whoever reads the config next says what is wrong with it */
        return RH_OK;
    }
    if (!config.sealed)
        status = is_unused(dir, out, err);
    rh_repo_config_done(&config);
    return status;
}

/* Whether a config is to be written. */
static rh_status decide(const char *dir, const char *config_path, const rh_repo_options *options,
                        bool *out, rh_error *err)
{
    *out = true;
    if (rh_fs_exists(config_path))
        return may_seal(dir, config_path, options, out, err);
    if (options->sealed_only && (options->seal_to == NULL || options->seal_to[0] == NULL))
        return rh_repo_refuse_unsealed(err);
    if (rh_fs_mkdir(dir, err) != RH_OK)
        return err->code;
    return check_empty(dir, err);
}

/* Decided once more under the exclusive lock: somebody else may have done it meanwhile. */
static rh_status write_locked(const char *dir, const char *config_path,
                              const rh_repo_options *options, rh_error *err)
{
    char *lock_path = rh_fs_join(dir, "lock");
    bool wanted = false;
    int fd = -1;
    rh_status status = lock_path == NULL ? rh_error_oom(err) : rh_fs_lock(lock_path, &fd, err);

    if (status == RH_OK)
        status = decide(dir, config_path, options, &wanted, err);
    if (status == RH_OK && wanted)
        status = rh_repo_make_folders(dir, err);
    if (status == RH_OK && wanted)
        status = write_config(config_path, options->seal_to, err);
    rh_fs_unlock(fd);
    rh_mem_free(lock_path);
    return status;
}

rh_status rh_repo_create(const char *dir, const rh_repo_options *options, rh_error *err)
{
    char *config_path = rh_fs_join(dir, "config");
    bool wanted = false;
    rh_status status =
        config_path == NULL ? rh_error_oom(err) : decide(dir, config_path, options, &wanted, err);

    if (status == RH_OK && wanted)
        status = write_locked(dir, config_path, options, err);
    rh_mem_free(config_path);
    return status;
}
