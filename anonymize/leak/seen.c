/*
 * Remembering what masks take away.
 *
 * Invariants:
 *   1. A shard holds a hash when it belongs to the share that the shard's level samples: so the
 *      flags of a hash are complete, or the hash is not there at all.
 *   2. Flags are only ever added. A hash is searched for when it was taken away somewhere (RAW) and
 *      put out nowhere (MADE), which is decided at the end.
 *   3. A shard never grows past max_bits; a full one forgets half of its hashes and goes on with
 *      the next level.
 */
#include <stdlib.h>

#include "chain_text.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/seal.h"
#include "seen_internal.h"
#include "token.h"

enum {
    DEFAULT_MEMORY = 32 << 20,
    LEAST_MEMORY = 128 << 10,
    FIRST_BITS = 7, /* more than are pending at a time */
    INLINE_HASHES = 128,
    MAX_HASHES = 1 << 20, /* of one value */
};

rh_status rh_seen_new(size_t memory_bytes, rh_seen **out, rh_error *err)
{
    rh_seen *seen;
    size_t slots;

    if (memory_bytes == 0)
        memory_bytes = DEFAULT_MEMORY;
    if (memory_bytes < LEAST_MEMORY)
        return rh_error_set(err, RH_EUSAGE, "less than 128 KiB cannot remember anything");
    seen = rh_mem_zalloc(sizeof *seen);
    if (seen == NULL)
        return rh_error_oom(err);
    slots = memory_bytes / (SEEN_SHARDS * (sizeof(uint64_t) + sizeof(uint32_t)));
    for (seen->max_bits = FIRST_BITS; (size_t)2 << seen->max_bits <= slots; seen->max_bits++)
        ;
    for (; seen->locks < SEEN_SHARDS; seen->locks++) {
        if (pthread_mutex_init(&seen->shards[seen->locks].lock, NULL) != 0) {
            rh_seen_free(seen);
            return rh_error_oom(err);
        }
    }
    rh_random(seen->run_key, sizeof seen->run_key);
    rh_hash_derive(seen->run_key, "seen hash", seen->hash_key, sizeof seen->hash_key);
    *out = seen;
    return RH_OK;
}

void rh_seen_free(rh_seen *seen)
{
    if (seen == NULL)
        return;
    for (size_t i = 0; i < seen->locks; i++) {
        (void)pthread_mutex_destroy(&seen->shards[i].lock);
        rh_mem_free(seen->shards[i].keys);
        rh_mem_free(seen->shards[i].checks);
    }
    rh_mem_wipe_free(seen, sizeof *seen);
}

/* ---- a shard ---- */

static void place(seen_shard *shard, uint64_t key, uint32_t check)
{
    size_t mask = ((size_t)1 << shard->bits) - 1;
    size_t at = seen_slot_of(key & ~(uint64_t)SEEN_FLAGS, shard->bits);

    while (shard->keys[at] != 0)
        at = (at + 1) & mask;
    shard->keys[at] = key;
    shard->checks[at] = check;
    shard->used++;
}

/* Twice as large, or, at the limit, half as full: only what the next level samples stays. */
static rh_status make_room(const rh_seen *seen, seen_shard *shard, rh_error *err)
{
    seen_shard old = *shard;
    size_t old_slots = old.keys == NULL ? 0 : (size_t)1 << old.bits;
    bool full = old.keys != NULL && old.bits >= seen->max_bits;
    unsigned bits = old.keys == NULL ? FIRST_BITS : full ? old.bits : old.bits + 1;
    uint64_t *keys = rh_mem_array((size_t)1 << bits, sizeof *keys);
    uint32_t *checks = rh_mem_array((size_t)1 << bits, sizeof *checks);

    if (keys == NULL || checks == NULL) {
        rh_mem_free(keys);
        rh_mem_free(checks);
        return rh_error_oom(err);
    }
    if (full && shard->level < SEEN_MAX_LEVEL)
        shard->level++;
    shard->keys = keys;
    shard->checks = checks;
    shard->bits = bits;
    shard->used = 0;
    for (size_t i = 0; i < old_slots; i++) {
        if (old.keys[i] != 0 && seen_sampled(old.keys[i], shard->level))
            place(shard, old.keys[i], old.checks[i]);
    }
    rh_mem_free(old.keys);
    rh_mem_free(old.checks);
    return RH_OK;
}

static bool is_crowded(const seen_shard *shard)
{
    return shard->keys == NULL ||
           shard->used + shard->pending_count > ((size_t)1 << shard->bits) / 4 * 3;
}

