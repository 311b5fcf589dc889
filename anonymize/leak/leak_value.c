/*
 * Looking at one value: its tokens, what is decoded out of it, packed identifiers in binary.
 */
#include <inttypes.h>
#include <stdio.h>

#include "chain_text.h"
#include "decode.h"
#include "leak_internal.h"

enum {
    MAX_DECODED = 64 << 20,
    MAX_PACKED_BYTES = 64 << 10, /* of a binary value that is searched for packed addresses */
    MAX_TXID_BYTES = 256,        /* of one that is searched for packed transaction ids */
    LEAST_STRING = 6,
    LEAST_PEM = 60,
};

void leak_eye_init(leak_eye *eye, const rh_leak_options *options)
{
    memset(eye, 0, sizeof *eye);
    eye->seen = options->seen;
    eye->detectors = options->detectors;
    rh_buf_init_wiping(&eye->plain, MAX_DECODED);
    rh_buf_init_wiping(&eye->decoded, MAX_DECODED);
}

void leak_eye_done(leak_eye *eye)
{
    rh_buf_wipe_done(&eye->plain);
    rh_buf_wipe_done(&eye->decoded);
}

rh_status leak_eye_status(const leak_eye *eye, rh_error *err)
{
    return eye->status == RH_OK ? RH_OK : rh_error_oom(err);
}

/* ---- counting ---- */

static void count(leak_eye *eye, leak_tally *tally)
{
    if (tally->last == eye->value)
        return;
    tally->last = eye->value;
    tally->values++;
    eye->counts->any = true;
}

static bool is_seen(leak_eye *eye, const uint8_t *text, size_t len)
{
    eye->tokens++;
    return eye->seen != NULL &&
           seen_set_has(eye->seen, seen_hash_of(seen_set_hash_key(eye->seen), text, len));
}

static bool is_look_alike(detector which)
{
    return which >= DETECTOR_EMAIL;
}

static void look_again(leak_eye *eye, const leak_token *token);

static void take_token(void *ctx, const leak_token *token)
{
    leak_eye *eye = ctx;
    detector which;

    if (is_seen(eye, token->text, token->len)) {
        which = rh_leak_detect(token);
        count(eye, token->strength == TOKEN_STRONG ? &eye->counts->by[which].seen
                                                   : &eye->counts->by[which].weak);
    } else if (eye->detectors != RH_LEAK_DETECTORS_OFF) {
        which = rh_leak_detect_secret(token);
        if (which == DETECTOR_TEXT && eye->counts->looked < LEAK_LOOK_BUDGET) {
            eye->counts->looked++;
            which = rh_leak_detect(token);
        }
        if (is_look_alike(which))
            count(eye, &eye->counts->by[which].look);
    }
    if (eye->depth == 0 && token->strength == TOKEN_STRONG && token->kind != TOKEN_BYTES)
        look_again(eye, token);
}

static void take_words(void *ctx, const uint8_t *text, size_t len, size_t words)
{
    leak_eye *eye = ctx;

    if (eye->detectors != RH_LEAK_DETECTORS_OFF && rh_leak_is_seed_phrase(text, len, words))
        count(eye, &eye->counts->by[DETECTOR_SEED_PHRASE].look);
}

static unsigned find_tokens(leak_eye *eye, const uint8_t *data, size_t len, bool whole)
{
    token_sink sink = {.put = take_token, .words = take_words, .ctx = eye};

    return rh_leak_tokens(data, len, whole, &sink);
}

/* ---- binary ---- */

static void find_strings(leak_eye *eye, const uint8_t *data, size_t len)
{
    size_t from = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && data[i] >= 32 && data[i] < 127)
            continue;
        if (i - from >= LEAST_STRING)
            (void)find_tokens(eye, data + from, i - from, false);
        from = i + 1;
    }
}

static void find_window(leak_eye *eye, const uint8_t *data, size_t len, detector which)
{
    char hex[65];

    if (rh_leak_monotonous(data, len))
        return;
    rh_hex_encode(data, len, hex);
    if (is_seen(eye, (const uint8_t *)hex, 2 * len))
        count(eye, &eye->counts->by[which].seen);
}

/* Versions that stand before the hash of an address when it is packed: Bitcoin main and test
 * networks, Tron, Litecoin, Dogecoin, segwit as Counterparty packs it, and 0 of ABI padding. */
