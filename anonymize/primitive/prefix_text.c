/*
 * The key of each character's permutation is AES of a universal hash of the characters in front of
 * it (Wegman and Carter 1981): the hash goes along the text at the price of two multiplications per
 * character, and the AES calls of a text do not wait for each other.
 */
#include "anonymize/prefix_text.h"

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "utf8_class.h"
#include "wide.h"

enum {
    LANES = 32,
    PERMUTED_MAX = 27, /* larger classes are rotated */
    SPLIT = 16         /* draws from more than that take the first word: 26!/16! < 2^45 */
};
#define PRIME ((UINT64_C(1) << 61) - 1)

struct rh_prefix_text {
    rh_cipher *cipher;
    uint64_t point[2]; /* secret points at which the text's polynomial is evaluated */
    bool fold_case;
};

rh_status rh_prefix_text_new(const rh_mask_key *master, const char *domain, bool fold_case,
                             rh_prefix_text **out, rh_error *err)
{
    rh_mask_key key;
    rh_prefix_text *map = rh_mem_zalloc(sizeof *map);

    if (map == NULL)
        return rh_error_oom(err);

    rh_status status = rh_cipher_new_for(master, domain, "prefix", &map->cipher, err);

    if (status != RH_OK) {
        rh_mem_free(map);
        return status;
    }
    rh_mask_key_derive(master, domain, "prefix/points", &key);
    map->point[0] = load_be64(key.bytes) % PRIME;
    map->point[1] = load_be64(key.bytes + 8) % PRIME;
    map->fold_case = fold_case;
    rh_mask_key_wipe(&key);
    *out = map;
    return RH_OK;
}

void rh_prefix_text_free(rh_prefix_text *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->cipher);
    rh_mem_wipe_free(map, sizeof *map);
}

/* hash * point + value modulo 2^61 - 1; value is below 2^32. */
static uint64_t extend(uint64_t hash, uint64_t point, uint32_t value)
{
    rh_wide product = (rh_wide)hash * point + value;
    uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);

    sum = (sum & PRIME) + (sum >> 61);
    return sum == PRIME ? 0 : sum;
}

/*
 * The image of index under a random permutation of [0, count): the swaps of a Fisher-Yates shuffle
 * are drawn, but only the one element is followed.
 */
static uint32_t image_of(uint32_t index, uint32_t count, const uint8_t *random)
{
    uint64_t word = load_be64(random);
    uint64_t second = load_be64(random + 8);

    if (count > PERMUTED_MAX)
        return (uint32_t)((index + scale64(word, count)) % count);
    for (uint32_t i = count; i > 1; i--) {
        if (i == SPLIT)
            word = second;

        rh_wide product = (rh_wide)word * i;
        uint32_t drawn = (uint32_t)(product >> 64);

        word = (uint64_t)product; /* what the draw left over is as random as before */
        index = index == i - 1 ? drawn : index == drawn ? i - 1 : index;
    }
    return index;
}

static void map_group(rh_prefix_text *map, const utf8_char *chars, char *const *at, size_t count,
                      uint8_t *blocks)
{
    rh_cipher_encrypt(map->cipher, blocks, blocks, count);
    for (size_t i = 0; i < count; i++) {
        const utf8_char *c = &chars[i];
        uint32_t image =
            c->first + image_of(c->code - c->first, c->count, blocks + RH_CIPHER_BLOCK * i);

        rh_utf8_put(image, c->bytes, at[i]);
    }
}

void rh_prefix_text_map(rh_prefix_text *map, char *text, size_t len)
{
    uint8_t blocks[LANES * RH_CIPHER_BLOCK];
    utf8_char chars[LANES];
    char *at[LANES];
    uint64_t hash[2] = {1, 1};
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        utf8_char *c = &chars[used];

        rh_utf8_classify(text + i, len - i, c);

        uint32_t code = c->code;
        uint32_t family = c->first;

        if (map->fold_case && c->count > 0) {
            code = code - c->first + c->family;
            family = c->family;
        }
        at[used] = text + i;
        i += c->bytes;
        if (c->count > 0) {
            /* Two hashes of 61 bits, and six bits that differ between digits, upper and lower. */
            store_be64(blocks + RH_CIPHER_BLOCK * used, hash[0] | (uint64_t)(family & 7) << 61);
            store_be64(blocks + RH_CIPHER_BLOCK * used + 8, hash[1] | (uint64_t)(family >> 3 & 7)
                                                                          << 61);
            used++;
        }
        hash[0] = extend(hash[0], map->point[0], code + 1);
        hash[1] = extend(hash[1], map->point[1], code + 1);
        if (used == LANES) {
            map_group(map, chars, at, used, blocks);
            used = 0;
        }
    }
    map_group(map, chars, at, used, blocks);
}
