/*
 * rehearse: dispatch to a subcommand, print its error, turn its status into an exit code.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "output.h"
#include "process_guard.h"
#include "ticker.h"

static const cli_command *const commands[] = {
    &cli_snapshot, &cli_restore, &cli_mirror, &cli_anonymize, &cli_rules,
    &cli_list,     &cli_show,    &cli_diff,   &cli_cat,       &cli_export,
    &cli_verify,   &cli_prune,   &cli_leaks,  &cli_fidelity,  &cli_capture,
    &cli_replay,   &cli_profile, &cli_keygen, &cli_ledger,
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void print_overview(FILE *out)
{
    fputs("Rehearse your queries on production-shaped data before production does.\n\n"
          "usage: rehearse COMMAND [OPTIONS] ...\n\nCommands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nA database is a libpq URI or connection string (postgresql://..., service=...,\n"
          "host=... dbname=...), sqlite:PATH, or the path of an SQLite file.\n"
          "Exit codes: 0 good, 1 bad answer, 2 could not say.\n"
          "'rehearse COMMAND --help' tells more; so does 'man rehearse-COMMAND'.\n",
          out);
}

static void print_command_help(const cli_command *command, FILE *out)
{
    fprintf(out, "usage: rehearse %s %s\n\n%s", command->name, command->synopsis,
            command->description);
    cli_args_print_help(command->options, out);
}

static rh_status check_operands(const cli_command *command, const cli_args *args, rh_error *err)
{
    if (args->operand_count >= command->min_operands &&
        args->operand_count <= command->max_operands)
        return RH_OK;
    rh_error_set(err, RH_EUSAGE, "%s arguments",
                 args->operand_count < command->min_operands ? "missing" : "too many");
    rh_error_hint(err, "usage: rehearse %s %s", command->name, command->synopsis);
    return RH_EUSAGE;
}

static rh_status run_command(cli_context *context, const cli_command *command, const cli_args *args,
                             rh_error *err)
{
    cli_progress_mode mode = (cli_progress_mode)cli_number(args, "progress", CLI_PROGRESS_AUTO);
    rh_status status = rh_crypto_start(err);

    if (status != RH_OK)
        return status;
    context->progress = rh_progress_new();
    if (context->progress == NULL)
        return rh_error_oom(err);
    if (context->quiet && !cli_given(args, "progress"))
        mode = CLI_PROGRESS_NEVER;
    context->ticker = cli_ticker_start(context->progress, mode);
    status = command->run(context, args, err);
    cli_ticker_stop_now(context);
    return status;
}

/* A write error on stdout (full disk, closed pipe) must not look like success. */
static int finish_output(int code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    fputs("rehearse: error: cannot write to the standard output\n", stderr);
    return code == 1 ? 1 : 2;
}

/* The option may stand behind the one that was not understood. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static int dispatch(const cli_command *command, int argc, char **argv)
{
    cli_context context = {0};
    rh_error err = RH_ERROR_INIT;
    static cli_args args;
    rh_status status = cli_args_parse(&args, command->options, argc, argv, 2, &err);

    if (cli_flag(&args, "help")) {
        print_command_help(command, stdout);
        return 0;
    }
    context.json = cli_flag(&args, "json") || (status != RH_OK && asks_for_json(argc, argv));
    context.quiet = cli_flag(&args, "quiet");
    context.cancel = process_guard_cancel();
    if (status == RH_OK)
        status = check_operands(command, &args, &err);
    if (status == RH_OK) {
        context.jobs = (size_t)cli_number(&args, "jobs", 0);
        status = run_command(&context, command, &args, &err);
    }
    cli_print_problems(&context);
    if (status < 0 && err.code != RH_OK)
        cli_print_error(&context, &err);
    rh_progress_free(context.progress);
    rh_problems_done(&context.problems);
    return cli_exit_code(status);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const cli_command *command;

    if (!process_guard_start())
        return 2;
    rh_mem_adopt_jansson();
    if (name == NULL) {
        print_overview(stderr);
        return 2;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        puts("rehearse " RH_VERSION);
        return finish_output(0);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        command = argc > 2 ? find_command(argv[2]) : NULL;
        if (command != NULL)
            print_command_help(command, stdout);
        else
            print_overview(stdout);
        return finish_output(0);
    }
    command = find_command(name);
    if (command == NULL) {
        fprintf(stderr,
                "rehearse: error: unknown command '%s'\n"
                "  hint: 'rehearse help' lists the commands\n",
                name);
        return 2;
    }
    return finish_output(dispatch(command, argc, argv));
}
