/*
 * rehearse anonymize: a snapshot that exists, masked into another repository; or a workload.
 */
#include <rehearse/remask.h>

#include <string.h>

#include "anonymize_workload.h"
#include "command.h"
#include "core/num.h"
#include "masking.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    CLI_OPTION_RULES,
    CLI_OPTION_MASK_KEY,
    CLI_OPTION_SEEN,
    {"to", CLI_TEXT, "DIR", "repository that receives the masked snapshot", NULL},
    {"seal-to", CLI_TEXTS, "FILE", "writer key file that a new --to is sealed to", NULL},
    {"to-key", CLI_TEXT, "FILE", "key file of an existing sealed --to", NULL},
    {"workload", CLI_TEXT, "FILE", "mask this captured workload, not rows", NULL},
    {"out", CLI_TEXT, "FILE", "the masked workload", NULL},
    {"keep-unattributed", CLI_FLAG, NULL,
     "with --workload: pass on RAW values that no column was found for", NULL},
    {"label", CLI_TEXT, "TEXT", "note for rehearse list", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static rh_status open_target(const cli_context *context, const cli_args *args, rh_repo **out,
                             rh_error *err)
{
    rh_repo_options repo = RH_REPO_OPTIONS_INIT;
    const char *dir = cli_text(args, "to");
    const char *from = NULL;
    rh_status status = cli_repo_dir(args, &from, err);

    if (status != RH_OK)
        return status;
    if (dir == NULL)
        return rh_error_set(err, RH_EUSAGE, "--to DIR is missing");
    if (strcmp(dir, from) == 0)
        return rh_error_set(err, RH_EUSAGE, "--to must be another repository than --repo");
    repo.seal_to = cli_texts(args, "seal-to");
    repo.key_file = cli_text(args, "to-key");
    if (repo.key_file == NULL && repo.seal_to != NULL)
        repo.key_file = repo.seal_to[0];
    repo.create = true;
    repo.write = true;
    repo.cancel = context->cancel;
    repo.progress = context->progress;
    return rh_repo_open(dir, &repo, out, err);
}

static rh_status remask(cli_context *context, const cli_args *args, rh_anonymizer *anonymizer,
                        rh_repo *from, rh_repo *to, rh_error *err)
{
    rh_snapshot_options snapshot = RH_SNAPSHOT_OPTIONS_INIT;
    json_t *summary = NULL;
    char *source = NULL;
    char *id = NULL;
    char rows[32];
    rh_status status = rh_repo_resolve(from, args->operands[0], &source, err);

    snapshot.jobs = context->jobs;
    snapshot.label = cli_text(args, "label");
    snapshot.filter = rh_anonymizer_filter(anonymizer);
    snapshot.problems = &context->problems;
    snapshot.cancel = context->cancel;
    snapshot.progress = context->progress;
    if (status == RH_OK)
        status = rh_snapshot_remask(from, source, to, &snapshot, &id, &summary, err);
    if (status == RH_OK)
        status = rh_anonymizer_write_seen(anonymizer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, summary))
        cli_print(context, "snapshot %s: %s rows of %s, masked\n", id,
                  rh_num_format_count(json_integer_value(json_object_get(summary, "rows")), rows),
                  source);
    rh_string_free(id);
    rh_string_free(source);
    json_decref(summary);
    return status;
}

/* Options of the other thing would be passed over in silence. */
static rh_status check(const cli_args *args, rh_error *err)
{
    static const char *const rows[] = {"to", "seal-to", "to-key", "label", "seen"};
    bool workload = cli_text(args, "workload") != NULL;

    if (cli_text(args, "rules") == NULL)
        return rh_error_set(err, RH_EUSAGE, "--rules FILE is missing");
    for (size_t i = 0; workload && i < sizeof rows / sizeof rows[0]; i++) {
        if (cli_given(args, rows[i]))
            return rh_error_set(err, RH_EUSAGE, "--%s does not go with --workload", rows[i]);
    }
    if (!workload && (cli_given(args, "out") || cli_given(args, "keep-unattributed")))
        return rh_error_set(err, RH_EUSAGE, "--%s needs --workload FILE",
                            cli_given(args, "out") ? "out" : "keep-unattributed");
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    const rh_anonymizer_options masks = {
        .rules_file = cli_text(args, "rules"),
        .key_file = cli_text(args, "mask-key"),
        .problems = &context->problems,
        .seen_file = cli_text(args, "seen"),
    };
    rh_anonymizer *anonymizer = NULL;
    rh_repo *from = NULL;
    rh_repo *to = NULL;
    bool workload = cli_text(args, "workload") != NULL;
    rh_status status = check(args, err);

    if (status == RH_OK)
        status = rh_anonymizer_new(&masks, &anonymizer, err);
    if (status == RH_OK && workload) {
        status = cli_anonymize_workload(context, args, anonymizer, err);
        rh_anonymizer_free(anonymizer);
        return status;
    }
    if (status == RH_OK)
        status = cli_repo_open(context, args, &from, err);
    if (status == RH_OK)
        status = open_target(context, args, &to, err);
    if (status == RH_OK)
        status = remask(context, args, anonymizer, from, to, err);
    rh_repo_close(to);
    rh_repo_close(from);
    rh_anonymizer_free(anonymizer);
    return status;
}

const cli_command cli_anonymize = {
    "anonymize",
    "mask an existing snapshot, or a captured workload",
    "SNAPSHOT --repo DIR --rules FILE --to DIR [OPTIONS]\n"
    "       rehearse anonymize SNAPSHOT --repo DIR --rules FILE --workload FILE\n"
    "                          --out FILE\n"
    "       rehearse anonymize SOURCE --rules FILE --workload FILE --out FILE",
    "Reads a snapshot, puts its rows and statistics through the masks of a rule file,\n"
    "and stores the result as a new snapshot of another repository. With --workload,\n"
    "masks the literals and parameters of captured statements by the columns that\n"
    "they are compared with; the snapshot or database only tells its structure.\n",
    options,
    1,
    1,
    run,
};
