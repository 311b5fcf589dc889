/*
 * See repo_access.h.
 */
#include "repo_access.h"

#include <stdlib.h>

rh_status cli_repo_dir(const cli_args *args, const char **out, rh_error *err)
{
    const char *dir = cli_text(args, "repo");

    if (dir == NULL)
        dir = getenv("REHEARSE_REPO");
    if (dir == NULL || dir[0] == '\0')
        return rh_error_set(err, RH_EUSAGE, "--repo DIR is missing");
    *out = dir;
    return RH_OK;
}

const char *cli_repo_key(const cli_args *args)
{
    const char *key = cli_text(args, "key");

    if (key == NULL)
        key = getenv("REHEARSE_KEY");
    return key == NULL || key[0] == '\0' ? NULL : key;
}

rh_status cli_repo_open(const cli_context *context, const cli_args *args, rh_repo **out,
                        rh_error *err)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    const char *dir = NULL;
    rh_status status = cli_repo_dir(args, &dir, err);

    if (status != RH_OK)
        return status;
    options.key_file = cli_repo_key(args);
    options.cancel = context->cancel;
    options.progress = context->progress;
    return rh_repo_open(dir, &options, out, err);
}

rh_status cli_repo_open_snapshot(const cli_context *context, const cli_args *args, rh_repo **out,
                                 char **out_id, rh_error *err)
{
    rh_status status = cli_repo_open(context, args, out, err);

    return status == RH_OK ? rh_repo_resolve(*out, args->operands[0], out_id, err) : status;
}
