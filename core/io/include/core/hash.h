/*
 * Hashes by purpose. BLAKE2b (libsodium) for identity, SHA-256 (libcrypto) for checksums that other
 * tools can recompute, XXH3-128 with a secret (libxxhash) for row sums and chunk boundaries.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

enum {
    RH_HASH_MAX_BYTES = 32,
    RH_ID_BYTES = 32,          /* content ids: keyed BLAKE2b-256 */
    RH_ID_HEX_BYTES = 65,      /* as text with a NUL */
    RH_ID_KEY_BYTES = 32,      /* the repository's id key */
    RH_STORED_HASH_BYTES = 16, /* BLAKE2b-128 of bytes as stored */
    RH_ROW_SECRET_BYTES = 192, /* XXH3 secret derived from the id key */
};

typedef enum rh_hash_kind {
    RH_HASH_BLAKE2B_256,
    RH_HASH_SHA256,
} rh_hash_kind;

typedef struct rh_id {
    uint8_t bytes[RH_ID_BYTES];
} rh_id;

typedef struct rh_u128 {
    uint64_t low;
    uint64_t high;
} rh_u128;

/** Start libsodium; call once before any other function of io. RH_EUNSUPPORTED if it cannot. */
rh_status rh_crypto_start(rh_error *err) RH_MUST_CHECK;

/** Keyed BLAKE2b-256 of data. Never fails. Equal content, equal id under the same key. */
void rh_hash_id(const uint8_t key[RH_ID_KEY_BYTES], const void *data, size_t len, rh_id *out);

/** One message of several. */
typedef struct rh_hash_input {
    const void *data; /* borrowed */
    size_t len;
} rh_hash_input;

/** rh_hash_id of count messages: out[i] is that of inputs[i]. Four or more at a time cost about
 * half as much as one by one on processors that can do them side by side. Never fails. */
void rh_hash_ids(const uint8_t key[RH_ID_KEY_BYTES], const rh_hash_input *inputs, size_t count,
                 rh_id *out);

/** Unkeyed BLAKE2b-128 of data. */
void rh_hash_stored(const void *data, size_t len, uint8_t out[RH_STORED_HASH_BYTES]);

/** Unkeyed BLAKE2b-256 of data. */
void rh_hash_blake2b(const void *data, size_t len, uint8_t out[RH_ID_BYTES]);

/** SHA-256 of data. */
void rh_hash_sha256(const void *data, size_t len, uint8_t out[32]);

/**
 * A sub-key for a purpose (context: up to 16 bytes of text; more is ignored): block i of 64 bytes
 * is BLAKE2b-512(key = key, data = context || le32(i)), as many blocks as len needs.
 */
void rh_hash_derive(const uint8_t key[RH_ID_KEY_BYTES], const char *context, void *out, size_t len);

/** 128-bit hash of one row under a secret; both halves are well mixed. */
rh_u128 rh_hash_row(const uint8_t secret[RH_ROW_SECRET_BYTES], const void *row, size_t len);

/** The same hash of a row that comes in pieces; secret is borrowed. Free with rh_row_hasher_free.
 */
typedef struct rh_row_hasher rh_row_hasher;
rh_row_hasher *rh_row_hasher_new(const uint8_t secret[RH_ROW_SECRET_BYTES]) RH_MUST_CHECK;
void rh_row_hasher_add(rh_row_hasher *hasher, const void *data, size_t len);
/** The hash of the row; the hasher starts afresh. */
rh_u128 rh_row_hasher_end(rh_row_hasher *hasher);
void rh_row_hasher_free(rh_row_hasher *hasher);

/** sum += value, modulo 2^128: the order-independent row hash of a table. */
void rh_u128_add(rh_u128 *sum, rh_u128 value);
/** 32 hex digits and a NUL, most significant first. */
void rh_u128_hex(rh_u128 value, char out[33]);
rh_status rh_u128_parse(const char *hex, rh_u128 *out, rh_error *err) RH_MUST_CHECK;

void rh_id_hex(const rh_id *id, char out[RH_ID_HEX_BYTES]);
rh_status rh_id_parse(const char *hex, rh_id *out, rh_error *err) RH_MUST_CHECK;

/** Incremental form of rh_hash_id / sha256 for streams. Free with rh_hasher_free. */
typedef struct rh_hasher rh_hasher;
rh_hasher *rh_hasher_new(rh_hash_kind kind, const uint8_t *key_or_null) RH_MUST_CHECK;
void rh_hasher_add(rh_hasher *hasher, const void *data, size_t len);
void rh_hasher_end(rh_hasher *hasher, uint8_t out[RH_HASH_MAX_BYTES]);
void rh_hasher_free(rh_hasher *hasher);

/** len random bytes from the operating system. */
void rh_random(void *out, size_t len);

#endif
