/*
 * The life of a target: open, check, begin, (load, finish), commit or free.
 *
 * Invariants
 *   1. Nothing at the target's path changes before commit.
 *   2. What is built stands beside it under a name of its own, and goes away unless it is
 * committed.
 */
/* realpath(3) is part of XSI. */
#define _XOPEN_SOURCE 700

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_source.h"
#include "lite_target.h"

/* dir/base with dir resolved, in our own memory. */
static rh_status join_resolved(const char *dir, const char *base, const char *name, char **out,
                               rh_error *err)
{
    char resolved[PATH_MAX];

    if (realpath(dir, resolved) == NULL) {
        int os_errno = errno;

        rh_error_errno(err, os_errno, "cannot use the directory of '%s'", name);
        if (err != NULL)
            err->code = RH_EUSAGE;
        return RH_EUSAGE;
    }
    *out = rh_mem_printf("%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved, base);
    return *out != NULL ? RH_OK : rh_error_oom(err);
}

rh_status rh_lite_target_path(const char *name, char **out, rh_error *err)
{
    const char *path = rh_lite_path(name);
    const char *slash = strrchr(path, '/');
    struct stat st;
    char resolved[PATH_MAX];
    char *dir;
    rh_status status;

    if (path[0] == '\0')
        return rh_error_set(err, RH_EUSAGE, "the target lacks a path");
    /* An existing target may be reached through a symbolic link: what it means is replaced. */
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return rh_error_set(err, RH_EUSAGE, "'%s' is not a regular file", path);
        if (realpath(path, resolved) == NULL)
            return rh_error_errno(err, errno, "cannot use '%s'", path);
        *out = rh_mem_strdup(resolved);
        return *out != NULL ? RH_OK : rh_error_oom(err);
    }
    if (lstat(path, &st) == 0)
        return rh_error_set(err, RH_EUSAGE, "'%s' is a symbolic link to nothing", path);
    if (slash == NULL)
        return join_resolved(".", path, path, out, err);
    if (slash[1] == '\0')
        return rh_error_set(err, RH_EUSAGE, "'%s' is not the name of a file", path);
    dir = slash == path ? rh_mem_strdup("/") : rh_mem_strndup(path, (size_t)(slash - path));
    if (dir == NULL)
        return rh_error_oom(err);
    status = join_resolved(dir, slash + 1, path, out, err);
    rh_mem_free(dir);
    return status;
}

rh_status rh_lite_target_open(const char *name, const rh_target_options *options, void **out,
                              rh_error *err)
{
    rh_lite_target *target = rh_mem_zalloc(sizeof *target);
    rh_status status;

    if (target == NULL)
        return rh_error_oom(err);
    target->options = *options;
    status = rh_lite_target_path(name, &target->path, err);
    if (status != RH_OK) {
        rh_lite_target_free(target);
        return status;
    }
    *out = target;
    return RH_OK;
}

void rh_lite_remove(const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[PATH_MAX]; /* also when memory is out, nothing may stay behind */

        if (snprintf(file, sizeof file, "%s%s", path, suffixes[i]) < (int)sizeof file)
            (void)unlink(file);
    }
}

static void close_build(rh_lite_target *target)
{
    rh_lite_close(target->db);
    target->db = NULL;
}

void rh_lite_target_free(void *ctx)
{
    rh_lite_target *target = ctx;

    close_build(target);
    if (target->build != NULL)
        rh_lite_remove(target->build);
    rh_mem_free(target->build);
    rh_lite_schema_done(&target->exact);
    rh_arena_free(target->arena);
    rh_mem_free(target->path);
    rh_mem_free(target);
}

/* ---- check ---- */

static rh_status check_existing(const rh_lite_target *target, rh_problems *problems, rh_error *err)
{
    if (!rh_fs_exists(target->path))
        return RH_OK;
    if (!target->options.swap)
        return rh_problems_add(problems, true, "--swap replaces a database that this program made",
                               err, "'%s' exists", target->path);
    if (!target->options.allow_unmarked && !rh_lite_is_marked(target->path))
        return rh_problems_add(problems, true,
                               "only databases that this program made are replaced, unless "
                               "unmarked ones are allowed",
                               err, "'%s' is not marked as a staging database", target->path);
    return RH_OK;
}

