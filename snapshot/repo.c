/*
 * The handle of a repository: create, open, lock, keys.
 */
#include "repo.h"

#include <errno.h>
#include <string.h>

#include "core/bytes.h"
#include "core/fs.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "core/str.h"
#include "pack_cache.h"
#include "repo_config.h"
#include "repo_create.h"

struct rh_repo {
    char *dir;
    rh_repo_config config;
    char id_hex[2 * RH_REPO_ID_BYTES + 1];
    rh_repo_reader readers[RH_SEAL_MAX_READERS];
    bool has_id_key;
    bool has_pair;
    bool writable;
    bool exclusive;
    uint8_t id_key[RH_ID_KEY_BYTES];
    uint8_t row_secret[RH_ROW_SECRET_BYTES];
    rh_seal_pair pair;
    int lock_fd;       /* repo/lock */
    int write_lock_fd; /* repo/tmp/write.lock, writers only */
    rh_dicts *dicts;
    rh_pack_cache *packs;
    const rh_cancel *cancel;
    rh_progress *progress;
};

/* ---- keys ---- */

static void take_id_key(rh_repo *repo, const uint8_t id_key[RH_ID_KEY_BYTES])
{
    memcpy(repo->id_key, id_key, sizeof repo->id_key);
    rh_hash_derive(id_key, "rows", repo->row_secret, sizeof repo->row_secret);
    repo->has_id_key = true;
}

static const rh_config_reader *find_reader(const rh_repo *repo, const rh_key *key)
{
    for (size_t i = 0; i < repo->config.reader_count; i++) {
        const rh_config_reader *reader = &repo->config.readers[i];

        if (memcmp(reader->key.public_key, key->pair.public_key, RH_SEAL_PUBLIC_BYTES) == 0)
            return reader;
    }
    return NULL;
}

static rh_status wrong_key(const rh_repo *repo, const char *path, rh_error *err)
{
    char wanted[2 * RH_REPO_FINGERPRINT_BYTES + 1];

    rh_hex_encode(repo->config.readers[0].key.fingerprint, RH_REPO_FINGERPRINT_BYTES, wanted);
    rh_error_set(err, RH_EKEY, "key file '%s' is not of repository '%s'", path, repo->dir);
    if (repo->config.reader_count == 1)
        rh_error_hint(err, "the repository is sealed to key %s", wanted);
    else
        rh_error_hint(err,
                      "the repository is sealed to %zu keys, the first is %s; only that one's "
                      "writer file can write",
                      repo->config.reader_count, wanted);
    return RH_EKEY;
}

/* A reader's secret key also opens the id key that the config keeps for it. */
static rh_status use_secret(rh_repo *repo, const rh_key *key, const char *path, rh_error *err)
{
    const rh_config_reader *reader = find_reader(repo, key);
    uint8_t id_key[RH_ID_KEY_BYTES];
    rh_status status;

    if (reader == NULL)
        return wrong_key(repo, path, err);
    status = rh_seal_unwrap(&key->pair, reader->wrapped_id_key, id_key, err);
    if (status != RH_OK)
        return status;
    if (rh_repo_config_knows(&repo->config, id_key)) {
        take_id_key(repo, id_key);
        repo->pair = key->pair;
        repo->has_pair = true;
    } else {
        status = rh_error_set(err, RH_EFORMAT, "repository config: the id key was changed");
    }
    rh_wipe(id_key, sizeof id_key);
    return status;
}

static rh_status use_key(rh_repo *repo, const char *path, rh_error *err)
{
    rh_key key;
    rh_status status;

    if (!repo->config.sealed) {
        rh_error_set(err, RH_EKEY, "repository '%s' is not sealed, it has no use for key file '%s'",
                     repo->dir, path);
        rh_error_hint(err, "leave the key out");
        return RH_EKEY;
    }
    status = rh_key_read(path, &key, err);
    if (status != RH_OK)
        return status;
    if (key.kind == RH_KEY_SEAL_SECRET) {
        status = use_secret(repo, &key, path, err);
    } else if (key.kind == RH_KEY_SEAL_WRITER) {
        if (rh_repo_config_knows(&repo->config, key.id_key))
            take_id_key(repo, key.id_key);
        else
            status = wrong_key(repo, path, err);
    } else {
        status = rh_error_set(err, RH_EKEY, "key file '%s' is a mask key", path);
        rh_error_hint(err, "a sealed repository opens with a key of `rehearse keygen --seal`");
    }
    rh_wipe(&key, sizeof key);
    return status;
}

