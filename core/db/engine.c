/*
 * Dispatch to the engines, and what both have in common: recognising names, measuring how long a
 * snapshot is held, checking that the calls come in the order that engine.h gives.
 */
#include "core/engine.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/engine_ops.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
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

struct rh_target {
    const rh_engine *engine;
    void *impl;
};

struct rh_loader {
    const rh_engine *engine;
    void *impl;
};

struct rh_trial {
    const rh_engine *engine;
    void *impl;
};

static const rh_engine *const engines[] = {&rh_engine_postgresql, &rh_engine_sqlite};

static const rh_engine *engine_get(rh_engine_kind kind)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (engines[i]->kind == kind)
            return engines[i];
    }
    assert(!"unknown engine kind");
    return engines[0];
}

/* ---- names ---- */

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

rh_status rh_engine_describe(const char *name, rh_buf *out, rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(name, &kind, err);

    if (status != RH_OK)
        return status;
    return engine_get(kind)->describe(name, out, err);
}

const char *rh_engine_name(rh_engine_kind kind)
{
    return engine_get(kind)->name;
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
    return engine_get(kind)->rows_format;
}

const char *const *rh_engine_sections(rh_engine_kind kind)
{
    return engine_get(kind)->sections;
}

rh_status rh_rows_render(rh_engine_kind kind, const rh_table *table, const rh_batch *batch,
                         rh_buf *out, rh_error *err)
{
    return engine_get(kind)->render(table, batch, out, err);
}

/* ---- source ---- */

rh_status rh_source_open(const char *name, const rh_source_options *options, rh_source **out,
                         rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_source *source = NULL;
    rh_status status = rh_engine_of(name, &kind, err);

    assert(options->jobs >= 1);
    if (status != RH_OK)
        return status;
    source = rh_mem_zalloc(sizeof *source);
    if (source == NULL)
        return rh_error_oom(err);
    source->engine = engine_get(kind);
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
        status = rh_extra_check_text(extras[i].sql, err);
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

/* ---- target ---- */

rh_status rh_target_open(const char *name, const rh_target_options *options, rh_target **out,
                         rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_target *target = NULL;
    rh_status status = rh_engine_of_new_file(name, &kind, err);

    assert(options->jobs >= 1);
    if (status != RH_OK)
        return status;
    target = rh_mem_zalloc(sizeof *target);
    if (target == NULL)
        return rh_error_oom(err);
    target->engine = engine_get(kind);
    status = target->engine->target.open(name, options, &target->impl, err);
    if (status != RH_OK) {
        rh_mem_free(target);
        return status;
    }
    *out = target;
    return RH_OK;
}

/* Rows of one engine mean nothing to the other. */
static rh_status check_same_engine(const rh_target *target, const rh_restore_input *input,
                                   rh_error *err)
{
    const char *name = json_string_value(json_object_get(input->facts, "engine"));
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = RH_OK;

    if (name == NULL)
        return rh_error_set(err, RH_EFORMAT, "the snapshot does not name its engine");
    status = rh_engine_from_name(name, &kind, err);
    if (status == RH_OK && kind != target->engine->kind)
        status = rh_error_set(err, RH_EUSAGE, "a snapshot of %s cannot be restored to %s", name,
                              target->engine->name);
    return status;
}

rh_status rh_target_check(rh_target *target, const rh_restore_input *input, rh_problems *problems,
                          rh_error *err)
{
    rh_status status = check_same_engine(target, input, err);

    if (status != RH_OK)
        return status;
    return target->engine->target.check(target->impl, input, problems, err);
}

rh_status rh_target_begin(rh_target *target, const rh_restore_input *input, rh_error *err)
{
    rh_status status = check_same_engine(target, input, err);

    if (status != RH_OK)
        return status;
    return target->engine->target.begin(target->impl, input, err);
}

size_t rh_target_max_loaders(const rh_target *target)
{
    return target->engine->target.max_loaders(target->impl);
}

rh_status rh_loader_open(rh_target *target, rh_loader **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_loader *loader = rh_mem_zalloc(sizeof *loader);

    if (loader == NULL)
        return rh_error_oom(err);
    loader->engine = target->engine;
    status = loader->engine->target.loader_open(target->impl, &loader->impl, err);
    if (status != RH_OK) {
        rh_mem_free(loader);
        return status;
    }
    *out = loader;
    return RH_OK;
}

void rh_loader_close(rh_loader *loader)
{
    if (loader == NULL)
        return;
    loader->engine->target.loader_close(loader->impl);
    rh_mem_free(loader);
}

rh_status rh_loader_load(rh_loader *loader, const rh_table *table, bool whole,
                         const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    return loader->engine->target.loader_load(loader->impl, table, whole, rows, out_rows, err);
}

rh_status rh_target_finish(rh_target *target, rh_problems *notes, rh_error *err)
{
    return target->engine->target.finish(target->impl, notes, err);
}

rh_status rh_target_commit(rh_target *target, json_t **out, rh_error *err)
{
    return target->engine->target.commit(target->impl, out, err);
}

void rh_target_free(rh_target *target)
{
    if (target == NULL)
        return;
    target->engine->target.free(target->impl);
    rh_mem_free(target);
}

rh_status rh_target_rollback(const char *name, const rh_target_options *options, json_t **out,
                             rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(name, &kind, err);

    if (status != RH_OK)
        return status;
    return engine_get(kind)->target.rollback(name, options, out, err);
}

/* ---- trial ---- */

static rh_status new_trial(const char *name, rh_trial **out, rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(name, &kind, err);

    if (status != RH_OK)
        return status;
    *out = rh_mem_zalloc(sizeof **out);
    if (*out == NULL)
        return rh_error_oom(err);
    (*out)->engine = engine_get(kind);
    return RH_OK;
}

rh_status rh_trial_open(const char *name, const rh_cancel *cancel, rh_trial **out, rh_error *err)
{
    rh_trial *trial = NULL;
    rh_status status = new_trial(name, &trial, err);

    if (status == RH_OK && trial->engine->trial.open == NULL)
        status = rh_error_set(err, RH_EUNSUPPORTED, "fresh statistics can be tried in %s only",
                              rh_engine_postgresql.name);
    if (status == RH_OK)
        status = trial->engine->trial.open(name, cancel, &trial->impl, err);
    if (status == RH_OK)
        *out = trial;
    else
        rh_mem_free(trial);
    return status;
}

rh_status rh_trial_open_stored(const char *target, const rh_trial_stored *stored,
                               const rh_cancel *cancel, rh_trial **out, int64_t *out_refused,
                               rh_error *err)
{
    rh_trial *trial = NULL;
    rh_status status = new_trial(target, &trial, err);

    if (status == RH_OK)
        status = trial->engine->trial.open_stored(target, stored, cancel, &trial->impl, out_refused,
                                                  err);
    if (status == RH_OK)
        *out = trial;
    else
        rh_mem_free(trial);
    return status;
}

rh_status rh_trial_analyze(rh_trial *trial, rh_error *err)
{
    return trial->engine->trial.analyze(trial->impl, err);
}

rh_status rh_trial_explain(rh_trial *trial, const char *sql, json_t **out, rh_error *err)
{
    return trial->engine->trial.explain(trial->impl, sql, out, err);
}

rh_status rh_trial_end(rh_trial *trial, rh_error *err)
{
    return trial->engine->trial.end(trial->impl, err);
}

void rh_trial_close(rh_trial *trial)
{
    if (trial == NULL)
        return;
    trial->engine->trial.close(trial->impl);
    rh_mem_free(trial);
}
