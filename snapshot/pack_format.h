/*
 * Bytes of a pack's header and table (docs/format.md §4), to and from memory. No I/O, no trust.
 */
#ifndef SNAPSHOT_PACK_FORMAT_H
#define SNAPSHOT_PACK_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/seal.h"
#include "repo.h"

enum {
    RH_PACK_NONCE_BYTES = 16,
    RH_PACK_SPAN_KEY_BYTES = 16,
    RH_PACK_READER_BYTES = RH_REPO_FINGERPRINT_BYTES + RH_SEAL_WRAPPED_BYTES,
    RH_PACK_HEADER_MIN_BYTES = 8 + 8 + RH_REPO_ID_BYTES + RH_PACK_NONCE_BYTES + 12,
    RH_PACK_HEADER_MAX_BYTES =
        RH_PACK_HEADER_MIN_BYTES + RH_SEAL_MAX_READERS * RH_PACK_READER_BYTES,
    RH_PACK_TRAILER_BYTES = 12, /* body size and end magic */
    RH_PACK_TABLE_MIN_BYTES = 8 + 8 + RH_PACK_TRAILER_BYTES,
    RH_PACK_MAX_BYTES = 1 << 30,        /* a reader refuses larger files */
    RH_PACK_MAX_ENTRIES = 1 << 20,      /* and longer tables */
    RH_PACK_MAX_PLAIN_BYTES = 1 << 20,  /* of one chunk */
    RH_PACK_MAX_STORED_EXTRA = 4 << 10, /* stored bytes of one chunk beyond its plain bytes */
};

/** What an entry holds. */
typedef enum rh_chunk_kind {
    RH_CHUNK_ROWS = 0,
    RH_CHUNK_PART = 1, /* piece of a long row, not its last */
    RH_CHUNK_LIST = 2,
    RH_CHUNK_OBJECT = 3,
} rh_chunk_kind;

typedef struct rh_pack_header {
    uint8_t repo_id[RH_REPO_ID_BYTES];
    uint8_t nonce[RH_PACK_NONCE_BYTES];
    bool sealed;
    bool hashed;         /* entries have stored hashes; always when sealed */
    uint32_t dictionary; /* 0 = none */
    size_t reader_count; /* 0 unless sealed */
    struct {
        uint8_t fingerprint[RH_REPO_FINGERPRINT_BYTES];
        uint8_t wrapped[RH_SEAL_WRAPPED_BYTES];
    } readers[RH_SEAL_MAX_READERS];
    size_t bytes; /* of the whole header frame: where the first chunk starts */
} rh_pack_header;

typedef struct rh_pack_entry {
    rh_id id;
    uint8_t stored_hash[RH_STORED_HASH_BYTES]; /* hashed packs only, else zero */
    uint64_t offset;                           /* in the file */
    uint32_t stored_bytes;
    uint32_t plain_bytes;
    uint32_t rows;
    rh_chunk_kind kind;
} rh_pack_entry;

/** Entries [first, first+count) came from this range of this table. */
typedef struct rh_pack_span {
    uint8_t table[RH_PACK_SPAN_KEY_BYTES];
    int64_t from;
    int64_t to;
    uint32_t first;
    uint32_t count;
} rh_pack_span;

typedef struct rh_pack_table {
    rh_pack_entry *entries;
    size_t count;
    rh_pack_span *spans;
    size_t span_count;
} rh_pack_table;

/** Header frame appended to out; header->bytes is set. */
rh_status rh_pack_header_write(rh_pack_header *header, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** From the first len bytes of a file (all of it when shorter than RH_PACK_HEADER_MAX_BYTES). */
rh_status rh_pack_header_read(const uint8_t *data, size_t len, rh_pack_header *out,
                              rh_error *err) RH_MUST_CHECK;

/** Size of the table frame from the last RH_PACK_TRAILER_BYTES of a file of file_bytes. */
rh_status rh_pack_trailer_read(const uint8_t *data, uint64_t file_bytes, size_t *out_table_bytes,
                               rh_error *err) RH_MUST_CHECK;

/** One entry appended to the entries' bytes of a table under construction. */
rh_status rh_pack_entry_write(const rh_pack_entry *entry, bool hashed, rh_buf *out,
                              rh_error *err) RH_MUST_CHECK;

/** The table frame around the entries' bytes, appended to out. */
rh_status rh_pack_table_write(const rh_buf *entries, size_t count, const rh_pack_span *spans,
                              size_t span_count, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/**
 * Table frame of a file of file_bytes. Offsets are computed; the entries must fill the file
 * exactly. Free with rh_pack_table_done.
 */
rh_status rh_pack_table_read(const uint8_t *data, size_t len, const rh_pack_header *header,
                             uint64_t file_bytes, rh_pack_table *out, rh_error *err) RH_MUST_CHECK;
void rh_pack_table_done(rh_pack_table *table);

/** Name of a pack: hash of header frame and table frame. */
rh_status rh_pack_name(const void *header, size_t header_len, const void *table, size_t table_len,
                       char out[RH_REPO_PACK_NAME_BYTES], rh_error *err) RH_MUST_CHECK;

#endif
