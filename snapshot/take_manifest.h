/*
 * From what a run copied to the manifest that says so.
 */
#ifndef SNAPSHOT_TAKE_MANIFEST_H
#define SNAPSHOT_TAKE_MANIFEST_H

#include <jansson.h>

#include "core/row_filter.h"
#include "store.h"

typedef struct rh_take_table {
    rh_store_range *ranges; /* as many as the table has */
    size_t range_count;
} rh_take_table;

typedef struct rh_take_facts {
    const rh_catalog *catalog;
    const rh_take_table *tables; /* one per catalog table */
    json_t *source;              /* borrowed */
    const rh_row_filter *filter; /* or NULL */
    rh_store *store;
    const char *label; /* or NULL */
    int64_t held_us;
    int64_t started_us; /* monotonic */
} rh_take_facts;

/** The manifest without what rh_store_commit adds; "sections" is an empty object. New reference. */
rh_status rh_take_manifest(const rh_take_facts *facts, json_t **out, rh_error *err) RH_MUST_CHECK;

/** Fills the manifest's object "sections". */
typedef rh_status (*rh_take_sections)(void *ctx, json_t *sections, rh_error *err);

/**
 * The end of a run: the filter's report, the sections, the manifest, the commit. *out_id: free
 * with rh_mem_free. *out: what rh_snapshot_take reports, a new reference.
 */
rh_status rh_take_commit(const rh_take_facts *facts, rh_take_sections put_sections, void *ctx,
                         char **out_id, json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
