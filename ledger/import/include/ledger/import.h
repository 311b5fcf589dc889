/*
 * Sources of ledger workloads. Each adds blocks to a writer; the caller creates and commits it.
 */
#ifndef LEDGER_IMPORT_H
#define LEDGER_IMPORT_H

#include "core/cancel.h"
#include "core/progress.h"
#include "core/sha256d.h"
#include "ledger/block_file.h"
#include "ledger/ledger_file.h"
#include "ledger/rev_file.h"

typedef struct rh_import_options {
    const rh_network *network; /* NULL: as the files tell, else mainnet */
    const char *xor_key;       /* of blk*.dat; NULL: xor.dat beside them when there is one */
    const char *undo;          /* spent outputs: of a single raw block, or a node's rev*.dat; NULL:
                                  <block>.undo, with the ending ".raw" or ".blk" replaced, and the
                                  rev<n>.dat of a blk<n>.dat, when there is one */
    int64_t first_height;      /* of blocks that do not tell theirs; -1: count from 0 */
    rh_progress *progress;     /* may be NULL */
    const rh_cancel *cancel;   /* may be NULL */
} rh_import_options;

#define RH_IMPORT_OPTIONS_INIT                                                                     \
    {                                                                                              \
        NULL, NULL, NULL, -1, NULL, NULL                                                           \
    }

/**
 * All blocks of the files in order. Each must be read to its last byte and have the merkle root
 * that its header promises; spent outputs must be as many as the inputs. *out_not_in_rev: blocks
 * that the rev file beside theirs does not have (never joined to the chain). RH_EFORMAT names file,
 * block and byte.
 */
rh_status rh_import_blocks(const char *const *paths, const rh_import_options *options,
                           rh_ledger_writer *writer, uint64_t *out_not_in_rev,
                           rh_error *err) RH_MUST_CHECK;

typedef struct rh_synthesize_options {
    uint64_t blocks;       /* how many to make */
    uint64_t transactions; /* of each; 0: as many as the model has */
    uint64_t seed;         /* equal seeds, equal blocks */
    int64_t first_height;  /* -1: the one after the model's */
} rh_synthesize_options;

/**
 * Blocks like the first one of a file: transactions drawn from it with their numbers of inputs and
 * outputs, kinds and values of outputs; ids, outpoints and addresses are made up (and valid).
 */
rh_status rh_import_synthesize(const char *like, const rh_import_options *options,
                               const rh_synthesize_options *synthesize, rh_ledger_writer *writer,
                               rh_error *err) RH_MUST_CHECK;

/** What the inputs of a file's blocks spend; its own. */
typedef struct rh_import_spent {
    char *path;          /* plain, of the only block; NULL: none */
    rh_rev_file *node;   /* NULL: none */
    uint64_t not_in_rev; /* blocks that node does not have */
} rh_import_spent;

#define RH_IMPORT_SPENT_INIT                                                                       \
    {                                                                                              \
        NULL, NULL, 0                                                                              \
    }

/** Find it as rh_import_options says; nothing found is RH_OK. Close also after a failure. */
rh_status rh_import_spent_open(const char *block_path, const rh_import_options *options,
                               const rh_network *network, rh_import_spent *out,
                               rh_error *err) RH_MUST_CHECK;
void rh_import_spent_close(rh_import_spent *spent);

/** Read the next block of a file as calls see it; for those above and for tests. *out is the
 * caller's to free. RH_DONE at the end. */
rh_status rh_import_next_block(rh_block_file *file, rh_sha256d *sha, rh_import_spent *spent,
                               rh_ledger_block **out, rh_error *err) RH_MUST_CHECK;

#endif
