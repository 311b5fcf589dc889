/*
 * How much a token says. The rules are in docs/leaks.md, "What is remembered".
 */
#ifndef LEAK_TOKEN_STRENGTH_H
#define LEAK_TOKEN_STRENGTH_H

#include "token.h"

/** A run without separators. whole: nothing else is in the value. */
token_strength rh_leak_run_strength(const uint8_t *text, size_t len, unsigned mask, bool whole);

/** Several words. mask: of all of them, separators included. */
token_strength rh_leak_phrase_strength(const uint8_t *text, size_t len, unsigned mask);

#endif
