/*
 * Open packs of a repository handle, shared by all threads: the least recently used ones that
 * nobody holds are closed when there are many, so memory and descriptors stay bounded.
 */
#ifndef SNAPSHOT_PACK_CACHE_H
#define SNAPSHOT_PACK_CACHE_H

#include "pack_reader.h"

typedef struct rh_pack_cache rh_pack_cache;

enum {
    RH_PACK_CACHE_PACKS = 48,
    RH_PACK_CACHE_BYTES = 16 * 1024 * 1024, /* of decoded tables */
};

rh_pack_cache *rh_pack_cache_new(rh_repo *repo) RH_MUST_CHECK;
void rh_pack_cache_free(rh_pack_cache *cache);

/** The pack with this name, opened if need be. Give it back with rh_pack_cache_put. Codes as for
 * rh_pack_open. */
rh_status rh_pack_cache_get(rh_pack_cache *cache, const char *name, rh_pack **out,
                            rh_error *err) RH_MUST_CHECK;
void rh_pack_cache_put(rh_pack_cache *cache, rh_pack *pack); /* pack may be NULL */

/** The cache of a handle (repo.c). */
rh_pack_cache *rh_repo_packs(rh_repo *repo);

#endif
