/*
 * rehearse verify: proves that a repository can be restored from.
 */
#include <rehearse/restore.h>

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "core/engine.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/pool.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {"level", CLI_CHOICE, "LEVEL",
     "how deep: manifest, packs (tables and lists), data (all bytes; default), restore (a trial)",
     "manifest|packs|data|restore"},
    {"on", CLI_TEXT, "TARGET",
     "with --level restore: a database name or file that does not exist, to build and drop", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

enum { TRIAL_LEVEL = 3, MAX_PRINTED_DAMAGE = 50 };

static void print_damage(const cli_context *context, const json_t *damage)
{
    size_t count = json_array_size(damage);

    for (size_t i = 0; i < count && i < MAX_PRINTED_DAMAGE; i++) {
        const json_t *item = json_array_get(damage, i);
        const json_t *chunk = json_object_get(item, "chunk");

        cli_print(context, "DAMAGED  %s", cli_json_text(item, "what", ""));
        if (cli_json_text(item, "table", NULL) != NULL)
            cli_print(context, "\n         table %s", cli_json_text(item, "table", NULL));
        if (json_is_integer(chunk))
            cli_print(context, ", chunk %lld", (long long)json_integer_value(chunk));
        if (cli_json_text(item, "snapshot", NULL) != NULL)
            cli_print(context, "\n         snapshot %s", cli_json_text(item, "snapshot", NULL));
        if (cli_json_text(item, "pack", NULL) != NULL)
            cli_print(context, "\n         pack %.64s", cli_json_text(item, "pack", NULL));
        cli_print(context, "\n");
    }
    if (count > MAX_PRINTED_DAMAGE)
        cli_print(context, "... and %zu more\n", count - MAX_PRINTED_DAMAGE);
}

static rh_status print_report(const cli_context *context, const json_t *report, bool readable)
{
    bool good = json_is_true(json_object_get(report, "ok"));
    char bytes[16];
    char chunks[32];

    if (cli_print_json(context, report))
        return good ? RH_OK : RH_EMISMATCH;
    print_damage(context, json_object_get(report, "damage"));
    cli_print(
        context, "%s: %lld snapshots, %lld packs, %s chunks, %s\n", good ? "good" : "BAD",
        (long long)json_integer_value(json_object_get(report, "snapshots")),
        (long long)json_integer_value(json_object_get(report, "packs")),
        rh_num_format_count(json_integer_value(json_object_get(report, "chunks")), chunks),
        rh_num_format_bytes((uint64_t)json_integer_value(json_object_get(report, "bytes")), bytes));
    if (!readable)
        cli_print(context, "  storage only: give --key to prove the content as well\n");
    return good ? RH_OK : RH_EMISMATCH;
}

/* ---- trial restore ---- */

static rh_status trial(cli_context *context, rh_repo *repo, const char *id, const char *target,
                       rh_error *err)
{
    rh_target_options options_ = RH_TARGET_OPTIONS_INIT;
    json_t *summary = NULL;
    char rows[32];
    rh_status status;

    options_.jobs = context->jobs;
    options_.no_owner = true;
    options_.no_privileges = true;
    options_.progress = context->progress;
    options_.cancel = context->cancel;
    status = rh_restore_trial(repo, id, target, &options_, &context->problems, &summary, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, summary))
        cli_print(context, "good: %s was built (%s rows, every row hash proved) and dropped\n", id,
                  rh_num_format_count(json_integer_value(json_object_get(summary, "rows")), rows));
    json_decref(summary);
    return status;
}

static rh_status run_trial(cli_context *context, const cli_args *args, rh_repo *repo, rh_error *err)
{
    const char *target = cli_text(args, "on");
    char *id = NULL;
    rh_status status;

    if (target == NULL || args->operand_count > 1) {
        rh_error_set(err, RH_EUSAGE, "--level restore takes one SNAPSHOT and --on TARGET");
        rh_error_hint(err, "TARGET must not exist; the trial holds the snapshot's rows while it "
                           "runs");
        return RH_EUSAGE;
    }
    status =
        rh_repo_resolve(repo, args->operand_count == 0 ? "latest" : args->operands[0], &id, err);
    if (status == RH_OK)
        status = trial(context, repo, id, target, err);
    rh_string_free(id);
    return status;
}

/* ---- levels that read the repository only ---- */

static rh_status verify_one(cli_context *context, rh_repo *repo, const char *name,
                            rh_verify_level level, json_t **out, rh_error *err)
{
    char *id = NULL;
    size_t jobs = context->jobs == 0 ? rh_pool_processors() : context->jobs;
    rh_status status = name == NULL ? RH_OK : rh_repo_resolve(repo, name, &id, err);

    if (status == RH_OK)
        status = rh_repo_verify(repo, id, level, jobs, out, err);
    rh_string_free(id);
    return status;
}

/* Several reports as one: numbers add up, damage is appended. */
static rh_status merge_report(json_t *all, const json_t *one, rh_error *err)
{
    static const char *const sums[] = {"snapshots", "packs", "chunks", "bytes", "damage_omitted"};

    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        json_int_t sum = json_integer_value(json_object_get(all, sums[i])) +
                         json_integer_value(json_object_get(one, sums[i]));

        if (json_object_set_new(all, sums[i], json_integer(sum)) != 0)
            return rh_error_oom(err);
    }
    if (!json_is_true(json_object_get(one, "ok")) &&
        json_object_set_new(all, "ok", json_false()) != 0)
        return rh_error_oom(err);
    if (json_array_extend(json_object_get(all, "damage"), json_object_get(one, "damage")) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

static rh_status verify_all(cli_context *context, const cli_args *args, rh_repo *repo,
                            rh_verify_level level, json_t **out, rh_error *err)
{
    json_t *all = NULL;
    size_t count = args->operand_count == 0 ? 1 : args->operand_count;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const char *name = args->operand_count == 0 ? NULL : args->operands[i];
        json_t *one = NULL;

        status = verify_one(context, repo, name, level, &one, err);
        if (status == RH_OK && all == NULL) {
            all = one;
            continue;
        }
        if (status == RH_OK)
            status = merge_report(all, one, err);
        json_decref(one);
    }
    if (status != RH_OK) {
        json_decref(all);
        return status;
    }
    *out = all;
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    int64_t level = cli_number(args, "level", RH_VERIFY_DATA - 1);
    rh_repo *repo = NULL;
    json_t *report = NULL;
    rh_status status = cli_repo_open(context, args, &repo, err);

    if (status == RH_OK && level == TRIAL_LEVEL) {
        status = run_trial(context, args, repo, err);
    } else if (status == RH_OK) {
        status = verify_all(context, args, repo, (rh_verify_level)(level + 1), &report, err);
        cli_ticker_stop_now(context);
        if (status == RH_OK)
            status = print_report(context, report, rh_repo_can_read(repo));
    }
    json_decref(report);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_verify = {
    "verify",
    "prove that snapshots are complete and undamaged",
    "[SNAPSHOT...] --repo DIR [--level LEVEL]",
    "Checks all snapshots, or those named, with the reader that restore uses, and\n"
    "names every damaged table and chunk. Exit code 1 when something is damaged.\n",
    options,
    0,
    CLI_MAX_OPERANDS,
    run,
};
