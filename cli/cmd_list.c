/*
 * rehearse list and show: what a repository holds.
 */
#include <string.h>

#include "command.h"
#include "core/num.h"
#include "core/str.h"
#include "output.h"
#include "repo_access.h"

static const cli_option list_options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

/* A prefix of the id is as good as the id for every command, and leaves room for the numbers. */
enum { ID_CELL_BYTES = 26, DATABASE_CELL_BYTES = 15 };

static bool list_row(cli_table *table, const json_t *snapshot)
{
    char id[ID_CELL_BYTES];
    char database[DATABASE_CELL_BYTES];
    char rows[32];
    char bytes[16];
    char fresh[16];
    const char *damaged = json_string_value(json_object_get(snapshot, "damaged"));
    const char *label = json_string_value(json_object_get(snapshot, "label"));
    const char *const cells[] = {
        id,
        database,
        rh_num_format_count(cli_json_number(snapshot, "rows"), rows),
        rh_num_format_bytes((uint64_t)cli_json_number(snapshot, "bytes"), bytes),
        rh_num_format_bytes((uint64_t)cli_json_number(snapshot, "new_bytes"), fresh),
    };

    rh_str_copy(id, sizeof id, cli_json_text(snapshot, "id", "-"));
    rh_str_copy(database, sizeof database, cli_json_text(snapshot, "database", "-"));
    if (!cli_table_row(table, cells))
        return false;
    if (damaged != NULL && !cli_table_note(table, "DAMAGED: ", damaged))
        return false;
    return label == NULL || cli_table_note(table, "", label);
}

static rh_status print_list(const cli_context *context, const json_t *list, rh_error *err)
{
    static const char *const headings[] = {"SNAPSHOT", "DATABASE", ">ROWS", ">SIZE", ">NEW", NULL};
    cli_table *table;
    bool good = true;

    if (cli_print_json(context, list))
        return RH_OK;
    if (json_array_size(list) == 0) {
        cli_print(context, "no snapshots yet\n");
        return RH_OK;
    }
    table = cli_table_new(headings);
    for (size_t i = 0; table != NULL && good && i < json_array_size(list); i++)
        good = list_row(table, json_array_get(list, i));
    if (table != NULL && good)
        cli_table_print(context, table);
    cli_table_free(table);
    return table != NULL && good ? RH_OK : rh_error_oom(err);
}

static rh_status run_list(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo *repo = NULL;
    json_t *list = NULL;
    rh_status status = cli_repo_open(context, args, &repo, err);

    if (status == RH_OK)
        status = rh_repo_list(repo, &list, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = print_list(context, list, err);
    json_decref(list);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_list = {
    "list",
    "list the snapshots of a repository",
    "--repo DIR",
    "Lists snapshots, oldest first: rows, their size, and what each added to the\n"
    "repository. An id may be shortened as long as it is unique.\n",
    list_options,
    0,
    0,
    run_list,
};

/* ---- show ---- */

static bool show_row(cli_table *table, const json_t *entry)
{
    char rows[32];
    char bytes[16];
    char chunks[32];
    char name[256];
    const char *const cells[] = {
        name,
        rh_num_format_count(cli_json_number(entry, "rows"), rows),
        rh_num_format_bytes((uint64_t)cli_json_number(entry, "bytes"), bytes),
        rh_num_format_count(cli_json_number(entry, "chunks"), chunks),
        json_is_true(json_object_get(entry, "rows_excluded")) ? "rows left out" : "",
    };

    snprintf(name, sizeof name, "%s.%s", cli_json_text(entry, "schema", "-"),
             cli_json_text(entry, "name", "-"));
    return cli_table_row(table, cells);
}

static rh_status print_tables(const cli_context *context, const json_t *tables, rh_error *err)
{
    static const char *const headings[] = {"TABLE", ">ROWS", ">SIZE", ">CHUNKS", "NOTE", NULL};
    cli_table *table = cli_table_new(headings);
    bool good = table != NULL;

    for (size_t i = 0; good && i < json_array_size(tables); i++)
        good = show_row(table, json_array_get(tables, i));
    if (good)
        cli_table_print(context, table);
    cli_table_free(table);
    return good ? RH_OK : rh_error_oom(err);
}

static rh_status print_show(const cli_context *context, const char *id, const json_t *manifest,
                            rh_error *err)
{
    const json_t *source = json_object_get(manifest, "source");
    const json_t *sections = json_object_get(manifest, "sections");
    const char *key;
    json_t *section;
    char held[32];
    char stored[16];

    if (cli_print_json(context, manifest))
        return RH_OK;
    cli_print(context, "snapshot   %s%s\n", id,
              json_is_true(json_object_get(manifest, "raw")) ? "  (raw)" : "");
    cli_print(context, "taken      %s, source held for %s\n", cli_json_text(manifest, "time", "-"),
              cli_format_duration(cli_json_number(json_object_get(manifest, "timings"), "held_us"),
                                  held));
    cli_print(
        context, "source     %s %s, database %s\n", cli_json_text(source, "engine", "-"),
        cli_json_text(
            source, json_object_get(source, "version") != NULL ? "version" : "server_version", "-"),
        cli_json_text(source, "database", "-"));
    cli_print(context, "stored     %s in %zu packs\n",
              rh_num_format_bytes((uint64_t)cli_json_number(manifest, "stored_bytes"), stored),
              json_array_size(json_object_get(manifest, "packs")));
    cli_print(context, "sections  ");
    json_object_foreach((json_t *)(uintptr_t)sections, key, section) cli_print(context, " %s", key);
    cli_print(context, "\n\n");
    return print_tables(context, json_object_get(manifest, "tables"), err);
}

static rh_status run_show(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_repo *repo = NULL;
    json_t *manifest = NULL;
    char *id = NULL;
    rh_status status = cli_repo_open_snapshot(context, args, &repo, &id, err);

    if (status == RH_OK)
        status = rh_repo_show(repo, id, &manifest, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = print_show(context, id, manifest, err);
    json_decref(manifest);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

const cli_command cli_show = {
    "show",
    "show one snapshot: source, tables, sizes",
    "SNAPSHOT --repo DIR",
    "Shows where a snapshot came from and what it holds. With --json: the manifest.\n",
    list_options,
    1,
    1,
    run_show,
};
