/*
 * Prefix-preserving map of text: two texts that share their first n characters have images that
 * share exactly their first n characters, so LIKE 'x%' finds as many rows as before.
 */
#ifndef ANONYMIZE_PREFIX_TEXT_H
#define ANONYMIZE_PREFIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

typedef struct rh_prefix_text rh_prefix_text;

/**
 * The map of a domain. fold_case: texts that differ in case only have images that differ in case
 * only, so lower(image) is the image of lower(text): for citext, ILIKE and indexes on lower().
 * RH_ENOMEM. Free with rh_prefix_text_free. Not for two threads at a time.
 */
rh_status rh_prefix_text_new(const rh_mask_key *master, const char *domain, bool fold_case,
                             rh_prefix_text **out, rh_error *err) RH_MUST_CHECK;
void rh_prefix_text_free(rh_prefix_text *map);

/**
 * Replace text of len bytes by its image, in place: a bijection on texts. Every character stays in
 * its class (digits; lower and upper letters of Latin, Greek, Cyrillic; letters of some scripts
 * without case) and keeps its bytes; all other characters, and bytes that are no UTF-8, are kept.
 */
void rh_prefix_text_map(rh_prefix_text *map, char *text, size_t len);

#endif
