/*
 * First step of verify: the manifests, one after the other; none is kept in memory.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/cancel.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/progress.h"
#include "repo.h"

size_t rh_verify_threads(const rh_verify *v, size_t count)
{
    size_t threads = v->jobs < count ? v->jobs : count;

    return threads == 0 ? 1 : threads;
}

static rh_status gather_packs(rh_verify *v, const rh_manifest *manifest, rh_error *err)
{
    rh_name_set *names = &v->names_of[rh_manifest_engine(manifest)];
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_manifest_pack_count(manifest); i++)
        status = rh_name_set_add(names, rh_manifest_pack(manifest, i), err);
    rh_name_set_sort(names);
    return status;
}

static rh_status gather_dicts(rh_verify *v, const rh_manifest *manifest, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_manifest_dictionary_count(manifest); i++) {
        uint32_t id = rh_manifest_dictionary_id(manifest, i);
        char hash[RH_ID_HEX_BYTES];
        char name[RH_NAME_SET_BYTES];

        rh_id_hex(rh_manifest_dictionary(manifest, id), hash);
        (void)snprintf(name, sizeof name, "%08" PRIx32 ":%s", id, hash);
        status = rh_name_set_add(&v->dicts, name, err);
    }
    rh_name_set_sort(&v->dicts);
    return status;
}

/* Room for what later steps learn about this snapshot's tables. */
static rh_status prepare_tables(rh_verify_snapshot *snapshot, const rh_manifest *manifest,
                                rh_error *err)
{
    size_t ranges = 0;

    snapshot->table_count = rh_manifest_table_count(manifest);
    snapshot->tables = rh_mem_array(snapshot->table_count, sizeof *snapshot->tables);
    if (snapshot->tables == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < snapshot->table_count; i++) {
        snapshot->tables[i].first_range = ranges;
        ranges += rh_manifest_table(manifest, i)->range_count;
    }
    snapshot->odd = rh_mem_array(ranges, 1);
    return snapshot->odd == NULL ? rh_error_oom(err) : RH_OK;
}

/* The sums that a manifest states must be those of its ranges. */
static rh_status check_sums(rh_verify *v, const char *id, const rh_stored_table *table,
                            rh_error *err)
{
    const rh_damage_place place = {id, table->table->full_name, -1, NULL};
    uint64_t rows = 0;
    uint64_t bytes = 0;
    uint64_t chunks = 0;

    for (size_t i = 0; i < table->range_count; i++) {
        rows += (uint64_t)table->ranges[i].rows;
        bytes += (uint64_t)table->ranges[i].bytes;
        chunks += (uint64_t)table->ranges[i].chunks;
    }
    if (rows == (uint64_t)table->rows && bytes == (uint64_t)table->bytes &&
        chunks == (uint64_t)table->chunks)
        return RH_OK;
    return rh_damage_add(v->damage, &place, err,
                         "the manifest's ranges do not add up to its rows, bytes and chunks");
}

static rh_status collect_one(rh_verify *v, rh_verify_snapshot *snapshot, rh_error *err)
{
    const rh_damage_place place = {snapshot->id, NULL, -1, NULL};
    rh_error why = RH_ERROR_INIT;
    rh_manifest *manifest = NULL;
    rh_status status = rh_manifest_load(v->repo, snapshot->id, &manifest, &why);

    if (status != RH_OK) {
        snapshot->bad = true;
        return rh_damage_take(v->damage, &place, &why, err);
    }
    status = prepare_tables(snapshot, manifest, err);
    if (status == RH_OK)
        status = gather_packs(v, manifest, err);
    if (status == RH_OK)
        status = gather_dicts(v, manifest, err);
    for (size_t i = 0; status == RH_OK && i < snapshot->table_count; i++)
        status = check_sums(v, snapshot->id, rh_manifest_table(manifest, i), err);
    rh_manifest_free(manifest);
    return status;
}

/* One sorted set of all packs, each with the engines that use it. */
static rh_status join_packs(rh_verify *v, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t e = 0; e < 3; e++) {
        for (size_t i = 0; status == RH_OK && i < v->names_of[e].count; i++)
            status = rh_name_set_add(&v->names, v->names_of[e].names[i], err);
    }
    if (status != RH_OK)
        return status;
    rh_name_set_sort(&v->names);
    v->packs = rh_mem_array(v->names.count, sizeof *v->packs);
    if (v->packs == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < v->names.count; i++) {
        for (unsigned e = 0; e < 3; e++) {
            if (rh_name_set_has(&v->names_of[e], v->names.names[i]))
                v->packs[i].engines |= (uint8_t)(1U << e);
        }
    }
    for (size_t e = 0; e < 3; e++)
        rh_name_set_done(&v->names_of[e]);
    return RH_OK;
}

rh_status rh_verify_collect(rh_verify *v, rh_error *err)
{
    rh_progress *progress = rh_repo_progress(v->repo);
    rh_status status = RH_OK;

    rh_progress_stage(progress, "manifests", 0, 0, v->snapshot_count);
    for (size_t i = 0; status == RH_OK && i < v->snapshot_count; i++) {
        status = rh_cancel_check(rh_repo_cancel(v->repo), err);
        if (status == RH_OK)
            status = collect_one(v, &v->snapshots[i], err);
        rh_progress_add(progress, 0, 0, 1);
    }
    if (status == RH_OK)
        status = join_packs(v, err);
    return status;
}

/* ---- later looks at the manifests ---- */

static rh_status look_again(rh_verify *v, rh_verify_snapshot *snapshot, rh_verify_step step,
                            rh_error *err)
{
    rh_manifest *manifest = NULL;
    size_t packs;
    rh_status status = rh_manifest_load(v->repo, snapshot->id, &manifest, err);

    if (status != RH_OK)
        return status;
    packs = rh_manifest_pack_count(manifest);
    v->pack_of = rh_mem_array(packs, sizeof *v->pack_of);
    if (v->pack_of == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < packs; i++)
        v->pack_of[i] = rh_name_set_find(&v->names, rh_manifest_pack(manifest, i));
    v->snapshot = snapshot;
    v->manifest = manifest;
    if (status == RH_OK)
        status = step(v, err);
    v->snapshot = NULL;
    v->manifest = NULL;
    rh_mem_free(v->pack_of);
    v->pack_of = NULL;
    rh_manifest_free(manifest);
    return status;
}

rh_status rh_verify_each(rh_verify *v, rh_verify_step step, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < v->snapshot_count; i++) {
        if (!v->snapshots[i].bad)
            status = look_again(v, &v->snapshots[i], step, err);
    }
    return status;
}
