/*
 * Blocks out of a ledger's own database: what its tables know of blocks, transactions, inputs and
 * outputs becomes a ledger workload.
 */
#ifndef LEDGER_IMPORT_DB_H
#define LEDGER_IMPORT_DB_H

#include "core/cancel.h"
#include "core/progress.h"
#include "ledger/db_mapping.h"
#include "ledger/ledger_file.h"

typedef struct rh_import_db_options {
    const rh_db_mapping *mapping; /* not NULL */
    int64_t from_height;          /* -1: from the first block */
    int64_t to_height;            /* the last one taken; -1: to the last block */
    rh_progress *progress;        /* may be NULL */
    const rh_cancel *cancel;      /* may be NULL */
} rh_import_db_options;

/** What the database does not know, and what could not be taken. */
typedef struct rh_import_db_report {
    uint64_t block_hashes; /* blocks without */
    uint64_t block_times;
    uint64_t input_outpoints; /* inputs without */
    uint64_t input_values;
    uint64_t output_vouts; /* outputs without */
    uint64_t output_addresses;
    uint64_t output_values;
    uint64_t rows_without_block;       /* transactions left out: no such block, or no height */
    uint64_t rows_without_transaction; /* inputs and outputs left out, likewise */
    bool inputs_table;                 /* inputs have a table of their own */
} rh_import_db_report;

/**
 * Read all blocks of the range in one transaction that only reads, as one stream in the order of
 * the chain: memory is that of a block (the database may sort on its disk). Where there is no table
 * of inputs, a transaction has those that `utxos` names, else one of its source's address; where
 * there is none of outputs, one to its destination. RH_ENOTFOUND names a table or column that is
 * missing; RH_EFORMAT a height that stands twice; RH_EUSAGE when there is no block in the range.
 */
rh_status rh_import_db(const char *target, const rh_import_db_options *options,
                       rh_ledger_writer *writer, rh_import_db_report *out,
                       rh_error *err) RH_MUST_CHECK;

#endif
