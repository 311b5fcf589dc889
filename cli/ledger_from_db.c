/*
 * rehearse ledger import --from-db.
 */
#include "ledger/import_db.h"
#include "ledger_source.h"

static rh_status describe(const rh_import_db_report *r, json_t *extra, rh_error *err)
{
    json_t *unknown = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "block_hashes", (json_int_t)r->block_hashes,
        "block_times", (json_int_t)r->block_times, "input_outpoints",
        (json_int_t)r->input_outpoints, "input_values", (json_int_t)r->input_values,
        "output_numbers", (json_int_t)r->output_vouts, "output_addresses",
        (json_int_t)r->output_addresses, "output_values", (json_int_t)r->output_values);
    json_t *left_out = json_pack(
        "{s:I, s:I}", "transactions_without_a_block", (json_int_t)r->rows_without_block,
        "inputs_and_outputs_without_a_transaction", (json_int_t)r->rows_without_transaction);

    /* A failed pack is NULL, which set refuses. */
    return json_object_set_new(extra, "unknown", unknown) == 0 &&
                   json_object_set_new(extra, "left_out", left_out) == 0
               ? RH_OK
               : rh_error_oom(err);
}

rh_status cli_ledger_from_db(cli_context *context, const cli_args *args, rh_ledger_writer *writer,
                             json_t *extra, rh_error *err)
{
    rh_db_mapping mapping;
    const rh_import_db_options options = {.mapping = &mapping,
                                          .from_height = cli_number(args, "from-height", -1),
                                          .to_height = cli_number(args, "to-height", -1),
                                          .progress = context->progress,
                                          .cancel = context->cancel};
    rh_import_db_report report = {0};
    rh_status status = RH_OK;

    rh_db_mapping_init(&mapping);
    if (cli_given(args, "mapping"))
        status = rh_db_mapping_read(cli_text(args, "mapping"), &mapping, err);
    if (status == RH_OK && options.to_height >= 0 && options.from_height > options.to_height)
        status = rh_error_set(err, RH_EUSAGE, "--from-height is above --to-height");
    if (status == RH_OK)
        status = rh_import_db(cli_text(args, "from-db"), &options, writer, &report, err);
    rh_db_mapping_done(&mapping);
    if (status == RH_OK)
        status = describe(&report, extra, err);
    if (status == RH_OK && !report.inputs_table)
        status = rh_problems_add(
            &context->problems, false, "block files have all of them: ledger import BLOCKS...", err,
            "a ledger keeps its own transactions only; a node also looks at the others of the "
            "chain");
    return status;
}
