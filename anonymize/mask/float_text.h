/*
 * Floating point numbers as PostgreSQL writes them, so that what a mask says is what the copy says.
 */
#ifndef RH_FLOAT_TEXT_H
#define RH_FLOAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { FLOAT_TEXT_BYTES = 40 };

/**
 * The number of type double precision, or real when single is set, that is nearest to a decimal
 * number: with the fewest digits that read back as the same, plain from 0.0001 on and below 10^15
 * (real: 10^6), else with an exponent. Returns the length; 0 when the type has no such number.
 */
size_t float_text_nearest(const char *decimal, bool single, char out[FLOAT_TEXT_BYTES]);

#endif
