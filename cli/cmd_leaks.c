/*
 * rehearse leaks: does anything that masking took away still stand in the copy?
 */
#include <string.h>

#include "anonymize/leak_scan.h"
#include "command.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/pool.h"
#include "core/stream.h"
#include "leaks_report.h"
#include "output.h"
#include "repo_access.h"

static const cli_option options[] = {
    {"seen", CLI_TEXT, "FILE", "what masking saw; without it only secrets can be told", NULL},
    {"seen-key", CLI_TEXT, "FILE", "the key that FILE of --seen was sealed with (the mask's key)",
     NULL},
    {"detectors", CLI_CHOICE, "WHICH",
     "on (secrets are leaks, look-alikes are notes; default), off (only what was seen), "
     "strict (everything is a leak)",
     "on|off|strict"},
    {"include", CLI_TEXTS, "GLOB", "only rows of these tables", NULL},
    {"exclude", CLI_TEXTS, "GLOB", "no rows of these tables", NULL},
    {"sample", CLI_COUNT, "PERCENT", "look at this share of the rows (default: 100)", NULL},
    {"notes", CLI_FLAG, NULL, "list the look-alikes, too; else they are counted", NULL},
    {"no-file", CLI_FLAG, NULL, "do not search an SQLite file's free space", NULL},
    {"repo", CLI_TEXT, "DIR", "the operand is a snapshot in this repository", NULL},
    CLI_OPTION_KEY,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

enum { MAX_LINE_BYTES = 256 << 20, TEXT_BATCH_BYTES = 256 << 10 };

/* ---- what masking saw ---- */

static rh_status read_seen(const cli_args *args, rh_seen_set **out, rh_error *err)
{
    const char *path = cli_text(args, "seen");
    const char *key_path = cli_text(args, "seen-key");
    rh_key key;
    rh_status status;

    if (path == NULL && key_path == NULL)
        return RH_OK;
    if (path == NULL || key_path == NULL) {
        rh_error_set(err, RH_EUSAGE, "--seen and --seen-key go together");
        rh_error_hint(err, "the key is that of the masks (rehearse keygen --mask)");
        return RH_EUSAGE;
    }
    status = rh_key_read(key_path, &key, err);
    if (status != RH_OK)
        return status;
    status = rh_seen_read(path, key.kind == RH_KEY_MASK ? key.mask_key : key.id_key, out, err);
    rh_wipe(&key, sizeof key);
    return status;
}

/* ---- a snapshot ---- */

typedef struct snapshot_scan {
    rh_repo *repo;
    const char *id;
    rh_leak *leak;
    rh_engine_kind engine;
    rh_leak_table *reader;
    rh_buf lines; /* whole lines, and the beginning of the next */
    rh_progress *progress;
} snapshot_scan;

static rh_status take_lines(void *ctx, const void *data, size_t len, rh_error *err)
{
    snapshot_scan *scan = ctx;
    size_t whole;
    rh_status status = rh_buf_append(&scan->lines, data, len, err);

    if (status != RH_OK || scan->lines.len < TEXT_BATCH_BYTES)
        return status;
    for (whole = scan->lines.len; whole > 0 && scan->lines.data[whole - 1] != '\n'; whole--)
        ;
    status = rh_leak_table_text(scan->reader, scan->engine, scan->lines.data, whole, err);
    rh_progress_add(scan->progress, whole, 0, 0);
    scan->lines.len -= whole;
    memmove(scan->lines.data, scan->lines.data + whole, scan->lines.len);
    return status;
}

static rh_status scan_table(snapshot_scan *scan, const rh_table *table, rh_error *err)
{
    rh_writer *writer = NULL;
    rh_status status = rh_leak_table_open(scan->leak, table, &scan->reader, err);
    rh_status closed;

    if (status == RH_OK)
        status = rh_writer_call(take_lines, scan, &writer, err);
    if (status == RH_OK)
        status = rh_repo_cat(scan->repo, scan->id, table->full_name, 0, writer, err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    if (status == RH_OK && scan->lines.len > 0)
        status =
            rh_leak_table_text(scan->reader, scan->engine, scan->lines.data, scan->lines.len, err);
    rh_writer_free(writer);
    rh_buf_clear(&scan->lines);
    closed = rh_leak_table_close(scan->reader, status == RH_OK ? err : NULL);
    scan->reader = NULL;
    return status == RH_OK ? closed : status;
}

static rh_status scan_section(snapshot_scan *scan, const char *name, rh_error *err)
{
    rh_buf content = RH_BUF_INIT_WIPING;
    rh_writer *writer = NULL;
    rh_status status = rh_writer_buf(&content, &writer, err);

    if (status == RH_OK)
        status = rh_repo_cat_section(scan->repo, scan->id, name, writer, err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    if (status == RH_OK)
        status = rh_leak_section(scan->leak, scan->engine, name, rh_buf_cstr(&content), content.len,
                                 err);
    rh_writer_free(writer);
    rh_buf_wipe_done(&content);
    return status;
}

static rh_status scan_manifest(snapshot_scan *scan, const cli_args *args, const json_t *manifest,
                               rh_error *err)
{
    const json_t *source = json_object_get(manifest, "source");
    json_t *sections = json_object_get(manifest, "sections");
    rh_catalog *catalog = NULL;
    const char *name;
    json_t *section;
    rh_status status = rh_engine_from_name(cli_json_text(source, "engine", ""), &scan->engine, err);

    if (status == RH_OK)
        status = rh_catalog_from_json(json_object_get(manifest, "tables"), &catalog, err);
    if (status == RH_OK)
        status = rh_leak_facts(scan->leak, source, err);
    json_object_foreach(sections, name, section)
    {
        if (status == RH_OK)
            status = scan_section(scan, name, err);
    }
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];

        if (rh_catalog_selected(cli_texts(args, "include"), cli_texts(args, "exclude"),
                                table->full_name, table->name))
            status = scan_table(scan, table, err);
    }
    rh_catalog_free(catalog);
    return status;
}

static rh_status scan_snapshot(cli_context *context, const cli_args *args,
                               const rh_leak_options *leak_options, json_t **out, bool *out_leaks,
                               rh_error *err)
{
    snapshot_scan scan = {.progress = context->progress};
    json_t *manifest = NULL;
    char *id = NULL;
    rh_status status = cli_repo_open(context, args, &scan.repo, err);

    rh_buf_init_wiping(&scan.lines, MAX_LINE_BYTES);
    if (status == RH_OK)
        status = rh_repo_resolve(scan.repo, args->operands[0], &id, err);
    if (status == RH_OK)
        status = rh_repo_show(scan.repo, id, &manifest, err);
    if (status == RH_OK)
        status = rh_leak_new(leak_options, &scan.leak, err);
    scan.id = id;
    rh_progress_stage(context->progress, "rows", 0, 0, 0);
    if (status == RH_OK)
        status = scan_manifest(&scan, args, manifest, err);
    if (status == RH_OK)
        status = rh_leak_report(scan.leak, out, out_leaks, err);
    rh_leak_free(scan.leak);
    rh_buf_wipe_done(&scan.lines);
    json_decref(manifest);
    rh_string_free(id);
    rh_repo_close(scan.repo);
    return status;
}

/* ---- the command ---- */

static rh_status fill_options(cli_context *context, const cli_args *args, rh_leak_options *out,
                              rh_error *err)
{
    int64_t percent = cli_number(args, "sample", 100);

    if (percent < 1 || percent > 100)
        return rh_error_set(err, RH_EUSAGE, "--sample is a share from 1 to 100 per cent");
    out->include = cli_texts(args, "include");
    out->exclude = cli_texts(args, "exclude");
    out->jobs = context->jobs == 0 ? rh_pool_processors() : context->jobs;
    out->sample = (double)percent / 100;
    out->skip_file = cli_flag(args, "no-file");
    out->detectors = (rh_leak_detectors)cli_number(args, "detectors", RH_LEAK_DETECTORS_ON);
    out->progress = context->progress;
    out->cancel = context->cancel;
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_leak_options leak_options = RH_LEAK_OPTIONS_INIT;
    rh_seen_set *seen = NULL;
    json_t *report = NULL;
    bool leaks = false;
    rh_status status = fill_options(context, args, &leak_options, err);

    if (status == RH_OK)
        status = read_seen(args, &seen, err);
    leak_options.seen = seen;
    if (status == RH_OK && cli_given(args, "repo"))
        status = scan_snapshot(context, args, &leak_options, &report, &leaks, err);
    else if (status == RH_OK)
        status = rh_leak_scan(args->operands[0], &leak_options, &report, &leaks, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report))
        cli_print_leaks(context, report, cli_flag(args, "notes"));
    if (status == RH_OK && leaks)
        status = RH_EMISMATCH;
    json_decref(report);
    rh_seen_set_free(seen);
    return status;
}

const cli_command cli_leaks = {
    "leaks",
    "search a copy for values that should have been masked",
    "TARGET [--seen FILE --seen-key FILE]\n"
    "       rehearse leaks SNAPSHOT --repo DIR [--seen FILE --seen-key FILE]",
    "Searches every text-like place of a database or snapshot for identifiers that\n"
    "masking took away and for secrets: rows, also inside JSON, arrays and binary\n"
    "values, comments, defaults, view texts, statistics, an SQLite file's free space.\n"
    "Tells table, column, place and count, never the value. Exit code 1 when\n"
    "something is left. Shares no code and no list with the masks.\n",
    options,
    1,
    1,
    run,
};
