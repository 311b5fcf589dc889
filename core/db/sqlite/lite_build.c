/*
 * Making the fresh file: b-trees first, then the exact schema written straight into sqlite_schema.
 * No text of the snapshot is ever run as SQL, so none of its functions run either, and CHECKs or
 * indexes with functions or collations that we do not know do not get in the way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "lite_aside.h"
#include "lite_conn.h"
#include "lite_render.h"
#include "lite_target.h"

enum {
    LOAD_CACHE_KIB = 8 * 1024, /* within the 16 MiB of a job */
    MAX_SORT_THREADS = 8,
};

/* ---- facts ---- */

static rh_status fact_int(const json_t *facts, const char *name, int64_t min, int64_t max,
                          int64_t *out, rh_error *err)
{
    const json_t *value = json_object_get(facts, name);

    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return rh_error_set(err, RH_EFORMAT, "the snapshot's '%s' is missing or impossible", name);
    *out = (int64_t)json_integer_value(value);
    return RH_OK;
}

static rh_status fact_encoding(const json_t *facts, rh_lite_file_facts *out, rh_error *err)
{
    const char *encoding = json_string_value(json_object_get(facts, "encoding"));

    out->big_endian = rh_str_eq(encoding, "UTF-16be");
    out->utf16 = out->big_endian || rh_str_eq(encoding, "UTF-16le");
    if (!out->utf16 && !rh_str_eq(encoding, "UTF-8"))
        return rh_error_set(err, RH_EFORMAT, "the snapshot's 'encoding' is missing or impossible");
    return RH_OK;
}

rh_status rh_lite_read_facts(const json_t *facts, rh_lite_file_facts *out, rh_error *err)
{
    rh_lite_file_facts read = {0};
    rh_status status = fact_int(facts, "page_size", 512, 65536, &read.page_size, err);

    if (status == RH_OK && (read.page_size & (read.page_size - 1)) != 0)
        status = rh_error_set(err, RH_EFORMAT, "the snapshot's 'page_size' is impossible");
    if (status == RH_OK)
        status = fact_int(facts, "auto_vacuum", 0, 2, &read.auto_vacuum, err);
    if (status == RH_OK)
        status = fact_int(facts, "user_version", INT32_MIN, INT32_MAX, &read.user_version, err);
    if (status == RH_OK)
        status =
            fact_int(facts, "application_id", INT32_MIN, UINT32_MAX, &read.application_id, err);
    if (status == RH_OK)
        status = fact_int(facts, "file_bytes", 0, INT64_MAX, &read.file_bytes, err);
    if (status == RH_OK)
        status = fact_encoding(facts, &read, err);
    if (status != RH_OK)
        return status;
    read.wal = rh_str_ieq(json_string_value(json_object_get(facts, "journal_mode")), "wal");
    *out = read;
    return RH_OK;
}

/* ---- the file ---- */

/* page_size, encoding and auto_vacuum must come before the first page is written. */
static rh_status set_pragmas(rh_lite_target *target, rh_error *err)
{
    const rh_lite_file_facts *facts = &target->facts;
    size_t jobs = target->options.jobs < MAX_SORT_THREADS ? target->options.jobs : MAX_SORT_THREADS;
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_printf(
        &sql, err,
        "PRAGMA page_size=%" PRId64 "; PRAGMA encoding='%s'; PRAGMA auto_vacuum=%" PRId64 ";"
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
        "PRAGMA cache_size=-%d; PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;"
        "PRAGMA secure_delete=OFF; PRAGMA threads=%zu;"
        "PRAGMA user_version=%" PRId32 "; PRAGMA application_id=%" PRId32,
        facts->page_size, !facts->utf16 ? "UTF-8" : (facts->big_endian ? "UTF-16be" : "UTF-16le"),
        facts->auto_vacuum, (int)LOAD_CACHE_KIB, jobs - 1, (int32_t)facts->user_version,
        (int32_t)facts->application_id);

    if (status == RH_OK)
        status = rh_lite_exec(target->db, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

/* ---- the exact schema, empty ---- */

/* SQLite's planner statistics come along only when production's are asked for. */
static void leave_out_statistics(rh_lite_target *target)
{
    rh_lite_schema *schema = &target->exact;
    size_t kept = 0;

    if (target->options.statistics == RH_STATISTICS_SOURCE)
        return;
    for (size_t i = 0; i < schema->count; i++) {
        if (!rh_lite_is_statistics(schema->items[i].tbl_name))
            schema->items[kept++] = schema->items[i];
    }
    schema->count = kept;
}

/* ---- the plans ---- */

/* The catalog decides how rows are decoded, the schema how they are stored: both must agree. */
static rh_status check_against(const rh_lite_table *stored, const rh_table *table, rh_error *err)
{
    bool same = table != NULL && table->column_count == stored->count &&
                rh_lite_extra_rowid(table) == stored->has_rowid &&
                rh_lite_extra_ipk(table) == stored->ipk;

    for (size_t i = 0; same && i < stored->count; i++) {
        same = strcmp(table->columns[i].name, stored->columns[i].name) == 0 &&
               table->columns[i].generated == stored->columns[i].generated;
    }
    return same ? RH_OK
                : rh_error_set(err, RH_EFORMAT, "catalog and schema differ in table '%s'",
                               stored->name);
}

/* Before the hook: what it adds or changes need not be in the catalog. */
static rh_status check_catalog(rh_lite_target *target, const rh_catalog *catalog, rh_error *err)
{
    rh_arena *arena = rh_arena_new(0);
    rh_status status = arena != NULL ? RH_OK : rh_error_oom(err);

    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];
        rh_lite_table stored = {0};

        if (target->options.statistics != RH_STATISTICS_SOURCE &&
            rh_lite_is_statistics(table->name))
            continue;
        status = rh_lite_table_read(target->db, arena, table->name, &stored, err);
        if (status == RH_OK)
            status = check_against(&stored, table, err);
        if (status == RH_ENOTFOUND)
            status = RH_EFORMAT;
        rh_arena_reset(arena);
    }
    rh_arena_free(arena);
    return status;
}

