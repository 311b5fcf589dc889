/*
 * rehearse anonymize --workload: the captured statements of a database instead of its rows.
 */
#ifndef CLI_ANONYMIZE_WORKLOAD_H
#define CLI_ANONYMIZE_WORKLOAD_H

#include <rehearse/anonymize.h>

#include "args.h"
#include "context.h"
#include "core/buf.h"

/** The section "structure" of the first operand: a snapshot in --repo, or a live source. */
rh_status cli_structure_of_snapshot(const cli_context *context, const cli_args *args, rh_buf *out,
                                    rh_error *err) RH_MUST_CHECK;
rh_status cli_structure_of_source(const cli_context *context, const cli_args *args, rh_buf *out,
                                  rh_error *err) RH_MUST_CHECK;

/** The one operand is a snapshot with --repo, else a live source: it tells the structure. */
rh_status cli_anonymize_workload(cli_context *context, const cli_args *args,
                                 rh_anonymizer *anonymizer, rh_error *err) RH_MUST_CHECK;

#endif
