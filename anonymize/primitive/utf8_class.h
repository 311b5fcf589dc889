/*
 * Characters by class: what a prefix-preserving or class-keeping mask may exchange for what,
 * without a change of length in bytes.
 */
#ifndef RH_UTF8_CLASS_H
#define RH_UTF8_CLASS_H

#include <stddef.h>
#include <stdint.h>

typedef struct utf8_char {
    uint32_t code;   /* code point, or for classes with gaps a number in its place;
                      * 0x110000 + byte for a byte that is no UTF-8 */
    uint32_t first;  /* of the class; the class is first .. first + count - 1 */
    uint32_t count;  /* 0: of no class, to be kept */
    uint32_t family; /* first of the lower-case twin, or of itself: equal for a and A */
    size_t bytes;    /* 1 to 4 */
} utf8_char;

/* The character at text (len >= 1 bytes left). */
void rh_utf8_classify(const char *text, size_t len, utf8_char *out);

/* Write a code point of a class in as many bytes as the class has. */
void rh_utf8_put(uint32_t code, size_t bytes, char *at);

#endif
