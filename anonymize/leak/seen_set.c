/*
 * The set that a scan looks into: a bitmap that fits the cache turns nearly every token away, the
 * table finds, the second hash confirms.
 */
#include "core/mem.h"
#include "core/seal.h"
#include "seen_hash.h"

struct rh_seen_set {
    seen_set_parts parts;
    uint64_t *keys;
    uint32_t *checks;
    uint64_t *bitmap; /* two bits per hash in one word of 64; 8 to 16 bits of room per hash */
    unsigned bits;
    unsigned bitmap_bits; /* words: 2^bitmap_bits */
};

enum { MIN_BITS = 6 };

rh_status seen_set_new(const seen_set_parts *parts, rh_seen_set **out, rh_error *err)
{
    rh_seen_set *set = rh_mem_zalloc(sizeof *set);

    if (set == NULL)
        return rh_error_oom(err);
    set->parts = *parts;
    for (set->bits = MIN_BITS; ((uint64_t)1 << set->bits) < parts->count * 2; set->bits++)
        ;
    set->bitmap_bits = set->bits < MIN_BITS + 2 ? MIN_BITS : set->bits - 2;
    set->keys = rh_mem_array((size_t)1 << set->bits, sizeof *set->keys);
    set->checks = rh_mem_array((size_t)1 << set->bits, sizeof *set->checks);
    set->bitmap = rh_mem_array((size_t)1 << set->bitmap_bits, sizeof *set->bitmap);
    if (set->keys == NULL || set->checks == NULL || set->bitmap == NULL) {
        rh_seen_set_free(set);
        return rh_error_oom(err);
    }
    *out = set;
    return RH_OK;
}

void rh_seen_set_free(rh_seen_set *set)
{
    if (set == NULL)
        return;
    rh_mem_free(set->keys);
    rh_mem_free(set->checks);
    rh_mem_free(set->bitmap);
    rh_mem_wipe_free(set, sizeof *set);
}

static uint64_t *bitmap_word(const rh_seen_set *set, uint64_t key)
{
    return &set->bitmap[seen_slot_of(key, set->bitmap_bits)];
}

static uint64_t bitmap_bits(uint64_t key)
{
    return (uint64_t)1 << (key >> 2 & 63) | (uint64_t)1 << (key >> 8 & 63);
}

void seen_set_put(rh_seen_set *set, seen_hash hash)
{
    size_t mask = ((size_t)1 << set->bits) - 1;
    size_t at = seen_slot_of(hash.key, set->bits);

    while (set->keys[at] != 0)
        at = (at + 1) & mask;
    set->keys[at] = hash.key;
    set->checks[at] = hash.check;
    *bitmap_word(set, hash.key) |= bitmap_bits(hash.key);
}

int seen_set_has(const rh_seen_set *set, seen_hash hash)
{
    uint64_t bits = bitmap_bits(hash.key);
    size_t mask;

    if ((*bitmap_word(set, hash.key) & bits) != bits)
        return 0;
    mask = ((size_t)1 << set->bits) - 1;
    for (size_t at = seen_slot_of(hash.key, set->bits); set->keys[at] != 0; at = (at + 1) & mask) {
        if (set->keys[at] == hash.key)
            return set->checks[at] == hash.check;
    }
    return 0;
}

const uint8_t *seen_set_hash_key(const rh_seen_set *set)
{
    return set->parts.hash_key;
}

int seen_set_packed(const rh_seen_set *set)
{
    return set->parts.packed;
}

void rh_seen_set_info(const rh_seen_set *set, rh_seen_info *out)
{
    *out = set->parts.info;
}
