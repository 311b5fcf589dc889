/*
 * What `rules check` and `rules explain` say to people, in 80 columns.
 */
#ifndef CLI_RULES_TEXT_H
#define CLI_RULES_TEXT_H

#include "anonymize/rules.h"
#include "context.h"

/** Per table and column: its mask, what that keeps and what it leaks. Partitions that follow their
 * table are one line. */
void cli_rules_print_masks(const cli_context *context, const rh_bound_rules *bound);

/** What is not preserved, of rh_rules_prove's list, and how much is. */
void cli_rules_print_proof(const cli_context *context, const rh_bound_rules *bound,
                           const json_t *proof);

/** The document of rh_rules_explain. */
void cli_rules_print_explanation(const cli_context *context, const json_t *answer);

#endif
