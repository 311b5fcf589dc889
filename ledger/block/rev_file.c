#include "ledger/rev_file.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "ledger/compact_size.h"

enum { CHECKSUM_BYTES = 32 };

typedef struct record {
    size_t at;
    size_t len;   /* without the checksum, which stands behind */
    uint64_t txs; /* as it says itself */
} record;

struct rh_rev_file {
    rh_buf bytes;
    record *records;
    size_t count;
    size_t cap;
    size_t next; /* where the block after the one found last is looked for first */
};

static rh_status add(rh_rev_file *file, const uint8_t *data, size_t len, rh_error *err)
{
    rh_cursor c = {data, len - CHECKSUM_BYTES, 0};
    record next = {file->bytes.len, len - CHECKSUM_BYTES, 0};
    rh_fault fault = rh_cursor_compact(&c, &next.txs);

    if (fault != NULL)
        return rh_error_set(err, RH_EFORMAT, "%s", fault);
    if (file->count == file->cap) {
        size_t cap = file->cap == 0 ? 256 : 2 * file->cap;
        record *grown = rh_mem_rearray(file->records, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        file->records = grown;
        file->cap = cap;
    }
    file->records[file->count++] = next;
    return rh_buf_append(&file->bytes, data, len, err);
}

rh_status rh_rev_file_open(const char *path, const rh_block_file_options *options,
                           rh_rev_file **out, rh_error *err)
{
    rh_block_file_options with_checksum = *options;
    rh_rev_file *file = rh_mem_zalloc(sizeof *file);
    rh_block_file *from = NULL;
    rh_status status;

    if (file == NULL)
        return rh_error_oom(err);
    rh_buf_init(&file->bytes, RH_REV_FILE_MAX_BYTES);
    with_checksum.trailer = CHECKSUM_BYTES;
    status = rh_block_file_open(path, &with_checksum, &from, err);
    if (status == RH_OK && !rh_block_file_is_sequence(from))
        status = rh_error_set(err, RH_EFORMAT, "'%s' does not begin with a network's magic", path);
    while (status == RH_OK) {
        const uint8_t *data = NULL;
        size_t len = 0;

        status = rh_block_file_next(from, &data, &len, err);
        if (status != RH_OK)
            break;
        status = add(file, data, len, err);
        if (status != RH_OK)
            rh_error_where(err, "'%s', spent outputs at byte %llu", path,
                           (unsigned long long)rh_block_file_offset(from));
    }
    rh_block_file_close(from);
    if (status != RH_DONE) {
        rh_rev_file_close(file);
        return status;
    }
    *out = file;
    return RH_OK;
}

void rh_rev_file_close(rh_rev_file *file)
{
    if (file == NULL)
        return;
    rh_buf_done(&file->bytes);
    rh_mem_free(file->records);
    rh_mem_free(file);
}

/* Most of what belongs to other blocks has another number of transactions: nothing to hash. */
static bool belongs(const rh_rev_file *file, const record *r, rh_sha256d *sha,
                    const rh_block *block)
{
    const uint8_t *data = (const uint8_t *)file->bytes.data + r->at;
    const rh_sha256d_part parts[] = {{block->previous, RH_BLOCK_HASH_BYTES}, {data, r->len}};
    uint8_t hash[CHECKSUM_BYTES];

    if (block->tx_count == 0 || r->txs != block->tx_count - 1)
        return false;
    rh_sha256d_parts(sha, parts, 2, hash);
    return memcmp(hash, data + r->len, sizeof hash) == 0;
}

bool rh_rev_file_find(rh_rev_file *file, rh_sha256d *sha, const rh_block *block, rh_undo *out)
{
    for (size_t i = 0; i < file->count; i++) {
        size_t at = (file->next + i) % file->count;
        const record *r = &file->records[at];

        if (!belongs(file, r, sha, block))
            continue;
        file->next = (at + 1) % file->count;
        *out = (rh_undo){
            .data = (const uint8_t *)file->bytes.data + r->at, .len = r->len, .node = true};
        return true;
    }
    return false;
}
