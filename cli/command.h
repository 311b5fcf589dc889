/*
 * A subcommand: its words in --help, its options, its function.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "args.h"
#include "context.h"

typedef struct cli_command {
    const char *name;
    const char *summary;     /* one line of `rehearse help` */
    const char *synopsis;    /* operands and required options */
    const char *description; /* a few lines for --help, already wrapped */
    const cli_option *options;
    size_t min_operands;
    size_t max_operands;
    /** Does the work and renders the answer. RH_OK = good, RH_EMISMATCH = bad answer (exit 1);
     * everything else is an error that main prints (exit 2). */
    rh_status (*run)(cli_context *context, const cli_args *args, rh_error *err);
} cli_command;

extern const cli_command cli_snapshot;
extern const cli_command cli_restore;
extern const cli_command cli_mirror;
extern const cli_command cli_anonymize;
extern const cli_command cli_rules;
extern const cli_command cli_list;
extern const cli_command cli_show;
extern const cli_command cli_diff;
extern const cli_command cli_cat;
extern const cli_command cli_export;
extern const cli_command cli_verify;
extern const cli_command cli_prune;
extern const cli_command cli_leaks;
extern const cli_command cli_fidelity;
extern const cli_command cli_capture;
extern const cli_command cli_replay;
extern const cli_command cli_keygen;
extern const cli_command cli_ledger;
extern const cli_command cli_profile;

#endif
