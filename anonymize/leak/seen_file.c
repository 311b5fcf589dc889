/*
 * The side file (docs/leaks.md, "The file"):
 *
 *   head   magic "RHSEEN", version, salt, number of frames, the run's key under the given key
 *   frames of up to 1 MiB of the body, each sealed under a sub-key of the run's key
 *   body   counters, levels of the shards, then per shard: count and hashes in ascending order
 *
 * Every byte is authenticated before it is looked at, and looked at as if it were not.
 */
#include <stdlib.h>

#include "core/buf.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/seal.h"
#include "seen_internal.h"

enum {
    VERSION = 1,
    SALT_BYTES = 16,
    HEAD_BYTES = 8 + 4 + 4 + SALT_BYTES,
    WRAPPED_BYTES = RH_SEEN_KEY_BYTES + RH_SEAL_TAG_BYTES,
    FRAME_BYTES = 1 << 20,
    COUNTERS_BYTES = 4 * 8 + SEEN_SHARDS,
    MAX_FILE_BYTES = 1 << 30,
    MAX_FRAMES = MAX_FILE_BYTES / FRAME_BYTES,
};

static const char magic[8] = "RHSEEN\r\n";

static void wrapping_key(const uint8_t key[RH_SEEN_KEY_BYTES], const uint8_t *salt, rh_id *out)
{
    uint8_t sub_key[RH_ID_KEY_BYTES];

    rh_hash_derive(key, "seen wrap", sub_key, sizeof sub_key);
    rh_hash_id(sub_key, salt, SALT_BYTES, out);
    rh_wipe(sub_key, sizeof sub_key);
}

/* ---- writing ---- */

static rh_status put_varint(rh_buf *body, uint64_t value, rh_error *err)
{
    uint8_t bytes[RH_VARINT_MAX_BYTES];

    return rh_buf_append(body, bytes, rh_varint_put(bytes, value), err);
}

typedef struct entry {
    uint64_t key;
    uint32_t check;
} entry;

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

typedef struct body_totals {
    unsigned level; /* of all shards */
    uint64_t remembered;
    uint64_t excused;
} body_totals;

