/*
 * Invariants: `position` is the offset in the file of the next byte that nobody has taken; bytes
 * are deciphered when they are taken, raw ones are kept only in `head`, because a node's padding is
 * zero as stored, key or not.
 */
#include "ledger/block_file.h"

#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/stream.h"
#include "ledger/block.h"

enum { KEY_BYTES = 8, MAGIC_BYTES = 4 };

struct rh_block_file {
    char *path;
    rh_reader *reader;
    const rh_network *network;
    size_t trailer;
    bool sequence;
    bool ended;
    uint8_t key[KEY_BYTES];
    uint8_t head[MAGIC_BYTES]; /* bytes read ahead, raw */
    size_t head_len;
    uint64_t position; /* of head[0] */
    uint64_t offset;   /* of the last block */
    rh_buf block;
};

static rh_status read_key(const char *path, uint8_t key[KEY_BYTES], rh_error *err)
{
    rh_buf content = RH_BUF_INIT;
    rh_status status = rh_fs_read(path, 64, &content, err);

    if (status == RH_OK && content.len == KEY_BYTES)
        memcpy(key, content.data, KEY_BYTES);
    else if (status == RH_OK)
        status = rh_error_set(err, RH_EFORMAT, "key file '%s' has %zu bytes instead of %d", path,
                              content.len, KEY_BYTES);
    rh_buf_done(&content);
    return status;
}

/* The key asked for, or the node's own beside the file. */
static rh_status find_key(rh_block_file *file, const char *asked, rh_error *err)
{
    const char *slash = strrchr(file->path, '/');
    char *beside;
    rh_status status = RH_OK;

    if (asked != NULL)
        return read_key(asked, file->key, err);
    beside =
        rh_mem_printf("%.*sxor.dat", slash == NULL ? 0 : (int)(slash - file->path) + 1, file->path);
    if (beside == NULL)
        return rh_error_oom(err);
    if (rh_fs_exists(beside))
        status = read_key(beside, file->key, err);
    rh_mem_free(beside);
    return status;
}

static void decipher(const rh_block_file *file, uint8_t *data, size_t len, uint64_t position)
{
    for (size_t i = 0; i < len; i++)
        data[i] ^= file->key[(position + i) % KEY_BYTES];
}

/* Read until head is full or the file ends. */
static rh_status fill_head(rh_block_file *file, rh_error *err)
{
    while (file->head_len < MAGIC_BYTES && !file->ended) {
        size_t got = 0;
        rh_status status = rh_reader_get(file->reader, file->head + file->head_len,
                                         MAGIC_BYTES - file->head_len, &got, err);

        if (status == RH_DONE)
            file->ended = true;
        else if (status != RH_OK)
            return status;
        else
            file->head_len += got;
    }
    return RH_OK;
}

static const rh_network *magic_at_head(const rh_block_file *file)
{
    uint8_t magic[MAGIC_BYTES];

    if (file->head_len < MAGIC_BYTES)
        return NULL;
    memcpy(magic, file->head, MAGIC_BYTES);
    decipher(file, magic, MAGIC_BYTES, file->position);
    return rh_network_by_magic(magic);
}

static rh_status wrong_network(const rh_block_file *file, const rh_network *found, rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "'%s', byte %llu: a block of %s where %s is expected",
                        file->path, (unsigned long long)file->position, found->name,
                        file->network->name);
}

static rh_status look(rh_block_file *file, const rh_block_file_options *options, rh_error *err)
{
    static const uint8_t no_key[KEY_BYTES];
    const rh_network *found;
    rh_status status = find_key(file, options->xor_key, err);

    if (status == RH_OK)
        status = rh_reader_file(file->path, &file->reader, err);
    if (status == RH_OK)
        status = fill_head(file, err);
    if (status != RH_OK)
        return status;
    found = magic_at_head(file);
    file->network = options->network != NULL ? options->network : found;
    if (found != NULL) {
        file->sequence = true;
        return found == file->network ? RH_OK : wrong_network(file, found, err);
    }
    if (options->xor_key == NULL)
        memcpy(file->key, no_key, KEY_BYTES); /* a raw block that lies beside a node's files */
    else if (file->network == NULL)
        return rh_error_set(err, RH_EFORMAT,
                            "'%s' does not begin with a known magic under the key of '%s'",
                            file->path, options->xor_key);
    if (file->network == NULL)
        status = rh_network_by_name("mainnet", &file->network, err);
    return status;
}

