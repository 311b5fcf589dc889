/*
 * The source behind the seam: dispatch, the order of calls that engine.h gives, and how long a
 * snapshot is held.
 */
#include <assert.h>

#include "core/clock.h"
#include "core/engine.h"
#include "core/engine_dialect.h"
#include "core/engine_ops.h"
#include "core/mem.h"
#include "extra_text.h"

struct rh_source {
    const rh_engine *engine;
    void *impl;
    int64_t began_us; /* monotonic; 0: no snapshot was taken yet */
    int64_t ended_us; /* 0: still held */
};

struct rh_session {
    const rh_engine *engine;
    void *impl;
};

rh_status rh_source_open(const char *name, const rh_source_options *options, rh_source **out,
                         rh_error *err)
{
    const rh_engine *engine;
    rh_source *source = NULL;
    rh_status status = rh_engine_find(name, &engine, err);

    assert(options->jobs >= 1);
    if (status != RH_OK)
        return status;
    source = rh_mem_zalloc(sizeof *source);
    if (source == NULL)
        return rh_error_oom(err);
    source->engine = engine;
    status = source->engine->source.open(name, options, &source->impl, err);
    if (status != RH_OK) {
        rh_mem_free(source);
        return status;
    }
    *out = source;
    return RH_OK;
}

rh_status rh_source_preflight(rh_source *source, rh_problems *problems, rh_error *err)
{
    return source->engine->source.preflight(source->impl, problems, err);
}

rh_status rh_source_begin(rh_source *source, rh_error *err)
{
    rh_status status = RH_OK;
    int64_t before_us = rh_clock_mono_us();

    assert(source->began_us == 0);
    status = source->engine->source.begin(source->impl, err);
    if (status != RH_OK) {
        /* A half-taken snapshot must not linger on production until close. */
        source->engine->source.end(source->impl);
        return status;
    }
    source->began_us = before_us;
    return RH_OK;
}

static bool holds_snapshot(const rh_source *source)
{
    return source->began_us != 0 && source->ended_us == 0;
}

rh_status rh_source_catalog(rh_source *source, const rh_catalog **out, rh_error *err)
{
    assert(holds_snapshot(source));
    return source->engine->source.catalog(source->impl, out, err);
}

rh_status rh_source_facts(rh_source *source, json_t **out, rh_error *err)
{
    assert(holds_snapshot(source));
    return source->engine->source.facts(source->impl, out, err);
}

rh_status rh_source_section(rh_source *source, const char *section, rh_buf *out, rh_error *err)
{
    assert(holds_snapshot(source));
    return source->engine->source.section(source->impl, section, out, err);
}

void rh_source_end(rh_source *source)
{
    if (source == NULL || !holds_snapshot(source))
        return;
    source->engine->source.end(source->impl);
    source->ended_us = rh_clock_mono_us();
}

rh_status rh_source_extras(rh_source *source, const rh_table *table, const rh_extra_column *extras,
                           size_t count, rh_error *err)
{
    const rh_source_ops *ops = &source->engine->source;
    rh_status status = RH_OK;

    assert(holds_snapshot(source));
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        status = rh_extra_check_text(rh_engine_dialect(source->engine->kind), extras[i].sql, err);
        if (status == RH_OK)
            status = ops->check_extra(source->impl, table, &extras[i], err);
        if (status != RH_OK) {
            rh_error_where(err, "'sql' of column '%s.%s'", table->full_name,
                           table->columns[extras[i].column].name);
            if (extras[i].where != NULL)
                rh_error_where(err, "%s", extras[i].where);
        }
    }
    return status == RH_OK ? ops->set_extras(source->impl, table, extras, count, err) : status;
}

void rh_source_close(rh_source *source)
{
    if (source == NULL)
        return;
    rh_source_end(source);
    source->engine->source.close(source->impl);
    rh_mem_free(source);
}

int64_t rh_source_held_us(const rh_source *source)
{
    if (source->began_us == 0)
        return 0;
    return (source->ended_us != 0 ? source->ended_us : rh_clock_mono_us()) - source->began_us;
}

rh_engine_kind rh_source_kind(const rh_source *source)
{
    return source->engine->kind;
}

rh_status rh_session_open(rh_source *source, rh_session **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_session *session = rh_mem_zalloc(sizeof *session);

    assert(holds_snapshot(source));
    if (session == NULL)
        return rh_error_oom(err);
    session->engine = source->engine;
    status = session->engine->source.session_open(source->impl, &session->impl, err);
    if (status != RH_OK) {
        rh_mem_free(session);
        return status;
    }
    *out = session;
    return RH_OK;
}

void rh_session_close(rh_session *session)
{
    if (session == NULL)
        return;
    session->engine->source.session_close(session->impl);
    rh_mem_free(session);
}

rh_status rh_session_rows(rh_session *session, const rh_table *table, const rh_range *range,
                          const rh_row_sink *sink, rh_error *err)
{
    return session->engine->source.session_rows(session->impl, table, range, sink, err);
}

rh_status rh_session_spread(rh_session *session, const rh_table *table, size_t rows,
                            const rh_row_look *look, rh_error *err)
{
    if (session->engine->source.session_spread == NULL)
        return rh_error_set(err, RH_EUNSUPPORTED, "%s has a sample in its statistics",
                            session->engine->name);
    return session->engine->source.session_spread(session->impl, table, rows, look, err);
}

rh_status rh_session_explain(rh_session *session, const char *sql, json_t **out, rh_error *err)
{
    return session->engine->source.session_explain(session->impl, sql, out, err);
}