/* Sorted, as differences: about 6 bytes a hash and 4 to confirm. */
static rh_status put_shard(rh_buf *body, const seen_shard *shard, size_t index, body_totals *totals,
                           rh_error *err)
{
    size_t slots = shard->keys == NULL ? 0 : (size_t)1 << shard->bits;
    entry *entries = rh_mem_array(shard->used + 1, sizeof *entries);
    uint64_t before = (uint64_t)index << (64 - SEEN_SHARD_BITS);
    size_t count = 0;
    rh_status status;

    if (entries == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < slots; i++) {
        unsigned flags = (unsigned)(shard->keys[i] & SEEN_FLAGS);

        if (shard->keys[i] == 0 || !seen_sampled(shard->keys[i], totals->level))
            continue;
        totals->excused += flags == SEEN_FLAGS;
        if (flags != SEEN_FLAG_RAW)
            continue;
        entries[count].key = shard->keys[i] & ~(uint64_t)SEEN_FLAGS;
        entries[count++].check = shard->checks[i];
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    status = put_varint(body, count, err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        uint8_t check[4];

        rh_put_u32(check, entries[i].check);
        status = put_varint(body, (entries[i].key - before) >> 2, err);
        if (status == RH_OK)
            status = rh_buf_append(body, check, sizeof check, err);
        before = entries[i].key;
    }
    totals->remembered += count;
    rh_mem_free(entries);
    return status;
}

/* One level for all: the share that the report states then holds everywhere. */
static unsigned common_level(const rh_seen *seen)
{
    unsigned level = 0;

    for (size_t i = 0; i < SEEN_SHARDS; i++)
        level = seen->shards[i].level > level ? seen->shards[i].level : level;
    return level;
}

static rh_status make_body(rh_seen *seen, rh_buf *body, rh_error *err)
{
    rh_status status = seen_settle(seen, err);
    body_totals totals = {.level = common_level(seen)};
    uint8_t counters[COUNTERS_BYTES];

    memset(counters, 0, sizeof counters);
    if (status == RH_OK)
        status = rh_buf_append(body, counters, sizeof counters, err);
    for (size_t i = 0; status == RH_OK && i < SEEN_SHARDS; i++)
        status = put_shard(body, &seen->shards[i], i, &totals, err);
    if (status != RH_OK)
        return status;
    rh_put_u64(body->data, atomic_load(&seen->added));
    rh_put_u64(body->data + 8, totals.remembered);
    rh_put_u64(body->data + 16, totals.excused);
    rh_put_u64(body->data + 24, atomic_load(&seen->packed) ? 1 : 0);
    memset(body->data + 32, (int)totals.level, SEEN_SHARDS);
    return RH_OK;
}

static rh_status put_frames(const uint8_t run_key[RH_SEEN_KEY_BYTES], const uint8_t *head,
                            const rh_buf *body, rh_buf *out, rh_error *err)
{
    uint8_t body_key[RH_SEAL_KEY_BYTES];
    rh_status status = RH_OK;
    uint64_t number = 0;

    rh_hash_derive(run_key, "seen body", body_key, sizeof body_key);
    for (size_t at = 0; status == RH_OK && at < body->len; at += FRAME_BYTES) {
        size_t len = body->len - at < FRAME_BYTES ? body->len - at : FRAME_BYTES;

        status = rh_buf_reserve(out, len + RH_SEAL_TAG_BYTES, err);
        if (status == RH_OK) {
            rh_seal_frame(body_key, number++, head, HEAD_BYTES, body->data + at, len,
                          out->data + out->len);
            out->len += len + RH_SEAL_TAG_BYTES;
            out->data[out->len] = 0;
        }
    }
    rh_wipe(body_key, sizeof body_key);
    return status;
}

rh_status rh_seen_seal(rh_seen *seen, const uint8_t key[RH_SEEN_KEY_BYTES], rh_buf *out,
                       rh_error *err)
{
    uint8_t head[HEAD_BYTES];
    uint8_t wrapped[WRAPPED_BYTES];
    rh_buf body = RH_BUF_INIT;
    rh_id wrapping;
    rh_status status;

    rh_buf_init_wiping(&body, MAX_FILE_BYTES - (MAX_FILE_BYTES >> 4));
    status = make_body(seen, &body, err);
    if (status != RH_OK)
        goto out;
    memcpy(head, magic, sizeof magic);
    rh_put_u32(head + 8, VERSION);
    rh_put_u32(head + 12, (uint32_t)((body.len + FRAME_BYTES - 1) / FRAME_BYTES));
    rh_random(head + 16, SALT_BYTES);
    wrapping_key(key, head + 16, &wrapping);
    rh_seal_frame(wrapping.bytes, 0, head, HEAD_BYTES, seen->run_key, sizeof seen->run_key,
                  wrapped);
    rh_wipe(&wrapping, sizeof wrapping);
    status = rh_buf_append(out, head, sizeof head, err);
    if (status == RH_OK)
        status = rh_buf_append(out, wrapped, sizeof wrapped, err);
    if (status == RH_OK)
        status = put_frames(seen->run_key, head, &body, out, err);
out:
    rh_buf_wipe_done(&body);
    return status;
}

rh_status rh_seen_write(rh_seen *seen, const char *path, const uint8_t key[RH_SEEN_KEY_BYTES],
                        rh_error *err)
{
    rh_buf file = RH_BUF_INIT;
    rh_status status;

    rh_buf_init(&file, MAX_FILE_BYTES);
    status = rh_seen_seal(seen, key, &file, err);
    if (status == RH_OK)
        status = rh_fs_write(path, 0600, file.data, file.len, err);
    rh_buf_done(&file);
    return status;
}

/* ---- reading ---- */

static rh_status damaged(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_EFORMAT, "the file of seen values is damaged: %s", what);
}