/* --seal-to given again for a repository that exists: the same keys, or a mistake. */
static rh_status match_seal_to(rh_repo *repo, const char *const *seal_to, rh_error *err)
{
    rh_status status = RH_OK;
    size_t count = 0;

    if (seal_to[0] != NULL && !repo->config.sealed) {
        rh_error_set(err, RH_EKEY, "repository '%s' exists and is not sealed", repo->dir);
        rh_error_hint(err, "sealing is decided when a repository is created");
        return RH_EKEY;
    }
    for (; status == RH_OK && seal_to[count] != NULL; count++) {
        rh_key key;

        status = rh_repo_read_writer_key(seal_to[count], &key, err);
        if (status != RH_OK)
            break;
        if (find_reader(repo, &key) == NULL)
            status = wrong_key(repo, seal_to[count], err);
        else if (!repo->has_id_key && rh_repo_config_knows(&repo->config, key.id_key))
            take_id_key(repo, key.id_key);
        rh_wipe(&key, sizeof key);
    }
    if (status == RH_OK && count > 0 && count != repo->config.reader_count)
        status = rh_error_set(err, RH_EKEY, "repository '%s' is sealed to %zu keys, not to %zu",
                              repo->dir, repo->config.reader_count, count);
    return status;
}

static rh_status find_keys(rh_repo *repo, const rh_repo_options *options, rh_error *err)
{
    rh_status status = RH_OK;

    if (!repo->config.sealed)
        take_id_key(repo, repo->config.id_key);
    if (options->key_file != NULL)
        status = use_key(repo, options->key_file, err);
    if (status == RH_OK && options->seal_to != NULL)
        status = match_seal_to(repo, options->seal_to, err);
    if (status == RH_OK && repo->has_id_key)
        status = rh_repo_config_prove(&repo->config, repo->id_key, err);
    if (status == RH_OK && options->write && !repo->has_id_key) {
        rh_error_set(err, RH_EKEY, "repository '%s' is sealed and no key file was given",
                     repo->dir);
        rh_error_hint(err, "a snapshot needs the .writer file that rehearse keygen wrote");
        status = RH_EKEY;
    }
    return status;
}

/* ---- opening ---- */

static rh_status take_locks(rh_repo *repo, const rh_repo_options *options, rh_error *err)
{
    char *path = rh_fs_join(repo->dir, "lock");
    char *write_path = rh_fs_join(repo->dir, "tmp/write.lock");
    rh_status status = path == NULL || write_path == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && options->prune)
        status = rh_fs_lock(path, &repo->lock_fd, err);
    else if (status == RH_OK)
        status = rh_fs_lock_shared(path, &repo->lock_fd, err);
    if (status == RH_OK && options->write)
        status = rh_fs_lock(write_path, &repo->write_lock_fd, err);
    if (status == RH_EBUSY)
        rh_error_where(err, options->prune ? "another run uses the repository"
                                           : "another run holds the repository");
    rh_mem_free(path);
    rh_mem_free(write_path);
    return status;
}

static rh_status read_config(rh_repo *repo, const char *path, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_fs_read(path, RH_CONFIG_MAX_BYTES, &text, err);

    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        status = rh_error_set(err, RH_EFORMAT, "repository config: too long");
    }
    if (status == RH_OK)
        status = rh_repo_config_parse(rh_buf_cstr(&text), text.len, &repo->config, err);
    if (status != RH_OK)
        rh_error_where(err, "repository '%s'", repo->dir);
    else
        for (size_t i = 0; i < repo->config.reader_count; i++)
            repo->readers[i] = repo->config.readers[i].key;
    rh_buf_wipe_done(&text);
    return status;
}

static rh_status find_or_create(const char *dir, const char *config_path,
                                const rh_repo_options *options, rh_error *err)
{
    if (options->create)
        return rh_repo_create(dir, options, err);
    if (rh_fs_exists(config_path))
        return RH_OK;
    if (errno == EACCES)
        return rh_error_errno(err, errno, "cannot read '%s'", config_path);
    rh_error_set(err, RH_ENOTFOUND, "there is no repository in '%s'", dir);
    rh_error_hint(err, "the first snapshot into a directory creates it");
    return RH_ENOTFOUND;
}

/* The config was read before the lock was taken, and a repository without contents may be sealed
 * anew by another run in between. */
static rh_status check_unchanged(const rh_repo *repo, const char *config_path, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_repo_config now;
    rh_status status = rh_fs_read(config_path, RH_CONFIG_MAX_BYTES, &text, err);

    if (status == RH_OK)
        status = rh_repo_config_parse(rh_buf_cstr(&text), text.len, &now, err);
    rh_buf_wipe_done(&text);
    if (status != RH_OK)
        return status;
    if (memcmp(now.id, repo->config.id, sizeof now.id) != 0)
        status = rh_error_set(err, RH_EBUSY, "another run created the repository anew");
    rh_repo_config_done(&now);
    return status;
}

