/*
 * Target: a database built aside.
 *
 *   open() -> [looked at] -- begin() -> [building] -- finish() -> [built] -- commit() -> [in place]
 *                                 \___________________\____________ free(): dropped
 *
 * Invariants
 * 1. Nothing is written outside the staged database before commit().
 * 2. The staged database carries the staging mark from its first moment on, and the admin
 *    connection holds an advisory lock named after it: one without its lock belongs to nobody.
 * 3. free() without commit() leaves no trace; a killed process leaves the staged database, which
 *    the next begin() for the same name drops.
 */
#include "pg_target.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_script_run.h"
#include "pg_statement.h"

enum { SECTION_MAX_BYTES = 1 << 30 };

static const char load_settings[] =
    "SET default_transaction_read_only = off; SET synchronous_commit = off; "
    "SET row_security = on; SET vacuum_cost_delay = 0; "
    "SELECT pg_catalog.set_config('maintenance_work_mem', '256MB', false) "
    "WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) "
    "< 268435456";

/* Any database that always exists will do to create another one. */
static rh_status connect_admin(rh_pg_target *target, rh_error *err)
{
    rh_error first = RH_ERROR_INIT;
    rh_status status =
        rh_pg_open(target->info, "postgres", target->options.cancel, &target->admin, &first);

    if (status == RH_ENOTFOUND)
        return rh_pg_open(target->info, "template1", target->options.cancel, &target->admin, err);
    if (status != RH_OK) {
        rh_error_set(err, status, "%s", first.text);
        rh_error_hint(err, "%s", first.hint);
    }
    return status;
}

static rh_status read_role(rh_pg_target *target, rh_error *err)
{
    char *super = NULL;
    rh_status status = rh_pg_query_text(
        target->admin, "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user", 0,
        NULL, &super, err);

    target->superuser = rh_str_eq(super, "t");
    rh_mem_free(super);
    return status;
}

rh_status rh_pg_target_open(const char *name, const rh_target_options *options, void **out,
                            rh_error *err)
{
    rh_status status = RH_OK;
    rh_pg_target *target = rh_mem_zalloc(sizeof *target);

    if (target == NULL)
        return rh_error_oom(err);
    target->options = *options;
    status = rh_pg_conninfo_parse(name, &target->info, err);
    if (status == RH_OK && !rh_str_copy(target->database, sizeof target->database,
                                        rh_pg_conninfo_get(target->info, "dbname")))
        status = rh_error_set(err, RH_EUSAGE, "the database's name is longer than 63 bytes");
    if (status == RH_OK)
        status = connect_admin(target, err);
    if (status == RH_OK)
        status = rh_pg_pin(target->admin, target->info, err);
    if (status == RH_OK)
        status = read_role(target, err);
    if (status == RH_OK) {
        *out = target;
        target = NULL;
    }
    rh_pg_target_free(target);
    return status;
}

rh_status rh_pg_target_connect(const rh_pg_target *target, rh_pg **out, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = rh_pg_open(target->info, target->staged, target->options.cancel, &pg, err);

    if (status == RH_OK)
        status = rh_pg_exec(pg, load_settings, err);
    if (status == RH_OK)
        *out = pg;
    else
        rh_pg_close(pg);
    return status;
}

rh_status rh_pg_target_script(const rh_pg_target *target, const char *section, rh_pg_script **out,
                              rh_error *err)
{
    const rh_restore_input *input = target->input;
    rh_error missing = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    rh_status status;

    rh_buf_init(&text, SECTION_MAX_BYTES);
    status = input->section(input->section_ctx, section, &text, &missing);
    if (status == RH_ENOTFOUND)
        status = RH_OK;
    else if (status != RH_OK)
        rh_error_set(err, status, "%s", missing.text);
    if (status == RH_OK)
        status = rh_pg_script_parse(rh_buf_cstr(&text), text.len, out, err);
    if (status != RH_OK)
        rh_error_where(err, "section '%s'", section);
    rh_buf_done(&text);
    return status;
}

bool rh_pg_target_leaves_out(const rh_pg_target *target, const rh_pg_item *item)
{
    return (item->kind == RH_PG_ITEM_OWNER && target->options.no_owner) ||
           (item->kind == RH_PG_ITEM_PRIVILEGE && target->options.no_privileges);
}

