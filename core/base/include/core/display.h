/*
 * How text looks on a terminal: the columns that characters fill, and nothing that would make the
 * terminal do something. Not the locale's: UTF-8 always, and the same on every machine.
 */
#ifndef CORE_DISPLAY_H
#define CORE_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rh_display_char {
    size_t bytes;   /* 1 for a byte that is no UTF-8 */
    size_t columns; /* 0: combines with the one before; 2: East Asian wide, emoji */
    bool printable; /* false: a control character or no UTF-8; as many columns as bytes */
} rh_display_char;

/** The first character of text; len > 0. */
rh_display_char rh_display_next(const char *text, size_t len);

/** Columns of the text, cleaned. */
size_t rh_display_columns(const char *text, size_t len);

/** Bytes of the longest beginning that fits into so many columns, with its combining marks. */
size_t rh_display_fit(const char *text, size_t len, size_t columns);

/** In place, of the same length and columns: tabs and line ends become blanks, bytes of other
 * control characters and bytes that are no UTF-8 '?'. */
void rh_display_clean(char *text, size_t len);

#endif
