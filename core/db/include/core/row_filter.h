/*
 * The seam between copying and masking: rows in, rows out, a report at the end.
 *
 * anonymize/ implements it; snapshot/ applies the filter it is given; the CLI plugs them together.
 * One filter serves all worker threads: table_open is called once per worker and table and returns
 * that worker's own state.
 */
#ifndef CORE_ROW_FILTER_H
#define CORE_ROW_FILTER_H

#include <jansson.h>

#include <rehearse/error.h>

#include "core/catalog.h"
#include "core/engine.h"
#include "core/rows.h"

typedef struct rh_row_filter {
    /** Before any row is read: may refuse the catalog. facts: the source's facts; structure: the
     * text of the section "structure" (see core/structure.h), NULL when the source has none.
     * Borrowed. */
    rh_status (*begin)(void *ctx, rh_rows_format format, const rh_catalog *catalog,
                       const json_t *facts, const rh_buf *structure, rh_error *err);
    /** After begin: what the source has to compute for rows of a table (rh_table.extras; borrowed,
     * as long as the filter). NULL: nothing ever. */
    rh_status (*extras)(void *ctx, const rh_table *table, const rh_extra_column **out,
                        size_t *out_count, rh_error *err);
    rh_status (*table_open)(void *ctx, const rh_table *table, void **out_state, rh_error *err);
    /** out is borrowed until the next call on the same state; may alias in when nothing changes.
     * The number of rows may change. */
    rh_status (*apply)(void *state, const rh_batch *in, rh_batch *out, rh_error *err);
    void (*table_close)(void *state);
    /** After begin: change what the copy will know about its source (the manifest's "source").
     * NULL: nothing. */
    rh_status (*facts)(void *ctx, json_t *facts, rh_error *err);
    /** After the last row of a run that went well, all tables closed, nothing published yet: may
     * still say no. NULL: nothing to say. */
    rh_status (*end)(void *ctx, rh_error *err);
    /** Schema text, statistics and other sections; NULL: sections pass unchanged. */
    rh_status (*section)(void *ctx, const char *name, const rh_buf *in, rh_buf *out, rh_error *err);
    /** For the manifest: rule-file hash, key id, preserves/leaks. New reference. */
    rh_status (*report)(void *ctx, json_t **out, rh_error *err);
    void *ctx;
} rh_row_filter;

/**
 * Between begin and the first row: let the source compute what the filter asks for. source NULL:
 * rows come from a snapshot, which computes nothing: RH_EUNSUPPORTED when something is asked for.
 */
rh_status rh_row_filter_attach(const rh_row_filter *filter, rh_source *source,
                               const rh_catalog *catalog, rh_error *err) RH_MUST_CHECK;

/** filter->facts where there is one; filter may be NULL. */
rh_status rh_row_filter_facts(const rh_row_filter *filter, json_t *facts,
                              rh_error *err) RH_MUST_CHECK;

/** filter->end where there is one; filter may be NULL. */
rh_status rh_row_filter_end(const rh_row_filter *filter, rh_error *err) RH_MUST_CHECK;

#endif
