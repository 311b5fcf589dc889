/*
 * Prefix structure of a text column: how many beginnings of 1, 2, ... characters its values have,
 * counted over a sample: the planner's (common values and bounds of the histogram) or, where it has
 * none, as many different values of the table. A map that keeps prefixes keeps these counts; LIKE
 * 'x%' and ranges of text stand on them.
 */
#ifndef FID_PREFIX_H
#define FID_PREFIX_H

#include <rehearse/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RH_FID_PREFIX_CHARS = 8,
    RH_FID_PREFIX_VALUES = 201, /* PostgreSQL's default: 100 common values and 101 bounds */
};

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

/** Texts of one column, from rows all over its table. Begin with zeros. */
typedef struct rh_fid_texts {
    struct rh_fid_text *items;
    size_t count;
    size_t cap;
} rh_fid_texts;

/** Remember the beginning of a value, and its hash, by which values are told apart. RH_ENOMEM. */
rh_status rh_fid_texts_add(rh_fid_texts *texts, const uint8_t *value, size_t len,
                           rh_error *err) RH_MUST_CHECK;

/** Of the first RH_FID_PREFIX_VALUES different values that a walk across all texts meets: the same
 * ones for an image of the same rows. RH_ENOMEM. */
rh_status rh_fid_texts_prefixes(const rh_fid_texts *texts, rh_fid_prefixes *out,
                                rh_error *err) RH_MUST_CHECK;
void rh_fid_texts_done(rh_fid_texts *texts); /* wipes */

#endif
