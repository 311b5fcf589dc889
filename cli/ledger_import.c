/*
 * rehearse ledger import.
 */
#include <string.h>

#include "core/num.h"
#include "core/str.h"
#include "ledger.h"
#include "ledger/import.h"
#include "ledger_source.h"
#include "output.h"

static const char *const networks[] = {"mainnet", "testnet3", "testnet4", "signet", "regtest"};

static rh_status fill_options(const cli_context *context, const cli_args *args,
                              rh_import_options *out, rh_error *err)
{
    rh_status status = RH_OK;

    out->xor_key = cli_text(args, "xor-key");
    out->undo = cli_text(args, "undo");
    out->first_height = cli_number(args, "first-height", -1);
    out->progress = context->progress;
    out->cancel = context->cancel;
    if (cli_given(args, "network"))
        status = rh_network_by_name(networks[cli_number(args, "network", 0)], &out->network, err);
    return status;
}

/* What the workload is made of, for its settings. */
static rh_status describe(const cli_args *args, json_t **out, rh_error *err)
{
    json_t *sources = json_array();

    for (size_t i = 1; sources != NULL && i < args->operand_count; i++) {
        const char *slash = strrchr(args->operands[i], '/');

        if (json_array_append_new(
                sources, json_string(slash == NULL ? args->operands[i] : slash + 1)) != 0) {
            json_decref(sources);
            sources = NULL;
        }
    }
    *out = sources == NULL ? NULL
                           : json_pack("{s:{s:o, s:I, s:I}}", "ledger", "blocks", sources,
                                       "synthesize", (json_int_t)cli_number(args, "synthesize", 0),
                                       "seed", (json_int_t)cli_number(args, "seed", 1));
    if (*out != NULL && cli_given(args, "from-trace") &&
        json_object_set_new(json_object_get(*out, "ledger"), "trace",
                            json_pack("{s:s}", "marker", cli_text(args, "marker"))) != 0) {
        json_decref(*out);
        *out = NULL;
    }
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status check_arguments(const cli_args *args, rh_error *err)
{
    bool blocks = args->operand_count > 1;
    bool db = cli_given(args, "from-db");
    bool trace = cli_given(args, "from-trace");

    if (cli_text(args, "out") == NULL)
        return rh_error_set(err, RH_EUSAGE, "--out is missing");
    if (blocks + db + trace + cli_given(args, "like") > 1)
        return rh_error_set(err, RH_EUSAGE,
                            "blocks come from one kind of source: files, --from-db, --from-trace "
                            "or --like");
    if (trace != cli_given(args, "marker"))
        return rh_error_set(err, RH_EUSAGE, "--from-trace and --marker go together");
    if (!db && (cli_given(args, "mapping") || cli_given(args, "from-height") ||
                cli_given(args, "to-height")))
        return rh_error_set(err, RH_EUSAGE,
                            "--mapping, --from-height and --to-height go with --from-db");
    if (db || trace)
        return RH_OK;
    if (cli_given(args, "synthesize") != cli_given(args, "like"))
        return rh_error_set(err, RH_EUSAGE, "--synthesize and --like go together");
    if (cli_given(args, "synthesize") && cli_number(args, "synthesize", 0) == 0)
        return rh_error_set(err, RH_EUSAGE, "--synthesize makes one block or more");
    if (!blocks && !cli_given(args, "like"))
        return rh_error_set(err, RH_EUSAGE, "there is nothing to import");
    return RH_OK;
}

/* Blocks that a node's rev file lacks were never joined to its chain. */
static rh_status import_blocks(const cli_args *args, const rh_import_options *options,
                               rh_ledger_writer *writer, json_t *extra, rh_error *err)
{
    uint64_t not_in_rev = 0;
    rh_status status = rh_import_blocks(args->operands + 1, options, writer, &not_in_rev, err);

    if (status == RH_OK && not_in_rev > 0 &&
        json_object_set_new(extra, "unknown",
                            json_pack("{s:I}", "spent_outputs_of_blocks_not_in_the_rev_file",
                                      (json_int_t)not_in_rev)) != 0)
        status = rh_error_oom(err);
    return status;
}

static rh_status import(cli_context *context, const cli_args *args,
                        const rh_import_options *options, const cli_trace *trace,
                        rh_ledger_writer *writer, json_t *extra, rh_error *err)
{
    const rh_synthesize_options made = {
        .blocks = (uint64_t)cli_number(args, "synthesize", 0),
        .transactions = (uint64_t)cli_number(args, "transactions", 0),
        .seed = (uint64_t)cli_number(args, "seed", 1),
        .first_height = options->first_height,
    };

    if (cli_given(args, "from-db"))
        return cli_ledger_from_db(context, args, writer, extra, err);
    if (cli_given(args, "from-trace"))
        return cli_ledger_from_trace(context, args, trace, writer, extra, err);
    if (cli_given(args, "like"))
        return rh_import_synthesize(cli_text(args, "like"), options, &made, writer, err);
    return import_blocks(args, options, writer, extra, err);
}

/* What the source does not know, and what it left out: the counts that are not 0. */
static void print_extra(const cli_context *context, const json_t *extra, const char *key,
                        const char *heading)
{
    const char *name;
    json_t *value;
    char count[32], words[64];

    json_object_foreach(json_object_get(extra, key), name, value)
    {
        if (json_integer_value(value) == 0)
            continue;
        (void)rh_str_copy(words, sizeof words, name);
        for (char *at = words; *at != '\0'; at++)
            *at = *at == '_' ? ' ' : *at;
        cli_print(context, "  %s: %s %s\n", heading,
                  rh_num_format_count(json_integer_value(value), count), words);
    }
}

static rh_status report(const cli_context *context, const rh_ledger_counts *counts,
                        const char *path, json_t *extra, rh_error *err)
{
    char texts[5][32], statements[48] = "";
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s}", "blocks", (json_int_t)counts->blocks,
                             "transactions", (json_int_t)counts->transactions, "inputs",
                             (json_int_t)counts->inputs, "outputs", (json_int_t)counts->outputs,
                             "statements", (json_int_t)counts->statements, "workload", path);

    if (json == NULL || json_object_update(json, extra) != 0) {
        json_decref(json);
        return rh_error_oom(err);
    }
    if (counts->statements > 0)
        (void)snprintf(statements, sizeof statements, "%s statements",
                       rh_num_format_count((int64_t)counts->statements, texts[4]));
    if (!cli_print_json(context, json)) {
        cli_print(context, "%s: %s block%s, %s transactions, %s inputs, %s outputs%s%s\n", path,
                  rh_num_format_count((int64_t)counts->blocks, texts[0]),
                  counts->blocks == 1 ? "" : "s",
                  rh_num_format_count((int64_t)counts->transactions, texts[1]),
                  rh_num_format_count((int64_t)counts->inputs, texts[2]),
                  rh_num_format_count((int64_t)counts->outputs, texts[3]),
                  statements[0] == '\0' ? "" : ", ", statements);
        print_extra(context, extra, "unknown", "not known");
        print_extra(context, extra, "left_out", "left out");
    }
    json_decref(json);
    return RH_OK;
}

