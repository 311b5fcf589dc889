/*
 * --rules, --mask-key and --raw: masked or not, said in the same words everywhere.
 */
#ifndef CLI_MASKING_H
#define CLI_MASKING_H

#include <rehearse/anonymize.h>

#include "args.h"
#include "context.h"

#define CLI_OPTION_RULES                                                                           \
    {                                                                                              \
        "rules", CLI_TEXT, "FILE", "mask rows by this rule file (rehearse rules)", NULL            \
    }
#define CLI_OPTION_MASK_KEY                                                                        \
    {                                                                                              \
        "mask-key", CLI_TEXT, "FILE", "mask key, instead of the one that the rule file names",     \
            NULL                                                                                   \
    }
#define CLI_OPTION_SEEN                                                                            \
    {                                                                                              \
        "seen", CLI_TEXT, "FILE", "remember masked values, as hashes, for rehearse leaks", NULL    \
    }
#define CLI_OPTION_RAW                                                                             \
    {                                                                                              \
        "raw", CLI_FLAG, NULL, "copy rows as they are, unmasked", NULL                             \
    }

/** Exactly one of --rules and --raw must be there; *out is NULL for --raw. Free with
 * rh_anonymizer_free. RH_EUSAGE, RH_ECONFIG, RH_EKEY. */
rh_status cli_masking_open(cli_context *context, const cli_args *args, rh_anonymizer **out,
                           rh_error *err) RH_MUST_CHECK;

#endif
