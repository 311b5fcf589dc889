/* Which engine a name means, and what is known of an engine without opening anything. */
#include "core/engine.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "core/engine_ops.h"
#include "core/fs.h"
#include "core/str.h"

static const rh_engine *const engines[] = {&rh_engine_postgresql, &rh_engine_sqlite};

const rh_engine *rh_engine_get(rh_engine_kind kind)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (engines[i]->kind == kind)
            return engines[i];
    }
    assert(!"unknown engine kind");
    return engines[0];
}

/* "keyword = value ...", the first keyword in lower case as libpq's are. */
static bool is_conninfo(const char *name)
{
    size_t i = 0;

    while (isspace((unsigned char)name[i]))
        i++;
    if (!islower((unsigned char)name[i]))
        return false;
    while (islower((unsigned char)name[i]) || name[i] == '_')
        i++;
    while (isspace((unsigned char)name[i]))
        i++;
    return name[i] == '=';
}

static rh_status unknown_name(const char *name, rh_error *err)
{
    /* A URI of another kind may hold a password: do not repeat it. */
    if (strstr(name, "://") != NULL || strchr(name, '@') != NULL)
        rh_error_set(err, RH_EUSAGE, "this is not the name of a database that we know");
    else
        rh_error_set(err, RH_EUSAGE, "'%s' is not the name of a database", name);
    rh_error_hint(err, "postgresql://host/name, a libpq string such as 'service=prod', "
                       "sqlite:PATH, or the path of an existing SQLite file");
    return RH_EUSAGE;
}

rh_status rh_engine_of(const char *name, rh_engine_kind *out, rh_error *err)
{
    struct stat st;

    if (rh_str_starts_with(name, "sqlite:")) {
        if (name[strlen("sqlite:")] == '\0')
            return rh_error_set(err, RH_EUSAGE, "'sqlite:' lacks a path");
        *out = RH_ENGINE_SQLITE;
        return RH_OK;
    }
    if (rh_str_starts_with(name, "postgresql://") || rh_str_starts_with(name, "postgres://")) {
        *out = RH_ENGINE_POSTGRESQL;
        return RH_OK;
    }
    if (stat(name, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return rh_error_set(err, RH_EUSAGE, "'%s' is a directory, not a database", name);
        *out = RH_ENGINE_SQLITE;
        return RH_OK;
    }
    if (is_conninfo(name)) {
        *out = RH_ENGINE_POSTGRESQL;
        return RH_OK;
    }
    return unknown_name(name, err);
}

rh_status rh_engine_of_new_file(const char *name, rh_engine_kind *out, rh_error *err)
{
    rh_error unknown = RH_ERROR_INIT;
    bool foreign = strstr(name, "://") != NULL || strchr(name, '@') != NULL;

    if (rh_engine_of(name, out, &unknown) == RH_OK)
        return RH_OK;
    if (foreign || name[0] == '\0' || unknown.code != RH_EUSAGE || rh_fs_is_dir(name))
        return rh_engine_of(name, out, err);
    *out = RH_ENGINE_SQLITE;
    return RH_OK;
}

rh_status rh_engine_find(const char *name, const rh_engine **out, rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(name, &kind, err);

    if (status == RH_OK)
        *out = rh_engine_get(kind);
    return status;
}

rh_status rh_engine_describe(const char *name, rh_buf *out, rh_error *err)
{
    const rh_engine *engine;
    rh_status status = rh_engine_find(name, &engine, err);

    return status == RH_OK ? engine->describe(name, out, err) : status;
}

const char *rh_engine_name(rh_engine_kind kind)
{
    return rh_engine_get(kind)->name;
}

rh_status rh_engine_from_name(const char *text, rh_engine_kind *out, rh_error *err)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (rh_str_eq(text, engines[i]->name)) {
            *out = engines[i]->kind;
            return RH_OK;
        }
    }
    return rh_error_set(err, RH_EFORMAT, "'%.64s' is not an engine that this version knows",
                        text != NULL ? text : "");
}

rh_rows_format rh_engine_rows_format(rh_engine_kind kind)
{
    return rh_engine_get(kind)->rows_format;
}

const char *const *rh_engine_sections(rh_engine_kind kind)
{
    return rh_engine_get(kind)->sections;
}

rh_status rh_rows_render(rh_engine_kind kind, const rh_table *table, const rh_batch *batch,
                         rh_buf *out, rh_error *err)
{
    return rh_engine_get(kind)->render(table, batch, out, err);
}
