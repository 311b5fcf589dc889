/*
 * Opening a pack: everything but the chunks themselves is read and proved once, here.
 */
#include "pack_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"
#include "pack_internal.h"

static rh_status read_at(const rh_pack *pack, void *out, size_t len, uint64_t offset, rh_error *err)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t got = pread(pack->fd, at, len, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rh_error_errno(err, errno, "cannot read");
        if (got == 0)
            return rh_error_set(err, RH_EFORMAT, "unexpected end of file");
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return RH_OK;
}

static rh_status open_file(rh_pack *pack, const char *path, rh_error *err)
{
    struct stat info;

    pack->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (pack->fd < 0 && errno == ENOENT)
        return rh_error_set(err, RH_ENOTFOUND, "the file is missing");
    if (pack->fd < 0 && errno == ELOOP)
        return rh_error_set(err, RH_EFORMAT, "the file is a symbolic link");
    if (pack->fd < 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    if (fstat(pack->fd, &info) != 0)
        return rh_error_errno(err, errno, "cannot look at '%s'", path);
    if (!S_ISREG(info.st_mode))
        return rh_error_set(err, RH_EFORMAT, "not a regular file");
    if (info.st_size < RH_PACK_HEADER_MIN_BYTES + RH_PACK_TABLE_MIN_BYTES ||
        info.st_size > RH_PACK_MAX_BYTES)
        return rh_error_set(err, RH_EFORMAT, "impossible size of %lld bytes",
                            (long long)info.st_size);
    pack->bytes = (uint64_t)info.st_size;
    return RH_OK;
}

static rh_status read_header(rh_pack *pack, uint8_t *room, rh_error *err)
{
    size_t len = pack->bytes < RH_PACK_HEADER_MAX_BYTES ? (size_t)pack->bytes
                                                        : (size_t)RH_PACK_HEADER_MAX_BYTES;
    rh_status status = read_at(pack, room, len, 0, err);

    if (status == RH_OK)
        status = rh_pack_header_read(room, len, &pack->header, err);
    if (status == RH_OK &&
        memcmp(pack->header.repo_id, rh_repo_id(pack->repo), RH_REPO_ID_BYTES) != 0)
        status = rh_error_set(err, RH_EFORMAT, "the pack belongs to another repository");
    if (status == RH_OK && rh_repo_is_sealed(pack->repo) != pack->header.hashed)
        status = rh_error_set(err, RH_EFORMAT, "the pack is sealed otherwise than the repository");
    return status;
}

static rh_status check_name(const rh_pack *pack, const uint8_t *header, const uint8_t *table,
                            size_t table_len, rh_error *err)
{
    char name[RH_REPO_PACK_NAME_BYTES];
    rh_status status = rh_pack_name(header, pack->header.bytes, table, table_len, name, err);

    if (status == RH_OK && !rh_str_eq(name, pack->name))
        status = rh_error_set(err, RH_EFORMAT, "header or table were changed, or the file renamed");
    return status;
}

static rh_status read_table(rh_pack *pack, const uint8_t *header, bool prove_name, rh_error *err)
{
    uint8_t trailer[RH_PACK_TRAILER_BYTES];
    uint8_t *table = NULL;
    size_t len = 0;
    rh_status status = read_at(pack, trailer, sizeof trailer, pack->bytes - sizeof trailer, err);

    if (status == RH_OK)
        status = rh_pack_trailer_read(trailer, pack->bytes, &len, err);
    if (status != RH_OK)
        return status;
    table = rh_mem_alloc(len);
    if (table == NULL)
        return rh_error_oom(err);
    status = read_at(pack, table, len, pack->bytes - len, err);
    if (status == RH_OK && prove_name)
        status = check_name(pack, header, table, len, err);
    if (status == RH_OK)
        status = rh_pack_table_read(table, len, &pack->header, pack->bytes, &pack->table, err);
    rh_mem_free(table);
    return status;
}

/* The pack's own key, if it was wrapped for the secret key that we hold. */
static rh_status find_key(rh_pack *pack, rh_error *err)
{
    const rh_seal_pair *pair = rh_repo_pair(pack->repo);
    size_t count = 0;
    const rh_repo_reader *readers = rh_repo_readers(pack->repo, &count);

    if (pair == NULL || !pack->header.sealed)
        return RH_OK;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(readers[i].public_key, pair->public_key, RH_SEAL_PUBLIC_BYTES) != 0)
            continue;
        for (size_t k = 0; k < pack->header.reader_count; k++) {
            rh_status status;

            if (memcmp(pack->header.readers[k].fingerprint, readers[i].fingerprint,
                       RH_REPO_FINGERPRINT_BYTES) != 0)
                continue;
            status = rh_seal_unwrap(pair, pack->header.readers[k].wrapped, pack->key, err);
            pack->has_key = status == RH_OK;
            return status;
        }
    }
    return RH_OK;
}

