/*
 * Thinning out. Invariants, in the order that keeps a repository whole whatever happens:
 *
 *   1. Everything is decided before anything is deleted: all manifests are read (one that cannot be
 *      read stops the run, because what it references is not known), rules judged, names looked up.
 *   2. Manifests go first, and their directory is synced, before a pack or dictionary goes: a crash
 *      leaves garbage, never a snapshot with holes.
 *   3. A pack or dictionary goes only when no remaining manifest names it and it is older than the
 *      grace, and only under a name that we gave.
 *
 *   load -> judge -> collect references -> find garbage -> delete manifests -> delete garbage
 */
#include <rehearse/repository.h>

#include <stdlib.h>
#include <string.h>

#include "core/cancel.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/progress.h"
#include "garbage.h"
#include "manifest.h"
#include "repo.h"
#include "report_json.h"
#include "retention.h"
#include "snapshot_time.h"

typedef struct pruned {
    const char *id; /* in prune.ids */
    char *lineage;
    int64_t time_us;
    bool remove;
} pruned;

typedef struct prune {
    rh_repo *repo;
    const rh_prune_options *options;
    char **ids;
    pruned *snapshots;
    size_t count;
    rh_garbage garbage;
    uint64_t manifest_bytes; /* of those that go */
} prune;

static void prune_done(prune *p)
{
    for (size_t i = 0; p->snapshots != NULL && i < p->count; i++)
        rh_mem_free(p->snapshots[i].lineage);
    rh_mem_free(p->snapshots);
    rh_fs_list_free(p->ids);
    rh_garbage_done(&p->garbage);
}

/* ---- what there is ---- */

static rh_status load_one(prune *p, size_t i, rh_error *err)
{
    rh_manifest *manifest = NULL;
    rh_status status = rh_manifest_load(p->repo, p->ids[i], &manifest, err);

    if (status != RH_OK && status != RH_ENOMEM && status != RH_ECANCELED) {
        rh_error_hint(err,
                      "what it references is not known, so nothing was removed; put the file back, "
                      "or delete 'snapshots/%s.json' yourself to give it up",
                      p->ids[i]);
        status = RH_EFORMAT;
        if (err != NULL)
            err->code = RH_EFORMAT;
    }
    if (status == RH_OK)
        status = rh_snapshot_time_us(p->ids[i], &p->snapshots[i].time_us, err);
    if (status == RH_OK) {
        p->snapshots[i].id = p->ids[i];
        p->snapshots[i].lineage = rh_mem_strdup(rh_manifest_lineage(manifest));
        if (p->snapshots[i].lineage == NULL)
            status = rh_error_oom(err);
    }
    if (status != RH_OK)
        rh_error_where(err, "snapshot '%s'", p->ids[i]);
    rh_manifest_free(manifest);
    return status;
}

static rh_status load(prune *p, rh_error *err)
{
    rh_status status = rh_repo_snapshot_ids(p->repo, &p->ids, &p->count, err);

    if (status != RH_OK)
        return status;
    p->snapshots = rh_mem_array(p->count, sizeof *p->snapshots);
    if (p->snapshots == NULL)
        return rh_error_oom(err);
    rh_progress_stage(rh_repo_progress(p->repo), "manifests", 0, 0, p->count);
    for (size_t i = 0; status == RH_OK && i < p->count; i++) {
        status = rh_cancel_check(rh_repo_cancel(p->repo), err);
        if (status == RH_OK)
            status = load_one(p, i, err);
        rh_progress_add(rh_repo_progress(p->repo), 0, 0, 1);
    }
    return status;
}

/* ---- what goes ---- */

static rh_status remove_named(prune *p, rh_error *err)
{
    const char *const *names = p->options->remove;

    for (size_t n = 0; names != NULL && names[n] != NULL; n++) {
        bool found = false;

        for (size_t i = 0; i < p->count; i++) {
            if (strcmp(p->snapshots[i].id, names[n]) == 0) {
                p->snapshots[i].remove = true;
                found = true;
            }
        }
        if (!found)
            return rh_error_set(err, RH_ENOTFOUND, "there is no snapshot '%s' to remove", names[n]);
    }
    return RH_OK;
}

/* Lineages together, newest first in each. */
static int by_lineage(const void *a, const void *b)
{
    const pruned *x = a;
    const pruned *y = b;
    int order = strcmp(x->lineage, y->lineage);

    return order != 0 ? order : strcmp(y->id, x->id); /* ids start with the time */
}

/* Judge the snapshots of [from, to), one lineage, that were not named for removal: a rule that
 * keeps n keeps n of those that stay. */
static rh_status judge_lineage(prune *p, size_t from, size_t to, rh_error *err)
{
    const rh_retention_rules rules = {p->options->keep_last, p->options->keep_daily,
                                      p->options->keep_weekly, p->options->keep_monthly};
    int64_t *times = rh_mem_array(to - from, sizeof *times);
    bool *keep = rh_mem_array(to - from, sizeof *keep);
    size_t count = 0;

    if (times == NULL || keep == NULL) {
        rh_mem_free(times);
        rh_mem_free(keep);
        return rh_error_oom(err);
    }
    for (size_t i = from; i < to; i++) {
        if (!p->snapshots[i].remove)
            times[count++] = p->snapshots[i].time_us;
    }
    rh_retention_judge(&rules, times, count, keep);
    count = 0;
    for (size_t i = from; i < to; i++) {
        if (!p->snapshots[i].remove)
            p->snapshots[i].remove = !keep[count++];
    }
    rh_mem_free(times);
    rh_mem_free(keep);
    return RH_OK;
}

/* The newest of what the user did not name always stays (rh_retention_judge promises it), so rules
 * alone never empty a lineage, let alone the repository. */
