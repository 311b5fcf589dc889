/*
 * Files of blocks: one raw block, or a sequence as a node stores it (blk*.dat: magic, length,
 * block; zeros behind the last one), also obfuscated with the node's eight-byte key.
 */
#ifndef LEDGER_BLOCK_FILE_H
#define LEDGER_BLOCK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/network.h"

typedef struct rh_block_file rh_block_file;

typedef struct rh_block_file_options {
    /** Of raw blocks, which do not tell; NULL: mainnet. With a sequence: what its magic must be;
     * NULL: the first magic decides. */
    const rh_network *network;
    /** File with the key ("xor.dat"); NULL: the xor.dat beside path when there is one. */
    const char *xor_key;
    /** Bytes behind each block of a sequence that its length does not count; handed out with it. */
    size_t trailer;
} rh_block_file_options;

/**
 * Open a file and look at its first bytes: the magic of a known network makes it a sequence, all
 * else one raw block. RH_ENOTFOUND, RH_EIO, RH_EFORMAT (a sequence of another network than asked
 * for, a bad key file). options may be NULL.
 */
rh_status rh_block_file_open(const char *path, const rh_block_file_options *options,
                             rh_block_file **out, rh_error *err) RH_MUST_CHECK;
void rh_block_file_close(rh_block_file *file); /* NULL is a no-op */

/** The next block's bytes, borrowed until the next call. RH_DONE at the end; RH_EFORMAT names file
 * and byte. */
rh_status rh_block_file_next(rh_block_file *file, const uint8_t **out_data, size_t *out_len,
                             rh_error *err) RH_MUST_CHECK;

/** False: one raw block. */
bool rh_block_file_is_sequence(const rh_block_file *file);

const rh_network *rh_block_file_network(const rh_block_file *file);

/** Where in the file the block began that was read last. */
uint64_t rh_block_file_offset(const rh_block_file *file);

#endif
