/*
 * Proving snapshots: the steps of verify.h in order, and the answer. Damage never ends the search;
 * only memory, an interrupt, or a repository that cannot be listed does.
 */
#include <rehearse/repository.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/pool.h"
#include "repo.h"
#include "report_json.h"
#include "verify.h"

static const char *level_name(rh_verify_level level)
{
    switch (level) {
    case RH_VERIFY_MANIFEST:
        return "manifest";
    case RH_VERIFY_PACKS:
        return "packs";
    default:
        return "data";
    }
}

static void verify_done(rh_verify *v)
{
    for (size_t i = 0; v->snapshots != NULL && i < v->snapshot_count; i++) {
        rh_mem_free(v->snapshots[i].tables);
        rh_mem_free(v->snapshots[i].odd);
    }
    rh_mem_free(v->snapshots);
    rh_fs_list_free(v->ids);
    rh_name_set_done(&v->names);
    for (size_t i = 0; i < 3; i++)
        rh_name_set_done(&v->names_of[i]);
    rh_name_set_done(&v->dicts);
    rh_mem_free(v->packs);
    rh_mem_free(v->marks);
    rh_damage_free(v->damage);
}

/* All snapshots, or the chosen one: then v->ids stays empty and its id is the caller's. */
static rh_status choose(rh_verify *v, const char *snapshot_id, rh_error *err)
{
    rh_status status = RH_OK;

    if (snapshot_id == NULL)
        status = rh_repo_snapshot_ids(v->repo, &v->ids, &v->snapshot_count, err);
    else
        v->snapshot_count = 1;
    if (status != RH_OK)
        return status;
    v->snapshots = rh_mem_array(v->snapshot_count, sizeof *v->snapshots);
    if (v->snapshots == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < v->snapshot_count; i++)
        v->snapshots[i].id = snapshot_id == NULL ? v->ids[i] : snapshot_id;
    return RH_OK;
}

/* A chosen snapshot that does not exist is the user's mistake, not damage. */
static rh_status check_exists(const rh_verify *v, const char *snapshot_id, rh_error *err)
{
    char *path = NULL;
    rh_status status;

    if (snapshot_id == NULL)
        return RH_OK;
    status = rh_repo_snapshot_path(v->repo, snapshot_id, &path, err);
    if (status == RH_OK && !rh_fs_exists(path))
        status = rh_error_set(err, RH_ENOTFOUND, "there is no snapshot '%s'", snapshot_id);
    rh_mem_free(path);
    return status;
}

static rh_status put_counts(rh_verify *v, json_t *result, rh_error *err)
{
    rh_status status =
        rh_report_set(result, "snapshots", json_integer((json_int_t)v->snapshot_count), err);

    if (status == RH_OK)
        status = rh_report_set(result, "packs", json_integer((json_int_t)v->names.count), err);
    if (status == RH_OK)
        status =
            rh_report_set(result, "chunks", json_integer((json_int_t)atomic_load(&v->chunks)), err);
    if (status == RH_OK)
        status =
            rh_report_set(result, "bytes", json_integer((json_int_t)atomic_load(&v->bytes)), err);
    return status;
}

static rh_status answer(rh_verify *v, json_t **out, rh_error *err)
{
    bool content = v->level >= RH_VERIFY_DATA && v->can_read;
    json_t *result = json_object();
    rh_status status = result == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(result, "ok", json_boolean(!rh_damage_any(v->damage)), err);
    if (status == RH_OK)
        status = rh_report_set(result, "level", json_string(level_name(v->level)), err);
    if (status == RH_OK)
        status = put_counts(v, result, err);
    if (status == RH_OK)
        status = rh_report_set(result, "content_checked", json_boolean(content), err);
    if (status == RH_OK)
        status = rh_report_set(result, "damage", json_incref(rh_damage_list(v->damage)), err);
    if (status == RH_OK)
        status = rh_report_set(result, "damage_omitted",
                               json_integer((json_int_t)rh_damage_omitted(v->damage)), err);
    if (status == RH_OK)
        *out = json_incref(result);
    json_decref(result);
    return status;
}

rh_status rh_repo_verify(rh_repo *repo, const char *snapshot_id, rh_verify_level level, size_t jobs,
                         json_t **out, rh_error *err)
{
    rh_verify v = {.repo = repo,
                   .level = level,
                   .jobs = jobs == 0 ? rh_pool_processors() : jobs,
                   .can_read = rh_repo_can_read(repo),
                   .all = snapshot_id == NULL,
                   .damage = rh_damage_new()};
    rh_status status = v.damage == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = check_exists(&v, snapshot_id, err);
    if (status == RH_OK)
        status = choose(&v, snapshot_id, err);
    if (status == RH_OK)
        status = rh_verify_collect(&v, err);
    if (status == RH_OK)
        status = rh_verify_packs(&v, err);
    if (status == RH_OK && level >= RH_VERIFY_PACKS)
        status = rh_verify_lists(&v, err);
    if (status == RH_OK && level >= RH_VERIFY_DATA)
        status = rh_verify_data(&v, err);
    if (status == RH_OK)
        status = answer(&v, out, err);
    verify_done(&v);
    return status;
}
