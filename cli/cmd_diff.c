/*
 * rehearse diff: what changed between two snapshots.
 */
#include <string.h>

#include "command.h"
#include "core/num.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static bool table_row(cli_table *table, const json_t *entry)
{
    char before[32];
    char after[32];
    char shared[64];
    const char *change = json_string_value(json_object_get(entry, "change"));
    const char *name = json_string_value(json_object_get(entry, "table"));
    const char *const cells[] = {
        name,
        change,
        rh_num_format_count(cli_json_number(entry, "rows_a"), before),
        rh_num_format_count(cli_json_number(entry, "rows_b"), after),
        shared,
    };

    snprintf(shared, sizeof shared, "%lld of %lld",
             (long long)cli_json_number(entry, "chunks_shared"),
             (long long)cli_json_number(entry, "chunks_b"));
    return cli_table_row(table, cells);
}

static rh_status print_tables(const cli_context *context, const json_t *tables, rh_error *err)
{
    static const char *const headings[] = {"TABLE",       "CHANGE",         ">ROWS BEFORE",
                                           ">ROWS AFTER", ">CHUNKS SHARED", NULL};
    cli_table *table = cli_table_new(headings);
    bool good = table != NULL;
    size_t same = 0;

    for (size_t i = 0; good && i < json_array_size(tables); i++) {
        const json_t *entry = json_array_get(tables, i);
        const char *change = json_string_value(json_object_get(entry, "change"));

        if (change != NULL && strcmp(change, "same") == 0)
            same++;
        else
            good = table_row(table, entry);
    }
    if (good && same < json_array_size(tables))
        cli_table_print(context, table);
    if (good)
        cli_print(context, "%zu table%s the same\n", same, same == 1 ? " is" : "s are");
    cli_table_free(table);
    return good ? RH_OK : rh_error_oom(err);
}

static void print_sections(const cli_context *context, const json_t *sections)
{
    for (size_t i = 0; i < json_array_size(sections); i++) {
        const json_t *section = json_array_get(sections, i);
        const char *diff = json_string_value(json_object_get(section, "diff"));

        if (!json_is_true(json_object_get(section, "changed")))
            continue;
        cli_print(context, "\nsection %s changed%s\n",
                  json_string_value(json_object_get(section, "name")),
                  diff == NULL ? " (its text cannot be shown)" : ":");
        if (diff != NULL)
            cli_print(context, "%s", diff);
    }
}

static rh_status print_diff(const cli_context *context, const json_t *diff, rh_error *err)
{
    rh_status status;

    if (cli_print_json(context, diff))
        return RH_OK;
    status = print_tables(context, json_object_get(diff, "tables"), err);
    if (status == RH_OK)
        print_sections(context, json_object_get(diff, "sections"));
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo *repo = NULL;
    json_t *diff = NULL;
    char *a = NULL;
    char *b = NULL;
    rh_status status = cli_repo_open(context, args, &repo, err);

    if (status == RH_OK)
        status = rh_repo_resolve(repo, args->operands[0], &a, err);
    if (status == RH_OK)
        status = rh_repo_resolve(repo, args->operands[1], &b, err);
    if (status == RH_OK)
        status = rh_repo_diff(repo, a, b, &diff, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = print_diff(context, diff, err);
    json_decref(diff);
    rh_string_free(a);
    rh_string_free(b);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_diff = {
    "diff",
    "compare two snapshots: schema, rows, chunks",
    "SNAPSHOT SNAPSHOT --repo DIR",
    "Tells what changed from the first snapshot to the second, without reading rows.\n",
    options,
    2,
    2,
    run,
};