static rh_status open_parts(rh_repo *repo, const rh_repo_options *options, rh_error *err)
{
    char *config_path = rh_fs_join(repo->dir, "config");
    rh_status status = config_path == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = find_or_create(repo->dir, config_path, options, err);
    if (status == RH_OK)
        status = read_config(repo, config_path, err);
    if (status != RH_OK)
        goto out;
    rh_hex_encode(repo->config.id, RH_REPO_ID_BYTES, repo->id_hex);
    status = find_keys(repo, options, err);
    /* Who deletes must not be led out of the repository by a link in place of a folder. */
    if (status == RH_OK && (options->write || options->prune))
        status = rh_repo_make_folders(repo->dir, err);
    if (status == RH_OK)
        status = take_locks(repo, options, err);
    if (status == RH_OK)
        status = check_unchanged(repo, config_path, err);
    if (status != RH_OK)
        goto out;
    repo->dicts = rh_dicts_new(repo);
    repo->packs = rh_pack_cache_new(repo);
    if (repo->dicts == NULL || repo->packs == NULL)
        status = rh_error_oom(err);
out:
    rh_mem_free(config_path);
    return status;
}

rh_status rh_repo_open(const char *dir, const rh_repo_options *options, rh_repo **out,
                       rh_error *err)
{
    rh_repo *repo = rh_mem_zalloc(sizeof *repo);
    rh_status status;

    if (repo == NULL)
        return rh_error_oom(err);
    repo->lock_fd = -1;
    repo->write_lock_fd = -1;
    repo->cancel = options->cancel;
    repo->progress = options->progress;
    repo->writable = options->write;
    repo->exclusive = options->prune;
    repo->dir = rh_mem_strdup(dir);
    status = repo->dir == NULL ? rh_error_oom(err) : rh_crypto_start(err);
    if (status == RH_OK)
        status = open_parts(repo, options, err);
    if (status != RH_OK) {
        rh_repo_close(repo);
        return status;
    }
    *out = repo;
    return RH_OK;
}

void rh_repo_close(rh_repo *repo)
{
    if (repo == NULL)
        return;
    rh_pack_cache_free(repo->packs);
    rh_dicts_free(repo->dicts);
    rh_fs_unlock(repo->write_lock_fd);
    rh_fs_unlock(repo->lock_fd);
    rh_repo_config_done(&repo->config);
    rh_mem_free(repo->dir);
    rh_mem_wipe_free(repo, sizeof *repo);
}

/* ---- questions ---- */

bool rh_repo_is_sealed(const rh_repo *repo)
{
    return repo->config.sealed;
}

bool rh_repo_can_read(const rh_repo *repo)
{
    return !repo->config.sealed || repo->has_pair;
}

const char *rh_repo_dir(const rh_repo *repo)
{
    return repo->dir;
}

const uint8_t *rh_repo_id(const rh_repo *repo)
{
    return repo->config.id;
}

const char *rh_repo_id_hex(const rh_repo *repo)
{
    return repo->id_hex;
}

const rh_chunk_limits *rh_repo_chunk_limits(const rh_repo *repo)
{
    return &repo->config.chunk;
}

bool rh_repo_is_writable(const rh_repo *repo)
{
    return repo->writable;
}

bool rh_repo_is_exclusive(const rh_repo *repo)
{
    return repo->exclusive;
}

const uint8_t *rh_repo_id_key(const rh_repo *repo)
{
    return repo->has_id_key ? repo->id_key : NULL;
}

const uint8_t *rh_repo_row_secret(const rh_repo *repo)
{
    return repo->has_id_key ? repo->row_secret : NULL;
}

const rh_seal_pair *rh_repo_pair(const rh_repo *repo)
{
    return repo->has_pair ? &repo->pair : NULL;
}

const rh_repo_reader *rh_repo_readers(const rh_repo *repo, size_t *out_count)
{
    *out_count = repo->config.reader_count;
    return repo->readers;
}

const rh_cancel *rh_repo_cancel(const rh_repo *repo)
{
    return repo->cancel;
}

rh_progress *rh_repo_progress(const rh_repo *repo)
{
    return repo->progress;
}

rh_dicts *rh_repo_dicts(rh_repo *repo)
{
    return repo->dicts;
}

rh_pack_cache *rh_repo_packs(rh_repo *repo)
{
    return repo->packs;
}
