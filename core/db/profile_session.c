/*
 * Dispatch of profile sessions to the engines.
 */
#include "core/profile_session.h"

#include <assert.h>

#include "core/engine_ops.h"
#include "core/mem.h"

struct rh_profile_session {
    const rh_engine *engine;
    void *impl;
};

rh_status rh_profile_open(const char *target, const rh_profile_options *options,
                          rh_profile_session **out, rh_error *err)
{
    const rh_engine *engine;
    rh_profile_session *session = NULL;
    rh_status status = rh_engine_find(target, &engine, err);

    if (status != RH_OK)
        return status;
    session = rh_mem_zalloc(sizeof *session);
    if (session == NULL)
        return rh_error_oom(err);
    session->engine = engine;
    status = session->engine->profile.open(target, options, &session->impl, err);
    if (status == RH_OK)
        *out = session;
    else
        rh_mem_free(session);
    return status;
}

void rh_profile_close(rh_profile_session *session)
{
    if (session == NULL)
        return;
    session->engine->profile.close(session->impl);
    rh_mem_free(session);
}

rh_engine_kind rh_profile_kind(const rh_profile_session *session)
{
    return session->engine->kind;
}

rh_status rh_profile_about(rh_profile_session *session, json_t **out, rh_error *err)
{
    return session->engine->profile.about(session->impl, out, err);
}

rh_status rh_profile_run(rh_profile_session *session, const rh_profile_statement *statement,
                         rh_profile_result *out, rh_error *err)
{
    *out = (rh_profile_result){.elapsed_us = -1, .error_offset = RH_PROFILE_NO_OFFSET};
    return session->engine->profile.run(session->impl, statement, out, err);
}

void rh_profile_result_done(rh_profile_result *result)
{
    json_decref(result->plan);
    json_decref(result->reads);
    result->plan = NULL;
    result->reads = NULL;
}

rh_status rh_profile_tables(rh_profile_session *session, const rh_profile_table *tables,
                            size_t count, json_t **out, rh_error *err)
{
    return session->engine->profile.tables(session->impl, tables, count, out, err);
}

rh_status rh_profile_try_index(rh_profile_session *session, const rh_profile_statement *statement,
                               const rh_profile_index *index, json_t **out, rh_error *err)
{
    assert(index->column_count > 0);
    return session->engine->profile.try_index(session->impl, statement, index, out, err);
}

rh_status rh_profile_values(rh_profile_session *session, const rh_profile_table *table,
                            const char *column, json_t **out, rh_error *err)
{
    return session->engine->profile.values(session->impl, table, column, out, err);
}

rh_status rh_profile_view(rh_profile_session *session, const rh_profile_table *view, char **out,
                          rh_error *err)
{
    return session->engine->profile.view(session->impl, view, out, err);
}
