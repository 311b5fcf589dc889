/*
 * Command-line options by table: one table per command gives parsing, --help and the lint that
 * compares both with the man page.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rehearse/error.h>

typedef enum cli_kind {
    CLI_FLAG,
    CLI_TEXT,
    CLI_TEXTS,    /* may be given several times */
    CLI_COUNT,    /* whole number >= 0 */
    CLI_BYTES,    /* "64MiB" */
    CLI_DURATION, /* "30s" */
    CLI_CHOICE,   /* one of choices */
} cli_kind;

typedef struct cli_option {
    const char *name; /* without the dashes; NULL ends a table */
    cli_kind kind;
    const char *value;   /* what the value is called in --help; NULL for flags */
    const char *help;    /* one sentence, no full stop */
    const char *choices; /* CLI_CHOICE: "a|b|c" */
} cli_option;

enum { CLI_MAX_OPTIONS = 48, CLI_MAX_TEXTS = 64, CLI_MAX_OPERANDS = 64 };

/** Values as given. Texts are borrowed from argv. */
typedef struct cli_value {
    bool given;
    int64_t number; /* COUNT, BYTES, DURATION (microseconds), CHOICE (position) */
    const char *texts[CLI_MAX_TEXTS + 1]; /* TEXT: [0]; TEXTS: all; NULL-terminated */
    size_t count;
} cli_value;

typedef struct cli_args {
    const cli_option *options[CLI_MAX_OPTIONS];
    cli_value values[CLI_MAX_OPTIONS];
    size_t option_count;
    const char *operands[CLI_MAX_OPERANDS + 1];
    size_t operand_count;
} cli_args;

/** --json --quiet --progress --jobs --help: every command has them. */
extern const cli_option cli_common_options[];

/** Parse argv[first..]. options: the command's own table. RH_EUSAGE with a hint. */
rh_status cli_args_parse(cli_args *args, const cli_option *options, int argc, char **argv,
                         int first, rh_error *err) RH_MUST_CHECK;

/* Access by name; the name must be in the table (assert). */
bool cli_flag(const cli_args *args, const char *name);
bool cli_given(const cli_args *args, const char *name);
const char *cli_text(const cli_args *args, const char *name); /* NULL when not given */
/** NULL-terminated; NULL when not given at all. */
const char *const *cli_texts(const cli_args *args, const char *name);
int64_t cli_number(const cli_args *args, const char *name, int64_t fallback);

/** The option part of --help: own options, then the common ones, wrapped at 80 columns. */
void cli_args_print_help(const cli_option *options, FILE *out);

#endif
