/*
 * What is in a repository: one line per snapshot, or one manifest. Reads manifests only.
 */
#include <rehearse/repository.h>

#include "core/cancel.h"
#include "core/fs.h"
#include "core/progress.h"
#include "manifest.h"
#include "repo.h"
#include "report_json.h"
#include "snapshot_time.h"

/* Copy of a member as it stands in the manifest, or null. */
static json_t *member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return value == NULL ? json_null() : json_deep_copy(value);
}

static rh_status put_sums(const rh_manifest *manifest, json_t *entry, rh_error *err)
{
    json_int_t rows = 0;
    json_int_t bytes = 0;
    size_t tables = rh_manifest_table_count(manifest);
    rh_status status;

    for (size_t i = 0; i < tables; i++) {
        rows += rh_manifest_table(manifest, i)->rows;
        bytes += rh_manifest_table(manifest, i)->bytes;
    }
    status = rh_report_set(entry, "tables", json_integer((json_int_t)tables), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "rows", json_integer(rows), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "bytes", json_integer(bytes), err);
    return status;
}

static rh_status put_good(const rh_manifest *manifest, json_t *entry, rh_error *err)
{
    static const char *const copied[] = {"time", "label", "raw", "new_bytes"};
    const json_t *json = rh_manifest_json(manifest);
    const json_t *source = rh_manifest_source(manifest);
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof copied / sizeof copied[0]; i++)
        status = rh_report_set(entry, copied[i], member(json, copied[i]), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "engine", member(source, "engine"), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "database", member(source, "database"), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "held_us",
                               member(json_object_get(json, "timings"), "held_us"), err);
    if (status == RH_OK)
        status = put_sums(manifest, entry, err);
    if (status == RH_OK)
        status = rh_report_set(entry, "damaged", json_null(), err);
    return status;
}

/* All that the file name tells, and why there is no more. */
static rh_status put_damaged(const char *id, const rh_error *why, json_t *entry, rh_error *err)
{
    static const char *const unknown[] = {"label", "engine", "database",  "raw",    "tables",
                                          "rows",  "bytes",  "new_bytes", "held_us"};
    char time[RH_CLOCK_TEXT_BYTES];
    rh_status status = rh_snapshot_time_text(id, time, err);

    if (status == RH_OK)
        status = rh_report_set(entry, "time", rh_report_text(time), err);
    for (size_t i = 0; status == RH_OK && i < sizeof unknown / sizeof unknown[0]; i++)
        status = rh_report_set(entry, unknown[i], json_null(), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "damaged", rh_report_text(why->text), err);
    return status;
}

static rh_status list_one(rh_repo *repo, const char *id, json_t *list, rh_error *err)
{
    rh_error why = RH_ERROR_INIT;
    rh_manifest *manifest = NULL;
    json_t *entry = json_object();
    rh_status loaded = rh_manifest_load(repo, id, &manifest, &why);
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    if (loaded == RH_ENOMEM || loaded == RH_ECANCELED)
        status = rh_error_set(err, loaded, "%s", why.text);
    if (status == RH_OK)
        status = rh_report_set(entry, "id", rh_report_text(id), err);
    if (status == RH_OK && loaded == RH_OK)
        status = put_good(manifest, entry, err);
    else if (status == RH_OK)
        status = put_damaged(id, &why, entry, err);
    if (status == RH_OK)
        status = rh_report_append(list, json_incref(entry), err);
    json_decref(entry);
    rh_manifest_free(manifest);
    return status;
}

/* Names sort in the order in which the snapshots were made (docs/format.md §7). */
rh_status rh_repo_list(rh_repo *repo, json_t **out, rh_error *err)
{
    char **ids = NULL;
    size_t count = 0;
    json_t *list = json_array();
    rh_status status = list == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_repo_snapshot_ids(repo, &ids, &count, err);
    if (status == RH_OK)
        rh_progress_stage(rh_repo_progress(repo), "manifests", 0, 0, count);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        status = rh_cancel_check(rh_repo_cancel(repo), err);
        if (status == RH_OK)
            status = list_one(repo, ids[i], list, err);
        rh_progress_add(rh_repo_progress(repo), 0, 0, 1);
    }
    if (status == RH_OK)
        *out = json_incref(list);
    json_decref(list);
    rh_fs_list_free(ids);
    return status;
}

rh_status rh_repo_show(rh_repo *repo, const char *snapshot_id, json_t **out, rh_error *err)
{
    rh_manifest *manifest = NULL;
    rh_status status = rh_manifest_load(repo, snapshot_id, &manifest, err);

    if (status == RH_OK)
        *out = json_incref(rh_manifest_json(manifest));
    rh_manifest_free(manifest);
    return status;
}
