/*
 * Fields as texts and bytes, whatever the engine stores them as; small questions about texts.
 */
#ifndef RH_FIELD_TEXT_H
#define RH_FIELD_TEXT_H

#include "mask_node.h"

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/** Bytes of the UTF-8 character at text (1 for a byte that is none). len >= 1. */
size_t utf8_sequence(const char *text, size_t len);
/** Characters as a database counts them. */
size_t utf8_count(const char *text, size_t len);
bool ascii_has_capitals(const char *text, size_t len);
void ascii_lower(char *text, size_t len);
void ascii_upper(char *text, size_t len);
/** An integer as SQLite writes it: no sign but -, no zeros in front, within 64 bits. */
bool text_is_int64(const char *text, size_t len);
bool text_is_json_number(const char *text, size_t len);
/** The same with an exponent of three digits at most: what every database can hold. */
bool text_is_small_number(const char *text, size_t len);

enum { FIELD_NUMBER_BYTES = 32 };

/** Decimal digits of value, without a NUL; returns their number. */
size_t text_put_int64(int64_t value, char out[FIELD_NUMBER_BYTES]);
/** The last `digits` digits of value, with zeros in front. Returns digits. */
size_t text_put_digits(int64_t value, size_t digits, char *out);

/** TEXT as it is, INTEGER written into number; false for anything else. */
bool field_text(const rh_field *field, char number[FIELD_NUMBER_BYTES], const char **out,
                size_t *out_len);
void field_set_text(rh_field *field, const char *text, size_t len);
/** A copy of a TEXT field (or of an INTEGER as text) that may be changed. RH_SKIPPED: neither. */
rh_status field_copy(const rh_field *field, rh_arena *scratch, char **out, size_t *out_len,
                     rh_error *err);
/** Store a text where an INTEGER was: as INTEGER again when it is one, else as TEXT. */
void field_put_back(rh_field *field, const char *text, size_t len);

typedef struct bytes_view {
    uint8_t *data; /* in scratch, may be changed */
    size_t len;
    size_t prefix; /* characters in front of the digits: "\x", "0x", none */
    bool raw;      /* BLOB */
    bool upper;
} bytes_view;

/** Bytes of a BLOB, a bytea (of a bytea place) or of hexadecimal digits. RH_SKIPPED: none. */
rh_status field_bytes(const mask_node *node, const rh_field *field, rh_arena *scratch,
                      bytes_view *out, rh_error *err);
rh_status field_set_bytes(rh_field *field, const bytes_view *view, rh_arena *scratch,
                          rh_error *err);

/** A text under construction in an arena. */
typedef struct arena_text {
    rh_arena *arena;
    char *data;
    size_t len;
    size_t cap;
} arena_text;

/** Make room for more bytes at once. */
rh_status arena_text_reserve(arena_text *text, size_t more, rh_error *err);
rh_status arena_text_add(arena_text *text, const char *data, size_t len, rh_error *err);
rh_status arena_text_byte(arena_text *text, char byte, rh_error *err);

#endif