static rh_status open_parts(rh_pack *pack, const char *path, bool prove_name, rh_error *err)
{
    uint8_t header[RH_PACK_HEADER_MAX_BYTES];
    rh_status status = open_file(pack, path, err);

    if (status == RH_OK)
        status = read_header(pack, header, err);
    if (status == RH_OK)
        status = read_table(pack, header, prove_name, err);
    if (status == RH_OK)
        status = find_key(pack, err);
    if (status != RH_OK)
        rh_error_where(err, "pack '%s'", pack->name);
    return status;
}

rh_status rh_pack_open_path(rh_repo *repo, const char *path, const char *name, bool prove_name,
                            rh_pack **out, rh_error *err)
{
    rh_pack *pack = rh_mem_zalloc(sizeof *pack);
    rh_status status;

    if (pack == NULL)
        return rh_error_oom(err);
    pack->fd = -1;
    pack->repo = repo;
    pack->name = rh_mem_strdup(name);
    status = pack->name == NULL ? rh_error_oom(err) : open_parts(pack, path, prove_name, err);
    if (status != RH_OK) {
        rh_pack_free(pack);
        return status;
    }
    *out = pack;
    return RH_OK;
}

rh_status rh_pack_open(rh_repo *repo, const char *name, rh_pack **out, rh_error *err)
{
    char *path = NULL;
    rh_status status = rh_repo_pack_path(repo, name, &path, err);

    if (status == RH_OK)
        status = rh_pack_open_path(repo, path, name, true, out, err);
    rh_mem_free(path);
    return status;
}

void rh_pack_free(rh_pack *pack)
{
    if (pack == NULL)
        return;
    if (pack->fd >= 0)
        (void)close(pack->fd);
    rh_pack_table_done(&pack->table);
    rh_mem_free(pack->name);
    rh_mem_wipe_free(pack, sizeof *pack);
}

const char *rh_pack_get_name(const rh_pack *pack)
{
    return pack->name;
}

const rh_pack_header *rh_pack_get_header(const rh_pack *pack)
{
    return &pack->header;
}

const rh_pack_table *rh_pack_get_table(const rh_pack *pack)
{
    return &pack->table;
}

uint64_t rh_pack_get_bytes(const rh_pack *pack)
{
    return pack->bytes;
}

rh_status rh_pack_read_stored(const rh_pack *pack, size_t first, size_t count, rh_buf *out,
                              rh_error *err)
{
    const rh_pack_entry *entries = pack->table.entries;
    rh_status status;
    uint64_t bytes;

    rh_buf_clear(out);
    if (count == 0)
        return RH_OK;
    if (first >= pack->table.count || count > pack->table.count - first)
        return rh_error_set(err, RH_EFORMAT, "pack '%s': there is no entry %zu, it has %zu",
                            pack->name, first + count - 1, pack->table.count);
    bytes = entries[first + count - 1].offset + entries[first + count - 1].stored_bytes -
            entries[first].offset;
    status = rh_buf_reserve(out, (size_t)bytes, err);
    if (status == RH_OK)
        status = read_at(pack, out->data, (size_t)bytes, entries[first].offset, err);
    if (status == RH_OK)
        out->len = (size_t)bytes;
    else
        rh_error_where(err, "pack '%s'", pack->name);
    return status;
}

rh_status rh_pack_check_stored(const rh_pack *pack, size_t entry, const uint8_t *stored,
                               rh_error *err)
{
    const rh_pack_entry *at = &pack->table.entries[entry];
    uint8_t hash[RH_STORED_HASH_BYTES];

    if (!pack->header.hashed)
        return RH_OK;
    rh_hash_stored(stored, at->stored_bytes, hash);
    if (memcmp(hash, at->stored_hash, sizeof hash) != 0)
        return rh_error_set(err, RH_EFORMAT, "pack '%s': stored bytes of entry %zu were changed",
                            pack->name, entry);
    return RH_OK;
}