static bool is_version(uint8_t byte)
{
    static const uint8_t versions[] = {0x00, 0x05, 0x6f, 0xc4, 0x41, 0x30,
                                       0x32, 0x1e, 0x16, 0x80, 0x81, 0x14};

    return memchr(versions, byte, sizeof versions) != NULL;
}

static void find_packed(leak_eye *eye, const uint8_t *data, size_t len)
{
    if (len > MAX_PACKED_BYTES)
        len = MAX_PACKED_BYTES;
    for (size_t i = 0; i + 21 <= len; i++) {
        if (!is_version(data[i]))
            continue;
        find_window(eye, data + i + 1, 20, DETECTOR_BASE58CHECK);
        if (data[i] >= 0x80 && i + 33 <= len)
            find_window(eye, data + i + 1, 32, DETECTOR_BECH32);
    }
}

static void find_txids(leak_eye *eye, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 32 <= len; i++)
        find_window(eye, data + i, 32, DETECTOR_TXID);
}

static void look_at_bytes(leak_eye *eye, const uint8_t *data, size_t len, bool alone)
{
    token_sink sink = {.put = take_token, .ctx = eye};

    if (alone)
        rh_leak_token_bytes(data, len, &sink);
    if (rh_leak_is_readable(data, len)) {
        (void)find_tokens(eye, data, len, alone);
        return;
    }
    find_strings(eye, data, len);
    if (eye->seen == NULL)
        return;
    if (len > 20 && seen_set_packed(eye->seen))
        find_packed(eye, data, len);
    if (len > 32 && len <= MAX_TXID_BYTES)
        find_txids(eye, data, len);
}

/* ---- decoded once ---- */

static uint8_t *room(leak_eye *eye, rh_buf *buf, size_t len)
{
    rh_status status;

    rh_buf_clear(buf);
    status = rh_buf_reserve(buf, len, NULL);
    if (status == RH_ENOMEM)
        eye->status = status;
    return status == RH_OK ? buf->data : NULL; /* past the limit: not looked into */
}

static void look_into_hex(leak_eye *eye, const uint8_t *text, size_t len)
{
    uint8_t *out = room(eye, &eye->decoded, len / 2);

    if (out == NULL || rh_hex_decode((const char *)text, len / 2, out) != 0)
        return;
    eye->depth++;
    look_at_bytes(eye, out, len / 2, false);
    eye->depth--;
}

/* Do the first bytes read as text: high digits 2 to 7? A hash fails that nearly always. */
static bool is_hex_of_text(const uint8_t *text)
{
    for (size_t i = 0; i < 12; i += 2) {
        if (text[i] < '2' || text[i] > '7')
            return false;
    }
    return true;
}

static bool has_hex_prefix(const uint8_t *text, size_t len)
{
    return len > 2 && text[0] == '0' && (text[1] | 32) == 'x';
}

static void look_again(leak_eye *eye, const leak_token *token)
{
    const uint8_t *text = token->raw;
    size_t len = token->raw_len;

    if (has_hex_prefix(text, len)) {
        text += 2;
        len -= 2;
    }
    /* up to 20 bytes, and 32, are hashes and keys: nothing is packed in them, but text may be */
    if (len >= 16 && (len > 64 || is_hex_of_text(text) || (len > 40 && len < 64)) &&
        rh_leak_is_hex(text, len)) {
        look_into_hex(eye, text, len);
    } else if (len >= 16 && (token->mask & TOKEN_AT) == 0 && (token->mask & TOKEN_LOWER) != 0 &&
               (token->mask & TOKEN_UPPER) != 0 && rh_leak_looks_base64(text, len)) {
        uint8_t *out = room(eye, &eye->decoded, len);
        size_t bytes = out == NULL ? 0 : rh_leak_base64(text, len, out, len);

        if (bytes > 0 && rh_leak_is_readable(out, bytes)) {
            eye->depth++;
            (void)find_tokens(eye, out, bytes, true);
            eye->depth--;
        }
    }
}

static void look_unescaped(leak_eye *eye, const uint8_t *data, size_t len)
{
    uint8_t *out = room(eye, &eye->plain, len);

    if (out != NULL)
        (void)find_tokens(eye, out, rh_leak_unescape(data, len, out), false);
}

