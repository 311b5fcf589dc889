/*
 * Values into tokens: what can be compared between the raw database and the copy, whatever it is
 * wrapped in (JSON, arrays, lists, `txid:vout`, `a_b`, URLs). Used when values are remembered and
 * when the copy is searched; the masks have code of their own.
 */
#ifndef LEAK_TOKEN_H
#define LEAK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOKEN_MIN_BYTES = 6,
    TOKEN_MAX_BYTES = 1024, /* of a longer one the first so many count */
    TOKEN_MIN_DIGITS = 10,  /* shorter numbers are everywhere */
    TOKEN_SURE_DIGITS = 16,
};

/* Classes of bytes; a token's mask is the union. */
enum {
    TOKEN_SEPARATOR = 1,
    TOKEN_DIGIT = 2,
    TOKEN_LOWER = 4,
    TOKEN_UPPER = 8,
    TOKEN_HIGH = 16,  /* >= 0x80: part of a letter */
    TOKEN_SPLIT = 32, /* ':' '_' '/' '$': tokens stand on both sides, and the whole is one */
    TOKEN_AT = 64,
    TOKEN_MARK = 128, /* '.' '+' '-' '%' */
    TOKEN_LETTER = TOKEN_LOWER | TOKEN_UPPER | TOKEN_HIGH,
};

extern const uint8_t rh_token_class[256];

typedef enum token_kind {
    TOKEN_WHOLE,  /* the whole value, trimmed */
    TOKEN_INNER,  /* a run inside of it */
    TOKEN_PHRASE, /* words inside of it that look like a name, or a quoted string */
    TOKEN_DIGITS, /* the digits of something like a phone or card number */
    TOKEN_BYTES,  /* raw bytes as hex */
} token_kind;

typedef enum token_strength {
    TOKEN_NONE,   /* says nothing */
    TOKEN_WEAK,   /* may be there by chance: a note */
    TOKEN_STRONG, /* a leak when it was seen */
} token_strength;

typedef struct leak_token {
    token_kind kind;
    token_strength strength;
    const uint8_t *raw; /* as it stands */
    size_t raw_len;
    const uint8_t *text; /* canonical: lower case, no 0x; <= TOKEN_MAX_BYTES */
    size_t len;
    unsigned mask;
} leak_token;

typedef struct token_sink {
    /** Tokens that are at least weak. */
    void (*put)(void *ctx, const leak_token *token);
    /** 12 to 24 lower-case words in a row, with what stands between them; may be NULL. */
    void (*words)(void *ctx, const uint8_t *text, size_t len, size_t count);
    void *ctx;
} token_sink;

/** All tokens of a text value. whole: the value as such counts as well. Returns the classes of all
 * bytes. */
unsigned rh_leak_tokens(const uint8_t *data, size_t len, bool whole, const token_sink *sink);

/** Raw bytes as one token (hex); longer than TOKEN_MAX_BYTES / 2: their beginning. */
void rh_leak_token_bytes(const uint8_t *data, size_t len, const token_sink *sink);

/** Digits of data in a row that count: without leading and trailing zeros. */
size_t rh_leak_significant_digits(const uint8_t *text, size_t len);

/** Lower case (ASCII), 0x before hex taken away. Returns the length in out (TOKEN_MAX_BYTES). */
size_t rh_leak_canonical(const uint8_t *raw, size_t len, uint8_t *out);

/** Fewer than four different bytes: "000000", "xxxxxxxx", "----". */
bool rh_leak_monotonous(const uint8_t *text, size_t len);

/** "2024-10-17...", up to the length of a timestamp with a zone. */
bool rh_leak_is_date(const uint8_t *text, size_t len);

#endif