static rh_status make_plans(rh_lite_target *target, rh_error *err)
{
    const rh_lite_schema *exact = &target->exact;
    rh_status status = RH_OK;

    target->arena = rh_arena_new(0);
    if (target->arena == NULL)
        return rh_error_oom(err);
    target->plans = rh_arena_array(target->arena, exact->count, sizeof *target->plans);
    if (target->plans == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < exact->count; i++) {
        rh_lite_plan *plan = &target->plans[target->plan_count];

        if (!rh_lite_is_table(&exact->items[i]))
            continue;
        status =
            rh_lite_table_read(target->db, target->arena, exact->items[i].name, &plan->stored, err);
        plan->typed = plan->stored.has_stored;
        target->plan_count++;
    }
    return status;
}

/* ---- softening ---- */

static rh_status soften(rh_lite_target *target, rh_error *err)
{
    rh_lite_schema soft = {target->arena, NULL, 0};
    rh_buf sql = RH_BUF_INIT;
    rh_status status = RH_OK;

    soft.items = rh_arena_array(target->arena, target->plan_count, sizeof *soft.items);
    if (soft.items == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < target->exact.count; i++) {
        rh_lite_object *object = &soft.items[soft.count];

        if (!rh_lite_is_table(&target->exact.items[i]))
            continue;
        *object = target->exact.items[i];
        rh_buf_clear(&sql);
        status = rh_lite_soft_table(target->db, &target->plans[soft.count], object->sql, &sql, err);
        if (status == RH_OK)
            object->sql = rh_arena_strdup(target->arena, rh_buf_cstr(&sql));
        if (status == RH_OK && object->sql == NULL)
            status = rh_error_oom(err);
        soft.count++;
    }
    if (status == RH_OK)
        status = rh_lite_schema_install(target->db, &soft, err);
    rh_buf_done(&sql);
    return status;
}

/* The user's SQL sees the schema as it will be, still without rows; what it changes is kept. */
static rh_status run_hook(rh_lite_target *target, rh_error *err)
{
    rh_status status;

    if (target->options.sql_after_schema == NULL)
        return RH_OK;
    status = rh_lite_exec(target->db, target->options.sql_after_schema, err);
    if (status == RH_OK && !sqlite3_get_autocommit(target->db))
        status = rh_error_set(err, RH_EUSAGE, "the SQL leaves a transaction open");
    if (status != RH_OK) {
        rh_error_where(err, "the SQL to run after the schema");
        return status;
    }
    rh_lite_schema_done(&target->exact);
    return rh_lite_schema_read(target->db, &target->exact, err);
}

static rh_status read_schema(rh_lite_target *target, const rh_restore_input *input, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = input->section(input->section_ctx, "schema", &text, err);

    if (status == RH_OK)
        status = rh_lite_schema_parse(rh_buf_cstr(&text), text.len, &target->exact, err);
    rh_buf_done(&text);
    return status;
}

rh_status rh_lite_build(rh_lite_target *target, const rh_restore_input *input, rh_error *err)
{
    rh_status status = rh_lite_read_facts(input->facts, &target->facts, err);

    if (status == RH_OK)
        status = read_schema(target, input, err);
    if (status == RH_OK)
        status = rh_lite_create_aside(target->path, &target->build, err);
    if (status == RH_OK)
        status = rh_lite_open(target->build, RH_LITE_BUILD, 1000000, &target->db, err);
    if (status == RH_OK)
        status = set_pragmas(target, err);
    leave_out_statistics(target);
    if (status == RH_OK)
        status = rh_lite_schema_roots(target->db, &target->exact, input->catalog, err);
    if (status == RH_OK)
        status = rh_lite_schema_install(target->db, &target->exact, err);
    if (status == RH_OK)
        status = check_catalog(target, input->catalog, err);
    if (status == RH_OK)
        status = run_hook(target, err);
    if (status == RH_OK)
        status = make_plans(target, err);
    if (status == RH_OK)
        status = soften(target, err);
    if (status == RH_OK)
        status = rh_lite_exec(target->db, "BEGIN", err);
    return status;
}
