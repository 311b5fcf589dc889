/*
 * See pack_cache.h. A simple list is enough: it holds a few dozen packs, and is asked once per run
 * of chunks, not per chunk.
 */
#include "pack_cache.h"

#include <pthread.h>
#include <string.h>

#include "core/mem.h"

typedef struct slot {
    rh_pack *pack;
    size_t holders;
    size_t bytes;
    uint64_t used; /* clock of the last use */
} slot;

struct rh_pack_cache {
    rh_repo *repo;
    pthread_mutex_t lock;
    slot *slots;
    size_t count;
    size_t cap;
    size_t bytes;
    uint64_t clock;
};

rh_pack_cache *rh_pack_cache_new(rh_repo *repo)
{
    rh_pack_cache *cache = rh_mem_zalloc(sizeof *cache);

    if (cache == NULL)
        return NULL;
    if (pthread_mutex_init(&cache->lock, NULL) != 0) {
        rh_mem_free(cache);
        return NULL;
    }
    cache->repo = repo;
    return cache;
}

void rh_pack_cache_free(rh_pack_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->count; i++)
        rh_pack_free(cache->slots[i].pack);
    pthread_mutex_destroy(&cache->lock);
    rh_mem_free(cache->slots);
    rh_mem_free(cache);
}

static slot *find(rh_pack_cache *cache, const char *name)
{
    for (size_t i = 0; i < cache->count; i++)
        if (strcmp(rh_pack_get_name(cache->slots[i].pack), name) == 0)
            return &cache->slots[i];
    return NULL;
}

static size_t size_of(const rh_pack *pack)
{
    const rh_pack_table *table = rh_pack_get_table(pack);

    return table->count * sizeof *table->entries + table->span_count * sizeof *table->spans + 1024;
}

/* Close idle packs, oldest first, until the limits hold. */
static void shrink(rh_pack_cache *cache)
{
    while (cache->count > RH_PACK_CACHE_PACKS || cache->bytes > RH_PACK_CACHE_BYTES) {
        size_t oldest = cache->count;

        for (size_t i = 0; i < cache->count; i++)
            if (cache->slots[i].holders == 0 &&
                (oldest == cache->count || cache->slots[i].used < cache->slots[oldest].used))
                oldest = i;
        if (oldest == cache->count)
            return;
        cache->bytes -= cache->slots[oldest].bytes;
        rh_pack_free(cache->slots[oldest].pack);
        cache->slots[oldest] = cache->slots[--cache->count];
    }
}

static rh_status insert(rh_pack_cache *cache, rh_pack *pack, rh_error *err)
{
    if (cache->count == cache->cap) {
        size_t cap = cache->cap == 0 ? 16 : cache->cap * 2;
        slot *slots = rh_mem_rearray(cache->slots, cap, sizeof *slots);

        if (slots == NULL)
            return rh_error_oom(err);
        cache->slots = slots;
        cache->cap = cap;
    }
    cache->slots[cache->count++] = (slot){pack, 1, size_of(pack), ++cache->clock};
    cache->bytes += size_of(pack);
    shrink(cache);
    return RH_OK;
}

static rh_pack *hold(rh_pack_cache *cache, const char *name)
{
    slot *found = find(cache, name);

    if (found == NULL)
        return NULL;
    found->holders++;
    found->used = ++cache->clock;
    return found->pack;
}

rh_status rh_pack_cache_get(rh_pack_cache *cache, const char *name, rh_pack **out, rh_error *err)
{
    rh_pack *pack = NULL;
    rh_pack *opened = NULL;
    rh_status status = RH_OK;

    pthread_mutex_lock(&cache->lock);
    pack = hold(cache, name);
    pthread_mutex_unlock(&cache->lock);
    if (pack != NULL) {
        *out = pack;
        return RH_OK;
    }
    /* Opened without the lock: reading a table takes a while. Another thread may do the same. */
    status = rh_pack_open(cache->repo, name, &opened, err);
    if (status != RH_OK)
        return status;
    pthread_mutex_lock(&cache->lock);
    pack = hold(cache, name);
    if (pack == NULL) {
        status = insert(cache, opened, err);
        if (status == RH_OK) {
            pack = opened;
            opened = NULL;
        }
    }
    pthread_mutex_unlock(&cache->lock);
    rh_pack_free(opened);
    if (status == RH_OK)
        *out = pack;
    return status;
}

void rh_pack_cache_put(rh_pack_cache *cache, rh_pack *pack)
{
    if (pack == NULL)
        return;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < cache->count; i++)
        if (cache->slots[i].pack == pack)
            cache->slots[i].holders--;
    shrink(cache);
    pthread_mutex_unlock(&cache->lock);
}
