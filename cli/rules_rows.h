/*
 * The database behind `rehearse rules`: its structure, and a few of its rows.
 */
#ifndef CLI_RULES_ROWS_H
#define CLI_RULES_ROWS_H

#include "anonymize/draft.h"
#include "anonymize/rules.h"
#include "context.h"
#include "core/engine.h"

typedef struct cli_rules_source {
    rh_source *source;
    rh_session *session;
    const rh_catalog *catalog;
    rh_structure *structure;
} cli_rules_source;

/** Open read-only under one snapshot and read the structure. rows: how many of a table will be
 * looked at (0: none will). Close also after a failure. */
rh_status cli_rules_source_open(cli_context *context, const char *name, size_t rows,
                                cli_rules_source *out, rh_error *err) RH_MUST_CHECK;
void cli_rules_source_close(cli_rules_source *source);

/** Show the draft the first rows of every table. */
rh_status cli_rules_sample(cli_rules_source *source, rh_draft *draft, size_t rows,
                           rh_error *err) RH_MUST_CHECK;

/** Print the first rows of a table as they will be; with show, raw values beside masked ones. */
rh_status cli_rules_preview(cli_rules_source *source, const rh_bound_rules *bound,
                            const char *table, size_t rows, bool show, rh_error *err) RH_MUST_CHECK;

#endif