typedef struct body_reader {
    const uint8_t *at;
    size_t left;
} body_reader;

static bool take_varint(body_reader *body, uint64_t *out)
{
    size_t used = body->left == 0 ? 0 : rh_varint_get(body->at, body->left, out);

    body->at += used;
    body->left -= used;
    return used > 0;
}

static rh_status read_shard(body_reader *body, size_t index, rh_seen_set *set, uint64_t *left,
                            rh_error *err)
{
    uint64_t last = ((uint64_t)index << (64 - SEEN_SHARD_BITS)) >> 2;
    uint64_t end = ((uint64_t)(index + 1) << (62 - SEEN_SHARD_BITS)) - 1;
    uint64_t count;

    if (!take_varint(body, &count) || count > *left)
        return damaged(err, "a count is wrong");
    *left -= count;
    for (uint64_t i = 0; i < count; i++) {
        seen_hash hash;
        uint64_t step;

        if (!take_varint(body, &step) || body->left < 4)
            return damaged(err, "it ends early");
        if (step > end - last || (step == 0 && (i > 0 || index == 0)))
            return damaged(err, "hashes are out of order");
        last += step;
        hash.key = last << 2;
        hash.check = rh_get_u32(body->at);
        body->at += 4;
        body->left -= 4;
        seen_set_put(set, hash);
    }
    return RH_OK;
}

static rh_status read_parts(body_reader *body, const uint8_t *run_key, seen_set_parts *parts,
                            rh_error *err)
{
    unsigned level = 0;

    if (body->left < COUNTERS_BYTES)
        return damaged(err, "it ends early");
    memset(parts, 0, sizeof *parts);
    rh_hash_derive(run_key, "seen hash", parts->hash_key, sizeof parts->hash_key);
    parts->info.added = rh_get_u64(body->at);
    parts->info.remembered = rh_get_u64(body->at + 8);
    parts->info.excused = rh_get_u64(body->at + 16);
    parts->packed = rh_get_u64(body->at + 24) != 0;
    memcpy(parts->levels, body->at + 32, SEEN_SHARDS);
    for (size_t i = 0; i < SEEN_SHARDS; i++)
        level = parts->levels[i] > level ? parts->levels[i] : level;
    body->at += COUNTERS_BYTES;
    body->left -= COUNTERS_BYTES;
    parts->info.share_log2 = level;
    parts->count = parts->info.remembered;
    if (level > SEEN_MAX_LEVEL)
        return damaged(err, "a level is impossible");
    /* a hash takes five bytes and more: no table larger than what the file can hold */
    if (parts->count > body->left / 5)
        return damaged(err, "a count is wrong");
    return RH_OK;
}

rh_status seen_body_read(const void *data, size_t len, const uint8_t run_key[RH_SEEN_KEY_BYTES],
                         rh_seen_set **out, rh_error *err)
{
    body_reader reader = {.at = data, .left = len};
    seen_set_parts parts = {.count = 0};
    rh_seen_set *set = NULL;
    rh_status status = read_parts(&reader, run_key, &parts, err);
    uint64_t left = parts.count;

    if (status == RH_OK)
        status = seen_set_new(&parts, &set, err);
    for (size_t i = 0; status == RH_OK && i < SEEN_SHARDS; i++)
        status = read_shard(&reader, i, set, &left, err);
    if (status == RH_OK && (left > 0 || reader.left > 0))
        status = damaged(err, "a count is wrong");
    rh_wipe(&parts, sizeof parts);
    if (status != RH_OK) {
        rh_seen_set_free(set);
        return status;
    }
    *out = set;
    return RH_OK;
}

