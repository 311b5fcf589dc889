/*
 * rehearse prune: thins a repository out.
 */
#include "command.h"
#include "core/num.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {"keep-last", CLI_COUNT, "N", "keep the newest N of each database", NULL},
    {"keep-daily", CLI_COUNT, "N", "keep the newest of each of the last N days", NULL},
    {"keep-weekly", CLI_COUNT, "N", "the same for weeks", NULL},
    {"keep-monthly", CLI_COUNT, "N", "the same for months", NULL},
    {"remove", CLI_TEXTS, "SNAPSHOT", "remove this one; may be repeated", NULL},
    {"grace", CLI_DURATION, "TIME", "leave younger unreferenced files (default 24h)", NULL},
    {"dry-run", CLI_FLAG, NULL, "say what would be done, change nothing", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static void print_answer(const cli_context *context, const json_t *answer, bool dry)
{
    const json_t *removed = json_object_get(answer, "removed");
    char bytes[16];

    if (cli_print_json(context, answer))
        return;
    for (size_t i = 0; i < json_array_size(removed); i++)
        cli_print(context, "%s %s\n", dry ? "would remove" : "removed",
                  json_string_value(json_array_get(removed, i)));
    cli_print(context, "%lld snapshots kept; %lld packs %s, %s; %lld wait for the grace period\n",
              (long long)cli_json_number(answer, "kept"),
              (long long)cli_json_number(answer, "packs_removed"), dry ? "would go" : "removed",
              rh_num_format_bytes((uint64_t)cli_json_number(answer, "bytes_freed"), bytes),
              (long long)cli_json_number(answer, "packs_waiting"));
}

/* Names as the user typed them become full ids, in the same array. */
static rh_status resolve_names(rh_repo *repo, const char *const *names, char **ids, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && names != NULL && names[i] != NULL; i++)
        status = rh_repo_resolve(repo, names[i], &ids[i], err);
    return status;
}

static rh_status prune(cli_context *context, const cli_args *args, rh_repo *repo, rh_error *err)
{
    rh_prune_options prune = RH_PRUNE_OPTIONS_INIT;
    char *ids[CLI_MAX_TEXTS + 1] = {NULL};
    json_t *answer = NULL;
    rh_status status = resolve_names(repo, cli_texts(args, "remove"), ids, err);

    prune.keep_last = (size_t)cli_number(args, "keep-last", 0);
    prune.keep_daily = (size_t)cli_number(args, "keep-daily", 0);
    prune.keep_weekly = (size_t)cli_number(args, "keep-weekly", 0);
    prune.keep_monthly = (size_t)cli_number(args, "keep-monthly", 0);
    prune.remove = cli_given(args, "remove") ? (const char *const *)ids : NULL;
    prune.grace_us = cli_number(args, "grace", prune.grace_us);
    prune.dry_run = cli_flag(args, "dry-run");
    if (status == RH_OK)
        status = rh_repo_prune(repo, &prune, &answer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        print_answer(context, answer, prune.dry_run);
    for (size_t i = 0; i < CLI_MAX_TEXTS; i++)
        rh_string_free(ids[i]);
    json_decref(answer);
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo_options access = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    const char *dir = NULL;
    rh_status status = cli_repo_dir(args, &dir, err);

    access.key_file = cli_repo_key(args);
    access.prune = true;
    access.cancel = context->cancel;
    access.progress = context->progress;
    if (status == RH_OK)
        status = rh_repo_open(dir, &access, &repo, err);
    if (status == RH_OK)
        status = prune(context, args, repo, err);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_prune = {
    "prune",
    "remove old snapshots and unreferenced files",
    "--repo DIR [--keep-last N] [...] [--dry-run]",
    "Keeps what any --keep rule keeps, removes the other snapshots, then deletes\n"
    "files that no snapshot references. Without rules only the latter.\n",
    options,
    0,
    0,
    run,
};
