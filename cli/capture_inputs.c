/*
 * The operands of `rehearse capture`, see capture_inputs.h.
 */
#include "capture_inputs.h"

#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"

enum { MAX_DEPTH = 8 };

static bool is_server(const char *operand)
{
    if (rh_str_starts_with(operand, "postgresql://") || rh_str_starts_with(operand, "postgres://"))
        return true;
    return !rh_fs_exists(operand) && strchr(operand, '=') != NULL;
}

/* In a folder a pipe is no input: nobody asked for it by name, and it may never end. */
static rh_status feed_file(cli_context *context, rh_capture *capture, const char *path,
                           rh_error *err)
{
    rh_reader *reader = NULL;
    rh_status status = rh_cancel_check(context->cancel, err);

    if (status == RH_OK)
        status = rh_reader_file(path, &reader, err);
    return status == RH_OK ? rh_capture_input(capture, path, reader, err) : status;
}

/* Sub-folders come where their name stands in the order. */
static rh_status feed_folder(cli_context *context, rh_capture *capture, const char *path, int depth,
                             rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_list(path, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *inner = names[i][0] == '.' ? NULL : rh_fs_join(path, names[i]);

        if (names[i][0] == '.')
            continue;
        if (inner == NULL)
            status = rh_error_oom(err);
        else if (!rh_fs_is_dir(inner))
            status = feed_file(context, capture, inner, err);
        else if (depth < MAX_DEPTH)
            status = feed_folder(context, capture, inner, depth + 1, err);
        else
            status = rh_error_set(err, RH_ELIMIT, "'%s': folders nest deeper than %d", path,
                                  (int)MAX_DEPTH);
        rh_mem_free(inner);
    }
    rh_fs_list_free(names);
    return status;
}

rh_status cli_capture_operand(cli_context *context, rh_capture *capture, const char *operand,
                              rh_error *err)
{
    bool standard = strcmp(operand, "-") == 0;
    rh_reader *reader = NULL;
    rh_status status = rh_cancel_check(context->cancel, err);

    if (status != RH_OK)
        return status;
    if (!standard && is_server(operand))
        return rh_capture_query_stats(capture, operand, err);
    if (!standard && rh_fs_is_dir(operand))
        return feed_folder(context, capture, operand, 0, err);
    status = rh_reader_input(operand, context->cancel, &reader, err);
    return status == RH_OK
               ? rh_capture_input(capture, standard ? "standard input" : operand, reader, err)
               : status;
}

rh_status cli_capture_time(const char *text, const char *option, int64_t *out_us, rh_error *err)
{
    static const char rest[] = "0000-01-01T00:00:00Z";
    char full[40];
    size_t len = strlen(text);

    if (len == 0 || len + 2 > sizeof full)
        goto bad;
    memcpy(full, text, len + 1);
    if (len > 10 && full[10] == ' ')
        full[10] = 'T';
    if (len == 10 || len == 13 || len == 16)
        memcpy(full + len, rest + len, sizeof rest - len);
    else if (full[len - 1] != 'Z')
        memcpy(full + len, "Z", 2);
    if (rh_clock_parse(full, out_us, NULL) == RH_OK)
        return RH_OK;
bad:
    rh_error_set(err, RH_EUSAGE, "--%s: '%.40s' is no time", option, text);
    rh_error_hint(err, "UTC, e.g. 2024-05-01 or '2024-05-01 10:30:00'");
    return RH_EUSAGE;
}
