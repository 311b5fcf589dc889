/*
 * Manifests in memory: the JSON value, checked once, with typed access to what readers need.
 */
#ifndef SNAPSHOT_MANIFEST_H
#define SNAPSHOT_MANIFEST_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/repository.h>

#include "core/catalog.h"
#include "core/engine.h"
#include "core/hash.h"

typedef struct rh_manifest rh_manifest;

/** One range of a table as stored. */
typedef struct rh_stored_range {
    int64_t from; /* INT64_MIN = open */
    int64_t to;   /* INT64_MAX = open */
    int64_t rows;
    int64_t bytes; /* plain bytes */
    int64_t chunks;
    uint32_t list_pack; /* where its list stands: pack ordinal, first entry, entries */
    uint32_t list_first;
    uint32_t list_count;
} rh_stored_range;

/** One table as stored; table points into the manifest's catalog. */
typedef struct rh_stored_table {
    const rh_table *table;
    const rh_stored_range *ranges;
    size_t range_count;
    int64_t rows;
    int64_t bytes;
    int64_t chunks;
    rh_u128 row_hash;
    uint32_t dictionary; /* 0 = none */
} rh_stored_table;

/** Load and check a manifest by full id. RH_ENOTFOUND, RH_EFORMAT (damaged, changed, newer). */
rh_status rh_manifest_load(rh_repo *repo, const char *id, rh_manifest **out,
                           rh_error *err) RH_MUST_CHECK;

/** The same from memory (fuzzing, tests); id NULL skips the check of the keyed name. */
rh_status rh_manifest_parse(rh_repo *repo, const char *id, const char *text, size_t len,
                            rh_manifest **out, rh_error *err) RH_MUST_CHECK;
void rh_manifest_free(rh_manifest *manifest);

const char *rh_manifest_id(const rh_manifest *manifest);
json_t *rh_manifest_json(const rh_manifest *manifest);   /* borrowed, read only */
json_t *rh_manifest_source(const rh_manifest *manifest); /* the "source" object, borrowed */
const char *rh_manifest_lineage(const rh_manifest *manifest);
rh_engine_kind rh_manifest_engine(const rh_manifest *manifest);
const rh_catalog *rh_manifest_catalog(const rh_manifest *manifest);
size_t rh_manifest_table_count(const rh_manifest *manifest);
const rh_stored_table *rh_manifest_table(const rh_manifest *manifest, size_t index);
size_t rh_manifest_pack_count(const rh_manifest *manifest);
/** Pack name (64 hex digits) by ordinal; ordinals were checked at load. */
const char *rh_manifest_pack(const rh_manifest *manifest, size_t ordinal);

/** Hash of the file of a dictionary, NULL when the manifest lists none with this id. Borrowed. */
const rh_id *rh_manifest_dictionary(const rh_manifest *manifest, uint32_t id);
size_t rh_manifest_dictionary_count(const rh_manifest *manifest);
/** Id of the dictionary at this position. */
uint32_t rh_manifest_dictionary_id(const rh_manifest *manifest, size_t index);

/** A section as stored. */
typedef struct rh_stored_section {
    const char *name; /* borrowed from the manifest */
    int64_t bytes;
    rh_id hash; /* keyed, of the whole section */
    uint32_t list_pack;
    uint32_t list_first;
    uint32_t list_count; /* 0: the section is empty */
} rh_stored_section;

size_t rh_manifest_section_count(const rh_manifest *manifest);
const rh_stored_section *rh_manifest_section(const rh_manifest *manifest, size_t index);
/** NULL when there is none of that name. */
const rh_stored_section *rh_manifest_find_section(const rh_manifest *manifest, const char *name);

/** Newest manifest of this lineage, or NULL in *out (RH_OK) when there is none. Damaged ones are
 * skipped. */
rh_status rh_manifest_latest(rh_repo *repo, const char *lineage, rh_manifest **out,
                             rh_error *err) RH_MUST_CHECK;

#endif
