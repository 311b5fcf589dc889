#include "pg_tool.h"

#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/process.h"
#include "core/str.h"

static const char installed_in[] = "/usr/lib/postgresql";

int rh_pg_tool_version(const char *text)
{
    const char *at = strstr(text, ") ");
    int64_t major = 0;

    if (at == NULL)
        return 0;
    at += 2;
    if (!rh_num_scan_int64(at, strspn(at, "0123456789"), &major) || major > 1000)
        return 0;
    return (int)major;
}

static rh_status ask_version(const char *path, int *out, rh_error *err)
{
    static const char *const arguments[] = {"--version", NULL};
    rh_buf text = RH_BUF_INIT;
    rh_process_options options = {.program = path, .arguments = arguments};
    rh_status status = rh_writer_buf(&text, &options.output, err);

    if (status == RH_OK)
        status = rh_process_run(&options, err);
    if (status == RH_OK)
        *out = rh_pg_tool_version(rh_buf_cstr(&text));
    rh_writer_free(options.output);
    rh_buf_done(&text);
    return status;
}

/* The best so far: the lowest version that will do. */
typedef struct tool_choice {
    char *path;
    int major;
    int seen; /* the highest that was found at all */
} tool_choice;

static void consider(tool_choice *choice, char *path, int min_major)
{
    int major = 0;

    if (path == NULL)
        return;
    if (rh_fs_exists(path) && ask_version(path, &major, NULL) == RH_OK) {
        if (major > choice->seen)
            choice->seen = major;
        if (major >= min_major && (choice->path == NULL || major < choice->major)) {
            rh_mem_free(choice->path);
            choice->path = path;
            choice->major = major;
            return;
        }
    }
    rh_mem_free(path);
}

static void consider_installed(tool_choice *choice, const char *program, int min_major)
{
    char **names = NULL;
    size_t count = 0;

    if (rh_fs_list(installed_in, &names, &count, NULL) != RH_OK)
        return;
    for (size_t i = 0; i < count && choice->major != min_major; i++) {
        int64_t major = 0;

        if (!rh_num_scan_int64(names[i], strlen(names[i]), &major) || major < min_major)
            continue;
        consider(choice, rh_mem_printf("%s/%s/bin/%s", installed_in, names[i], program), min_major);
    }
    rh_fs_list_free(names);
}

rh_status rh_pg_tool_find(const char *program, int min_major, char **out, rh_error *err)
{
    tool_choice choice = {NULL, 0, 0};
    const char *forced = getenv("REHEARSE_PG_BINDIR");
    char *in_path = NULL;

    if (forced != NULL && forced[0] != '\0') {
        consider(&choice, rh_fs_join(forced, program), min_major);
    } else {
        consider_installed(&choice, program, min_major);
        if (choice.major != min_major && rh_process_find(program, NULL, &in_path, NULL) == RH_OK)
            consider(&choice, in_path, min_major);
    }
    if (choice.path != NULL) {
        *out = choice.path;
        return RH_OK;
    }
    if (choice.seen > 0)
        rh_error_set(err, RH_ENOTFOUND, "'%s' is of version %d, the server needs %d or newer",
                     program, choice.seen, min_major);
    else
        rh_error_set(err, RH_ENOTFOUND, "'%s' is not installed", program);
    rh_error_hint(err, "install the package postgresql-client-%d or set REHEARSE_PG_BINDIR",
                  min_major);
    return RH_ENOTFOUND;
}
