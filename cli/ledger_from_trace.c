/*
 * rehearse ledger import --from-trace.
 *
 * The ledger knows workloads only; what is no workload yet is captured into one first, beside the
 * file that is written, and removed afterwards, by the next run at the latest: it holds literals of
 * production.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture_inputs.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "ledger/import_trace.h"
#include "ledger_source.h"
#include "output.h"

/* Does the file begin like an SQLite database? What cannot be read is told by whoever reads it; a
 * pipe must not be looked into, for it is read once. */
static bool is_workload(const char *path)
{
    static const char magic[] = "SQLite format 3";
    rh_reader *reader = NULL;
    char head[sizeof magic];
    struct stat about;
    bool same;

    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
        rh_reader_file(path, &reader, NULL) != RH_OK)
        return false;
    same = rh_reader_get_exact(reader, head, sizeof head, NULL) == RH_OK &&
           memcmp(head, magic, sizeof magic) == 0;
    rh_reader_free(reader);
    return same;
}

/* Is it what a killed run captured for this target: "<base>.capture-<pid>", or what it was building
 * of it, ".<base>.capture-<pid>.rehearse-..."? Both hold literals of production. */
static bool is_leftover(const char *name, const char *base)
{
    static const char mark[] = ".capture-";
    size_t len = strlen(base), digits;
    const char *at = name[0] == '.' && strncmp(name + 1, base, len) == 0 ? name + 1 : name;
    int64_t pid = 0;

    if (strncmp(at, base, len) != 0 || strncmp(at + len, mark, sizeof mark - 1) != 0)
        return false;
    at += len + sizeof mark - 1;
    digits = strspn(at, "0123456789");
    return rh_num_scan_int64(at, digits, &pid) && pid > 0 && pid <= INT32_MAX &&
           kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Best effort: who cannot list or remove goes on without. */
static void remove_leftovers(const char *out)
{
    const char *slash = strrchr(out, '/');
    char *dir = slash == NULL ? rh_mem_strdup(".")
                              : rh_mem_strndup(out, slash == out ? 1 : (size_t)(slash - out));
    char **names = NULL;
    size_t count = 0;

    if (dir != NULL && rh_fs_list(dir, &names, &count, NULL) == RH_OK) {
        for (size_t i = 0; i < count; i++) {
            char *path = is_leftover(names[i], slash == NULL ? out : slash + 1)
                             ? rh_fs_join(dir, names[i])
                             : NULL;

            if (path != NULL)
                (void)!rh_fs_remove(path, NULL);
            rh_mem_free(path);
        }
    }
    rh_fs_list_free(names);
    rh_mem_free(dir);
}

static rh_status capture(cli_context *context, const cli_args *args, const char *const *inputs,
                         cli_trace *out, rh_error *err)
{
    rh_capture_options options = {.tool_version = RH_VERSION, .replace = true};
    rh_capture *captured = NULL;
    rh_status status;

    options.log.format = (rh_log_format)cli_number(args, "format", RH_LOG_FORMAT_AUTO);
    options.log.dialect = (rh_sql_dialect)cli_number(args, "engine", RH_SQL_POSTGRES);
    options.log.progress = context->progress;
    options.log.cancel = context->cancel;
    out->temporary = rh_mem_printf("%s.capture-%ld", cli_text(args, "out"), (long)getpid());
    if (out->temporary == NULL)
        return rh_error_oom(err);
    remove_leftovers(cli_text(args, "out"));
    status = rh_capture_new(out->temporary, &options, &captured, err);
    rh_progress_stage(context->progress, "reading", 0, 0, 0);
    for (size_t i = 0; status == RH_OK && inputs[i] != NULL; i++)
        status = cli_capture_operand(context, captured, inputs[i], err);
    if (status == RH_OK)
        status = rh_capture_end(captured, &out->captured, err);
    rh_capture_free(captured);
    out->path = out->temporary;
    return status;
}

rh_status cli_ledger_trace_open(cli_context *context, const cli_args *args, cli_trace *out,
                                rh_error *err)
{
    const char *const *inputs = cli_texts(args, "from-trace");
    rh_workload_file *file = NULL;
    rh_status status = RH_OK;

    if (inputs[1] == NULL && is_workload(inputs[0]))
        out->path = inputs[0];
    else
        status = capture(context, args, inputs, out, err);
    if (status == RH_OK)
        status = rh_workload_file_open(out->path, &file, err);
    if (status == RH_OK)
        out->engine = rh_workload_file_summary(file)->engine;
    rh_workload_file_close(file);
    return status;
}

void cli_ledger_trace_close(cli_trace *trace)
{
    if (trace->temporary != NULL)
        (void)!rh_fs_remove(trace->temporary, NULL);
    rh_mem_free(trace->temporary);
    json_decref(trace->captured);
}

/* ---- the report ---- */

static rh_status describe(const rh_import_trace_report *r, const rh_ledger_counts *counts,
                          json_t *extra, rh_error *err)
{
    json_t *left_out =
        json_pack("{s:I, s:I, s:I}", "statements_before_the_first_block", (json_int_t)r->before,
                  "statements_after_the_last_block", (json_int_t)r->after,
                  "statements_of_other_sessions", (json_int_t)r->other_sessions);
    json_t *unknown = json_pack("{s:I}", "values_of_statements", (json_int_t)r->unreplayable);
    json_t *per_block =
        json_pack("{s:I, s:f, s:I}", "least", (json_int_t)r->least, "mean",
                  counts->blocks == 0 ? 0.0 : (double)counts->statements / (double)counts->blocks,
                  "most", (json_int_t)r->most);

    /* A failed pack is NULL, which set refuses. */
    return json_object_set_new(extra, "left_out", left_out) == 0 &&
                   json_object_set_new(extra, "unknown", unknown) == 0 &&
                   json_object_set_new(extra, "statements_per_block", per_block) == 0
               ? RH_OK
               : rh_error_oom(err);
}

/* What capture could not read or take whole, as far as it matters here. */
static rh_status note_capture(cli_context *context, const cli_trace *trace, rh_error *err)
{
    const json_t *skipped = json_object_get(trace->captured, "skipped");
    json_int_t count = 0;

    for (size_t i = 0; i < json_array_size(skipped); i++)
        count += cli_json_number(json_array_get(skipped, i), "count");
    return count == 0 ? RH_OK
                      : rh_problems_add(&context->problems, false,
                                        "'rehearse capture' tells the reasons; they are in the "
                                        "workload's table 'skipped', too",
                                        err, "%lld lines or values of the trace could not be used",
                                        (long long)count);
}

rh_status cli_ledger_from_trace(cli_context *context, const cli_args *args, const cli_trace *trace,
                                rh_ledger_writer *writer, json_t *extra, rh_error *err)
{
    const rh_import_trace_options options = {.marker = cli_text(args, "marker"),
                                             .ends = cli_number(args, "marker-at", 0) == 1,
                                             .first_height = cli_number(args, "first-height", -1),
                                             .progress = context->progress,
                                             .cancel = context->cancel};
    rh_import_trace_report report = {0};
    rh_status status = rh_import_trace(trace->path, &options, writer, &report, err);

    if (status != RH_OK)
        rh_error_where(err, "'%s'", cli_texts(args, "from-trace")[0]);
    if (status == RH_OK)
        status = describe(&report, rh_ledger_writer_counts(writer), extra, err);
    if (status == RH_OK)
        status = note_capture(context, trace, err);
    if (status == RH_OK && !report.heights_told && options.first_height < 0)
        status = rh_problems_add(&context->problems, false, "--first-height N", err,
                                 "the markers tell no heights in rising order: blocks are counted "
                                 "from 0");
    return status;
}
