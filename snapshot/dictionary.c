/*
 * Dictionaries on disk and in memory. Their bytes are pieces of rows: sealed when the repository
 * is, and wiped.
 */
#include "dictionary.h"

#include <pthread.h>
#include <string.h>
#include <zstd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "pack_reader.h"
#include "pack_writer.h"

enum {
    IDLE_MAX = 12, /* kept although nobody holds them; each takes up to half a MiB */
    MIN_BYTES = 256,
};

struct rh_dict {
    uint32_t id;
    rh_id file_hash;
    uint64_t file_bytes;
    rh_buf raw;
    ZSTD_DDict *reader;
    rh_pack_dict writer; /* of raw; serial 0 for readers */
    size_t holders;
    rh_dict *next;
};

struct rh_dicts {
    rh_repo *repo;
    pthread_mutex_t lock;
    rh_dict *first; /* most recently used first */
};

rh_dicts *rh_dicts_new(rh_repo *repo)
{
    rh_dicts *dicts = rh_mem_zalloc(sizeof *dicts);

    if (dicts == NULL)
        return NULL;
    if (pthread_mutex_init(&dicts->lock, NULL) != 0) {
        rh_mem_free(dicts);
        return NULL;
    }
    dicts->repo = repo;
    return dicts;
}

static void dict_free(rh_dict *dict)
{
    if (dict == NULL)
        return;
    (void)ZSTD_freeDDict(dict->reader);
    rh_buf_wipe_done(&dict->raw);
    rh_mem_free(dict);
}

void rh_dicts_free(rh_dicts *dicts)
{
    if (dicts == NULL)
        return;
    while (dicts->first != NULL) {
        rh_dict *dict = dicts->first;

        dicts->first = dict->next;
        dict_free(dict);
    }
    pthread_mutex_destroy(&dicts->lock);
    rh_mem_free(dicts);
}

/* ---- reading the file ---- */

static rh_status open_sealed(rh_repo *repo, const char *path, rh_buf *out, rh_error *err)
{
    rh_pack *pack = NULL;
    rh_pack_decoder *decoder = rh_pack_decoder_new();
    rh_buf stored = RH_BUF_INIT_WIPING;
    const uint8_t *plain = NULL;
    rh_status status = decoder == NULL
                           ? rh_error_oom(err)
                           : rh_pack_open_path(repo, path, "dictionary", false, &pack, err);

    if (status == RH_OK && (rh_pack_get_table(pack)->count != 1 ||
                            rh_pack_get_table(pack)->entries[0].kind != RH_CHUNK_OBJECT ||
                            rh_pack_get_header(pack)->dictionary != 0))
        status = rh_error_set(err, RH_EFORMAT, "not the pack of a dictionary");
    if (status == RH_OK)
        status = rh_pack_read_stored(pack, 0, 1, &stored, err);
    if (status == RH_OK)
        status = rh_pack_decode(pack, 0, stored.data, NULL, decoder, &plain, err);
    if (status == RH_OK)
        status = rh_buf_append(out, plain, rh_pack_get_table(pack)->entries[0].plain_bytes, err);
    rh_buf_done(&stored);
    rh_pack_decoder_free(decoder);
    rh_pack_free(pack);
    return status;
}

static rh_status hash_file(rh_dict *dict, const rh_buf *file, const rh_id *expected, rh_error *err)
{
    rh_hash_blake2b(file->data, file->len, dict->file_hash.bytes);
    dict->file_bytes = file->len;
    if (expected != NULL && memcmp(expected->bytes, dict->file_hash.bytes, RH_ID_BYTES) != 0)
        return rh_error_set(err, RH_EFORMAT, "the file is not the one that the manifest names");
    return RH_OK;
}

static rh_status read_file(rh_repo *repo, rh_dict *dict, const rh_id *expected, rh_error *err)
{
    char *path = NULL;
    rh_buf file = RH_BUF_INIT_WIPING;
    rh_status status = rh_repo_dict_path(repo, dict->id, &path, err);

    if (status == RH_OK)
        status = rh_fs_read(path, RH_DICT_MAX_BYTES, &file, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        status = rh_error_set(err, RH_EFORMAT, "the file is too long");
    }
    if (status == RH_OK)
        status = hash_file(dict, &file, expected, err);
    if (status == RH_OK && rh_repo_is_sealed(repo)) {
        status = open_sealed(repo, path, &dict->raw, err);
    } else if (status == RH_OK) {
        dict->raw = file;
        rh_buf_init_wiping(&file, 0);
    }
    rh_buf_wipe_done(&file);
    rh_mem_free(path);
    return status;
}

/* ---- preparing ---- */

