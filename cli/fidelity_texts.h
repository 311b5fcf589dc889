/*
 * rehearse fidelity --rules: what a query reads like on the masked side.
 */
#ifndef CLI_FIDELITY_TEXTS_H
#define CLI_FIDELITY_TEXTS_H

#include <rehearse/fidelity.h>
#include <rehearse/mask_workload.h>

#include "args.h"
#include "context.h"
#include "core/buf.h"
#include "core/engine.h"

typedef struct cli_fidelity_texts {
    rh_anonymizer *anonymizer;
    rh_sql_masker *masker;
    rh_buf structure;
    rh_fidelity_translator translator;
} cli_fidelity_texts;

/**
 * Without --rules nothing happens, and out->masker stays NULL. The first operand is a snapshot with
 * --repo (both: a masked one, so that its own plans need masked values, too), else a live source.
 * Close also after a failure.
 */
rh_status cli_fidelity_texts_open(cli_context *context, const cli_args *args, rh_engine_kind engine,
                                  bool both, cli_fidelity_texts *out, rh_error *err) RH_MUST_CHECK;
void cli_fidelity_texts_close(cli_fidelity_texts *texts);

#endif
