/*
 * Rows of sqlite_stat4 under masks: each holds a key of an index, and how many rows stand before
 * it.
 */
#ifndef ANONYMIZE_SAMPLES_H
#define ANONYMIZE_SAMPLES_H

#include "filter.h"

enum { SAMPLE_COLUMNS = 6 };

/**
 * One row (tbl, idx, neq, nlt, ndlt, sample), in place. RH_SKIPPED: it is left out, because some
 * column of the key has a mask that keeps no order (the counts of rows before the key would be
 * another key's), or because which columns the key has is not known (expressions, WITHOUT ROWID,
 * UTF-16).
 */
rh_status rh_mask_sample(const rh_anonymizer *anonymizer, rh_field *fields, rh_arena *scratch,
                         rh_error *err) RH_MUST_CHECK;

#endif
