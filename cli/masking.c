/*
 * See masking.h.
 */
#include "masking.h"

rh_status cli_masking_open(cli_context *context, const cli_args *args, rh_anonymizer **out,
                           rh_error *err)
{
    const rh_anonymizer_options options = {
        .rules_file = cli_text(args, "rules"),
        .key_file = cli_text(args, "mask-key"),
        .problems = &context->problems,
        .seen_file = cli_text(args, "seen"),
    };

    if (cli_flag(args, "raw") == cli_given(args, "rules")) {
        rh_error_set(err, RH_EUSAGE,
                     "say --rules FILE to mask rows, or --raw to copy them as they are");
        rh_error_hint(err, "rehearse rules init SOURCE drafts a rule file");
        return RH_EUSAGE;
    }
    if (cli_flag(args, "raw")) {
        *out = NULL;
        return RH_OK;
    }
    return rh_anonymizer_new(&options, out, err);
}