static void look_unpercented(leak_eye *eye, const uint8_t *data, size_t len)
{
    uint8_t *out = room(eye, &eye->plain, len);
    size_t bytes = out == NULL ? len : rh_leak_unpercent(data, len, out);

    if (bytes < len)
        (void)find_tokens(eye, out, bytes, false);
}

/* ---- values ---- */

void leak_eye_text(leak_eye *eye, const uint8_t *data, size_t len, bool whole)
{
    unsigned all;

    eye->value++;
    if (len < TOKEN_MIN_BYTES)
        return;
    if (len > 4 && data[0] == '\\' && data[1] == 'x' && rh_leak_is_hex(data + 2, len - 2)) {
        uint8_t *out = room(eye, &eye->plain, len / 2);

        if (out != NULL && rh_hex_decode((const char *)data + 2, len / 2 - 1, out) == 0)
            look_at_bytes(eye, out, len / 2 - 1, true);
        return;
    }
    all = find_tokens(eye, data, len, whole);
    if (len >= LEAST_PEM && (all & TOKEN_SEPARATOR) != 0 &&
        eye->detectors != RH_LEAK_DETECTORS_OFF && rh_leak_count_pem(data, len) > 0)
        count(eye, &eye->counts->by[DETECTOR_PEM].look);
    if ((all & TOKEN_SEPARATOR) != 0 && memchr(data, '\\', len) != NULL)
        look_unescaped(eye, data, len);
    if ((all & TOKEN_MARK) != 0 && memchr(data, '%', len) != NULL)
        look_unpercented(eye, data, len);
}

/* What a literal of SQL says, from behind its first quote on: doubled quotes are one. Returns where
 * its last quote is, len when it has none. */
static size_t undouble(const uint8_t *data, size_t from, size_t len, uint8_t *out, size_t *out_len)
{
    size_t count = 0;
    size_t i = from;

    for (; i < len; i++) {
        if (data[i] == '\'' && (i + 1 == len || data[i + 1] != '\''))
            break;
        i += data[i] == '\'';
        out[count++] = data[i];
    }
    *out_len = count;
    return i;
}

static void look_at_literal(leak_eye *eye, const uint8_t *text, size_t len)
{
    uint8_t *bytes;

    if (len < TOKEN_MIN_BYTES)
        return;
    if (text[0] != '\\' || text[1] != 'x' || !rh_leak_is_hex(text + 2, len - 2)) {
        (void)find_tokens(eye, text, len, true);
        return;
    }
    bytes = room(eye, &eye->decoded, len / 2);
    if (bytes == NULL || rh_hex_decode((const char *)text + 2, len / 2 - 1, bytes) != 0)
        return;
    eye->depth++;
    look_at_bytes(eye, bytes, len / 2 - 1, true);
    eye->depth--;
}

void leak_eye_sql(leak_eye *eye, const uint8_t *data, size_t len)
{
    const uint8_t *open = len == 0 ? NULL : memchr(data, '\'', len);

    leak_eye_text(eye, data, len, false);
    /* The end of one is tried as the start of the next: an apostrophe in a comment does no harm. */
    while (open != NULL) {
        size_t from = (size_t)(open - data) + 1;
        uint8_t *out = room(eye, &eye->plain, len);
        size_t out_len;
        size_t to = out == NULL ? len : undouble(data, from, len, out, &out_len);

        if (to == len)
            return;
        look_at_literal(eye, out, out_len);
        open = data + to;
    }
}

void leak_eye_bytes(leak_eye *eye, const uint8_t *data, size_t len)
{
    eye->value++;
    if (len < TOKEN_MIN_BYTES)
        return;
    look_at_bytes(eye, data, len, true);
    if (len >= LEAST_PEM && eye->detectors != RH_LEAK_DETECTORS_OFF &&
        rh_leak_count_pem(data, len) > 0)
        count(eye, &eye->counts->by[DETECTOR_PEM].look);
}

void leak_eye_integer(leak_eye *eye, int64_t value)
{
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char text[24];

    eye->value++;
    if (size >= 1000000000) /* TOKEN_MIN_DIGITS */
        (void)find_tokens(eye, (const uint8_t *)text,
                          (size_t)snprintf(text, sizeof text, "%" PRIu64, size), true);
}
