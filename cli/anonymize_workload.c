#include "anonymize_workload.h"

#include <rehearse/mask_workload.h>

#include "core/buf.h"
#include "core/engine.h"
#include "core/num.h"
#include "core/stream.h"
#include "output.h"
#include "repo_access.h"

rh_status cli_structure_of_snapshot(const cli_context *context, const cli_args *args, rh_buf *out,
                                    rh_error *err)
{
    rh_repo *repo = NULL;
    rh_writer *writer = NULL;
    char *id = NULL;
    rh_status status = cli_repo_open_snapshot(context, args, &repo, &id, err);

    if (status == RH_OK)
        status = rh_writer_buf(out, &writer, err);
    if (status == RH_OK)
        status = rh_repo_cat_section(repo, id, "structure", writer, err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

rh_status cli_structure_of_source(const cli_context *context, const cli_args *args, rh_buf *out,
                                  rh_error *err)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_status status;

    options.cancel = context->cancel;
    status = rh_source_open(args->operands[0], &options, &source, err);
    if (status == RH_OK)
        status = rh_source_begin(source, err);
    if (status == RH_OK)
        status = rh_source_section(source, "structure", out, err);
    if (source != NULL)
        rh_source_end(source);
    rh_source_close(source);
    return status;
}

static void print_summary(const cli_context *context, const cli_args *args, const json_t *summary)
{
    const json_t *reasons = json_object_get(summary, "reasons");
    char written[32];
    char all[32];
    char count[32];

    cli_print(context, "%s: %s of %s executions, masked\n", cli_text(args, "out"),
              rh_num_format_count(json_integer_value(json_object_get(summary, "written")), written),
              rh_num_format_count(json_integer_value(json_object_get(summary, "executions")), all));
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);

        cli_print(
            context, "  dropped %s: %s\n",
            rh_num_format_count(json_integer_value(json_object_get(reason, "executions")), count),
            json_string_value(json_object_get(reason, "reason")));
    }
    if (json_integer_value(json_object_get(summary, "order_lost")) > 0)
        cli_print(
            context, "  %s bounds of ranges have a mask that keeps no order\n",
            rh_num_format_count(json_integer_value(json_object_get(summary, "order_lost")), count));
    if (json_integer_value(json_object_get(summary, "plans_dropped")) > 0)
        cli_print(context, "  %s plans were left out: they hold literals\n",
                  rh_num_format_count(json_integer_value(json_object_get(summary, "plans_dropped")),
                                      count));
    if (cli_flag(args, "keep-unattributed"))
        cli_print(context, "  %s values are RAW: no column, or no mask, was found for them\n",
                  rh_num_format_count(json_integer_value(json_object_get(summary, "unattributed")),
                                      count));
}

rh_status cli_anonymize_workload(cli_context *context, const cli_args *args,
                                 rh_anonymizer *anonymizer, rh_error *err)
{
    rh_mask_workload_options options = {.from = cli_text(args, "workload"),
                                        .to = cli_text(args, "out"),
                                        .keep_unattributed = cli_flag(args, "keep-unattributed"),
                                        .cancel = context->cancel};
    rh_buf structure = RH_BUF_INIT_WIPING;
    json_t *summary = NULL;
    rh_status status;

    if (options.to == NULL)
        return rh_error_set(err, RH_EUSAGE, "--out FILE is missing");
    status = cli_text(args, "repo") != NULL
                 ? cli_structure_of_snapshot(context, args, &structure, err)
                 : cli_structure_of_source(context, args, &structure, err);
    if (status == RH_OK) {
        options.structure = rh_buf_cstr(&structure);
        options.structure_len = structure.len;
        status = rh_anonymizer_mask_workload(anonymizer, &options, &summary, err);
    }
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, summary))
        print_summary(context, args, summary);
    json_decref(summary);
    rh_buf_wipe_done(&structure);
    return status;
}
