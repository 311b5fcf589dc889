/*
 * Detectors: what a value, or the name of a column, looks like.
 *
 * They serve `rules init` only. The leak scan has detectors of its own, on purpose.
 */
#ifndef RH_DETECT_H
#define RH_DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "anonymize/chain_address.h"

/** In order of precedence: the first that most samples match names the column. */
typedef enum detector {
    DETECT_PRIVATE_KEY, /* WIF, xprv */
    DETECT_SEED_PHRASE,
    DETECT_JWT,
    DETECT_API_KEY,
    DETECT_EMAIL,
    DETECT_URL,
    DETECT_UUID,
    DETECT_MAC,
    DETECT_IP,
    DETECT_OUTPOINT,
    DETECT_HASH, /* 64 hex digits: txid, block hash, or a private key where the name says so */
    DETECT_CHAIN_ADDRESS,
    DETECT_IBAN,
    DETECT_CARD,
    DETECT_GEO,
    DETECT_DATE, /* before telephone numbers, which have digits and hyphens, too */
    DETECT_PHONE,
    DETECT_COUNT,
} detector;

/** "e-mail addresses" ...: the word for comments. */
const char *detector_words(detector which);

/** What a text is, as a set of bits (1 << detector). chain reads addresses. */
unsigned detect(rh_chain *chain, const char *text, size_t len);

bool detect_email(const char *text, size_t len);
bool detect_url(const char *text, size_t len);
bool detect_ip(const char *text, size_t len);
bool detect_mac(const char *text, size_t len);
bool detect_phone(const char *text, size_t len);
/** ISO dates, with a time of day perhaps: what SQLite's date() writes and reads. */
bool detect_date(const char *text, size_t len);
bool detect_geo(const char *text, size_t len);
bool detect_jwt(const char *text, size_t len);
bool detect_api_key(const char *text, size_t len);
bool detect_seed_phrase(const char *text, size_t len);
bool detect_uuid(const char *text, size_t len);
bool detect_card(const char *text, size_t len);
bool detect_iban(const char *text, size_t len);
bool detect_hash(const char *text, size_t len);
bool detect_outpoint(const char *text, size_t len);
bool detect_chain_address(rh_chain *chain, const char *text, size_t len);
bool detect_private_key(rh_chain *chain, const char *text, size_t len);

/** What the name of a column says. */
typedef enum name_sense {
    NAME_NOTHING,
    NAME_SECRET,
    NAME_EMAIL,
    NAME_PHONE,
    NAME_IP,
    NAME_URL,
    NAME_HOST,
    NAME_PERSON,
    NAME_COMPANY,
    NAME_CITY,
    NAME_ADDRESS, /* postal, or of a chain: the samples tell */
    NAME_POSTCODE,
    NAME_GEO,
    NAME_BIRTH,
    NAME_IBAN,
    NAME_CARD,
    NAME_OFFICIAL_ID, /* passport, tax number ... */
    NAME_FREE_TEXT,
    NAME_AMOUNT,
    NAME_IDENTIFIER,
    NAME_COUNTER,
    NAME_CATEGORY,
} name_sense;

/** From the words of the name: "FirstName", "first_name", "firstname". */
name_sense name_sense_of(const char *name);

#endif
