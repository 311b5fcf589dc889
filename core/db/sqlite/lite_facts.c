/*
 * The "source" object of a manifest for SQLite: what the file and the library are, never a path.
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_source.h"

rh_status rh_lite_system_id(const char *path, char out[65], rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_id hash;
    /* Best effort: where there is no machine id the path alone has to do. */
    rh_status status = rh_fs_read("/etc/machine-id", 256, &text, NULL);

    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK)
        rh_buf_clear(&text);
    status = rh_buf_printf(&text, err, "\nsqlite\n%s", path);
    if (status == RH_OK) {
        rh_hash_blake2b(text.data, text.len, hash.bytes);
        rh_id_hex(&hash, out);
    }
    rh_buf_done(&text);
    return status;
}

static rh_status set_new(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status set_pragmas(rh_lite_source *source, json_t *facts, rh_error *err)
{
    static const char *const names[] = {
        "page_size",      "page_count",     "auto_vacuum",    "user_version",
        "application_id", "schema_version", "freelist_count",
    };
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof names / sizeof names[0]; i++) {
        char sql[64];
        int64_t value = 0;

        sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA main.%s", names[i]);
        status = rh_lite_get_int(source->main, sql, &value, err);
        if (status == RH_OK)
            status = set_new(facts, names[i], json_integer(value), err);
    }
    return status;
}

static rh_status set_library(json_t *facts, rh_error *err)
{
    json_t *options = json_array();
    const char *option;
    rh_status status = options != NULL ? RH_OK : rh_error_oom(err);

    for (int i = 0; status == RH_OK && (option = sqlite3_compileoption_get(i)) != NULL; i++) {
        if (json_array_append_new(options, json_string(option)) != 0)
            status = rh_error_oom(err);
    }
    if (status != RH_OK) {
        json_decref(options);
        return status;
    }
    status = set_new(facts, "compile_options", options, err);
    if (status == RH_OK)
        status = set_new(facts, "version", json_string(sqlite3_libversion()), err);
    if (status == RH_OK)
        status = set_new(facts, "source_id", json_string(sqlite3_sourceid()), err);
    return status;
}

static rh_status set_wal(const rh_lite_source *source, json_t *facts, rh_error *err)
{
    json_t *wal;
    char *path;
    struct stat st;
    int64_t bytes = 0;

    if (!source->wal.on)
        return set_new(facts, "wal", json_null(), err);
    path = rh_mem_printf("%s-wal", source->path);
    if (path == NULL)
        return rh_error_oom(err);
    if (stat(path, &st) == 0)
        bytes = (int64_t)st.st_size;
    rh_mem_free(path);
    wal = json_pack("{s:I, s:I, s:[I, I]}", "frames", (json_int_t)source->wal.frames, "bytes",
                    (json_int_t)bytes, "salt", (json_int_t)source->wal.salt[0],
                    (json_int_t)source->wal.salt[1]);
    return set_new(facts, "wal", wal, err);
}

static rh_status set_file(rh_lite_source *source, json_t *facts, rh_error *err)
{
    const char *base = strrchr(source->path, '/');
    char text[RH_CLOCK_TEXT_BYTES];
    struct stat st;
    rh_status status;

    base = base != NULL ? base + 1 : source->path;
    if (stat(source->path, &st) != 0)
        return rh_error_set(err, RH_EIO, "the file '%s' is gone", base);
    rh_clock_format((int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000, text);
    status = set_new(facts, "mtime", json_string(text), err);
    if (status == RH_OK && rh_str_is_utf8(base, strlen(base)))
        status = set_new(facts, "database", json_string(base), err);
    else if (status == RH_OK)
        status = set_new(facts, "database", json_string("database"), err);
    if (status == RH_OK)
        status = set_new(facts, "file_bytes", json_integer(source->file_bytes), err);
    return status;
}

static rh_status set_modes(rh_lite_source *source, json_t *facts, rh_error *err)
{
    rh_buf mode = RH_BUF_INIT;
    char id[65];
    rh_status status = rh_lite_get_text(source->main, "PRAGMA main.journal_mode", &mode, err);

    if (status == RH_OK)
        status = set_new(facts, "journal_mode", json_string(rh_buf_cstr(&mode)), err);
    if (status == RH_OK)
        status = set_new(facts, "encoding", json_string(source->encoding), err);
    if (status == RH_OK)
        status = set_new(
            facts, "readers",
            json_integer((json_int_t)(source->reader_count > 0 ? source->reader_count : 1)), err);
    if (status == RH_OK)
        status = rh_lite_system_id(source->path, id, err);
    if (status == RH_OK)
        status = set_new(facts, "system_id", json_string(id), err);
    rh_buf_done(&mode);
    return status;
}

/* What makes the same SQL plan differently: the library, and the statistics it may read. */
static rh_status set_planner(const rh_lite_source *source, json_t *facts, rh_error *err)
{
    bool stat1 = false;
    bool stat4 = false;

    for (size_t i = 0; i < source->schema.count; i++) {
        stat1 = stat1 || strcmp(source->schema.items[i].name, "sqlite_stat1") == 0;
        stat4 = stat4 || strcmp(source->schema.items[i].name, "sqlite_stat4") == 0;
    }
    return set_new(facts, "planner",
                   json_pack("{s:b, s:b, s:b}", "stat1", stat1, "stat4", stat4, "reads_stat4",
                             sqlite3_compileoption_used("ENABLE_STAT4")),
                   err);
}

rh_status rh_lite_facts(void *ctx, json_t **out, rh_error *err)
{
    rh_lite_source *source = ctx;
    json_t *facts = json_object();
    rh_status status = facts != NULL ? RH_OK : rh_error_oom(err);

    if (status == RH_OK)
        status = set_new(facts, "engine", json_string("sqlite"), err);
    if (status == RH_OK)
        status = set_library(facts, err);
    if (status == RH_OK)
        status = set_file(source, facts, err);
    if (status == RH_OK)
        status = set_pragmas(source, facts, err);
    if (status == RH_OK)
        status = set_modes(source, facts, err);
    if (status == RH_OK)
        status = set_wal(source, facts, err);
    if (status == RH_OK)
        status = set_planner(source, facts, err);
    if (status != RH_OK) {
        json_decref(facts);
        return status;
    }
    *out = facts;
    return RH_OK;
}
