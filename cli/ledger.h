/*
 * The verbs of rehearse ledger.
 */
#ifndef CLI_LEDGER_H
#define CLI_LEDGER_H

#include "args.h"
#include "context.h"

rh_status cli_ledger_import(cli_context *context, const cli_args *args, rh_error *err);
rh_status cli_ledger_replay(cli_context *context, const cli_args *args, rh_error *err);
rh_status cli_ledger_check(cli_context *context, const cli_args *args, rh_error *err);
rh_status cli_ledger_growth(cli_context *context, const cli_args *args, rh_error *err);

#endif
