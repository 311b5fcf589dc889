/*
 * Which chunks of a range are in the repository already: last night's chunks of the same table
 * range, those of killed runs, and those that this run stored a moment ago.
 *
 * Memory is bounded: a long range is looked at through a window that moves along with the rows.
 */
#ifndef SNAPSHOT_KNOWN_H
#define SNAPSHOT_KNOWN_H

#include "store_internal.h"

typedef struct rh_known rh_known;

rh_known *rh_known_new(rh_store *store) RH_MUST_CHECK;
void rh_known_free(rh_known *known);

/** Start a range of a table: loads the first part of what was stored for it. Damaged or missing
 * lists and packs are passed over: their chunks are simply not known. */
rh_status rh_known_begin(rh_known *known, const store_table *table, const rh_range *range,
                         rh_error *err) RH_MUST_CHECK;

/** Start with a plain list of runs of last night's manifest (sections). list is taken over. */
rh_status rh_known_begin_list(rh_known *known, rh_buf *list, rh_error *err) RH_MUST_CHECK;

/** RH_OK and where it stands, or RH_SKIPPED when it is not known. */
rh_status rh_known_find(rh_known *known, const rh_id *id, uint32_t rows, rh_chunk_kind kind,
                        chunk_ref *out, rh_error *err) RH_MUST_CHECK;

/** A chunk that was stored just now. */
rh_status rh_known_add(rh_known *known, const rh_chunk *chunk, const chunk_ref *ref,
                       rh_error *err) RH_MUST_CHECK;

#endif
