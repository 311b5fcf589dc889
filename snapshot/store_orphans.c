/*
 * Packs that no manifest references: what a killed run had stored. Their spans say which table
 * ranges the chunks came from, so the next run finds them again.
 */
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "pack_cache.h"
#include "store_internal.h"

enum { MAX_SPANS = 1 << 18 }; /* 14 MiB; what is beyond is stored again */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Drop the names that a manifest references; names are sorted. Keeps the order. */
static size_t drop_referenced(char **names, size_t count, const rh_manifest *manifest, bool *gone)
{
    size_t kept = 0;

    memset(gone, 0, count * sizeof *gone);
    for (size_t i = 0; i < rh_manifest_pack_count(manifest); i++) {
        const char *name = rh_manifest_pack(manifest, i);
        char **found = bsearch(&name, names, count, sizeof *names, compare_names);

        if (found != NULL)
            gone[found - names] = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (gone[i])
            rh_mem_free(names[i]);
        else
            names[kept++] = names[i];
    }
    names[kept] = NULL;
    return kept;
}

/* Newest manifests first: usually the first ones reference everything that is there. */
static rh_status keep_orphans(rh_store *store, char **names, size_t *count, rh_error *err)
{
    bool *gone = rh_mem_array(*count, sizeof *gone);
    char **ids = NULL;
    size_t id_count = 0;
    rh_status status =
        gone == NULL ? rh_error_oom(err) : rh_repo_snapshot_ids(store->repo, &ids, &id_count, err);

    for (size_t i = id_count; status == RH_OK && i > 0 && *count > 0; i--) {
        rh_error local = RH_ERROR_INIT;
        rh_manifest *manifest = NULL;

        if (store->last != NULL && rh_str_eq(ids[i - 1], rh_manifest_id(store->last))) {
            *count = drop_referenced(names, *count, store->last, gone);
            continue;
        }
        status = rh_manifest_load(store->repo, ids[i - 1], &manifest, &local);
        if (status == RH_OK)
            *count = drop_referenced(names, *count, manifest, gone);
        else if (status == RH_EFORMAT || status == RH_ENOTFOUND)
            status = RH_OK;
        else if (err != NULL)
            *err = local;
        rh_manifest_free(manifest);
    }
    rh_fs_list_free(ids);
    rh_mem_free(gone);
    return status;
}

static rh_status add_span(rh_store *store, const rh_pack_span *span, uint32_t pack, rh_error *err)
{
    if (store->orphan_count == MAX_SPANS)
        return RH_OK;
    if (store->orphan_count == store->orphan_cap) {
        size_t cap = store->orphan_cap == 0 ? 64 : store->orphan_cap * 2;
        store_orphan *orphans = rh_mem_rearray(store->orphans, cap, sizeof *orphans);

        if (orphans == NULL)
            return rh_error_oom(err);
        store->orphans = orphans;
        store->orphan_cap = cap;
    }
    store->orphans[store->orphan_count++] = (store_orphan){*span, pack};
    return RH_OK;
}

/* A pack that cannot be read is passed over: nothing references it. */
static rh_status add_pack(rh_store *store, uint32_t index, rh_error *err)
{
    rh_pack_cache *packs = rh_repo_packs(store->repo);
    const rh_pack_table *table;
    rh_pack *pack = NULL;
    rh_error local = RH_ERROR_INIT;
    rh_status status = rh_pack_cache_get(packs, store->orphan_names[index], &pack, &local);

    if (status == RH_EFORMAT || status == RH_ENOTFOUND)
        return RH_OK;
    if (status != RH_OK) {
        if (err != NULL)
            *err = local;
        return status;
    }
    table = rh_pack_get_table(pack);
    for (size_t i = 0; status == RH_OK && i < table->span_count; i++)
        status = add_span(store, &table->spans[i], index, err);
    rh_pack_cache_put(packs, pack);
    return status;
}

static int compare_orphans(const void *a, const void *b)
{
    const store_orphan *x = a;
    const store_orphan *y = b;
    int order = memcmp(x->span.table, y->span.table, RH_PACK_SPAN_KEY_BYTES);

    if (order != 0)
        return order;
    if (x->pack != y->pack)
        return x->pack < y->pack ? -1 : 1;
    return x->span.first < y->span.first ? -1 : x->span.first > y->span.first;
}

rh_status rh_store_find_orphans(rh_store *store, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_repo_pack_names(store->repo, &names, &count, err);

    if (status == RH_OK && count > 0) {
        qsort(names, count, sizeof *names, compare_names);
        status = keep_orphans(store, names, &count, err);
    }
    if (status == RH_OK && count > 0) {
        store->orphan_names = rh_mem_array(count, sizeof *store->orphan_names);
        status = store->orphan_names == NULL ? rh_error_oom(err) : RH_OK;
    }
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        (void)rh_str_copy(store->orphan_names[i], sizeof store->orphan_names[i], names[i]);
        store->orphan_name_count++;
        status = add_pack(store, (uint32_t)i, err);
    }
    if (store->orphan_count > 0)
        qsort(store->orphans, store->orphan_count, sizeof *store->orphans, compare_orphans);
    rh_fs_list_free(names);
    return status;
}
