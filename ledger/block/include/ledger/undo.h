/*
 * The outputs that a block spends, in the order of its inputs without the coinbase. Two forms: as
 * outputs stand in a transaction (value in eight bytes, compact length, script, repeated), and as a
 * node stores them (rev*.dat: amounts and scripts compressed, by transaction).
 */
#ifndef LEDGER_UNDO_H
#define LEDGER_UNDO_H

#include <stdbool.h>

#include "ledger/block.h"

enum { RH_UNDO_SCRIPT_BYTES = 35 };

typedef struct rh_undo {
    const uint8_t *data; /* borrowed */
    size_t len;
    size_t at; /* start with 0 */
    bool node; /* as a node stores them, without magic, length and checksum */

    bool begun; /* the rest: of a node's */
    uint64_t txs_left;
    uint64_t inputs_left;
    uint8_t script[RH_UNDO_SCRIPT_BYTES];
} rh_undo;

/**
 * The next spent output. RH_DONE at the end, RH_EFORMAT. The script goes into the data, or, made
 * from a node's short form, into undo until the next call. A key that was stored without its half
 * (P2PK of 65 bytes) comes as the same key in 33 bytes: such scripts have no address anyway.
 */
rh_status rh_undo_next(rh_undo *undo, rh_block_output *out, rh_error *err) RH_MUST_CHECK;

#endif
