#include "anonymize/shuffle.h"

#include <assert.h>
#include <stdio.h>

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "wide.h"

enum { STREAM_BLOCKS = 32, STREAM_WORDS = 2 * STREAM_BLOCKS };

struct rh_shuffle {
    uint32_t count;
    uint32_t *image;
    uint32_t *index;
};

/* AES in counter mode, 64 bits at a time. */
typedef struct stream {
    rh_cipher *cipher;
    uint64_t counter;
    size_t used;
    uint8_t blocks[STREAM_BLOCKS * RH_CIPHER_BLOCK];
} stream;

static uint64_t next_word(stream *s)
{
    if (s->used == STREAM_WORDS) {
        for (size_t i = 0; i < STREAM_BLOCKS; i++)
            store_wide(s->blocks + RH_CIPHER_BLOCK * i, s->counter++);
        rh_cipher_encrypt(s->cipher, s->blocks, s->blocks, STREAM_BLOCKS);
        s->used = 0;
    }
    return load_be64(s->blocks + 8 * s->used++);
}

/* A draw below j from 64 bits is off uniform by less than j / 2^64, that is 2^-44. */
static void fill(rh_shuffle *shuffle, rh_cipher *cipher)
{
    stream s = {.cipher = cipher, .used = STREAM_WORDS};

    for (uint32_t i = 0; i < shuffle->count; i++)
        shuffle->image[i] = i;
    for (uint32_t i = shuffle->count - 1; i > 0; i--) {
        uint32_t j = (uint32_t)scale64(next_word(&s), (uint64_t)i + 1);
        uint32_t swap = shuffle->image[i];

        shuffle->image[i] = shuffle->image[j];
        shuffle->image[j] = swap;
    }
    for (uint32_t i = 0; i < shuffle->count; i++)
        shuffle->index[shuffle->image[i]] = i;
}

rh_status rh_shuffle_new(const rh_mask_key *master, const char *domain, const char *purpose,
                         uint32_t count, rh_shuffle **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_mask_key key;
    rh_cipher *cipher = NULL;
    char size[32];

    if (count == 0 || count > RH_SHUFFLE_MAX)
        return rh_error_set(err, RH_EUSAGE, "a shuffle has 1 to %d values", (int)RH_SHUFFLE_MAX);

    rh_shuffle *shuffle = rh_mem_zalloc(sizeof *shuffle);

    if (shuffle == NULL)
        return rh_error_oom(err);
    /* Two steps, so that no purpose can be spelled to collide with a size. */
    (void)snprintf(size, sizeof size, "shuffle/%lu", (unsigned long)count);
    rh_mask_key_derive(master, domain, purpose, &key);
    status = rh_cipher_new_for(&key, "", size, &cipher, err);
    if (status != RH_OK)
        goto out;
    shuffle->count = count;
    shuffle->image = rh_mem_array(count, sizeof *shuffle->image);
    shuffle->index = rh_mem_array(count, sizeof *shuffle->index);
    if (shuffle->image == NULL || shuffle->index == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    fill(shuffle, cipher);

    *out = shuffle;
    shuffle = NULL;
out:
    rh_mask_key_wipe(&key);
    rh_cipher_free(cipher);
    rh_shuffle_free(shuffle);
    return status;
}

void rh_shuffle_free(rh_shuffle *shuffle)
{
    if (shuffle == NULL)
        return;
    rh_mem_wipe_free(shuffle->image, shuffle->count * sizeof *shuffle->image);
    rh_mem_wipe_free(shuffle->index, shuffle->count * sizeof *shuffle->index);
    rh_mem_free(shuffle);
}

uint32_t rh_shuffle_count(const rh_shuffle *shuffle)
{
    return shuffle->count;
}

uint32_t rh_shuffle_get(const rh_shuffle *shuffle, uint32_t index)
{
    assert(index < shuffle->count);
    return shuffle->image[index];
}

uint32_t rh_shuffle_inverse(const rh_shuffle *shuffle, uint32_t image)
{
    assert(image < shuffle->count);
    return shuffle->index[image];
}
