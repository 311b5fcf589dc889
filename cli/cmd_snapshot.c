/*
 * rehearse snapshot: production into the repository.
 */
#include <rehearse/snapshot.h>

#include "command.h"
#include "core/engine.h"
#include "core/num.h"
#include "masking.h"
#include "output.h"
#include "repo_access.h"
#include "source_options.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_RULES,
    CLI_OPTION_MASK_KEY,
    CLI_OPTION_SEEN,
    CLI_OPTION_RAW,
    {"seal-to", CLI_TEXTS, "FILE",
     "writer key file (rehearse keygen --seal) that a new repository is sealed to; may be repeated",
     NULL},
    CLI_OPTION_KEY,
    {"unsealed-raw", CLI_FLAG, NULL, "allow raw rows in a repository that is not sealed", NULL},
    CLI_OPTIONS_SOURCE,
    {"label", CLI_TEXT, "TEXT", "note for rehearse list", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static rh_status open_repo(const cli_context *context, const cli_args *args, rh_repo **out,
                           rh_error *err)
{
    rh_repo_options repo = RH_REPO_OPTIONS_INIT;
    const char *dir = NULL;
    rh_status status = cli_repo_dir(args, &dir, err);

    if (status != RH_OK)
        return status;
    repo.seal_to = cli_texts(args, "seal-to");
    repo.key_file = cli_repo_key(args);
    if (repo.key_file == NULL && repo.seal_to != NULL)
        repo.key_file = repo.seal_to[0];
    repo.create = true;
    repo.sealed_only = cli_flag(args, "raw") && !cli_flag(args, "unsealed-raw");
    repo.write = true;
    repo.cancel = context->cancel;
    repo.progress = context->progress;
    return rh_repo_open(dir, &repo, out, err);
}

static void print_summary(const cli_context *context, const char *source, const json_t *summary)
{
    char rows[32];
    char bytes[16];
    char fresh[16];
    char held[32];
    char elapsed[32];

    if (cli_print_json(context, summary))
        return;
    cli_print(context, "snapshot %s of %s\n",
              json_string_value(json_object_get(summary, "snapshot")), source);
    cli_print(context, "  %lld tables, %s rows, %s of rows; %s new in the repository\n",
              (long long)cli_json_number(summary, "tables"),
              rh_num_format_count(cli_json_number(summary, "rows"), rows),
              rh_num_format_bytes((uint64_t)cli_json_number(summary, "bytes"), bytes),
              rh_num_format_bytes((uint64_t)cli_json_number(summary, "new_bytes"), fresh));
    cli_print(context, "  took %s; the source's snapshot was held for %s\n",
              cli_format_duration(cli_json_number(summary, "elapsed_us"), elapsed),
              cli_format_duration(cli_json_number(summary, "held_us"), held));
}

static rh_status take(cli_context *context, const cli_args *args, rh_repo *repo,
                      rh_anonymizer *anonymizer, rh_error *err)
{
    rh_snapshot_options snapshot = RH_SNAPSHOT_OPTIONS_INIT;
    rh_buf source = RH_BUF_INIT;
    json_t *summary = NULL;
    char *id = NULL;
    rh_status status;

    cli_source_options(context, args, &snapshot);
    snapshot.label = cli_text(args, "label");
    snapshot.unsealed_raw = cli_flag(args, "unsealed-raw");
    if (anonymizer != NULL)
        snapshot.filter = rh_anonymizer_filter(anonymizer);
    status = rh_snapshot_take(repo, args->operands[0], &snapshot, &id, &summary, err);
    if (status == RH_OK && anonymizer != NULL)
        status = rh_anonymizer_write_seen(anonymizer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = rh_engine_describe(args->operands[0], &source, err);
    if (status == RH_OK)
        print_summary(context, rh_buf_cstr(&source), summary);
    rh_buf_done(&source);
    rh_string_free(id);
    json_decref(summary);
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_anonymizer *anonymizer = NULL;
    rh_repo *repo = NULL;
    rh_engine_kind kind;
    rh_status status = cli_masking_open(context, args, &anonymizer, err);

    /* A mistyped source must not leave a new, empty repository behind. */
    if (status == RH_OK)
        status = rh_engine_of(args->operands[0], &kind, err);
    if (status == RH_OK)
        status = open_repo(context, args, &repo, err);
    if (status == RH_OK)
        status = take(context, args, repo, anonymizer, err);
    rh_repo_close(repo);
    rh_anonymizer_free(anonymizer);
    return status;
}

const cli_command cli_snapshot = {
    "snapshot",
    "copy a database into a repository",
    "SOURCE --repo DIR (--rules FILE | --raw) [OPTIONS]",
    "Takes a consistent snapshot of SOURCE into a repository, which is created when\n"
    "it does not exist. The source is only read. Chunks that an earlier snapshot\n"
    "stored are not stored again; a killed run is continued by the next one.\n",
    options,
    1,
    1,
    run,
};
