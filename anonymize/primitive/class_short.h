/*
 * The common case of class_text.c, short texts of ASCII, without its 128-bit arithmetic: the same
 * ranks, the same halves, the same images.
 */
#ifndef RH_CLASS_SHORT_H
#define RH_CLASS_SHORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHORT_BYTES = 64 };

/* A text taken apart: where its digits and letters stand, and their two halves as numbers. */
typedef struct short_text {
    char *text;
    uint64_t half[2];
    uint64_t size[2]; /* numbers that a half can be */
    size_t count;
    size_t left;    /* symbols of the left half */
    uint32_t radix; /* 0: mixed */
    bool digits;    /* no letters among its symbols: kind is not set */
    uint8_t at[SHORT_BYTES];
    uint8_t kind[SHORT_BYTES];
} short_text;

/* False: not of this case (long, beyond ASCII, a half of more than 64 bits). */
bool rh_class_short_read(char *text, size_t len, bool digits_only, short_text *out);

/* Write half[] back into the text. */
void rh_class_short_write(const short_text *s);

#endif
