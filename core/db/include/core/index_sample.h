/*
 * Samples of sqlite_stat4: keys of an index as SQLite stores them, one record each
 * (https://www.sqlite.org/fileformat2.html §2.1 and §2.6.4).
 */
#ifndef CORE_INDEX_SAMPLE_H
#define CORE_INDEX_SAMPLE_H

#include "core/row_fields.h"

/**
 * Change the fields of a sample (a BLOB of a database in UTF-8). edit gets exactly count fields:
 * the index's columns and the rowid. *out: the new sample, in scratch; may be sample itself.
 * RH_SKIPPED when the bytes are not a record of so many values, or when edit says so; RH_ENOMEM;
 * what else edit says.
 */
rh_status rh_index_sample_edit(const rh_field *sample, size_t count, rh_row_edit edit, void *ctx,
                               rh_arena *scratch, rh_field *out, rh_error *err) RH_MUST_CHECK;

#endif