static rh_status judge(prune *p, rh_error *err)
{
    rh_status status = remove_named(p, err);

    if (status == RH_OK && p->count > 0)
        qsort(p->snapshots, p->count, sizeof *p->snapshots, by_lineage);
    for (size_t from = 0; status == RH_OK && from < p->count;) {
        size_t to = from + 1;

        while (to < p->count && strcmp(p->snapshots[to].lineage, p->snapshots[from].lineage) == 0)
            to++;
        status = judge_lineage(p, from, to, err);
        from = to;
    }
    return status;
}

/* ---- what stays ---- */

static rh_status add_references(prune *p, const rh_manifest *manifest, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_manifest_pack_count(manifest); i++)
        status = rh_garbage_keep_pack(&p->garbage, rh_manifest_pack(manifest, i), err);
    for (size_t i = 0; status == RH_OK && i < rh_manifest_dictionary_count(manifest); i++)
        status = rh_garbage_keep_dict(&p->garbage, rh_manifest_dictionary_id(manifest, i), err);
    return status;
}

static rh_status collect_references(prune *p, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < p->count; i++) {
        rh_manifest *manifest = NULL;

        if (p->snapshots[i].remove)
            continue;
        status = rh_manifest_load(p->repo, p->snapshots[i].id, &manifest, err);
        if (status == RH_OK)
            status = add_references(p, manifest, err);
        rh_garbage_kept(&p->garbage);
        rh_manifest_free(manifest);
    }
    return status;
}

/* ---- deletion ---- */

static rh_status count_manifest_bytes(prune *p, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < p->count; i++) {
        char *path = NULL;
        uint64_t bytes = 0;
        int64_t mtime_us;

        if (!p->snapshots[i].remove)
            continue;
        status = rh_repo_snapshot_path(p->repo, p->snapshots[i].id, &path, err);
        if (status == RH_OK)
            status = rh_fs_stat(path, &bytes, &mtime_us, err);
        p->manifest_bytes += bytes;
        rh_mem_free(path);
    }
    return status;
}

static rh_status delete_manifests(const prune *p, rh_error *err)
{
    char *dir = NULL;
    bool any = false;
    rh_status status = rh_repo_sub_path(p->repo, "snapshots", &dir, err);

    for (size_t i = 0; status == RH_OK && i < p->count; i++) {
        char *path = NULL;

        if (!p->snapshots[i].remove)
            continue;
        any = true;
        status = rh_repo_snapshot_path(p->repo, p->snapshots[i].id, &path, err);
        if (status == RH_OK)
            status = rh_fs_remove(path, err);
        rh_mem_free(path);
    }
    if (status == RH_OK && any)
        status = rh_fs_sync(dir, err);
    rh_mem_free(dir);
    return status;
}

/* ---- the answer ---- */

static int by_id(const void *a, const void *b)
{
    const pruned *x = a;
    const pruned *y = b;

    return strcmp(x->id, y->id);
}

static rh_status answer(prune *p, json_t **out, rh_error *err)
{
    json_t *removed = json_array();
    json_t *result = json_object();
    json_int_t kept = 0;
    rh_status status = removed == NULL || result == NULL ? rh_error_oom(err) : RH_OK;

    if (p->count > 0)
        qsort(p->snapshots, p->count, sizeof *p->snapshots, by_id);
    for (size_t i = 0; status == RH_OK && i < p->count; i++) {
        if (p->snapshots[i].remove)
            status = rh_report_append(removed, rh_report_text(p->snapshots[i].id), err);
        else
            kept++;
    }
    if (status == RH_OK)
        status = rh_report_set(result, "removed", json_incref(removed), err);
    if (status == RH_OK)
        status = rh_report_set(result, "kept", json_integer(kept), err);
    if (status == RH_OK)
        status = rh_report_set(result, "packs_removed",
                               json_integer((json_int_t)p->garbage.packs_removed), err);
    if (status == RH_OK)
        status =
            rh_report_set(result, "bytes_freed",
                          json_integer((json_int_t)(p->manifest_bytes + p->garbage.bytes)), err);
    if (status == RH_OK)
        status = rh_report_set(result, "packs_waiting",
                               json_integer((json_int_t)p->garbage.packs_waiting), err);
    if (status == RH_OK)
        *out = json_incref(result);
    json_decref(result);
    json_decref(removed);
    return status;
}

static rh_status decide(prune *p, rh_error *err)
{
    rh_status status = load(p, err);

    if (status == RH_OK)
        status = judge(p, err);
    if (status == RH_OK)
        status = collect_references(p, err);
    if (status == RH_OK)
        status = rh_garbage_find(&p->garbage, p->repo, p->options->grace_us, err);
    if (status == RH_OK)
        status = count_manifest_bytes(p, err);
    return status;
}

rh_status rh_repo_prune(rh_repo *repo, const rh_prune_options *options, json_t **out, rh_error *err)
{
    prune p = {.repo = repo, .options = options};
    json_t *result = NULL;
    rh_status status;

    if (options->grace_us < 0)
        return rh_error_set(err, RH_EUSAGE, "the grace period is negative");
    if (!options->dry_run && !rh_repo_is_exclusive(repo))
        return rh_error_set(err, RH_EUSAGE, "the repository was not opened for pruning");
    status = decide(&p, err);
    if (status == RH_OK)
        status = answer(&p, &result, err); /* before deleting: nothing can fail for memory later */
    if (status == RH_OK && !options->dry_run)
        status = delete_manifests(&p, err);
    if (status == RH_OK && !options->dry_run)
        status = rh_garbage_delete(&p.garbage, repo, err);
    if (status == RH_OK) {
        *out = result;
        result = NULL;
    }
    json_decref(result);
    prune_done(&p);
    return status;
}
