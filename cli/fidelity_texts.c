/*
 * See fidelity_texts.h.
 */
#include "fidelity_texts.h"

#include "anonymize_workload.h"

static rh_status translate(void *ctx, const char *sql, const char **out, const char **why,
                           rh_error *err)
{
    cli_fidelity_texts *texts = ctx;

    return rh_sql_masker_text(texts->masker, sql, out, why, err);
}

rh_status cli_fidelity_texts_open(cli_context *context, const cli_args *args, rh_engine_kind engine,
                                  bool both, cli_fidelity_texts *out, rh_error *err)
{
    const rh_anonymizer_options options = {
        .rules_file = cli_text(args, "rules"),
        .key_file = cli_text(args, "mask-key"),
        .problems = &context->problems,
    };
    rh_status status;

    *out = (cli_fidelity_texts){.structure = RH_BUF_INIT_WIPING};
    if (options.rules_file == NULL)
        return RH_OK;
    status = rh_anonymizer_new(&options, &out->anonymizer, err);
    if (status == RH_OK)
        status = cli_given(args, "repo")
                     ? cli_structure_of_snapshot(context, args, &out->structure, err)
                     : cli_structure_of_source(context, args, &out->structure, err);
    if (status == RH_OK)
        status =
            rh_sql_masker_new(out->anonymizer, engine == RH_ENGINE_POSTGRESQL,
                              rh_buf_cstr(&out->structure), out->structure.len, &out->masker, err);
    out->translator = (rh_fidelity_translator){translate, out, both};
    return status;
}

void cli_fidelity_texts_close(cli_fidelity_texts *texts)
{
    rh_sql_masker_free(texts->masker);
    rh_anonymizer_free(texts->anonymizer);
    rh_buf_wipe_done(&texts->structure);
}
