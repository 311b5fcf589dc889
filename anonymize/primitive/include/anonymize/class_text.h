/*
 * Format-preserving permutation of text: digits for digits, letters for letters of the same case,
 * everything else (length, separators) as it was.
 */
#ifndef ANONYMIZE_CLASS_TEXT_H
#define ANONYMIZE_CLASS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

typedef struct rh_class_text rh_class_text;

/** A text that is changed in place. */
typedef struct rh_class_item {
    char *text;
    size_t len;
    bool mapped; /* set by the call */
} rh_class_item;

/**
 * The permutation of a domain. digits_only: letters are kept as well. RH_ENOMEM. Free with
 * rh_class_text_free. Not for two threads at a time.
 */
rh_status rh_class_text_new(const rh_mask_key *master, const char *domain, bool digits_only,
                            rh_class_text **out, rh_error *err) RH_MUST_CHECK;
void rh_class_text_free(rh_class_text *map);

/**
 * Permute count texts, each among all texts of the same pattern of classes. Texts of digits alone
 * (up to 40) see FF1 of radix 10 as NIST has it; mixed ones its rounds
 * on halves that are products of radices; long ones are cut, and the parts bound to each other.
 *
 * Returns how many were left as they were (mapped is false): fewer than 10^6 texts of that pattern
 * ("A1"), or more than some 8,000 characters. The caller has to do something else with them.
 */
size_t rh_class_text_map(rh_class_text *map, rh_class_item *items, size_t count);
size_t rh_class_text_unmap(rh_class_text *map, rh_class_item *items, size_t count);

/** Tests only: no short cuts for short texts from now on. */
void rh_class_text_force_general(rh_class_text *map);

#endif
