/*
 * What a token looks like. Only reports are made of this: a look-alike that was not seen while
 * masking may as well be what a mask put there.
 */
#include "detect.h"

#include <string.h>

#include "chain_text.h"

static const char *const names[DETECTORS] = {
    [DETECTOR_TEXT] = "text",
    [DETECTOR_PHRASE] = "words",
    [DETECTOR_NUMBER] = "number",
    [DETECTOR_BYTES] = "bytes",
    [DETECTOR_UUID] = "uuid",
    [DETECTOR_EMAIL] = "email",
    [DETECTOR_PHONE] = "phone",
    [DETECTOR_IPV4] = "ipv4",
    [DETECTOR_IPV6] = "ipv6",
    [DETECTOR_URL] = "url",
    [DETECTOR_CARD] = "card",
    [DETECTOR_IBAN] = "iban",
    [DETECTOR_BASE58CHECK] = "base58check",
    [DETECTOR_BECH32] = "bech32",
    [DETECTOR_EVM] = "evm-address",
    [DETECTOR_SOLANA] = "solana-address",
    [DETECTOR_TXID] = "txid",
    [DETECTOR_JWT] = "jwt",
    [DETECTOR_API_KEY] = "api-key",
    [DETECTOR_PEM] = "private-key-block",
    [DETECTOR_PRIVATE_KEY] = "private-key",
    [DETECTOR_SEED_PHRASE] = "seed-phrase",
};

const char *rh_leak_detector_name(detector which)
{
    return names[which];
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t digits_of(const uint8_t *text, size_t len, uint8_t *out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            continue;
        if (count == max)
            return 0;
        out[count++] = (uint8_t)(text[i] - '0');
    }
    return count;
}

/* Luhn, and a first digit that some network uses. */
static bool is_card(const uint8_t *text, size_t len)
{
    uint8_t digits[19];
    size_t count = digits_of(text, len, digits, sizeof digits);
    unsigned sum = 0;

    if (count < 13 || digits[0] < 2 || digits[0] > 6)
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] << (i % 2));

        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

static bool is_capital(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* ISO 13616: letters are 10 to 35, the first four characters go to the end, modulo 97 is 1. */
static bool is_iban(const uint8_t *text, size_t len)
{
    unsigned rest = 0;

    if (len < 15 || len > 34 || !is_capital(text[0]) || !is_capital(text[1]) ||
        !is_digit(text[2]) || !is_digit(text[3]))
        return false; /* lower case would be one in a hundred of all hashes */
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = text[(i + 4) % len];
        uint8_t upper = (uint8_t)(byte & ~32);

        if (is_digit(byte))
            rest = (rest * 10 + (unsigned)(byte - '0')) % 97;
        else if (upper >= 'A' && upper <= 'Z')
            rest = (rest * 100 + (unsigned)(upper - 'A') + 10) % 97;
        else
            return false;
    }
    return rest == 1;
}

static bool is_uuid(const uint8_t *text, size_t len)
{
    if (len != 36)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = is_digit(text[i]) || ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'f');

        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

static bool is_ipv4(const uint8_t *text, size_t len)
{
    unsigned dots = 0;
    unsigned value = 0;
    size_t digits = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') {
            if (digits == 0 || ++dots > 3)
                return false;
            digits = 0;
            value = 0;
        } else {
            if (!is_digit(text[i]) || ++digits > 3)
                return false;
            value = value * 10 + (unsigned)(text[i] - '0');
            if (value > 255)
                return false;
        }
    }
    return dots == 3 && digits > 0;
}

static bool is_ipv6(const uint8_t *text, size_t len)
{
    unsigned colons = 0;
    unsigned run = 0;
    bool shortened = false;

    if (len < 6 || len > 39)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ':') {
            shortened |= i > 0 && text[i - 1] == ':';
            colons++;
            run = 0;
        } else if (!is_digit(text[i]) && ((text[i] | 32) < 'a' || (text[i] | 32) > 'f')) {
            return false;
        } else if (++run > 4) {
            return false;
        }
    }
    return colons == 7 || (shortened && colons >= 3 && colons < 7);
}

static bool is_email(const uint8_t *text, size_t len)
{
    const uint8_t *at = memchr(text, '@', len);
    const uint8_t *dot;
    size_t host;

    if (at == NULL || at == text || memchr(text, '/', len) != NULL)
        return false;
    host = len - (size_t)(at + 1 - text);
    dot = memchr(at + 1, '.', host);
    return dot != NULL && dot > at + 1 && dot < text + len - 2 && memchr(at + 1, '@', host) == NULL;
}

/* scheme://user:password@host */
static bool is_url_with_user(const uint8_t *text, size_t len)
{
    const uint8_t *colon = memchr(text, ':', len);
    size_t left = colon == NULL ? 0 : len - (size_t)(colon - text);
    const uint8_t *at;
    const uint8_t *slash;

    if (left < 6 || memcmp(colon, "://", 3) != 0)
        return false;
    at = memchr(colon + 3, '@', left - 3);
    slash = memchr(colon + 3, '/', left - 3);
    return at != NULL && (slash == NULL || at < slash);
}

static detector chain_detector(const leak_token *token)
{
    switch (rh_leak_chain_of(token->raw, token->raw_len)) {
    case LEAK_CHAIN_BASE58CHECK:
        return DETECTOR_BASE58CHECK;
    case LEAK_CHAIN_BECH32:
        return DETECTOR_BECH32;
    case LEAK_CHAIN_EVM:
        return DETECTOR_EVM;
    case LEAK_CHAIN_SOLANA:
        return DETECTOR_SOLANA;
    case LEAK_CHAIN_TXID:
        return DETECTOR_TXID;
    case LEAK_CHAIN_SECRET:
        return DETECTOR_PRIVATE_KEY;
    case LEAK_CHAIN_NONE:
        break;
    }
    return DETECTOR_TEXT;
}

static detector number_detector(const leak_token *token)
{
    const uint8_t *text = token->raw;
    size_t len = token->raw_len;

    if (is_ipv4(text, len))
        return DETECTOR_IPV4;
    if (is_card(text, len) && len < 25)
        return DETECTOR_CARD;
    if (token->kind == TOKEN_DIGITS || text[0] == '+')
        return DETECTOR_PHONE;
    return DETECTOR_NUMBER;
}

detector rh_leak_detect(const leak_token *token)
{
    const uint8_t *text = token->raw;
    size_t len = token->raw_len;
    detector which = rh_leak_detect_secret(token);

    if (which != DETECTOR_TEXT)
        return which;
    if (token->kind == TOKEN_BYTES)
        return DETECTOR_BYTES;
    if ((token->mask & TOKEN_LETTER) == 0)
        return number_detector(token);
    if ((token->mask & TOKEN_SEPARATOR) != 0)
        return DETECTOR_PHRASE;
    if (is_uuid(text, len))
        return DETECTOR_UUID;
    if ((token->mask & TOKEN_AT) != 0)
        return is_email(text, len)           ? DETECTOR_EMAIL
               : is_url_with_user(text, len) ? DETECTOR_URL
                                             : DETECTOR_TEXT;
    if ((token->mask & TOKEN_SPLIT) != 0)
        return is_ipv6(text, len) ? DETECTOR_IPV6 : DETECTOR_TEXT;
    which = chain_detector(token);
    if (which == DETECTOR_TEXT && is_iban(text, len))
        which = DETECTOR_IBAN;
    if (which == DETECTOR_TEXT && token->kind == TOKEN_WHOLE && (token->mask & TOKEN_DIGIT) == 0)
        which = DETECTOR_PHRASE;
    return which;
}