static rh_status prepare_reader(rh_dict *dict, rh_error *err)
{
    if (dict->raw.len < MIN_BYTES ||
        ZSTD_getDictID_fromDict(dict->raw.data, dict->raw.len) != dict->id)
        return rh_error_set(err, RH_EFORMAT, "not a dictionary of this id");
    dict->reader = ZSTD_createDDict(dict->raw.data, dict->raw.len);
    if (dict->reader == NULL)
        return rh_error_set(err, RH_EFORMAT, "not a usable dictionary");
    return RH_OK;
}

static void prepare_writer(rh_dict *dict)
{
    if (dict->writer.serial == 0)
        dict->writer = rh_pack_dict_of(dict->raw.data, dict->raw.len);
}

static rh_status load(rh_dicts *dicts, uint32_t id, const rh_id *expected, rh_dict **out,
                      rh_error *err)
{
    rh_dict *dict = rh_mem_zalloc(sizeof *dict);
    rh_status status;

    if (dict == NULL)
        return rh_error_oom(err);
    rh_buf_init_wiping(&dict->raw, RH_DICT_MAX_BYTES);
    dict->id = id;
    status = read_file(dicts->repo, dict, expected, err);
    if (status == RH_OK)
        status = prepare_reader(dict, err);
    if (status != RH_OK) {
        rh_error_where(err, "dictionary '%08x'", (unsigned)id);
        dict_free(dict);
        return status;
    }
    *out = dict;
    return RH_OK;
}

/* ---- the set ---- */

static rh_dict *find(rh_dicts *dicts, uint32_t id)
{
    for (rh_dict *dict = dicts->first; dict != NULL; dict = dict->next)
        if (dict->id == id)
            return dict;
    return NULL;
}

static void link_first(rh_dicts *dicts, rh_dict *dict)
{
    rh_dict **at = &dicts->first;

    while (*at != NULL && *at != dict)
        at = &(*at)->next;
    if (*at != NULL)
        *at = dict->next;
    dict->next = dicts->first;
    dicts->first = dict;
}

static void forget_idle(rh_dicts *dicts)
{
    rh_dict **at = &dicts->first;
    size_t idle = 0;

    while (*at != NULL) {
        rh_dict *dict = *at;

        if (dict->holders == 0 && ++idle > IDLE_MAX) {
            *at = dict->next;
            dict_free(dict);
        } else {
            at = &dict->next;
        }
    }
}

static rh_status check_expected(const rh_dict *dict, const rh_id *expected, rh_error *err)
{
    if (expected == NULL || memcmp(expected->bytes, dict->file_hash.bytes, RH_ID_BYTES) == 0)
        return RH_OK;
    return rh_error_set(err, RH_EFORMAT,
                        "dictionary '%08x': the file is not the one that the manifest names",
                        (unsigned)dict->id);
}

/* Loaded under the lock: it is quick, and others would want the same one. */
static rh_status get(rh_dicts *dicts, uint32_t id, const rh_id *expected, bool writer,
                     const rh_dict **out, rh_error *err)
{
    rh_dict *dict;
    rh_dict *loaded = NULL;
    rh_status status = RH_OK;

    pthread_mutex_lock(&dicts->lock);
    dict = find(dicts, id);
    if (dict != NULL)
        status = check_expected(dict, expected, err);
    else
        status = load(dicts, id, expected, &loaded, err);
    if (loaded != NULL)
        dict = loaded;
    if (status == RH_OK && writer)
        prepare_writer(dict);
    if (status == RH_OK) {
        dict->holders++;
        link_first(dicts, dict);
        *out = dict;
    } else {
        dict_free(loaded);
    }
    pthread_mutex_unlock(&dicts->lock);
    return status;
}

rh_status rh_dicts_get(rh_dicts *dicts, uint32_t id, const rh_id *expected, const rh_dict **out,
                       rh_error *err)
{
    return get(dicts, id, expected, false, out, err);
}

rh_status rh_dicts_get_writer(rh_dicts *dicts, uint32_t id, const rh_id *expected,
                              const rh_dict **out, rh_error *err)
{
    return get(dicts, id, expected, true, out, err);
}

void rh_dicts_hold(rh_dicts *dicts, const rh_dict *dict)
{
    if (dict == NULL)
        return;
    pthread_mutex_lock(&dicts->lock);
    find(dicts, dict->id)->holders++;
    pthread_mutex_unlock(&dicts->lock);
}

void rh_dicts_put(rh_dicts *dicts, const rh_dict *dict)
{
    if (dict == NULL)
        return;
    pthread_mutex_lock(&dicts->lock);
    find(dicts, dict->id)->holders--;
    forget_idle(dicts);
    pthread_mutex_unlock(&dicts->lock);
}

