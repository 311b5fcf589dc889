/*
 * Deterministic random text for the benchmark's rows. A row's stream depends on its table and
 * number only, so that any part of a table can be made alone, in any order, with the same bytes.
 */
#ifndef BENCH_MAKE_TEXT_H
#define BENCH_MAKE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_MAX = 4096 };

/** One row under construction: the fields, in the output format's own quoting. */
typedef struct row_text {
    uint64_t state; /* of the generator */
    size_t len;
    size_t fields;
    bool sql; /* SQL literals in parentheses instead of COPY text */
    char text[TEXT_MAX];
} row_text;

/** Start row number `row` of the table `table`. */
void row_begin(row_text *row, uint64_t table, uint64_t number, bool sql);

/** The next 64 random bits. */
uint64_t row_random(row_text *row);

/** Uniform in [0, below). */
uint64_t row_below(row_text *row, uint64_t below);

/** In [0, below), small numbers much more often than large ones, as words and cities are. */
uint64_t row_skewed(row_text *row, uint64_t below);

/** A field of text; no value here needs escaping in either format. NULL makes a null. */
void row_field(row_text *row, const char *text);

/** The same, unquoted in SQL. */
void row_number(row_text *row, int64_t value);

/** Amount in hundredths, printed with two places. */
void row_amount(row_text *row, int64_t hundredths);

/** Time stamp of PostgreSQL's output in UTC, from microseconds since 1970. */
void row_time(row_text *row, int64_t unix_us);

/** Append formatted text to out (of size bytes) at *len; stops at the end of out. */
void text_add(char *out, size_t size, size_t *len, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Random UUID of version 4 with 36 characters. */
void text_uuid(row_text *row, char out[40]);

#endif
