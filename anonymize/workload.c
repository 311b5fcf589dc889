/*
 * A workload file through the masks, execution by execution, into another workload file.
 */
#include "workload.h"

#include <string.h>

#include <rehearse/mask_workload.h>

#include "core/cancel.h"
#include "core/mem.h"
#include "core/problems.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "core/workload_file.h"

enum { MAX_REASONS = 64, TEXT_BYTES = 256 << 20 };

typedef struct reason {
    const char *text; /* static */
    uint64_t executions;
} reason;

typedef struct run {
    workload_masker masker;
    rh_workload_file *file;
    rh_workload_writer *writer;
    rh_sql_shapes *shapes;
    rh_buf text;
    reason reasons[MAX_REASONS];
    size_t reason_count;
    uint64_t executions;
    uint64_t written;
    uint64_t plans;
} run;

static void count_reason(run *r, const char *why)
{
    for (size_t i = 0; i < r->reason_count; i++) {
        if (strcmp(r->reasons[i].text, why) == 0) {
            r->reasons[i].executions++;
            return;
        }
    }
    if (r->reason_count < MAX_REASONS)
        r->reasons[r->reason_count++] = (reason){why, 1};
}

static rh_status drop(run *r, const rh_workload_item *item, const char *why, rh_error *err)
{
    const rh_workload_skipped skipped = {why, item->source, item->source_line, 1};

    count_reason(r, why);
    return rh_workload_writer_skipped(r->writer, &skipped, err);
}

static rh_status write_item(run *r, const rh_workload_item *item, const rh_parameter *parameters,
                            rh_error *err)
{
    const rh_sql_shape *shape = NULL;
    rh_workload_statement statement;
    rh_workload_item out = *item;
    rh_status status =
        rh_sql_shapes_get(r->shapes, rh_buf_cstr(&r->text), r->text.len, &shape, err);

    if (status != RH_OK)
        return status;
    memset(&statement, 0, sizeof statement);
    statement.fingerprint =
        item->statement != NULL ? item->statement->fingerprint : shape->fingerprint;
    statement.by = item->statement != NULL ? item->statement->by : rh_sql_by_name(shape->by);
    statement.command = rh_sql_command_kind_name(shape->command.kind);
    statement.normalized = shape->normalized;
    out.sql = rh_buf_cstr(&r->text);
    out.parameters = parameters;
    out.statement = &statement;
    status = rh_workload_writer_add(r->writer, &out, NULL, err);
    r->written += status == RH_OK;
    return status;
}

static rh_status mask_item(run *r, const rh_workload_item *item, rh_error *err)
{
    rh_sql_values *values = NULL;
    rh_parameter *parameters = NULL;
    const char *why = NULL;
    rh_status status;

    rh_arena_reset(r->masker.literals.scratch);
    rh_buf_clear(&r->text);
    status =
        workload_mask_text(&r->masker, item->sql, strlen(item->sql), &r->text, &values, &why, err);
    if (status == RH_OK && item->parameter_count > 0) {
        parameters =
            rh_arena_array(r->masker.literals.scratch, item->parameter_count, sizeof *parameters);
        status = parameters == NULL ? rh_error_oom(err)
                                    : workload_mask_parameters(&r->masker, item->sql, values, item,
                                                               parameters, &why, err);
    }
    if (status == RH_OK)
        status = write_item(r, item, parameters, err);
    else if (status == RH_SKIPPED)
        status = drop(r, item, why == NULL ? "not understood" : why, err);
    rh_sql_values_free(values);
    return status;
}

static rh_status mask_items(run *r, const struct rh_cancel *cancel, rh_error *err)
{
    const rh_workload_filter all = {.order = RH_WORKLOAD_ORDER_STORED};
    rh_workload_cursor *cursor = NULL;
    rh_status status = rh_workload_cursor_open(r->file, &all, &cursor, err);
    rh_workload workload;

    if (status != RH_OK)
        return status;
    workload = rh_workload_from_cursor(cursor);
    while (status == RH_OK) {
        rh_workload_item item;

        status = rh_cancel_check(cancel, err);
        if (status == RH_OK)
            status = workload.next(workload.ctx, &item, err);
        if (status == RH_OK) {
            r->executions++;
            status = mask_item(r, &item, err);
        }
    }
    rh_workload_cursor_close(cursor);
    return status == RH_DONE ? RH_OK : status;
}

/* ---- what stands beside the executions ---- */

/* Who, from where and with what: people. The database and the times stay. */
static rh_status copy_session(void *ctx, const rh_workload_session *session, rh_error *err)
{
    run *r = ctx;
    rh_workload_session out = *session;

    out.user = NULL;
    out.application = NULL;
    out.client = NULL;
    return rh_workload_writer_session(r->writer, &out, err);
}

