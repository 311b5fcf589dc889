/*
 * rehearse cat and export: rows and schema out of a repository, without a database.
 */
#include <errno.h>
#include <unistd.h>

#include "command.h"
#include "core/num.h"
#include "core/stream.h"
#include "output.h"
#include "repo_access.h"

static const cli_option cat_options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {"limit", CLI_COUNT, "N", "print the first N rows only", NULL},
    {"section", CLI_TEXT, "NAME", "print a section (rehearse show lists them), not a table", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static rh_status write_rows(const cli_args *args, rh_repo *repo, const char *id, rh_error *err)
{
    const char *section = cli_text(args, "section");
    uint64_t limit = (uint64_t)cli_number(args, "limit", 0);
    rh_writer *out = NULL;
    rh_status status = rh_writer_fd(STDOUT_FILENO, "the standard output", &out, err);

    if (status == RH_OK && section != NULL)
        status = rh_repo_cat_section(repo, id, section, out, err);
    else if (status == RH_OK && !(cli_given(args, "limit") && limit == 0))
        status = rh_repo_cat(repo, id, args->operands[1], limit, out, err);
    if (status == RH_OK)
        status = rh_writer_finish(out, err);
    rh_writer_free(out);
    /* `rehearse cat ... | head`: the reader has seen enough. */
    if (status == RH_EIO && err->os_errno == EPIPE) {
        rh_error_clear(err);
        return RH_OK;
    }
    return status;
}

static rh_status check_cat(const cli_context *context, const cli_args *args, rh_error *err)
{
    if (context->json)
        return rh_error_set(err, RH_EUSAGE, "--json does not go with cat: rows are text");
    if (cli_given(args, "section") == (args->operand_count == 2)) {
        rh_error_set(err, RH_EUSAGE, "say either a table or --section NAME");
        rh_error_hint(err, "usage: rehearse cat SNAPSHOT TABLE --repo DIR");
        return RH_EUSAGE;
    }
    return RH_OK;
}

static rh_status run_cat(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo *repo = NULL;
    char *id = NULL;
    rh_status status = check_cat(context, args, err);

    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = cli_repo_open_snapshot(context, args, &repo, &id, err);
    if (status == RH_OK)
        status = write_rows(args, repo, id, err);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_cat = {
    "cat",
    "print the rows of a table, or the schema",
    "SNAPSHOT TABLE --repo DIR [--limit N]\n"
    "       rehearse cat SNAPSHOT --section NAME --repo DIR",
    "Prints rows as text: COPY lines for PostgreSQL, tab-separated SQL literals with\n"
    "the rowid first for SQLite. Every chunk is proved before it is printed.\n",
    cat_options,
    1,
    2,
    run_cat,
};

/* ---- export ---- */

static const cli_option export_options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static rh_status run_export(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo *repo = NULL;
    json_t *answer = NULL;
    char *id = NULL;
    char bytes[16];
    rh_status status = cli_repo_open_snapshot(context, args, &repo, &id, err);

    if (status == RH_OK)
        status = rh_repo_export(repo, id, args->operands[1], &answer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, answer))
        cli_print(context, "exported %s to %s: %lld files, %s\n", id, args->operands[1],
                  (long long)json_integer_value(json_object_get(answer, "files")),
                  rh_num_format_bytes(
                      (uint64_t)json_integer_value(json_object_get(answer, "bytes")), bytes));
    json_decref(answer);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_export = {
    "export",
    "write a snapshot as plain files",
    "SNAPSHOT DIR --repo DIR",
    "Writes a directory that stock tools read: schema SQL and one .copy.zst per table\n"
    "(PostgreSQL) or an SQLite file, with SHA-256 sums. Not encrypted.\n",
    export_options,
    2,
    2,
    run_export,
};
