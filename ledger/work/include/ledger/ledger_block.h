/*
 * A block as calls see it: its transactions, inputs and outputs as text and numbers, whatever chain
 * or database they come from. One block lives in memory at a time.
 */
#ifndef LEDGER_LEDGER_BLOCK_H
#define LEDGER_LEDGER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/workload.h"

/** Texts may be NULL where they are not known, numbers -1. */
typedef struct rh_ledger_input {
    const char *outpoint; /* "txid:vout" */
    const char *txid;     /* of what is spent */
    int64_t vout;
    const char *address; /* of what is spent; known with undo data only */
    int64_t value;       /* likewise, satoshi */
    bool coinbase;       /* spends nothing */
} rh_ledger_input;

typedef struct rh_ledger_output {
    const char *outpoint; /* "txid:vout" of its own */
    int64_t vout;
    const char *address;
    const char *kind; /* "p2pkh" ... */
    int64_t value;
} rh_ledger_output;

typedef struct rh_ledger_tx {
    const char *txid;
    int64_t index;      /* in the block, or as the ledger numbers it */
    size_t first_input; /* in the block's array */
    size_t input_count;
    size_t first_output;
    size_t output_count;
} rh_ledger_tx;

/** A statement of a trace. */
typedef struct rh_ledger_statement {
    const char *sql;
    const rh_parameter *parameters;
    size_t parameter_count;
    uint64_t fingerprint; /* of its shape */
    int64_t duration_us;  /* as captured; -1 when not known */
    bool failed;          /* ended in an error when it was captured */
    bool unreplayable;    /* its values are not known: it is counted, not run */
} rh_ledger_statement;

typedef struct rh_ledger_block {
    int64_t height;
    const char *hash;
    const char *previous;
    int64_t time; /* seconds since 1970 */
    rh_ledger_tx *txs;
    size_t tx_count;
    rh_ledger_input *inputs;
    size_t input_count;
    rh_ledger_output *outputs;
    size_t output_count;
    rh_ledger_statement *statements;
    size_t statement_count;
    rh_arena *arena; /* owns the texts */
    size_t caps[4];  /* of the arrays */
} rh_ledger_block;

/** An empty block. NULL when memory is out. */
rh_ledger_block *rh_ledger_block_new(void) RH_MUST_CHECK;
void rh_ledger_block_free(rh_ledger_block *block);

/* Append one, zeroed, with numbers -1; the pointer lives until the next append of its kind. NULL
 * when memory is out. Inputs and outputs belong to the last transaction. */
rh_ledger_tx *rh_ledger_block_add_tx(rh_ledger_block *block) RH_MUST_CHECK;
rh_ledger_input *rh_ledger_block_add_input(rh_ledger_block *block) RH_MUST_CHECK;
rh_ledger_output *rh_ledger_block_add_output(rh_ledger_block *block) RH_MUST_CHECK;
rh_ledger_statement *rh_ledger_block_add_statement(rh_ledger_block *block) RH_MUST_CHECK;

#endif
