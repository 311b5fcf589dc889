/*
 * Planner statistics of the target: production's where the server lets us, fresh ones elsewhere.
 *
 * Before version 18 only a superuser can write pg_statistic; from 18 on there are functions. What
 * extended statistics hold cannot be written in any version so far, so their tables are analyzed
 * first and the columns' production figures then take the place of the fresh ones.
 *
 * A section whose first line says {"kind":"partial"} (a masked copy) leaves columns out on purpose:
 * then everything is analyzed first, and only what is listed takes the place of fresh figures.
 */
#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_statistics_put.h"
#include "pg_tasks.h"

enum { SECTION_MAX_BYTES = 1 << 30 };

/* ---- ANALYZE ---- */

static rh_status analyze_task(const PGresult *list, int row, rh_arena *arena, rh_pg_task *out,
                              rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "ANALYZE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(PQgetvalue(list, row, 0), PQgetvalue(list, row, 1),
                                             &sql, err);
    if (status == RH_OK) {
        *out = (rh_pg_task){.sql = rh_arena_strdup(arena, rh_buf_cstr(&sql)),
                            .weight = rh_pg_int64(list, row, 3),
                            .shared = true};
        out->label = out->sql;
        if (out->sql == NULL)
            status = rh_error_oom(err);
    }
    rh_buf_done(&sql);
    return status;
}

/* Partitioned parents come after all their parts, or two sessions would analyze the same part. */
static rh_status analyze(rh_pg_target *target, bool extended_only, rh_error *err)
{
    rh_pg *pg = NULL;
    PGresult *list = NULL;
    rh_arena *arena = rh_arena_new(0);
    rh_pg_task *tasks = NULL;
    rh_status status = arena == NULL ? rh_error_oom(err) : rh_pg_target_connect(target, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query(pg, rh_pg_sql_statistics_analyze, 0, NULL, &list, err);
    if (status == RH_OK) {
        tasks = rh_mem_array((size_t)PQntuples(list) + 1, sizeof *tasks);
        if (tasks == NULL)
            status = rh_error_oom(err);
    }
    for (int parents = 0; parents < 2 && status == RH_OK; parents++) {
        size_t count = 0;

        for (int i = 0; i < PQntuples(list) && status == RH_OK; i++) {
            if (rh_pg_true(list, i, 2) != (parents == 1) ||
                (extended_only && !rh_pg_true(list, i, 4)))
                continue;
            status = analyze_task(list, i, arena, &tasks[count], err);
            count++;
        }
        if (status == RH_OK)
            status = rh_pg_tasks_run(target, NULL, tasks, count, err);
    }
    rh_mem_free(tasks);
    PQclear(list);
    rh_pg_close(pg);
    rh_arena_free(arena);
    return status;
}

/* ---- production's ---- */

static rh_status put_all(rh_pg_target *target, const rh_buf *text, bool partial, rh_problems *notes,
                         rh_error *err)
{
    rh_pg_statistics_put put = {
        .pg = NULL, .functions = target->admin->version >= 180000, .partial = partial};
    rh_status status = rh_pg_target_connect(target, &put.pg, err);

    if (status == RH_OK && !put.functions && !partial)
        status = rh_pg_exec(put.pg, rh_pg_sql_statistics_forget_all, err);
    if (status == RH_OK)
        status = rh_pg_statistics_put_text(&put, rh_buf_cstr(text), text->len, err);
    /* Freshly loaded rows count as changes: autovacuum would replace what we have put. */
    if (status == RH_OK && target->superuser)
        status = rh_pg_exec(put.pg, "SELECT pg_catalog.pg_stat_reset()", err);
    if (status == RH_OK && put.refused > 0)
        status = rh_problems_add(notes, false, "ANALYZE fills the gaps", err,
                                 "%" PRId64 " statistics of production do not fit the server",
                                 put.refused);
    rh_pg_close(put.pg);
    return status;
}

static rh_status note_extended(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_pg *pg = NULL;
    char *any = NULL;
    rh_status status = rh_pg_target_connect(target, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query_text(pg, "SELECT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext)", 0,
                                  NULL, &any, err);
    if (status == RH_OK && rh_str_eq(any, "t"))
        status = rh_problems_add(notes, false, NULL, err,
                                 "extended statistics are fresh ones: no server takes others");
    rh_mem_free(any);
    rh_pg_close(pg);
    return status;
}

static rh_status restore_source(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const rh_restore_input *input = target->input;
    rh_error missing = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    bool possible = target->superuser || target->admin->version >= 180000;
    rh_status status;

    rh_buf_init(&text, SECTION_MAX_BYTES);
    status = input->section(input->section_ctx, "statistics", &text, &missing);
    if (status != RH_OK && status != RH_ENOTFOUND) {
        rh_error_set(err, status, "%s", missing.text);
    } else if (status == RH_ENOTFOUND || !possible) {
        status = rh_problems_add(notes, false,
                                 possible ? NULL : "restore as a superuser to have production's",
                                 err, "planner statistics are fresh ones, not production's");
        if (status == RH_OK)
            status = analyze(target, false, err);
    } else {
        bool partial = rh_pg_statistics_is_partial(rh_buf_cstr(&text));

        status = analyze(target, !partial, err);
        if (status == RH_OK)
            status = put_all(target, &text, partial, notes, err);
        if (status == RH_OK)
            status = note_extended(target, notes, err);
    }
    rh_buf_done(&text);
    return status;
}

rh_status rh_pg_statistics_restore(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_status status = RH_OK;

    rh_progress_stage(target->options.progress, "statistics", 0, 0, 0);
    if (target->options.statistics == RH_STATISTICS_SOURCE)
        status = restore_source(target, notes, err);
    else if (target->options.statistics == RH_STATISTICS_ANALYZE)
        status = analyze(target, false, err);
    if (status != RH_OK)
        rh_error_where(err, "planner statistics");
    return status;
}
