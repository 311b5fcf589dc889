/*
 * Numbers with check digits: payment cards (Luhn) and IBANs (ISO 7064 mod 97-10).
 */
#ifndef ANONYMIZE_CHECK_DIGIT_H
#define ANONYMIZE_CHECK_DIGIT_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "anonymize/class_text.h"

/** True when the digits of text (blanks and hyphens between them allowed) satisfy Luhn; 2 or more
 * of them. */
bool rh_luhn_valid(const char *text, size_t len);

/** True for two letters, two digits, 11 to 30 letters and digits (blanks allowed), mod 97 = 1. */
bool rh_iban_valid(const char *text, size_t len);

/**
 * Permute a card number in place: separators and the first keep_bin digits (0, 6 or 8 as a rule)
 * stay, the others are permuted (per kept prefix, if the domain says so) and the last is
 * recomputed, so valid numbers map to valid ones, one to one. digits is a rh_class_text with
 * digits_only. False, text untouched: not valid, not 12 to 19 digits, or fewer than 6 digits left
 * to permute.
 */
bool rh_card_map(rh_class_text *digits, char *text, size_t len, size_t keep_bin) RH_MUST_CHECK;

/**
 * Permute an IBAN in place: country, length, pattern of digits and letters and blanks stay, the two
 * check digits are recomputed; the first keep characters behind them (the bank) stay as well.
 * False, text untouched: not valid, or too little left to permute.
 */
bool rh_iban_map(rh_class_text *classes, char *text, size_t len, size_t keep) RH_MUST_CHECK;

#endif
