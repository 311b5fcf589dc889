/*
 * The target behind the seam: dispatch, and that rows go to the engine they come from only.
 */
#include <assert.h>

#include "core/engine.h"
#include "core/engine_ops.h"
#include "core/mem.h"

struct rh_target {
    const rh_engine *engine;
    void *impl;
};

struct rh_loader {
    const rh_engine *engine;
    void *impl;
};

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
    target->engine = rh_engine_get(kind);
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
    const rh_engine *engine;
    rh_status status = rh_engine_find(name, &engine, err);

    return status == RH_OK ? engine->target.rollback(name, options, out, err) : status;
}
