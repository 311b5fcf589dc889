/*
 * What a run knows about its tables: last night's twin, and which dictionary, decided once.
 *
 *   OPEN -> TRAINING (claim) -> DECIDED (decide)
 *              -> OPEN (release: too few rows to say)
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "store_internal.h"

/* Usually at the same place as last night. */
static const rh_stored_table *find_last(const rh_store *store, const rh_table *table)
{
    const rh_manifest *last = store->last;
    size_t count = last == NULL ? 0 : rh_manifest_table_count(last);

    if (table->index < count &&
        rh_str_eq(rh_manifest_table(last, table->index)->table->full_name, table->full_name))
        return rh_manifest_table(last, table->index);
    for (size_t i = 0; i < count; i++)
        if (rh_str_eq(rh_manifest_table(last, i)->table->full_name, table->full_name))
            return rh_manifest_table(last, i);
    return NULL;
}

static rh_status make_key(const rh_store *store, const rh_table *table, uint8_t *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_id id;
    rh_status status = rh_buf_append(&text, store->lineage, sizeof store->lineage, err);

    if (status == RH_OK)
        status = rh_buf_append_str(&text, table->full_name, err);
    if (status == RH_OK) {
        rh_hash_id(store->span_key, text.data, text.len, &id);
        memcpy(out, id.bytes, RH_PACK_SPAN_KEY_BYTES);
    }
    rh_buf_done(&text);
    return status;
}

/* Last night's dictionary is as good as a new one, if it can be read: a writer key cannot. */
static rh_status reuse_last(rh_store *store, store_table *entry, rh_error *err)
{
    uint32_t id = entry->last == NULL ? 0 : entry->last->dictionary;
    rh_dicts *dicts = rh_repo_dicts(store->repo);
    const rh_dict *dict = NULL;
    rh_error local = RH_ERROR_INIT;
    rh_status status;

    if (id == 0 || !rh_repo_can_read(store->repo))
        return RH_OK;
    status = rh_dicts_get_writer(dicts, id, rh_manifest_dictionary(store->last, id), &dict, &local);
    if (status == RH_OK) {
        entry->dictionary = id;
        atomic_store(&entry->state, STORE_DICT_DECIDED);
    } else if (status == RH_EFORMAT || status == RH_ENOTFOUND) {
        status = RH_OK;
    } else if (err != NULL) {
        *err = local;
    }
    rh_dicts_put(dicts, dict);
    return status;
}

static rh_status make_entry(rh_store *store, const rh_table *table, store_table **out,
                            rh_error *err)
{
    store_table *entry = rh_mem_zalloc(sizeof *entry);
    rh_status status;

    if (entry == NULL)
        return rh_error_oom(err);
    atomic_init(&entry->state, STORE_DICT_OPEN);
    entry->last = find_last(store, table);
    status = make_key(store, table, entry->key, err);
    if (status == RH_OK)
        status = reuse_last(store, entry, err);
    /* 0 means that the size is not known. */
    if (atomic_load(&entry->state) == STORE_DICT_OPEN && table->estimated_bytes > 0 &&
        table->estimated_bytes < RH_DICT_MIN_TABLE_BYTES)
        atomic_store(&entry->state, STORE_DICT_DECIDED);
    if (status != RH_OK) {
        rh_mem_free(entry);
        return status;
    }
    *out = entry;
    return RH_OK;
}

static rh_status make_room(rh_store *store, size_t count, rh_error *err)
{
    store_table **tables;
    size_t grown = store->table_count;

    while (grown < count)
        grown = grown == 0 ? 16 : grown * 2;
    if (grown == store->table_count)
        return RH_OK;
    tables = rh_mem_rearray(store->tables, grown, sizeof *tables);
    if (tables == NULL)
        return rh_error_oom(err);
    memset(tables + store->table_count, 0, (grown - store->table_count) * sizeof *tables);
    store->tables = tables;
    store->table_count = grown;
    return RH_OK;
}

rh_status rh_store_table(rh_store *store, const rh_table *table, store_table **out, rh_error *err)
{
    rh_status status;

    pthread_mutex_lock(&store->lock);
    status = make_room(store, table->index + 1, err);
    if (status == RH_OK && store->tables[table->index] == NULL)
        status = make_entry(store, table, &store->tables[table->index], err);
    if (status == RH_OK)
        *out = store->tables[table->index];
    pthread_mutex_unlock(&store->lock);
    return status;
}

bool rh_store_table_claim(rh_store *store, store_table *table)
{
    int expected = STORE_DICT_OPEN;

    (void)store;
    return atomic_compare_exchange_strong(&table->state, &expected, STORE_DICT_TRAINING);
}

void rh_store_table_decide(rh_store *store, store_table *table, uint32_t dictionary)
{
    (void)store;
    table->dictionary = dictionary; /* published by the store of the state */
    atomic_store(&table->state, STORE_DICT_DECIDED);
}

void rh_store_table_release(rh_store *store, store_table *table)
{
    (void)store;
    atomic_store(&table->state, STORE_DICT_OPEN);
}

uint32_t rh_store_dictionary(const rh_store *store, const rh_table *table)
{
    const store_table *entry =
        table->index < store->table_count ? store->tables[table->index] : NULL;

    return entry != NULL && atomic_load(&entry->state) == STORE_DICT_DECIDED ? entry->dictionary
                                                                             : 0;
}
