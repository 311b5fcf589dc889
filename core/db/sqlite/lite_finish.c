/*
 * After the rows: the exact schema comes back, indexes are filled, the result is proved.
 */
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_fulltext.h"
#include "lite_target.h"

enum {
    MAX_COMPLAINTS = 100,
    /* The cache's size is also the size of the sorter's runs: those that fit the processor's cache
     * sort a third faster than those of 12 MiB, and merging more of them costs next to nothing. */
    SORT_CACHE_KIB = 1024,
};

static rh_status fill_index(rh_lite_target *target, const char *name, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "REINDEX main.", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(name, &sql, err);
    if (status == RH_OK)
        status = rh_lite_exec(target->db, rh_buf_cstr(&sql), err);
    if (status != RH_OK)
        rh_error_where(err, "index '%s'", name);
    rh_buf_done(&sql);
    return status;
}

static rh_status fill_indexes(rh_lite_target *target, rh_error *err)
{
    const rh_lite_schema *exact = &target->exact;
    uint64_t count = 0;
    char pragma[64];
    rh_status status;

    sqlite3_snprintf((int)sizeof pragma, pragma, "PRAGMA main.cache_size=-%d", (int)SORT_CACHE_KIB);
    status = rh_lite_exec(target->db, pragma, err);
    for (size_t i = 0; i < exact->count; i++)
        count += strcmp(exact->items[i].type, "index") == 0 ? 1 : 0;
    rh_progress_stage(target->options.progress, "indexes", 0, 0, count);
    for (size_t i = 0; status == RH_OK && i < exact->count; i++) {
        if (strcmp(exact->items[i].type, "index") != 0)
            continue;
        status = rh_cancel_check(target->options.cancel, err);
        if (status == RH_OK)
            status = fill_index(target, exact->items[i].name, err);
        rh_progress_add(target->options.progress, 0, 0, 1);
    }
    return status;
}

static rh_status run_hook(rh_lite_target *target, rh_error *err)
{
    rh_status status;

    if (target->options.sql_after_load == NULL)
        return RH_OK;
    status = rh_lite_exec(target->db, target->options.sql_after_load, err);
    if (status == RH_OK && !sqlite3_get_autocommit(target->db))
        status = rh_error_set(err, RH_EUSAGE, "the SQL leaves a transaction open");
    if (status != RH_OK)
        rh_error_where(err, "the SQL to run after the load");
    return status;
}

/*
 * quick_check also tells of values that break NOT NULL or a column's type ("NULL value in t.c").
 * Production has them, so the copy must: that is a note, anything else is damage.
 */
static rh_status add_complaint(const char *text, rh_problems *notes, rh_error *err)
{
    if (strstr(text, " value in ") != NULL)
        return rh_problems_add(notes, false, NULL, err, "as in the source: %s", text);
    return rh_error_set(err, RH_EDB, "the restored file is not sound: %s", text);
}

static rh_status check_file(rh_lite_target *target, rh_problems *notes, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    char sql[64];
    rh_status status;

    rh_progress_stage(target->options.progress, "check", 0, 0, 0);
    sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA main.quick_check(%d)", (int)MAX_COMPLAINTS);
    status = rh_lite_prepare(target->db, sql, &stmt, err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);

        if (text != NULL && strcmp(text, "ok") != 0)
            status = add_complaint(text, notes, err);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status note_converted(rh_lite_target *target, rh_problems *notes, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < target->plan_count; i++) {
        const rh_lite_plan *plan = &target->plans[i];

        if (plan->converted > 0)
            status = rh_problems_add(notes, false, NULL, err,
                                     "table '%s' has stored generated columns: %lld values that do "
                                     "not fit their column's type took its storage class",
                                     plan->stored.name, (long long)plan->converted);
    }
    return status;
}

rh_status rh_lite_finish(void *ctx, rh_problems *notes, rh_error *err)
{
    rh_lite_target *target = ctx;
    rh_status status = rh_lite_exec(target->db, "COMMIT", err);

    if (status == RH_OK)
        status = rh_lite_schema_install(target->db, &target->exact, err);
    if (status == RH_OK)
        status = fill_indexes(target, err);
    if (status == RH_OK)
        status = rh_lite_fulltext_rebuild(target->db, &target->exact, err);
    if (status == RH_OK && target->options.statistics == RH_STATISTICS_ANALYZE)
        status = rh_lite_exec(target->db, "ANALYZE main", err);
    if (status == RH_OK)
        status = run_hook(target, err);
    if (status == RH_OK)
        status = check_file(target, notes, err);
    if (status == RH_OK)
        status = note_converted(target, notes, err);
    target->finished = status == RH_OK;
    return status;
}
