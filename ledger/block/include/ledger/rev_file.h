/*
 * A node's rev*.dat: what the blocks of the blk*.dat of the same number spend, each behind magic
 * and length and in front of a checksum over the hash of the block before and the bytes. They stand
 * in the order in which blocks were joined to the chain, which is not that of the blocks' own file,
 * and blocks that never were have none.
 */
#ifndef LEDGER_REV_FILE_H
#define LEDGER_REV_FILE_H

#include "core/sha256d.h"
#include "ledger/block_file.h"
#include "ledger/undo.h"

typedef struct rh_rev_file rh_rev_file;

enum { RH_REV_FILE_MAX_BYTES = 512 << 20 };

/**
 * Read the whole file into memory (a node's has some 20 MB). options as of blocks; their trailer is
 * not looked at. RH_ENOTFOUND, RH_EIO, RH_ELIMIT; RH_EFORMAT: it is no such file, of another
 * network, or damaged.
 */
rh_status rh_rev_file_open(const char *path, const rh_block_file_options *options,
                           rh_rev_file **out, rh_error *err) RH_MUST_CHECK;
void rh_rev_file_close(rh_rev_file *file); /* NULL is a no-op */

/**
 * What a block spends, proved by its checksum; *out borrows from file. False: the file does not
 * have it. sha may be NULL.
 */
bool rh_rev_file_find(rh_rev_file *file, rh_sha256d *sha, const rh_block *block, rh_undo *out);

#endif
