#include "anonymize/chain_id.h"

#include <assert.h>
#include <string.h>

static void reverse(uint8_t hash[RH_CHAIN_HASH_BYTES])
{
    for (int i = 0; i < RH_CHAIN_HASH_BYTES / 2; i++) {
        uint8_t swap = hash[i];

        hash[i] = hash[RH_CHAIN_HASH_BYTES - 1 - i];
        hash[RH_CHAIN_HASH_BYTES - 1 - i] = swap;
    }
}

void rh_chain_map_hash(rh_chain *chain, uint8_t hash[RH_CHAIN_HASH_BYTES], bool reversed)
{
    if (reversed)
        reverse(hash);

    bool mapped = rh_chain_map_id(chain, hash, RH_CHAIN_HASH_BYTES);

    assert(mapped);
    (void)mapped;
    if (reversed)
        reverse(hash);
}

void rh_chain_map_packed(rh_chain *chain, uint8_t packed[RH_CHAIN_PACKED_BYTES])
{
    bool mapped = rh_chain_map_id(chain, packed + 1, RH_CHAIN_PACKED_BYTES - 1);

    assert(mapped);
    (void)mapped;
}

bool rh_chain_map_topic(rh_chain *chain, uint8_t topic[RH_CHAIN_HASH_BYTES])
{
    static const uint8_t padding[12] = {0};

    if (memcmp(topic, padding, sizeof padding) != 0)
        return false;
    return rh_chain_map_id(chain, topic + sizeof padding, RH_CHAIN_HASH_BYTES - sizeof padding);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

rh_status rh_chain_map_words(rh_chain *chain, unsigned forms, rh_chain_words *words, rh_buf *out,
                             rh_error *err)
{
    const char *text = words->text;
    size_t len = words->len;
    rh_chain_words found = *words;

    size_t at = 0;

    found.mapped = 0;
    found.secret = 0;
    while (at < len) {
        char image[RH_CHAIN_MAX_TEXT];
        size_t image_len;
        size_t end = at;
        rh_status status;

        while (end < len && is_word(text[end]))
            end++;
        if (end == at) {
            while (end < len && !is_word(text[end]))
                end++;
            status = rh_buf_append(out, text + at, end - at, err);
        } else if (rh_chain_map(chain, forms, text + at, end - at, image, &image_len)) {
            found.mapped++;
            status = rh_buf_append(out, image, image_len, err);
        } else {
            found.secret += rh_chain_is_secret(chain, text + at, end - at);
            status = rh_buf_append(out, text + at, end - at, err);
        }
        if (status != RH_OK)
            return status;
        at = end;
    }
    *words = found;
    return RH_OK;
}