static rh_status copy_source(void *ctx, const rh_workload_source *source, rh_error *err)
{
    run *r = ctx;

    return rh_workload_writer_source(r->writer, source, err);
}

static rh_status copy_skipped(void *ctx, const rh_workload_skipped *skipped, rh_error *err)
{
    run *r = ctx;

    return rh_workload_writer_skipped(r->writer, skipped, err);
}

/* Names of blocks and transactions are hashes that tell which they are; calls are the team's. */
static rh_status copy_unit(void *ctx, const rh_workload_unit *unit, rh_error *err)
{
    run *r = ctx;
    rh_workload_unit out = *unit;

    if (!rh_str_eq(unit->kind, "call"))
        out.name = NULL;
    return rh_workload_writer_unit(r->writer, &out, err);
}

static rh_status count_plan(void *ctx, const rh_workload_plan *plan, rh_error *err)
{
    run *r = ctx;

    (void)plan;
    (void)err;
    r->plans++;
    return RH_OK;
}

static rh_status copy_the_rest(run *r, rh_error *err)
{
    rh_status status = rh_workload_file_sessions(r->file, copy_session, r, err);

    if (status == RH_OK)
        status = rh_workload_file_sources(r->file, copy_source, r, err);
    if (status == RH_OK)
        status = rh_workload_file_skipped(r->file, copy_skipped, r, err);
    if (status == RH_OK)
        status = rh_workload_file_units(r->file, copy_unit, r, err);
    if (status == RH_OK)
        status = rh_workload_file_plans(r->file, count_plan, r, err);
    return status;
}

/* ---- the run ---- */

static rh_status summarize(const run *r, json_t **out, rh_error *err)
{
    json_t *reasons = json_array();
    json_t *json = NULL;
    bool good = reasons != NULL;

    for (size_t i = 0; i < r->reason_count && good; i++)
        good = json_array_append_new(reasons, json_pack("{s:s, s:I}", "reason", r->reasons[i].text,
                                                        "executions",
                                                        (json_int_t)r->reasons[i].executions)) == 0;
    if (good)
        json = json_pack("{s:I, s:I, s:I, s:O, s:I, s:I, s:I, s:I, s:I}", "executions",
                         (json_int_t)r->executions, "written", (json_int_t)r->written, "dropped",
                         (json_int_t)(r->executions - r->written), "reasons", reasons, "masked",
                         (json_int_t)r->masker.literals.masked, "kept", (json_int_t)r->masker.kept,
                         "unattributed", (json_int_t)r->masker.unattributed, "order_lost",
                         (json_int_t)r->masker.literals.order_lost, "plans_dropped",
                         (json_int_t)r->plans);
    json_decref(reasons);
    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}

static rh_status open_run(run *r, rh_anonymizer *anonymizer,
                          const rh_mask_workload_options *options, rh_error *err)
{
    rh_workload_writer_options writer = {.replace = options->replace};
    const rh_workload_summary *summary;
    rh_status status = rh_workload_file_open(options->from, &r->file, err);

    if (status != RH_OK)
        return status;
    summary = rh_workload_file_summary(r->file);
    r->masker.keep_unattributed = options->keep_unattributed;
    status = workload_masker_init(&r->masker, anonymizer, summary->engine, options->structure,
                                  options->structure_len, err);
    if (status != RH_OK)
        return status;
    r->shapes = rh_sql_shapes_new(r->masker.literals.dialect, 0);
    if (r->shapes == NULL)
        return rh_error_oom(err);
    writer.engine = summary->engine;
    writer.tool_version = summary->tool_version;
    writer.settings = summary->settings;
    return rh_workload_writer_create(options->to, &writer, &r->writer, err);
}

rh_status rh_anonymizer_mask_workload(rh_anonymizer *anonymizer,
                                      const rh_mask_workload_options *options, json_t **out,
                                      rh_error *err)
{
    run *r;
    rh_status status;

    if (rh_str_eq(options->from, options->to))
        return rh_error_set(err, RH_EUSAGE, "the masked workload must be another file");
    r = rh_mem_zalloc(sizeof *r);
    if (r == NULL)
        return rh_error_oom(err);
    rh_buf_init_wiping(&r->text, TEXT_BYTES);
    status = open_run(r, anonymizer, options, err);
    if (status == RH_OK)
        status = mask_items(r, options->cancel, err);
    if (status == RH_OK)
        status = copy_the_rest(r, err);
    if (status == RH_OK)
        status = rh_workload_writer_commit(r->writer, err);
    if (status == RH_OK)
        status = summarize(r, out, err);
    rh_workload_writer_free(r->writer);
    rh_workload_file_close(r->file);
    rh_sql_shapes_free(r->shapes);
    workload_masker_done(&r->masker);
    rh_buf_wipe_done(&r->text);
    rh_mem_free(r);
    return status;
}
