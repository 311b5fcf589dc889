/*
 * A manifest in memory, for manifest.c and manifest_check.c.
 */
#ifndef SNAPSHOT_MANIFEST_INTERNAL_H
#define SNAPSHOT_MANIFEST_INTERNAL_H

#include "manifest.h"
#include "repo.h"

enum {
    RH_MANIFEST_VERSION = 1,
    RH_MANIFEST_MAX_BYTES = 256 * 1024 * 1024,
};

/* The feature of snapshots whose facts have routes (core/routes.h). */
#define RH_MANIFEST_ROUTES "routes"

typedef struct rh_manifest_dict {
    uint32_t id;
    rh_id hash;
} rh_manifest_dict;

struct rh_manifest {
    char *id; /* NULL when parsed from memory without one */
    json_t *json;
    json_t *source;
    const char *lineage;
    rh_engine_kind engine;
    rh_catalog *catalog;
    rh_stored_table *tables;
    size_t table_count;
    rh_stored_range *ranges; /* of all tables */
    size_t range_count;
    const char **packs;
    size_t pack_count;
    rh_manifest_dict *dicts;
    size_t dict_count;
    rh_stored_section *sections;
    size_t section_count;
};

/** Fill the manifest from its json. RH_EFORMAT. */
rh_status rh_manifest_check(rh_manifest *manifest, const rh_repo *repo,
                            rh_error *err) RH_MUST_CHECK;

/** The 16 hex digits of a manifest's text under the repository's id key; 17 bytes at out. */
void rh_manifest_hex(const uint8_t id_key[RH_ID_KEY_BYTES], const void *text, size_t len,
                     char out[17]);

#endif