static rh_status run_pre_data(rh_pg_target *target, rh_error *err)
{
    rh_pg_script *script = NULL;
    rh_pg_runner runner = {.pg = target->pg};
    rh_status status = rh_pg_target_script(target, "pre-data", &script, err);

    if (status != RH_OK)
        return status;
    runner.script = script;
    rh_progress_stage(target->options.progress, "schema", 0, 0, script->item_count);
    for (size_t i = 0; i < script->item_count && status == RH_OK; i++) {
        if (!rh_pg_target_leaves_out(target, &script->items[i]))
            status = rh_pg_runner_item(&runner, &script->items[i], NULL, err);
        rh_progress_add(target->options.progress, 0, 0, 1);
    }
    rh_pg_script_free(script);
    return status;
}

static rh_status run_hook(rh_pg_target *target, const char *sql, const char *name, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status;

    if (sql == NULL)
        return RH_OK;
    status = rh_pg_target_connect(target, &pg, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, "RESET search_path", err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, sql, err);
    if (status != RH_OK)
        rh_error_where(err, "hook '%s'", name);
    rh_pg_close(pg);
    return status;
}

static void name_staged(rh_pg_target *target)
{
    uint8_t random[4];
    char suffix[9];

    rh_random(random, sizeof random);
    (void)snprintf(suffix, sizeof suffix, "%02x%02x%02x%02x", random[0], random[1], random[2],
                   random[3]);
    rh_pg_name_derive(target->database, "__rehearse_new_", suffix, target->staged);
}

rh_status rh_pg_target_begin(void *handle, const rh_restore_input *input, rh_error *err)
{
    rh_pg_target *target = handle;
    rh_status status;

    target->input = input;
    status = rh_pg_database_drop_stale(target, err);
    if (status == RH_OK) {
        name_staged(target);
        status = rh_pg_database_create(target, err);
    }
    if (status == RH_OK)
        status = rh_pg_target_connect(target, &target->pg, err);
    if (status == RH_OK)
        status = run_pre_data(target, err);
    /* A fresh session: the script has changed this one's settings. */
    rh_pg_close(target->pg);
    target->pg = NULL;
    if (status == RH_OK)
        status = run_hook(target, target->options.sql_after_schema, "sql-after-schema", err);
    return status;
}

size_t rh_pg_target_max_loaders(const void *handle)
{
    const rh_pg_target *target = handle;

    return target->options.jobs > 0 ? target->options.jobs : 1;
}

static rh_status run_post_data(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_pg_script *script = NULL;
    rh_status status = rh_pg_target_script(target, "post-data", &script, err);

    if (status == RH_OK)
        status = rh_pg_post_data_run(target, script, notes, err);
    rh_pg_script_free(script);
    return status;
}

rh_status rh_pg_target_finish(void *handle, rh_problems *notes, rh_error *err)
{
    rh_pg_target *target = handle;
    rh_status status = rh_pg_sequences_restore(target, notes, err);

    if (status == RH_OK)
        status = rh_pg_defang_credentials(target, notes, err);
    if (status == RH_OK)
        status = run_post_data(target, notes, err);
    if (status == RH_OK)
        status = rh_pg_statistics_restore(target, notes, err);
    if (status == RH_OK)
        status = rh_pg_defang(target, notes, err);
    if (status == RH_OK)
        status = run_hook(target, target->options.sql_after_load, "sql-after-load", err);
    return status;
}

void rh_pg_target_free(void *handle)
{
    rh_pg_target *target = handle;
    rh_error ignored = RH_ERROR_INIT;

    if (target == NULL)
        return;
    rh_pg_close(target->pg);
    if (target->staged[0] != '\0' && target->admin != NULL) {
        target->admin->cancel = NULL; /* also after Ctrl-C nothing stays behind */
        target->options.cancel = NULL;
        (void)!rh_pg_database_drop(target, target->staged, &ignored);
    }
    rh_pg_close(target->admin);
    rh_pg_conninfo_free(target->info);
    rh_mem_free(target);
}