static rh_status check_not_source(const rh_lite_target *target, const json_t *facts,
                                  rh_problems *problems, rh_error *err)
{
    char id[65];
    rh_status status = rh_lite_system_id(target->path, id, err);

    if (status == RH_OK && rh_str_eq(id, json_string_value(json_object_get(facts, "system_id"))))
        status =
            rh_problems_add(problems, true, NULL, err,
                            "'%s' is the database that the snapshot was taken from", target->path);
    return status;
}

static rh_status check_space(const rh_lite_target *target, int64_t need, rh_problems *problems,
                             rh_error *err)
{
    const char *slash = strrchr(target->path, '/');
    char *dir =
        rh_mem_strndup(target->path, slash == target->path ? 1 : (size_t)(slash - target->path));
    uint64_t free_bytes = 0;
    char need_text[16];
    char free_text[16];
    rh_status status = dir != NULL ? RH_OK : rh_error_oom(err);

    if (status == RH_OK)
        status = rh_fs_free_bytes(dir, &free_bytes, err);
    if (status == RH_OK && access(dir, W_OK | X_OK) != 0)
        status = rh_problems_add(problems, true, NULL, err, "no right to write in '%s'", dir);
    if (status == RH_OK && need > 0 && (uint64_t)need > free_bytes)
        status = rh_problems_add(problems, true, NULL, err, "'%s' has %s free, about %s are needed",
                                 dir, rh_num_format_bytes(free_bytes, free_text),
                                 rh_num_format_bytes((uint64_t)need, need_text));
    rh_mem_free(dir);
    return status;
}

static rh_status check_version(const json_t *facts, rh_problems *problems, rh_error *err)
{
    const char *version = json_string_value(json_object_get(facts, "version"));

    if (version == NULL || rh_str_eq(version, sqlite3_libversion()))
        return RH_OK;
    return rh_problems_add(problems, false, "plans may differ between versions", err,
                           "the snapshot was read with SQLite %.32s, this is %s", version,
                           sqlite3_libversion());
}

rh_status rh_lite_target_check(void *ctx, const rh_restore_input *input, rh_problems *problems,
                               rh_error *err)
{
    rh_lite_target *target = ctx;
    rh_lite_file_facts facts = {0};
    rh_status status = rh_lite_read_facts(input->facts, &facts, err);

    if (status == RH_OK)
        status = check_existing(target, problems, err);
    if (status == RH_OK)
        status = check_not_source(target, input->facts, problems, err);
    if (status == RH_OK)
        status = check_space(target, facts.file_bytes, problems, err);
    if (status == RH_OK)
        status = check_version(input->facts, problems, err);
    return status;
}

/* ---- begin, commit ---- */

rh_status rh_lite_target_begin(void *ctx, const rh_restore_input *input, rh_error *err)
{
    rh_lite_target *target = ctx;

    assert(target->db == NULL && target->options.snapshot_id != NULL);
    return rh_lite_build(target, input, err);
}

/* WAL mode is a property of the file; SQLite sets it and takes its side files away on close. */
static rh_status restore_journal_mode(const rh_lite_target *target, rh_error *err)
{
    sqlite3 *db = NULL;
    rh_buf mode = RH_BUF_INIT;
    rh_status status;

    if (!target->facts.wal)
        return RH_OK;
    status = rh_lite_open(target->build, RH_LITE_BUILD, 1000000, &db, err);
    if (status == RH_OK)
        status = rh_lite_get_text(db, "PRAGMA main.journal_mode=WAL", &mode, err);
    if (status == RH_OK && !rh_str_ieq(rh_buf_cstr(&mode), "wal"))
        status = rh_error_set(err, RH_EDB, "the restored file cannot be put into WAL mode");
    rh_buf_done(&mode);
    rh_lite_close(db);
    return status;
}

rh_status rh_lite_target_commit(void *ctx, json_t **out, rh_error *err)
{
    rh_lite_target *target = ctx;
    rh_status status;

    assert(target->finished && !target->loading);
    close_build(target);
    status = restore_journal_mode(target, err);
    if (status == RH_OK)
        status = rh_fs_sync(target->build, err);
    return status == RH_OK ? rh_lite_place(target, out, err) : status;
}
