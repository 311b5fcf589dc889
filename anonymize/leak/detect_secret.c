/*
 * Secrets: tokens that let somebody in. Documented prefixes, lengths and check sums; no guesses
 * from entropy alone.
 */
#include <string.h>

#include "chain_text.h"
#include "core/hash.h"
#include "decode.h"
#include "detect.h"
#include "seed_words.h"

typedef struct key_form {
    const char *prefix;
    size_t least; /* bytes behind the prefix */
    size_t most;
} key_form;

/* From the issuers' documentation of their own secret scanning formats. */
static const key_form key_forms[] = {
    {"AKIA", 16, 16},      {"ASIA", 16, 16},        {"ghp_", 36, 36},
    {"gho_", 36, 36},      {"ghu_", 36, 36},        {"ghs_", 36, 36},
    {"ghr_", 36, 76},      {"github_pat_", 82, 82}, {"glpat-", 20, 64},
    {"xoxb-", 20, 255},    {"xoxp-", 20, 255},      {"xoxa-", 20, 255},
    {"xoxr-", 20, 255},    {"xoxs-", 20, 255},      {"sk_live_", 24, 255},
    {"rk_live_", 24, 255}, {"sk_test_", 24, 255},   {"whsec_", 24, 255},
    {"sk-ant-", 40, 255},  {"sk-proj-", 40, 255},   {"AIza", 35, 35},
    {"SG.", 60, 80},       {"npm_", 36, 36},        {"dop_v1_", 64, 64},
    {"shpat_", 32, 32},    {"hf_", 34, 40},         {"pypi-AgEIcHlwaS5vcmc", 50, 255},
    {"glsa_", 40, 64},     {"dapi", 32, 34},        {"sq0atp-", 22, 22},
};

enum { LEAST_DISTINCT = 8 };

static bool is_mixed(const uint8_t *text, size_t len)
{
    uint64_t seen[4] = {0};
    unsigned distinct = 0;

    for (size_t i = 0; i < len; i++) {
        uint64_t bit = (uint64_t)1 << (text[i] & 63);

        distinct += (seen[text[i] >> 6] & bit) == 0;
        seen[text[i] >> 6] |= bit;
    }
    return distinct >= LEAST_DISTINCT;
}

static bool is_api_key(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < sizeof key_forms / sizeof key_forms[0]; i++) {
        const key_form *form = &key_forms[i];
        size_t prefix;

        if (text[0] != (uint8_t)form->prefix[0])
            continue;
        prefix = strlen(form->prefix);
        if (len >= prefix + form->least && len <= prefix + form->most &&
            memcmp(text, form->prefix, prefix) == 0)
            return is_mixed(text + prefix, len - prefix);
    }
    return false;
}

/* header.payload.signature, where the header is a JSON object with "alg". */
static bool is_jwt(const uint8_t *text, size_t len)
{
    const uint8_t *dot = memchr(text, '.', len);
    uint8_t header[256];
    size_t bytes;

    if (dot == NULL || memchr(dot + 1, '.', len - (size_t)(dot + 1 - text)) == NULL)
        return false;
    bytes = (size_t)(dot - text);
    if (bytes > 320)
        return true; /* a header with a certificate chain */
    bytes = rh_leak_base64(text, bytes, header, sizeof header - 1);
    header[bytes] = 0;
    return bytes > 8 && header[0] == '{' && strstr((const char *)header, "\"alg\"") != NULL;
}

detector rh_leak_detect_secret(const leak_token *token)
{
    const uint8_t *text = token->raw;
    size_t len = token->raw_len;

    if (len < 20 || (token->mask & TOKEN_SEPARATOR) != 0 || token->kind == TOKEN_BYTES)
        return DETECTOR_TEXT;
    if (len > 30 && memcmp(text, "eyJ", 3) == 0)
        return is_jwt(text, len) ? DETECTOR_JWT : DETECTOR_TEXT;
    if ((len >= 50 && len <= 52) || len == 111)
        return rh_leak_chain_of(text, len) == LEAK_CHAIN_SECRET ? DETECTOR_PRIVATE_KEY
                                                                : DETECTOR_TEXT;
    return is_api_key(text, len) ? DETECTOR_API_KEY : DETECTOR_TEXT;
}

/* ---- blocks ---- */

size_t rh_leak_count_pem(const uint8_t *text, size_t len)
{
    static const char begin[] = "-----BEGIN ";
    static const char key[] = "PRIVATE KEY";
    const uint8_t *end = text + len;
    const uint8_t *at = text;
    size_t count = 0;

    while (at < end && (at = memchr(at, '-', (size_t)(end - at))) != NULL) {
        size_t left = (size_t)(end - at);

        if (left < sizeof begin + sizeof key || memcmp(at, begin, sizeof begin - 1) != 0) {
            at++;
            continue;
        }
        at += sizeof begin - 1;
        left = (size_t)(end - at);
        for (size_t i = 0; i < 24 && i + sizeof key - 1 <= left && at[i] != '\n' && at[i] != '-';
             i++) {
            if (memcmp(at + i, key, sizeof key - 1) == 0) {
                count++;
                break;
            }
        }
    }
    return count;
}

/* ---- seed phrases ---- */

static int word_number(const uint8_t *word, size_t len)
{
    char slot[RH_LEAK_SEED_SLOT];
    int low = 0;
    int high = RH_LEAK_SEED_WORDS;

    if (len > sizeof slot)
        return -1;
    memset(slot, ' ', sizeof slot);
    memcpy(slot, word, len);
    while (low < high) {
        int middle = (low + high) / 2;
        int order = memcmp(slot, rh_leak_seed_words + (size_t)middle * sizeof slot, sizeof slot);

        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* 11 bits a word: the entropy, then as many bits of its SHA-256 as there are 32 in it. */
bool rh_leak_is_seed_phrase(const uint8_t *text, size_t len, size_t count)
{
    uint8_t bits[33] = {0};
    uint8_t sum[32];
    size_t at = 0;
    size_t entropy = count * 32 / 3;
    size_t check = entropy / 32;

    if (count < 12 || count > 24 || count % 3 != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t end = at;
        int number;

        while (end < len && text[end] >= 'a' && text[end] <= 'z')
            end++;
        number = word_number(text + at, end - at);
        if (number < 0)
            return false;
        for (size_t b = 0; b < 11; b++) {
            if ((number >> (10 - b) & 1) != 0)
                bits[(i * 11 + b) / 8] |= (uint8_t)(128 >> (i * 11 + b) % 8);
        }
        at = end + 1;
    }
    rh_hash_sha256(bits, entropy / 8, sum);
    return (sum[0] >> (8 - check)) == (bits[entropy / 8] >> (8 - check));
}
