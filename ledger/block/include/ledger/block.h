/*
 * A Bitcoin block in memory: header, transactions, inputs, outputs. Nothing is copied or allocated;
 * every pointer that comes out points into the block's own bytes.
 *
 * rh_block_next() checks a whole transaction before it hands it out, so that walking its inputs and
 * outputs cannot fail. Counts are compared with what the bytes that are left could hold before
 * anybody counts to them.
 */
#ifndef LEDGER_BLOCK_H
#define LEDGER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/sha256d.h"

enum {
    RH_BLOCK_HASH_BYTES = 32,
    RH_BLOCK_HASH_TEXT = 65,     /* as hex with a NUL */
    RH_BLOCK_OUTPOINT_TEXT = 76, /* "txid:4294967295" with a NUL */
    RH_BLOCK_HEADER_BYTES = 80,
    RH_BLOCK_MAX_BYTES = 32 << 20, /* what Bitcoin's own reader takes as the longest */
};

/** A block being read. The fields up to tx_count may be read, the others are its own. */
typedef struct rh_block {
    int32_t version;
    const uint8_t *previous; /* 32 bytes, in the order of the wire */
    const uint8_t *merkle_root;
    uint32_t time; /* seconds since 1970 */
    uint32_t bits;
    uint32_t nonce;
    uint64_t tx_count;

    const uint8_t *data;
    size_t len;
    size_t at;
    uint64_t tx_index; /* of the next one */
} rh_block;

typedef struct rh_block_tx {
    const uint8_t *data; /* the whole transaction as stored */
    size_t len;
    int32_t version;
    uint32_t lock_time;
    bool segwit;
    bool coinbase;
    uint64_t index; /* in its block, from 0 */
    uint64_t input_count;
    uint64_t output_count;

    const uint8_t *body;     /* counts, inputs and outputs: what a txid covers besides the ends */
    const uint8_t *body_end; /* one behind */
    const uint8_t *inputs;   /* the first input */
    const uint8_t *outputs;  /* the first output */
} rh_block_tx;

typedef struct rh_block_input {
    const uint8_t *txid; /* 32 bytes, in the order of the wire */
    uint32_t vout;
    const uint8_t *script;
    size_t script_len;
    uint32_t sequence;
} rh_block_input;

typedef struct rh_block_output {
    int64_t value; /* satoshi */
    const uint8_t *script;
    size_t script_len;
} rh_block_output;

/** A walk over inputs or over outputs of one transaction. */
typedef struct rh_block_walk {
    const uint8_t *at;
    uint64_t left;
} rh_block_walk;

/** Read the header and the count of transactions. data is borrowed as long as the block is read.
 * RH_EFORMAT names the byte. */
rh_status rh_block_open(const uint8_t *data, size_t len, rh_block *out,
                        rh_error *err) RH_MUST_CHECK;

/** The next transaction. RH_DONE after the last, when nothing stands behind it; RH_EFORMAT. */
rh_status rh_block_next(rh_block *block, rh_block_tx *out, rh_error *err) RH_MUST_CHECK;

rh_block_walk rh_block_inputs(const rh_block_tx *tx);
rh_block_walk rh_block_outputs(const rh_block_tx *tx);

/** False after the last one. */
bool rh_block_next_input(rh_block_walk *walk, rh_block_input *out);
bool rh_block_next_output(rh_block_walk *walk, rh_block_output *out);

/** The height that a coinbase tells (BIP 34: blocks of version 2 and later); -1 when it does not.
 */
int64_t rh_block_height(const rh_block *block, const rh_block_tx *coinbase);

/* ---- hashes; sha may be NULL ---- */

/** Double SHA-256 of the header, in the order of the wire. */
void rh_block_hash(rh_sha256d *sha, const rh_block *block, uint8_t out[RH_BLOCK_HASH_BYTES]);

/** Id without and with the witness, in the order of the wire. */
void rh_block_txid(rh_sha256d *sha, const rh_block_tx *tx, uint8_t out[RH_BLOCK_HASH_BYTES]);
void rh_block_wtxid(rh_sha256d *sha, const rh_block_tx *tx, uint8_t out[RH_BLOCK_HASH_BYTES]);

/** The root over count >= 1 txids, which are overwritten. */
void rh_block_merkle_root(rh_sha256d *sha, uint8_t (*txids)[RH_BLOCK_HASH_BYTES], size_t count,
                          uint8_t out[RH_BLOCK_HASH_BYTES]);

/** A hash as people write it: back to front, hex. Returns out. */
const char *rh_block_hash_text(const uint8_t hash[RH_BLOCK_HASH_BYTES],
                               char out[RH_BLOCK_HASH_TEXT]);

/** "txid:vout". Returns out. */
const char *rh_block_outpoint_text(const uint8_t txid[RH_BLOCK_HASH_BYTES], uint32_t vout,
                                   char out[RH_BLOCK_OUTPOINT_TEXT]);

#endif
