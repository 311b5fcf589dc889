/*
 * Fixed-width and variable-width integers in byte strings. Little-endian where ours to choose;
 * the varint is SQLite's (1 to 9 bytes, big-endian, https://www.sqlite.org/fileformat2.html §1.6).
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum { RH_VARINT_MAX_BYTES = 9 };

void rh_put_u16(uint8_t *at, uint16_t value);
void rh_put_u32(uint8_t *at, uint32_t value);
void rh_put_u64(uint8_t *at, uint64_t value);
uint16_t rh_get_u16(const uint8_t *at);
uint32_t rh_get_u32(const uint8_t *at);
uint64_t rh_get_u64(const uint8_t *at);

/** Write value at at (room for 9 bytes needed). Returns the number of bytes written, 1 to 9. */
size_t rh_varint_put(uint8_t *at, uint64_t value);

/** Read a varint from at most avail bytes. Returns bytes consumed, 0 when avail is too short. */
size_t rh_varint_get(const uint8_t *at, size_t avail, uint64_t *out);

/** Number of bytes that rh_varint_put would write. */
size_t rh_varint_len(uint64_t value);

/** Signed values as small unsigned ones: 0, -1, 1, -2, ... -> 0, 1, 2, 3, ... and back. */
uint64_t rh_zigzag(int64_t value);
int64_t rh_unzigzag(uint64_t value);

/** Lower-case hex of len bytes into out (2*len+1 bytes, NUL-terminated). */
void rh_hex_encode(const uint8_t *data, size_t len, char *out);

/** Decode 2*len hex digits at text into out. Returns 0, or -1 on a non-digit (out undefined). */
int rh_hex_decode(const char *text, size_t len, uint8_t *out);

#endif
