/*
 * Sources of rehearse ledger import beside block files.
 */
#ifndef CLI_LEDGER_SOURCE_H
#define CLI_LEDGER_SOURCE_H

#include "args.h"
#include "context.h"
#include "ledger/ledger_file.h"

/** --from-db. extra receives "unknown" and "left_out" of the report: what is counted, by name. */
rh_status cli_ledger_from_db(cli_context *context, const cli_args *args, rh_ledger_writer *writer,
                             json_t *extra, rh_error *err) RH_MUST_CHECK;

/** A captured workload on its way: what --from-trace names, or what was captured of it. */
typedef struct cli_trace {
    const char *path;
    char *temporary; /* the file that was captured; NULL: none */
    rh_engine_kind engine;
    json_t *captured; /* capture's report; NULL: none */
} cli_trace;

/** --from-trace: logs, traces and scripts are captured beside `out` first. */
rh_status cli_ledger_trace_open(cli_context *context, const cli_args *args, cli_trace *out,
                                rh_error *err) RH_MUST_CHECK;
void cli_ledger_trace_close(cli_trace *trace);

/** Cut it. extra as in cli_ledger_from_db, with "statements_per_block". */
rh_status cli_ledger_from_trace(cli_context *context, const cli_args *args, const cli_trace *trace,
                                rh_ledger_writer *writer, json_t *extra,
                                rh_error *err) RH_MUST_CHECK;

#endif