/* ---- a new one ---- */

static rh_status write_sealed(rh_repo *repo, const char *path, const void *data, size_t len,
                              rh_error *err)
{
    rh_pack_writer_options options = {path, NULL, false};
    rh_pack_writer *writer = NULL;
    rh_chunk chunk = {data, len, {{0}}, 0, RH_CHUNK_OBJECT};
    char name[RH_REPO_PACK_NAME_BYTES];
    rh_pack_encoder *encoder = rh_pack_encoder_new();
    uint64_t bytes;
    size_t stored;
    rh_status status =
        encoder == NULL ? rh_error_oom(err) : rh_pack_writer_open(repo, &options, &writer, err);

    rh_hash_id(rh_repo_id_key(repo), data, len, &chunk.id);
    if (status == RH_OK)
        status = rh_pack_writer_add(writer, encoder, &chunk, &stored, err);
    if (status == RH_OK)
        status = rh_pack_writer_end(writer, name, &bytes, err);
    if (status == RH_OK)
        status = rh_pack_writer_sync(writer, err);
    if (status == RH_OK)
        rh_pack_writer_taken(writer);
    rh_pack_writer_free(writer);
    rh_pack_encoder_free(encoder);
    return status;
}

/* Aside in tmp/ and then renamed, so that dicts/ never holds half a file. */
static rh_status write_file(rh_repo *repo, uint32_t id, const void *data, size_t len, rh_error *err)
{
    char *path = NULL;
    char *aside = rh_mem_printf("%s/tmp/dict-%08x", rh_repo_dir(repo), (unsigned)id);
    rh_status status = aside == NULL ? rh_error_oom(err) : rh_repo_dict_path(repo, id, &path, err);

    if (status == RH_OK && rh_repo_is_sealed(repo))
        status = write_sealed(repo, aside, data, len, err);
    else if (status == RH_OK)
        status = rh_fs_write(aside, 0600, data, len, err);
    if (status == RH_OK) {
        status = rh_fs_rename_new(aside, path, err);
        if (status != RH_OK) {
            rh_status removed = rh_fs_remove(aside, NULL);

            (void)removed;
        }
    }
    rh_mem_free(aside);
    rh_mem_free(path);
    return status;
}

static rh_status read_hash(rh_dicts *dicts, rh_dict *dict, rh_error *err)
{
    char *path = NULL;
    rh_buf file = RH_BUF_INIT_WIPING;
    rh_status status = rh_repo_dict_path(dicts->repo, dict->id, &path, err);

    if (status == RH_OK)
        status = rh_fs_read(path, RH_DICT_MAX_BYTES, &file, err);
    if (status == RH_OK)
        status = hash_file(dict, &file, NULL, err);
    rh_buf_wipe_done(&file);
    rh_mem_free(path);
    return status;
}

rh_status rh_dicts_add(rh_dicts *dicts, const void *data, size_t len, const rh_dict **out,
                       rh_error *err)
{
    rh_dict *dict = rh_mem_zalloc(sizeof *dict);
    rh_status status;

    if (dict == NULL)
        return rh_error_oom(err);
    rh_buf_init_wiping(&dict->raw, RH_DICT_MAX_BYTES);
    dict->id = ZSTD_getDictID_fromDict(data, len);
    status = rh_buf_append(&dict->raw, data, len, err);
    if (status == RH_OK)
        status = prepare_reader(dict, err);
    if (status == RH_OK)
        status = write_file(dicts->repo, dict->id, data, len, err);
    if (status == RH_OK)
        status = read_hash(dicts, dict, err);
    if (status != RH_OK) {
        rh_error_where(err, "dictionary '%08x'", (unsigned)dict->id);
        dict_free(dict);
        return status;
    }
    prepare_writer(dict);
    dict->holders = 1;
    pthread_mutex_lock(&dicts->lock);
    link_first(dicts, dict);
    pthread_mutex_unlock(&dicts->lock);
    *out = dict;
    return RH_OK;
}

/* ---- questions ---- */

uint32_t rh_dict_id(const rh_dict *dict)
{
    return dict->id;
}

const rh_id *rh_dict_file_hash(const rh_dict *dict)
{
    return &dict->file_hash;
}

uint64_t rh_dict_file_bytes(const rh_dict *dict)
{
    return dict->file_bytes;
}

const ZSTD_DDict *rh_dict_reader(const rh_dict *dict)
{
    return dict->reader;
}

const rh_pack_dict *rh_dict_writer(const rh_dict *dict)
{
    return &dict->writer;
}