rh_status cli_ledger_import(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_import_options options = RH_IMPORT_OPTIONS_INIT;
    rh_workload_writer_options file = {.engine = RH_ENGINE_SQLITE,
                                       .tool_version = RH_VERSION,
                                       .replace = cli_flag(args, "replace")};
    rh_ledger_writer *writer = NULL;
    json_t *settings = NULL, *extra = json_object();
    cli_trace trace = {.engine = RH_ENGINE_SQLITE};
    rh_ledger_counts counts;
    rh_status status = extra == NULL ? rh_error_oom(err) : check_arguments(args, err);

    if (status == RH_OK)
        status = fill_options(context, args, &options, err);
    if (status == RH_OK)
        status = describe(args, &settings, err);
    if (status == RH_OK && cli_given(args, "from-trace"))
        status = cli_ledger_trace_open(context, args, &trace, err);
    file.settings = settings;
    file.engine = trace.engine;
    if (status == RH_OK)
        status = rh_ledger_writer_create(cli_text(args, "out"), &file, &writer, err);
    if (status == RH_OK)
        status = import(context, args, &options, &trace, writer, extra, err);
    if (status == RH_OK) {
        counts = *rh_ledger_writer_counts(writer);
        status = rh_ledger_writer_commit(writer, err);
    }
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = report(context, &counts, cli_text(args, "out"), extra, err);
    rh_ledger_writer_free(writer);
    cli_ledger_trace_close(&trace);
    json_decref(extra);
    json_decref(settings);
    return status;
}
