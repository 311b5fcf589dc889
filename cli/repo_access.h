/*
 * --repo, --key and SNAPSHOT: the same words and the same errors in every command.
 */
#ifndef CLI_REPO_ACCESS_H
#define CLI_REPO_ACCESS_H

#include <rehearse/repository.h>

#include "args.h"
#include "context.h"

#define CLI_OPTION_REPO                                                                            \
    {                                                                                              \
        "repo", CLI_TEXT, "DIR", "the repository (default: $REHEARSE_REPO)", NULL                  \
    }
#define CLI_OPTION_KEY                                                                             \
    {                                                                                              \
        "key", CLI_TEXT, "FILE", "key file of a sealed repository (default: $REHEARSE_KEY)", NULL  \
    }

/** Directory from --repo or the environment; RH_EUSAGE. Borrowed. */
rh_status cli_repo_dir(const cli_args *args, const char **out, rh_error *err) RH_MUST_CHECK;

/** Key file from --key or the environment, or NULL. Borrowed. */
const char *cli_repo_key(const cli_args *args);

/** Open for reading. Free with rh_repo_close. */
rh_status cli_repo_open(const cli_context *context, const cli_args *args, rh_repo **out,
                        rh_error *err) RH_MUST_CHECK;

/** The same, and which of its snapshots the first operand names: free *out_id with
 * rh_string_free. *out is there to be closed also when no snapshot has the name. */
rh_status cli_repo_open_snapshot(const cli_context *context, const cli_args *args, rh_repo **out,
                                 char **out_id, rh_error *err) RH_MUST_CHECK;

#endif
