/*
 * Dispatch of call sessions to the engines.
 */
#include "core/call_session.h"

#include "core/engine_ops.h"
#include "core/mem.h"
#include "plan_lines.h"

struct rh_call_session {
    const rh_engine *engine;
    void *impl;
};

struct rh_call_statement {
    const rh_engine *engine;
    void *impl;
};

static rh_status new_session(const char *target, rh_call_session **out, rh_error *err)
{
    const rh_engine *engine;
    rh_status status = rh_engine_find(target, &engine, err);

    if (status != RH_OK)
        return status;
    *out = rh_mem_zalloc(sizeof **out);
    if (*out == NULL)
        return rh_error_oom(err);
    (*out)->engine = engine;
    return RH_OK;
}

rh_status rh_call_open(const char *target, const rh_call_options *options, rh_call_session **out,
                       rh_error *err)
{
    rh_call_session *session = NULL;
    rh_status status = new_session(target, &session, err);

    if (status == RH_OK)
        status = session->engine->call.open(target, options, &session->impl, err);
    if (status == RH_OK)
        *out = session;
    else
        rh_mem_free(session);
    return status;
}

rh_status rh_call_open_empty(const char *target, const json_t *statistics, rh_call_session **out,
                             rh_error *err)
{
    rh_call_session *session = NULL;
    rh_status status = new_session(target, &session, err);

    if (status == RH_OK && session->engine->call.open_empty == NULL)
        status = rh_error_set(err, RH_EUNSUPPORTED,
                              "only SQLite plans by statistics that are put in its place");
    if (status == RH_OK)
        status = session->engine->call.open_empty(target, statistics, &session->impl, err);
    if (status == RH_OK)
        *out = session;
    else
        rh_mem_free(session);
    return status;
}

rh_status rh_call_open_copies(const char *target, const rh_call_options *options,
                              const char *const *statements, rh_call_session **out, rh_error *err)
{
    rh_call_session *session = NULL;
    rh_status status = new_session(target, &session, err);

    if (status == RH_OK && session->engine->call.open_copies == NULL)
        status = rh_error_set(err, RH_EUNSUPPORTED, "this engine makes no growing copies");
    if (status == RH_OK)
        status =
            session->engine->call.open_copies(target, options, statements, &session->impl, err);
    if (status == RH_OK)
        *out = session;
    else
        rh_mem_free(session);
    return status;
}

rh_status rh_call_fill_copies(rh_call_session *session, int64_t rows, rh_error *err)
{
    return session->engine->call.fill_copies(session->impl, rows, err);
}

int64_t rh_call_copy_share(int64_t total, int64_t rows, int64_t largest)
{
    double share = (double)total * (double)rows / (double)(largest > 0 ? largest : 1);

    return rows >= largest ? total : (int64_t)share + (total > 0 && share < 1);
}

rh_status rh_call_copies(rh_call_session *session, json_t **out, rh_error *err)
{
    return session->engine->call.copies(session->impl, out, err);
}

void rh_call_close(rh_call_session *session)
{
    if (session == NULL)
        return;
    session->engine->call.close(session->impl);
    rh_mem_free(session);
}

rh_engine_kind rh_call_kind(const rh_call_session *session)
{
    return session->engine->kind;
}

const char *rh_call_version(const rh_call_session *session)
{
    return session->engine->call.version(session->impl);
}

rh_status rh_call_exec(rh_call_session *session, const char *sql, rh_error *err)
{
    return session->engine->call.exec(session->impl, sql, err);
}

rh_status rh_call_commit(rh_call_session *session, rh_error *err)
{
    return session->engine->call.commit(session->impl, err);
}

rh_status rh_call_prepare(rh_call_session *session, const char *sql, rh_call_statement **out,
                          rh_error *err)
{
    rh_call_statement *statement = rh_mem_zalloc(sizeof *statement);
    rh_status status;

    if (statement == NULL)
        return rh_error_oom(err);
    statement->engine = session->engine;
    status = session->engine->call.prepare(session->impl, sql, &statement->impl, err);
    if (status == RH_OK)
        *out = statement;
    else
        rh_mem_free(statement);
    return status;
}

void rh_call_statement_free(rh_call_statement *statement)
{
    if (statement == NULL)
        return;
    statement->engine->call.statement_free(statement->impl);
    rh_mem_free(statement);
}

const char *rh_call_column(const rh_call_statement *statement, size_t at)
{
    return statement->engine->call.column(statement->impl, at);
}

rh_status rh_call_execute(rh_call_statement *statement, const rh_call_run *run,
                          rh_call_counters *counters, rh_error *err)
{
    return statement->engine->call.execute(statement->impl, run, counters, err);
}

rh_status rh_call_explain(rh_call_session *session, const char *sql, const rh_parameter *parameters,
                          size_t count, json_t **out, rh_error *err)
{
    return session->engine->call.explain(session->impl, sql, parameters, count, out, err);
}

rh_status rh_call_explain_lines(rh_call_session *session, const char *sql, json_t *lines,
                                rh_error *err)
{
    json_t *plan = NULL;
    rh_status status = rh_call_explain(session, sql, NULL, 0, &plan, err);

    if (status == RH_OK)
        status = rh_plan_lines_add(plan, lines, err);
    json_decref(plan);
    return status;
}

rh_status rh_call_statistics(rh_call_session *session, json_t **out, rh_error *err)
{
    if (session->engine->call.statistics == NULL)
        return rh_error_set(err, RH_EUNSUPPORTED, "only SQLite's statistics can be read whole");
    return session->engine->call.statistics(session->impl, out, err);
}
