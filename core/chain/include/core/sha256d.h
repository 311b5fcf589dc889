/*
 * Double SHA-256 with one digest context for many short messages: 140 ns instead of 550.
 */
#ifndef CORE_SHA256D_H
#define CORE_SHA256D_H

#include <stddef.h>
#include <stdint.h>

typedef struct evp_md_ctx_st rh_sha256d;

/** A piece of a message; a NULL data with len 0 is an empty one. */
typedef struct rh_sha256d_part {
    const uint8_t *data;
    size_t len;
} rh_sha256d_part;

/** NULL when libcrypto will not: the functions below cope with that, more slowly. One thread. */
rh_sha256d *rh_sha256d_new(void);
void rh_sha256d_free(rh_sha256d *sha);

/** The first four bytes of SHA-256(SHA-256(data)): the checksum of base58check. */
void rh_sha256d_of(rh_sha256d *sha, const uint8_t *data, size_t len, uint8_t out[4]);

/** SHA-256(SHA-256(all parts one behind the other)). out may lie inside a part. */
void rh_sha256d_parts(rh_sha256d *sha, const rh_sha256d_part *parts, size_t count, uint8_t out[32]);

#endif
