/*
 * What masking has seen: raw values as keyed hashes only, so that an independent scan can tell
 * whether one of them is left in the copy. No value can be read back out of it.
 *
 *   masking:  rh_seen_new -> rh_seen_add (all threads) -> rh_seen_write -> rh_seen_free
 *   scan:     rh_seen_read -> anonymize/leak_scan.h   -> rh_seen_set_free
 *
 * Memory is bounded: past the limit a share of the values is remembered, chosen by hash (every
 * second, every fourth ...), instead of letting false alarms grow. docs/leaks.md has the figures.
 */
#ifndef ANONYMIZE_SEEN_H
#define ANONYMIZE_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rh_seen rh_seen;
typedef struct rh_seen_set rh_seen_set;

enum { RH_SEEN_KEY_BYTES = 32 };

/** What kind of column a value comes from. */
typedef enum rh_seen_kind {
    RH_SEEN_TEXT,   /* text of any type: as PostgreSQL writes it, SQLite TEXT in UTF-8 */
    RH_SEEN_BINARY, /* raw bytes: SQLite BLOB (PostgreSQL's "\x..." text is RH_SEEN_TEXT) */
    RH_SEEN_NUMBER, /* text of numbers, dates and times: remembered only with 16 digits or more */
} rh_seen_kind;

/** memory_bytes: limit of the tables, 0 = 32 MiB, at least 128 KiB. RH_ENOMEM, RH_EUSAGE. */
rh_status rh_seen_new(size_t memory_bytes, rh_seen **out, rh_error *err) RH_MUST_CHECK;
void rh_seen_free(rh_seen *seen); /* wipes; NULL is a no-op */

/** One value and what a mask made of it. All borrowed for the call. */
typedef struct rh_seen_value {
    rh_seen_kind kind; /* of both sides */
    const void *raw;   /* as read; NULL: nothing to remember */
    size_t raw_len;
    const void *masked; /* as written; NULL: it became NULL */
    size_t masked_len;
} rh_seen_value;

/**
 * Remember a value that a mask replaced. To be called for every value of every column whose rule is
 * not `keep`; also when raw and masked are equal, which is then a leak to be found. Thread-safe.
 * RH_ENOMEM only.
 *
 * Remembered are: the whole value and the identifiers inside it that are not also inside masked
 * (so what json paths keep is no leak). What masks put out is remembered as legitimate, so that a
 * bijection that maps A to B does not make every B a leak. Too short, too common: not remembered.
 */
rh_status rh_seen_add(rh_seen *seen, const rh_seen_value *value, rh_error *err) RH_MUST_CHECK;

/** A value that may stay wherever it stands: keep-lists of rules. Thread-safe. RH_ENOMEM. */
rh_status rh_seen_keep(rh_seen *seen, const void *value, size_t len, rh_error *err) RH_MUST_CHECK;

/**
 * Write the side file, sealed under key (from a key file; a sub-key is derived), mode 0600,
 * replacing path. No thread may be adding. RH_EIO, RH_ENOMEM.
 */
rh_status rh_seen_write(rh_seen *seen, const char *path, const uint8_t key[RH_SEEN_KEY_BYTES],
                        rh_error *err) RH_MUST_CHECK;

/** The same into memory (tests, streams): appended to out. */
struct rh_buf;
rh_status rh_seen_seal(rh_seen *seen, const uint8_t key[RH_SEEN_KEY_BYTES], struct rh_buf *out,
                       rh_error *err) RH_MUST_CHECK;

/** RH_ENOTFOUND, RH_EKEY (not sealed under this key), RH_EFORMAT (damaged), RH_ELIMIT. */
rh_status rh_seen_read(const char *path, const uint8_t key[RH_SEEN_KEY_BYTES], rh_seen_set **out,
                       rh_error *err) RH_MUST_CHECK;
/** The same from memory. Distrusts every byte. */
rh_status rh_seen_unseal(const void *data, size_t len, const uint8_t key[RH_SEEN_KEY_BYTES],
                         rh_seen_set **out, rh_error *err) RH_MUST_CHECK;
void rh_seen_set_free(rh_seen_set *set);

typedef struct rh_seen_info {
    uint64_t added;      /* calls of rh_seen_add */
    uint64_t remembered; /* hashes in the file */
    uint64_t excused;    /* hashes left out since a mask puts the same value out, too */
    unsigned share_log2; /* 1 / 2^n of the distinct values are remembered */
} rh_seen_info;

void rh_seen_set_info(const rh_seen_set *set, rh_seen_info *out);

#endif
