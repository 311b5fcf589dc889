/*
 * The read side, the same for restore, verify, cat and export: chunks by reference, proved.
 */
#ifndef SNAPSHOT_FETCH_H
#define SNAPSHOT_FETCH_H

#include <rehearse/repository.h>

#include "core/rows.h"
#include "manifest.h"

typedef struct rh_fetch rh_fetch;

/**
 * Reader of a run of ranges of one stored table ([first, first+count)). One thread; keeps a handful
 * of pack tables in memory. manifest is borrowed.
 */
rh_status rh_fetch_open(rh_repo *repo, const rh_manifest *manifest, const rh_stored_table *table,
                        size_t first, size_t count, rh_fetch **out, rh_error *err) RH_MUST_CHECK;

/**
 * Next chunk's plain bytes, proved against its id; *out_rows is its row count (0 for a part of a
 * long row). RH_DONE at the end, after counts and bytes of every range were compared with the
 * manifest. RH_EFORMAT names table, range, chunk and pack. Borrowed until the next call.
 */
rh_status rh_fetch_next(rh_fetch *fetch, const uint8_t **out_data, size_t *out_len,
                        int64_t *out_rows, rh_error *err) RH_MUST_CHECK;

/** Sum of the row hashes and number of rows read so far (complete rows). */
rh_u128 rh_fetch_row_hash(const rh_fetch *fetch);
int64_t rh_fetch_rows(const rh_fetch *fetch);
void rh_fetch_free(rh_fetch *fetch);

/** A fetch as the row_reader of a loader. fetch stays the caller's. */
rh_row_reader rh_fetch_reader(rh_fetch *fetch);

/** A whole section appended to out, proved. RH_ENOTFOUND. */
rh_status rh_fetch_section(rh_repo *repo, const rh_manifest *manifest, const char *name,
                           rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
