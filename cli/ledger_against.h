/*
 * rehearse ledger replay --against: which calls of two files belong together, and whether their
 * results are the same.
 */
#ifndef CLI_LEDGER_AGAINST_H
#define CLI_LEDGER_AGAINST_H

#include "ledger_run.h"

/** Pair the calls of both files, by `replaces` or by name, into run->pairs; calls without a partner
 * become notes. RH_EUSAGE: there is no pair; RH_ECONFIG names a call that cannot be paired. */
rh_status cli_against_open(cli_context *context, cli_ledger_run *run, rh_error *err) RH_MUST_CHECK;
void cli_against_close(cli_ledger_run *run);

/** Compare what both gave for the block; run->difference gets the first one. */
rh_status cli_against_block(cli_ledger_run *run, const rh_ledger_block *block,
                            rh_error *err) RH_MUST_CHECK;

/** Add "against", "compared" and "not_compared" to a replay's report. RH_EUSAGE: no result of any
 * pair could be compared, so that there is no answer. */
rh_status cli_against_report(const cli_ledger_run *run, json_t *report,
                             rh_error *err) RH_MUST_CHECK;

void cli_against_print(const cli_context *context, const json_t *report);

#endif
