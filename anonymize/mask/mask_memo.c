#include "mask_memo.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"

enum {
    FIRST_PLACES = 1024,
    MOST_PLACES = 8192, /* 768 KiB, of columns only that have that many values again and again */
    MEMO_BYTES = 47,    /* a place is 96 bytes */
    TRIAL = 2048,       /* look-ups between two judgements */
    WORTH = 16,         /* one in so many must be found */
    PAUSE = 16 * 2048,  /* values that pass unasked where that is not so */
    CROWDED = 8,        /* one look-up in so many costs another value its place: more room */
};

typedef struct place {
    uint8_t raw_len; /* 0: empty */
    uint8_t image_len;
    char raw[MEMO_BYTES];
    char image[MEMO_BYTES];
} place;

struct mask_memo {
    uint32_t asked;
    uint32_t found;
    uint32_t evicted;
    uint32_t pause;
    uint32_t count; /* of places, a power of two */
    place *places;
};

rh_status mask_memo_new(mask_memo **out, rh_error *err)
{
    mask_memo *memo = rh_mem_zalloc(sizeof *memo);

    if (memo == NULL)
        return rh_error_oom(err);
    memo->places = rh_mem_array(FIRST_PLACES, sizeof *memo->places);
    if (memo->places == NULL) {
        rh_mem_free(memo);
        return rh_error_oom(err);
    }
    memo->count = FIRST_PLACES;
    *out = memo;
    return RH_OK;
}

void mask_memo_free(mask_memo *memo)
{
    if (memo == NULL)
        return;
    rh_mem_wipe_free(memo->places, memo->count * sizeof *memo->places);
    rh_mem_free(memo);
}

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash ^= word;
    hash = (hash ^ hash >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* Eight bytes at a time; the table is small and its owner's own, so nothing stronger is needed. */
static place *place_of(mask_memo *memo, const char *data, size_t len)
{
    uint64_t hash = len;
    uint64_t word = 0;
    size_t at = 0;

    for (; at + sizeof word <= len; at += sizeof word) {
        memcpy(&word, data + at, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    if (at < len)
        memcpy(&word, data + at, len - at);
    return &memo->places[(mix(hash, word) >> 32) & (memo->count - 1)];
}

/* Twice as many places. A memo that gets no memory for that stays as it is. */
static void grow(mask_memo *memo)
{
    mask_memo larger = *memo;

    larger.count = 2 * memo->count;
    larger.places = rh_mem_array(larger.count, sizeof *larger.places);
    if (larger.places == NULL)
        return;
    for (uint32_t i = 0; i < memo->count; i++) {
        const place *p = &memo->places[i];

        if (p->raw_len > 0)
            *place_of(&larger, p->raw, p->raw_len) = *p;
    }
    rh_mem_wipe_free(memo->places, memo->count * sizeof *memo->places);
    *memo = larger;
}

/* Are look-ups worth their time, and more room? Moves the places. */
static void judge(mask_memo *memo)
{
    if (memo->found < TRIAL / WORTH)
        memo->pause = PAUSE;
    else if (memo->evicted >= TRIAL / CROWDED && memo->count < MOST_PLACES)
        grow(memo);
    memo->asked = 0;
    memo->found = 0;
    memo->evicted = 0;
}

const char *mask_memo_get(mask_memo *memo, const char *raw, size_t len, size_t *image_len)
{
    const place *p;
    bool found;

    if (len == 0 || len > MEMO_BYTES)
        return NULL;
    if (memo->asked == TRIAL)
        judge(memo);
    if (memo->pause > 0) {
        memo->pause--;
        return NULL;
    }
    p = place_of(memo, raw, len);
    found = p->raw_len == len && memcmp(p->raw, raw, len) == 0;
    memo->asked++;
    memo->found += found;
    *image_len = p->image_len;
    return found ? p->image : NULL;
}

void mask_memo_put(mask_memo *memo, const char *raw, size_t len, const char *image,
                   size_t image_len)
{
    place *p;

    if (memo->pause > 0 || len == 0 || len > MEMO_BYTES || image_len == 0 || image_len > MEMO_BYTES)
        return;
    p = place_of(memo, raw, len);
    memo->evicted += p->raw_len > 0;
    p->raw_len = (uint8_t)len;
    p->image_len = (uint8_t)image_len;
    memcpy(p->raw, raw, len);
    memcpy(p->image, image, image_len);
}
