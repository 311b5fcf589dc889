/*
 * The outputs that a block spends, in the order of its inputs without the coinbase: value as eight
 * bytes, compact length, script, repeated. (Bitcoin's own rev*.dat files compress amounts and
 * scripts and are not read here.)
 */
#ifndef LEDGER_UNDO_H
#define LEDGER_UNDO_H

#include "ledger/block.h"

typedef struct rh_undo {
    const uint8_t *data; /* borrowed */
    size_t len;
    size_t at; /* start with 0 */
} rh_undo;

/** The next spent output; pointers go into the data. RH_DONE at the end, RH_EFORMAT. */
rh_status rh_undo_next(rh_undo *undo, rh_block_output *out, rh_error *err) RH_MUST_CHECK;

#endif