static void put_flags(seen_shard *shard, seen_hash hash)
{
    uint64_t key = hash.key & ~(uint64_t)SEEN_FLAGS;
    size_t mask = ((size_t)1 << shard->bits) - 1;
    size_t at = seen_slot_of(key, shard->bits);

    for (; shard->keys[at] != 0; at = (at + 1) & mask) {
        if ((shard->keys[at] & ~(uint64_t)SEEN_FLAGS) == key) {
            shard->keys[at] |= hash.key;
            return;
        }
    }
    shard->keys[at] = hash.key;
    shard->checks[at] = hash.check;
    shard->used++;
}

/* Slots are anywhere in the table: fetched all at once, they do not wait for each other. */
static rh_status settle(const rh_seen *seen, seen_shard *shard, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && is_crowded(shard)) /* a level may fail to thin out by chance */
        status = make_room(seen, shard, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < shard->pending_count; i++)
        SEEN_PREFETCH(
            &shard->keys[seen_slot_of(shard->pending[i].key & ~(uint64_t)SEEN_FLAGS, shard->bits)]);
    for (size_t i = 0; i < shard->pending_count; i++) {
        if (seen_sampled(shard->pending[i].key, shard->level))
            put_flags(shard, shard->pending[i]);
    }
    shard->pending_count = 0;
    return RH_OK;
}

rh_status seen_settle(rh_seen *seen, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < SEEN_SHARDS; i++) {
        if (seen->shards[i].pending_count > 0)
            status = settle(seen, &seen->shards[i], err);
    }
    return status;
}

static rh_status flag(rh_seen *seen, seen_hash hash, unsigned flags, rh_error *err)
{
    seen_shard *shard = &seen->shards[seen_shard_of(hash.key)];
    rh_status status = RH_OK;

    (void)pthread_mutex_lock(&shard->lock);
    if (!seen_sampled(hash.key, shard->level))
        goto out;
    if (shard->pending_count == SEEN_PENDING)
        status = settle(seen, shard, err);
    if (status == RH_OK) {
        hash.key |= flags;
        shard->pending[shard->pending_count++] = hash;
    }
out:
    (void)pthread_mutex_unlock(&shard->lock);
    return status;
}

/* ---- the hashes of one value ---- */

typedef struct hash_list {
    const uint8_t *hash_key;
    seen_hash *items;
    size_t count;
    size_t cap;
    bool out_of_memory;
    bool packed;
    bool sure_digits_only;
    bool skip_whole;
    seen_hash first[INLINE_HASHES];
} hash_list;

static void list_init(hash_list *list, const rh_seen *seen, rh_seen_kind kind)
{
    list->hash_key = seen->hash_key;
    list->items = list->first;
    list->count = 0;
    list->cap = INLINE_HASHES;
    list->out_of_memory = false;
    list->packed = false;
    list->sure_digits_only = kind == RH_SEEN_NUMBER;
    list->skip_whole = false;
}

static void list_done(hash_list *list)
{
    if (list->items != list->first)
        rh_mem_free(list->items);
}

static void list_put(hash_list *list, const void *data, size_t len)
{
    if (list->count == list->cap) {
        bool moved = list->items != list->first;
        seen_hash *items;

        if (list->cap >= MAX_HASHES)
            return;
        items = rh_mem_rearray(moved ? list->items : NULL, list->cap * 2, sizeof *items);
        if (items == NULL) {
            list->out_of_memory = true;
            return;
        }
        if (!moved)
            memcpy(items, list->first, sizeof list->first);
        list->items = items;
        list->cap *= 2;
    }
    list->items[list->count++] = seen_hash_of(list->hash_key, data, len);
}

/* Block explorers and nodes write transaction ids in opposite byte orders. */
static void put_reversed(hash_list *list, const leak_token *token)
{
    uint8_t text[64];

    for (size_t i = 0; i < sizeof text; i += 2) {
        text[i] = token->text[62 - i];
        text[i + 1] = token->text[63 - i];
    }
    list_put(list, text, sizeof text);
}

/* An address inside binary data is the hash that its text stands for. */
static void put_packed(hash_list *list, const leak_token *token)
{
    uint8_t program[LEAK_MAX_PROGRAM];
    char hex[2 * LEAK_MAX_PROGRAM + 1];
    size_t len;

    if ((token->mask & ~(unsigned)(TOKEN_DIGIT | TOKEN_LOWER | TOKEN_UPPER)) != 0)
        return;
    len = rh_leak_chain_program(token->raw, token->raw_len, program);
    if (len == 0)
        return;
    rh_hex_encode(program, len, hex);
    list_put(list, hex, 2 * len);
    list->packed = true;
}

