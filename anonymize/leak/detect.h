/*
 * The scan's own detectors: what a token looks like, without having seen it before.
 */
#ifndef LEAK_DETECT_H
#define LEAK_DETECT_H

#include "token.h"

typedef enum detector {
    DETECTOR_TEXT, /* nothing in particular; "seen" hits only */
    DETECTOR_PHRASE,
    DETECTOR_NUMBER,
    DETECTOR_BYTES,
    DETECTOR_UUID,
    DETECTOR_EMAIL,
    DETECTOR_PHONE,
    DETECTOR_IPV4,
    DETECTOR_IPV6,
    DETECTOR_URL, /* with user information */
    DETECTOR_CARD,
    DETECTOR_IBAN,
    DETECTOR_BASE58CHECK,
    DETECTOR_BECH32,
    DETECTOR_EVM,
    DETECTOR_SOLANA,
    DETECTOR_TXID,
    DETECTOR_JWT, /* secrets from here on */
    DETECTOR_API_KEY,
    DETECTOR_PEM,
    DETECTOR_PRIVATE_KEY,
    DETECTOR_SEED_PHRASE,
    DETECTORS,
} detector;

/** "email" and so on. */
const char *rh_leak_detector_name(detector which);

/** A leak wherever it stands, seen or not. */
static inline bool detector_is_secret(detector which)
{
    return which >= DETECTOR_JWT;
}

/** Cheap enough for every token: is it a secret? DETECTOR_TEXT when not. */
detector rh_leak_detect_secret(const leak_token *token);

/** What it is, for a report; a few microseconds. */
detector rh_leak_detect(const leak_token *token);

/** Are `count` words in text (one byte between them) a seed phrase with a right check sum? */
bool rh_leak_is_seed_phrase(const uint8_t *text, size_t len, size_t count);

/** Number of private key blocks (PEM, OpenSSH, PGP) that begin in text. */
size_t rh_leak_count_pem(const uint8_t *text, size_t len);

#endif
