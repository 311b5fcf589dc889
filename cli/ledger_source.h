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

#endif