rh_status rh_block_file_open(const char *path, const rh_block_file_options *options,
                             rh_block_file **out, rh_error *err)
{
    static const rh_block_file_options none = {NULL, NULL, 0};
    rh_block_file *file = rh_mem_zalloc(sizeof *file);
    rh_status status = RH_OK;

    if (file == NULL)
        return rh_error_oom(err);
    rh_buf_init(&file->block, RH_BLOCK_MAX_BYTES);
    file->trailer = options == NULL ? 0 : options->trailer;
    file->path = rh_mem_strdup(path);
    status =
        file->path == NULL ? rh_error_oom(err) : look(file, options == NULL ? &none : options, err);
    if (status != RH_OK) {
        rh_block_file_close(file);
        return status;
    }
    *out = file;
    return RH_OK;
}

void rh_block_file_close(rh_block_file *file)
{
    if (file == NULL)
        return;
    rh_reader_free(file->reader);
    rh_buf_done(&file->block);
    rh_mem_free(file->path);
    rh_mem_free(file);
}

/* Append exactly len bytes, deciphered; the head first. */
static rh_status take(rh_block_file *file, size_t len, rh_error *err)
{
    size_t start = file->block.len;
    size_t from_head = len < file->head_len ? len : file->head_len;
    rh_status status = rh_buf_reserve(&file->block, len, err);

    if (status != RH_OK)
        return status;
    memcpy(file->block.data + start, file->head, from_head);
    memmove(file->head, file->head + from_head, file->head_len - from_head);
    file->head_len -= from_head;
    if (len > from_head)
        status = rh_reader_get_exact(file->reader, file->block.data + start + from_head,
                                     len - from_head, err);
    if (status != RH_OK)
        return status;
    decipher(file, file->block.data + start, len, file->position);
    file->block.len += len;
    file->position += len;
    return RH_OK;
}

/* Zeros as stored, or as deciphered, up to the next magic or the end. */
static rh_status skip_padding(rh_block_file *file, rh_error *err)
{
    for (;;) {
        rh_status status = fill_head(file, err);
        const rh_network *found = magic_at_head(file);

        if (status != RH_OK)
            return status;
        if (file->head_len == 0)
            return RH_DONE;
        if (found != NULL)
            return found == file->network ? RH_OK : wrong_network(file, found, err);
        if (file->head[0] != 0 && file->head[0] != file->key[file->position % KEY_BYTES])
            return rh_error_set(err, RH_EFORMAT,
                                "'%s', byte %llu: neither the magic of %s nor padding", file->path,
                                (unsigned long long)file->position, file->network->name);
        memmove(file->head, file->head + 1, --file->head_len);
        file->position++;
    }
}

static rh_status next_of_sequence(rh_block_file *file, rh_error *err)
{
    uint32_t len;
    rh_status status = skip_padding(file, err);

    if (status != RH_OK)
        return status;
    file->offset = file->position;
    status = take(file, MAGIC_BYTES + 4, err);
    if (status != RH_OK)
        goto out;
    len = rh_get_u32(file->block.data + MAGIC_BYTES);
    rh_buf_clear(&file->block);
    if (len > RH_BLOCK_MAX_BYTES - file->trailer)
        return rh_error_set(err, RH_EFORMAT, "'%s', byte %llu: a block of %lu bytes", file->path,
                            (unsigned long long)file->offset, (unsigned long)len);
    status = take(file, len + file->trailer, err);
out:
    if (status != RH_OK)
        rh_error_where(err, "'%s', block at byte %llu", file->path,
                       (unsigned long long)file->offset);
    return status;
}

static rh_status whole_file(rh_block_file *file, rh_error *err)
{
    rh_status status = RH_OK;

    if (file->position > 0 || (file->head_len == 0 && file->ended))
        return RH_DONE;
    status = rh_buf_append(&file->block, file->head, file->head_len, err);
    if (status == RH_OK && !file->ended)
        status = rh_reader_get_all(file->reader, RH_BLOCK_MAX_BYTES, &file->block, err);
    if (status != RH_OK) {
        rh_error_where(err, "'%s'", file->path);
        return status;
    }
    decipher(file, file->block.data, file->block.len, 0);
    file->position = file->block.len;
    file->head_len = 0;
    return RH_OK;
}

rh_status rh_block_file_next(rh_block_file *file, const uint8_t **out_data, size_t *out_len,
                             rh_error *err)
{
    rh_status status;

    rh_buf_clear(&file->block);
    status = file->sequence ? next_of_sequence(file, err) : whole_file(file, err);
    if (status != RH_OK)
        return status;
    *out_data = file->block.data;
    *out_len = file->block.len;
    return RH_OK;
}

bool rh_block_file_is_sequence(const rh_block_file *file)
{
    return file->sequence;
}

const rh_network *rh_block_file_network(const rh_block_file *file)
{
    return file->network;
}

uint64_t rh_block_file_offset(const rh_block_file *file)
{
    return file->offset;
}