static void take_token(void *ctx, const leak_token *token)
{
    hash_list *list = ctx;

    if (list->skip_whole && token->kind == TOKEN_WHOLE)
        return;
    if (list->sure_digits_only && token->strength != TOKEN_STRONG)
        return;
    list_put(list, token->text, token->len);
    if (token->len == 64 && rh_leak_is_hex(token->text, token->len))
        put_reversed(list, token);
    if (token->len == 40 && rh_leak_is_hex(token->text, token->len))
        list->packed = true;
    put_packed(list, token);
}

static void list_fill(hash_list *list, rh_seen_kind kind, const uint8_t *data, size_t len)
{
    token_sink sink = {.put = take_token, .ctx = list};

    if (kind == RH_SEEN_BINARY)
        rh_leak_token_bytes(data, len, &sink);
    else if (len > 2 && data[0] == '\\' && data[1] == 'x' && rh_leak_is_hex(data + 2, len - 2))
        rh_leak_tokens(data + 2, len - 2, true, &sink);
    else
        rh_leak_tokens(data, len, true, &sink);
}

static int compare_hashes(const void *a, const void *b)
{
    const seen_hash *x = a;
    const seen_hash *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static bool list_has(const hash_list *sorted, uint64_t key)
{
    size_t low = 0;
    size_t high = sorted->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sorted->items[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sorted->count && sorted->items[low].key == key;
}

static rh_status flag_difference(rh_seen *seen, const hash_list *list, const hash_list *without,
                                 unsigned flags, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < list->count; i++) {
        if (!list_has(without, list->items[i].key))
            status = flag(seen, list->items[i], flags, err);
    }
    return status;
}

static bool is_container(const uint8_t *data, size_t len)
{
    return len > 0 && (data[0] == '{' || data[0] == '[' || data[0] == '(' || data[0] == '<');
}

/* Unchanged: for a document that holds nothing to mask, that is right; else the mask failed. */
static rh_status add_unchanged(rh_seen *seen, rh_seen_kind kind, const void *raw, size_t len,
                               rh_error *err)
{
    hash_list list;
    hash_list none;
    rh_status status;

    if (is_container(raw, len))
        return RH_OK;
    list_init(&list, seen, kind);
    list_init(&none, seen, kind);
    list_fill(&list, kind, raw, len);
    if (list.packed)
        atomic_store_explicit(&seen->packed, true, memory_order_relaxed);
    status = list.out_of_memory ? rh_error_oom(err)
                                : flag_difference(seen, &list, &none, SEEN_FLAG_RAW, err);
    list_done(&list);
    return status;
}

rh_status rh_seen_add(rh_seen *seen, const rh_seen_value *value, rh_error *err)
{
    hash_list before;
    hash_list after;
    rh_status status = RH_OK;

    atomic_fetch_add_explicit(&seen->added, 1, memory_order_relaxed);
    if (value->raw == NULL ||
        (value->raw_len < TOKEN_MIN_BYTES && value->masked_len < TOKEN_MIN_BYTES))
        return RH_OK;
    if (value->masked != NULL && value->raw_len == value->masked_len &&
        memcmp(value->raw, value->masked, value->raw_len) == 0)
        return add_unchanged(seen, value->kind, value->raw, value->raw_len, err);
    list_init(&before, seen, value->kind);
    list_init(&after, seen, value->kind);
    list_fill(&before, value->kind, value->raw, value->raw_len);
    if (value->masked != NULL)
        list_fill(&after, value->kind, value->masked, value->masked_len);
    if (before.out_of_memory || after.out_of_memory) {
        status = rh_error_oom(err);
        goto out;
    }
    if (before.packed)
        atomic_store_explicit(&seen->packed, true, memory_order_relaxed);
    if (after.count > 1)
        qsort(after.items, after.count, sizeof *after.items, compare_hashes);
    status = flag_difference(seen, &before, &after, SEEN_FLAG_RAW, err);
    if (status == RH_OK && after.count > 0) {
        if (before.count > 1)
            qsort(before.items, before.count, sizeof *before.items, compare_hashes);
        status = flag_difference(seen, &after, &before, SEEN_FLAG_MADE, err);
    }
out:
    list_done(&before);
    list_done(&after);
    return status;
}

rh_status rh_seen_keep(rh_seen *seen, const void *value, size_t len, rh_error *err)
{
    hash_list list;
    hash_list none;
    rh_status status;

    list_init(&list, seen, RH_SEEN_TEXT);
    list_init(&none, seen, RH_SEEN_TEXT);
    list_fill(&list, RH_SEEN_TEXT, value, len);
    status = list.out_of_memory ? rh_error_oom(err)
                                : flag_difference(seen, &list, &none, SEEN_FLAG_MADE, err);
    list_done(&list);
    return status;
}
