#include "class_short.h"

enum { KIND_NONE, KIND_DIGIT, KIND_UPPER, KIND_LOWER };

static const struct {
    char first;
    uint8_t count;
    uint8_t bits; /* that class_text.c takes a symbol for when it halves a text */
} kinds[] = {{0, 1, 0}, {'0', 10, 4}, {'A', 26, 5}, {'a', 26, 5}};

/* By byte: looking up costs nothing, while jumps over letters and signs are a gamble. */
#define D10                                                                                        \
    KIND_DIGIT, KIND_DIGIT, KIND_DIGIT, KIND_DIGIT, KIND_DIGIT, KIND_DIGIT, KIND_DIGIT,            \
        KIND_DIGIT, KIND_DIGIT, KIND_DIGIT
#define U13                                                                                        \
    KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER,            \
        KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER, KIND_UPPER
#define L13                                                                                        \
    KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER,            \
        KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER, KIND_LOWER
static const uint8_t kind_of[128] = {
    ['0'] = D10, ['A'] = U13, ['N'] = U13, ['a'] = L13, ['n'] = L13,
};

static void rank(short_text *s, int side, size_t from, size_t to)
{
    uint64_t number = 0;
    uint64_t size = 1;

    for (size_t i = from; i < to; i++) {
        unsigned kind = s->kind[i];
        uint64_t count = kinds[kind].count;

        number = number * count + (uint64_t)(s->text[s->at[i]] - kinds[kind].first);
        size *= count;
    }
    s->half[side] = number;
    s->size[side] = size;
}

/* Places and kinds of the symbols; false: a byte beyond ASCII. */
static bool find_symbols(const char *text, size_t len, short_text *out)
{
    unsigned all = 0;
    unsigned kinds_seen = 0;
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned kind = kind_of[text[i] & 0x7f];

        all |= (uint8_t)text[i];
        out->at[count] = (uint8_t)i;
        out->kind[count] = (uint8_t)kind;
        count += kind != KIND_NONE;
        kinds_seen |= 1U << kind;
    }
    kinds_seen &= ~1U;
    out->count = count;
    out->left = count / 2;
    out->radix = kinds_seen == 1U << KIND_DIGIT         ? 10
                 : (kinds_seen & 1U << KIND_DIGIT) == 0 ? 26
                                                        : 0;
    return all < 0x80;
}

enum { HALF_DIGITS = 16 }; /* of four bits each, as kinds[] counts them */

static const uint64_t powers_of_ten[HALF_DIGITS + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
};

/* Places of the digits; all else is a sign. False: a byte beyond ASCII. */
static bool find_digits(const char *text, size_t len, short_text *out)
{
    unsigned all = 0;
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        all |= (uint8_t)text[i];
        out->at[count] = (uint8_t)i;
        count += (uint8_t)(text[i] - '0') <= 9;
    }
    out->count = count;
    out->left = count / 2;
    out->radix = 10;
    return all < 0x80;
}

static void rank_digits(short_text *s, int side, size_t from, size_t to)
{
    uint64_t number = 0;

    for (size_t i = from; i < to; i++)
        number = number * 10 + (uint64_t)(s->text[s->at[i]] - '0');
    s->half[side] = number;
    s->size[side] = powers_of_ten[to - from];
}

static void unrank_digits(const short_text *s, int side, size_t from, size_t to)
{
    uint64_t rest = s->half[side];

    for (size_t i = to; i > from; i--) {
        s->text[s->at[i - 1]] = (char)('0' + rest % 10);
        rest /= 10;
    }
}

/* Does each half have at most 64 bits, as class_text.c counts them? */
static bool halves_fit(const short_text *s)
{
    unsigned bits[2] = {0, 0};

    if (s->count <= 24) /* twelve letters */
        return true;
    for (size_t i = 0; i < s->count; i++)
        bits[i >= s->left] += kinds[s->kind[i]].bits;
    return bits[0] <= 64 && bits[1] <= 64;
}

bool rh_class_short_read(char *text, size_t len, bool digits_only, short_text *out)
{
    bool ascii;

    if (len > SHORT_BYTES)
        return false;
    ascii = digits_only ? find_digits(text, len, out) : find_symbols(text, len, out);
    out->text = text;
    out->digits = out->radix == 10;
    if (!ascii || (out->digits ? out->count - out->left > HALF_DIGITS : !halves_fit(out)))
        return false;
    (out->digits ? rank_digits : rank)(out, 0, 0, out->left);
    (out->digits ? rank_digits : rank)(out, 1, out->left, out->count);
    return true;
}

static void unrank(const short_text *s, int side, size_t from, size_t to)
{
    uint64_t rest = s->half[side];

    for (size_t i = to; i > from; i--) {
        char *at = s->text + s->at[i - 1];
        unsigned kind = s->kind[i - 1];
        /* Both divisors are constants: that is a multiplication each, and no jump. */
        uint64_t quotient = kind == KIND_DIGIT ? rest / 10 : rest / 26;

        *at = (char)(kinds[kind].first + (int)(rest - quotient * kinds[kind].count));
        rest = quotient;
    }
}

void rh_class_short_write(const short_text *s)
{
    (s->digits ? unrank_digits : unrank)(s, 0, 0, s->left);
    (s->digits ? unrank_digits : unrank)(s, 1, s->left, s->count);
}
