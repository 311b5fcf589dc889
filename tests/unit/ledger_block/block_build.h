/*
 * Small blocks made by tests.
 */
#ifndef RH_TESTS_BLOCK_BUILD_H
#define RH_TESTS_BLOCK_BUILD_H

#include "core/buf.h"

enum { BUILD_PLAIN = 0, BUILD_SEGWIT = 1 };

/* A block of version 2 at height 300025: a coinbase and two transactions, the last one with a
 * witness, with a right merkle root. */
void build_block(rh_buf *out);

/* A header and a count that promises tx_count transactions. */
void build_header(rh_buf *out, uint64_t tx_count);
void build_compact(rh_buf *out, uint64_t value);

#endif