static rh_status open_frames(const uint8_t run_key[RH_SEEN_KEY_BYTES], const uint8_t *head,
                             const uint8_t *sealed, size_t len, rh_buf *body, rh_error *err)
{
    uint8_t body_key[RH_SEAL_KEY_BYTES];
    uint32_t frames = rh_get_u32(head + 12);
    rh_status status = RH_OK;

    rh_hash_derive(run_key, "seen body", body_key, sizeof body_key);
    for (uint32_t number = 0; status == RH_OK && number < frames; number++) {
        size_t full = FRAME_BYTES + RH_SEAL_TAG_BYTES;
        size_t take = len < full ? len : full;

        if (take <= RH_SEAL_TAG_BYTES || (number + 1 < frames && take < full)) {
            status = damaged(err, "it ends early");
            break;
        }
        status = rh_buf_reserve(body, take - RH_SEAL_TAG_BYTES, err);
        if (status == RH_OK)
            status = rh_unseal_frame(body_key, number, head, HEAD_BYTES, sealed, take,
                                     body->data + body->len, err);
        if (status != RH_OK)
            break;
        body->len += take - RH_SEAL_TAG_BYTES;
        sealed += take;
        len -= take;
    }
    if (status == RH_OK && len > 0)
        status = damaged(err, "bytes follow its end");
    rh_wipe(body_key, sizeof body_key);
    return status;
}

static rh_status check_head(const uint8_t *head, size_t len, rh_error *err)
{
    if (len < HEAD_BYTES + WRAPPED_BYTES || memcmp(head, magic, sizeof magic) != 0)
        return rh_error_set(err, RH_EFORMAT, "this is not a file of seen values");
    if (rh_get_u32(head + 8) != VERSION) {
        rh_error_set(err, RH_EFORMAT,
                     "the file of seen values has version %u, this program reads %d",
                     rh_get_u32(head + 8), VERSION);
        return RH_EFORMAT;
    }
    if (rh_get_u32(head + 12) > MAX_FRAMES)
        return damaged(err, "too many frames");
    return RH_OK;
}

rh_status rh_seen_unseal(const void *data, size_t len, const uint8_t key[RH_SEEN_KEY_BYTES],
                         rh_seen_set **out, rh_error *err)
{
    const uint8_t *head = data;
    uint8_t run_key[RH_SEEN_KEY_BYTES];
    rh_buf body = RH_BUF_INIT;
    rh_id wrapping;
    rh_status status = check_head(head, len, err);

    if (status != RH_OK)
        return status;
    rh_buf_init_wiping(&body, MAX_FILE_BYTES);
    wrapping_key(key, head + 16, &wrapping);
    if (rh_unseal_frame(wrapping.bytes, 0, head, HEAD_BYTES, head + HEAD_BYTES, WRAPPED_BYTES,
                        run_key, NULL) != RH_OK)
        status = rh_error_set(err, RH_EKEY,
                              "the file of seen values was sealed with another key, "
                              "or its head is damaged");
    if (status == RH_OK)
        status = open_frames(run_key, head, head + HEAD_BYTES + WRAPPED_BYTES,
                             len - HEAD_BYTES - WRAPPED_BYTES, &body, err);
    if (status == RH_OK)
        status = seen_body_read(body.data, body.len, run_key, out, err);
    rh_wipe(&wrapping, sizeof wrapping);
    rh_wipe(run_key, sizeof run_key);
    rh_buf_wipe_done(&body);
    return status;
}

rh_status rh_seen_read(const char *path, const uint8_t key[RH_SEEN_KEY_BYTES], rh_seen_set **out,
                       rh_error *err)
{
    rh_buf file = RH_BUF_INIT;
    rh_status status;

    rh_buf_init(&file, MAX_FILE_BYTES);
    status = rh_fs_read(path, MAX_FILE_BYTES, &file, err);
    if (status == RH_OK) {
        status = rh_seen_unseal(file.data, file.len, key, out, err);
        if (status != RH_OK)
            rh_error_where(err, "'%s'", path);
    }
    rh_buf_done(&file);
    return status;
}
