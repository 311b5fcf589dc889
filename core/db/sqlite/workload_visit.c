/*
 * The smaller tables of a workload file, one visit per entry.
 */
#include "lite_conn.h"
#include "workload_reader.h"

/* Reads one row into `entry` and hands it to the visitor behind `call`. */
typedef struct visit_call {
    const char *sql;
    rh_status (*read)(sqlite3_stmt *stmt, const struct visit_call *call, rh_error *err);
    const void *visit; /* pointer to the caller's function pointer */
    void *ctx;
} visit_call;

static rh_status run(rh_workload_file *file, visit_call *call, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_error detail = RH_ERROR_INIT;
    rh_status status;

    rh_workload_budget(file);
    status = rh_lite_prepare(file->db, call->sql, &stmt, &detail);
    if (status != RH_OK)
        return rh_workload_damaged(file, status, &detail, err);
    while (status == RH_OK && (status = rh_workload_step(file, stmt, err)) == RH_OK)
        status = call->read(stmt, call, err);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

#define CALL(call, type) (*(rh_status(*const *)(void *, const type *, rh_error *))(call)->visit)

static rh_status read_statement(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_statement entry = {0};
    rh_status status = rh_workload_column_statement(stmt, 0, &entry, err);

    return status == RH_OK ? CALL(call, rh_workload_statement)(call->ctx, &entry, err) : status;
}

static rh_status read_session(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_session entry = {0};
    rh_status status = rh_workload_column_number(stmt, 0, &entry.id, err);

    if (status == RH_OK)
        status = rh_workload_column_text(stmt, 1, &entry.user, err);
    if (status == RH_OK)
        status = rh_workload_column_text(stmt, 2, &entry.database, err);
    if (status == RH_OK)
        status = rh_workload_column_text(stmt, 3, &entry.application, err);
    if (status == RH_OK)
        status = rh_workload_column_text(stmt, 4, &entry.client, err);
    if (status == RH_OK)
        status = rh_workload_column_time(stmt, 5, &entry.start_us, err);
    if (status == RH_OK)
        status = rh_workload_column_time(stmt, 6, &entry.end_us, err);
    return status == RH_OK ? CALL(call, rh_workload_session)(call->ctx, &entry, err) : status;
}

static rh_status read_source(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_source entry = {0};
    const char **const texts[] = {&entry.path, &entry.format, &entry.system_id, &entry.database,
                                  &entry.server_version};
    rh_status status = rh_workload_column_number(stmt, 0, &entry.id, err);

    for (int i = 0; status == RH_OK && i < 5; i++)
        status = rh_workload_column_text(stmt, i + 1, texts[i], err);
    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 6, &entry.lines, err);
    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 7, &entry.bytes, err);
    return status == RH_OK ? CALL(call, rh_workload_source)(call->ctx, &entry, err) : status;
}

static rh_status read_skipped(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_skipped entry = {0};
    rh_status status = rh_workload_column_some(stmt, 0, &entry.reason, err);

    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 1, &entry.source, err);
    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 2, &entry.line, err);
    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 3, &entry.count, err);
    return status == RH_OK ? CALL(call, rh_workload_skipped)(call->ctx, &entry, err) : status;
}

static rh_status read_plan(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_plan entry = {0};
    rh_status status = rh_workload_column_number(stmt, 0, &entry.execution, err);

    if (status == RH_OK)
        status = rh_workload_column_some(stmt, 1, &entry.format, err);
    if (status == RH_OK)
        status = rh_workload_column_some(stmt, 2, &entry.plan, err);
    return status == RH_OK ? CALL(call, rh_workload_plan)(call->ctx, &entry, err) : status;
}

static rh_status read_unit(sqlite3_stmt *stmt, const visit_call *call, rh_error *err)
{
    rh_workload_unit entry = {0};
    rh_status status = rh_workload_column_number(stmt, 0, &entry.id, err);

    if (status == RH_OK)
        status = rh_workload_column_some(stmt, 1, &entry.kind, err);
    if (status == RH_OK)
        status = rh_workload_column_number(stmt, 2, &entry.parent, err);
    if (status == RH_OK)
        status = rh_workload_column_count(stmt, 3, &entry.height, err);
    if (status == RH_OK)
        status = rh_workload_column_text(stmt, 4, &entry.name, err);
    if (status == RH_OK)
        status = rh_workload_column_time(stmt, 5, &entry.time_us, err);
    return status == RH_OK ? CALL(call, rh_workload_unit)(call->ctx, &entry, err) : status;
}

rh_status rh_workload_file_statements(rh_workload_file *file,
                                      rh_status (*visit)(void *, const rh_workload_statement *,
                                                         rh_error *),
                                      void *ctx, rh_error *err)
{
    visit_call call = {"SELECT id, fingerprint, by, command, normalized FROM main.statements "
                       "ORDER BY id",
                       read_statement, &visit, ctx};

    return run(file, &call, err);
}

rh_status rh_workload_file_sessions(rh_workload_file *file,
                                    rh_status (*visit)(void *, const rh_workload_session *,
                                                       rh_error *),
                                    void *ctx, rh_error *err)
{
    visit_call call = {"SELECT id, user, database, application, client, start_us, end_us "
                       "FROM main.sessions ORDER BY id",
                       read_session, &visit, ctx};

    return run(file, &call, err);
}

rh_status rh_workload_file_sources(rh_workload_file *file,
                                   rh_status (*visit)(void *, const rh_workload_source *,
                                                      rh_error *),
                                   void *ctx, rh_error *err)
{
    visit_call call = {"SELECT id, path, format, system_id, database, server_version, lines, bytes "
                       "FROM main.sources ORDER BY id",
                       read_source, &visit, ctx};

    return run(file, &call, err);
}

rh_status rh_workload_file_skipped(rh_workload_file *file,
                                   rh_status (*visit)(void *, const rh_workload_skipped *,
                                                      rh_error *),
                                   void *ctx, rh_error *err)
{
    visit_call call = {"SELECT reason, source, line, count FROM main.skipped "
                       "ORDER BY reason, source",
                       read_skipped, &visit, ctx};

    return run(file, &call, err);
}

rh_status rh_workload_file_plans(rh_workload_file *file,
                                 rh_status (*visit)(void *, const rh_workload_plan *, rh_error *),
                                 void *ctx, rh_error *err)
{
    visit_call call = {"SELECT execution, format, plan FROM main.plans ORDER BY id", read_plan,
                       &visit, ctx};

    return run(file, &call, err);
}

rh_status rh_workload_file_units(rh_workload_file *file,
                                 rh_status (*visit)(void *, const rh_workload_unit *, rh_error *),
                                 void *ctx, rh_error *err)
{
    visit_call call = {"SELECT id, kind, parent, height, name, time_us FROM main.units ORDER BY id",
                       read_unit, &visit, ctx};

    return run(file, &call, err);
}
