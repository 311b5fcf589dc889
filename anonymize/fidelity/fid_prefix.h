/*
 * Prefix structure of a text column: how many beginnings of 1, 2, ... characters its values have,
 * counted over the planner's sample (common values and bounds of the histogram). A map that keeps
 * prefixes keeps these counts; LIKE 'x%' and ranges of text stand on them.
 */
#ifndef FID_PREFIX_H
#define FID_PREFIX_H

#include <rehearse/error.h>
#include <stdbool.h>
#include <stddef.h>

enum { RH_FID_PREFIX_CHARS = 8 };

typedef struct rh_fid_prefixes {
    size_t values; /* counted; 0: no text column, or no sample */
    size_t distinct[RH_FID_PREFIX_CHARS];
} rh_fid_prefixes;

/** The type of a sample as text: one whose values have characters? */
bool rh_fid_prefix_fits(const char *type);

/** Of PostgreSQL's array texts, NULL allowed. No value is kept. Damaged ones count as far as they
 * can be read. RH_ENOMEM. */
rh_status rh_fid_prefixes_count(const char *const arrays[2], rh_fid_prefixes *out,
                                rh_error *err) RH_MUST_CHECK;

#endif
