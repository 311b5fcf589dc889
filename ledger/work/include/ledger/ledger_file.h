/*
 * Ledger workloads on disk: an ordinary workload file (core/workload_file.h, docs/workload.md)
 * whose units are blocks and transactions. Each block, transaction, input and output is an
 * execution with the text "-- block" ... and its fields as named parameters, in the order of the
 * chain, so that a ledger of any length is read as a stream.
 */
#ifndef LEDGER_LEDGER_FILE_H
#define LEDGER_LEDGER_FILE_H

#include <jansson.h>

#include "core/workload_file.h"
#include "ledger/ledger_block.h"

typedef struct rh_ledger_counts {
    uint64_t blocks;
    uint64_t transactions;
    uint64_t inputs; /* with those of coinbases */
    uint64_t outputs;
    uint64_t statements; /* of traces */
} rh_ledger_counts;

typedef struct rh_ledger_writer rh_ledger_writer;

/** As rh_workload_writer_create; settings gets {"ledger": ...}. */
rh_status rh_ledger_writer_create(const char *path, const rh_workload_writer_options *options,
                                  rh_ledger_writer **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_ledger_writer_add(rh_ledger_writer *writer, const rh_ledger_block *block,
                               rh_error *err) RH_MUST_CHECK;
/** Add a statement of a trace to the last block: its session, transaction and unit become the
 * block's, all else stays. */
rh_status rh_ledger_writer_statement(rh_ledger_writer *writer, const rh_workload_item *item,
                                     rh_error *err) RH_MUST_CHECK;
/** The file's own writer, for sources and what was skipped. Borrowed. */
rh_workload_writer *rh_ledger_writer_file(rh_ledger_writer *writer);
const rh_ledger_counts *rh_ledger_writer_counts(const rh_ledger_writer *writer);
rh_status rh_ledger_writer_commit(rh_ledger_writer *writer, rh_error *err) RH_MUST_CHECK;
void rh_ledger_writer_free(rh_ledger_writer *writer); /* NULL is a no-op */

typedef struct rh_ledger_reader rh_ledger_reader;

/** RH_EFORMAT also for a workload that has no blocks. */
rh_status rh_ledger_reader_open(const char *path, rh_ledger_reader **out,
                                rh_error *err) RH_MUST_CHECK;
void rh_ledger_reader_close(rh_ledger_reader *reader); /* NULL is a no-op */

/** The file's settings and engine. Borrowed. */
const rh_workload_summary *rh_ledger_reader_summary(const rh_ledger_reader *reader);

/** Whether its blocks hold statements of a trace instead of transactions. */
bool rh_ledger_reader_traced(const rh_ledger_reader *reader);

/** Visit the shapes of its statements, as rh_workload_file_statements; those of a block's own items
 * are left out. */
rh_status rh_ledger_reader_shapes(rh_ledger_reader *reader,
                                  rh_status (*visit)(void *ctx, const rh_workload_statement *,
                                                     rh_error *),
                                  void *ctx, rh_error *err) RH_MUST_CHECK;

/** Blocks of the whole file. */
rh_status rh_ledger_reader_count(rh_ledger_reader *reader, uint64_t *out,
                                 rh_error *err) RH_MUST_CHECK;

/** The next block, the caller's to free; RH_DONE at the end, RH_EFORMAT. */
rh_status rh_ledger_reader_next(rh_ledger_reader *reader, rh_ledger_block **out,
                                rh_error *err) RH_MUST_CHECK;

#endif
