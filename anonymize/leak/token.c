/*
 * The tokeniser: one pass over the bytes by class, canonical text for what says something.
 */
#include "token.h"

#include <string.h>

#include "core/bytes.h"
#include "token_strength.h"

enum { MAX_WORDS = 24, MIN_WORDS = 12, MAX_PHRASE_BYTES = 256, MAX_SPLITS = 64 };

/* clang-format off */
const uint8_t rh_token_class[256] = {
    /* 16 bytes a line, from 0x00 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 32, 128, 1, 1, 1, 1, 1, 128, 1, 128, 128, 32,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 32, 1, 1, 1, 1, 1,
    64, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
    8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 1, 1, 1, 1, 32,
    1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1, 1,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 2, 2, 16, 16, 16, 16, 16, 2, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
};
/* clang-format on */

typedef struct reader {
    const token_sink *sink;
    const uint8_t *data;
    size_t len;
    bool whole;
    /* capitalised words in a row, for names in the middle of a text */
    size_t name_at[3]; /* where the last words began; [0] is the newest */
    size_t names;
    size_t name_end;
    /* lower-case words in a row, for seed phrases */
    size_t words_at;
    size_t words_end;
    size_t words;
    size_t digits; /* in the whole value */
} reader;

static bool is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'f');
}

/* "0x" and what bytea's "\x" leaves: only before something long that is all hex. */
static bool has_hex_prefix(const uint8_t *raw, size_t len)
{
    if (len < 18 || raw[0] != '0' || (raw[1] | 32) != 'x')
        return false;
    for (size_t i = 2; i < len; i++) {
        if (!is_hex(raw[i]))
            return false;
    }
    return true;
}

size_t rh_leak_canonical(const uint8_t *raw, size_t len, uint8_t *out)
{
    if (has_hex_prefix(raw, len)) {
        raw += 2;
        len -= 2;
    }
    if (len > TOKEN_MAX_BYTES)
        len = TOKEN_MAX_BYTES;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(raw[i] | ((rh_token_class[raw[i]] & TOKEN_UPPER) << 2));
    return len;
}

static void put(const reader *r, token_kind kind, token_strength strength, size_t from, size_t to,
                unsigned mask)
{
    uint8_t text[TOKEN_MAX_BYTES];
    leak_token token = {.kind = kind,
                        .strength = strength,
                        .raw = r->data + from,
                        .raw_len = to - from,
                        .mask = mask};

    if (strength == TOKEN_NONE)
        return;
    token.text = text;
    token.len = rh_leak_canonical(token.raw, token.raw_len, text);
    r->sink->put(r->sink->ctx, &token);
}

static unsigned mask_of(const uint8_t *data, size_t len)
{
    unsigned mask = 0;

    for (size_t i = 0; i < len; i++)
        mask |= rh_token_class[data[i]];
    return mask;
}

/* Signs at the ends belong to the sentence, not to the token; '+' begins a phone number. */
static void trim(const uint8_t *data, size_t *from, size_t *to)
{
    while (*from < *to && data[*from] != '+' &&
           (rh_token_class[data[*from]] & (TOKEN_SPLIT | TOKEN_MARK | TOKEN_AT)) != 0)
        (*from)++;
    while (*from < *to && (rh_token_class[data[*to - 1]] & (TOKEN_SPLIT | TOKEN_MARK | TOKEN_AT)))
        (*to)--;
}

static void put_run(const reader *r, size_t from, size_t to, unsigned mask, bool whole)
{
    size_t begin = from;
    size_t end = to;

    trim(r->data, &begin, &end);
    if (end - begin < TOKEN_MIN_BYTES)
        return;
    if (end - begin != to - from)
        mask = mask_of(r->data + begin, end - begin);
    put(r, whole ? TOKEN_WHOLE : TOKEN_INNER,
        rh_leak_run_strength(r->data + begin, end - begin, mask, whole), begin, end, mask);
}

/* The parts of `txid:vout`, `a_b`, `host/path`. */
static void put_parts(const reader *r, size_t from, size_t to)
{
    size_t begin = from;
    size_t count = 0;

    for (size_t i = from; i <= to && count < MAX_SPLITS; i++) {
        if (i < to && (rh_token_class[r->data[i]] & TOKEN_SPLIT) == 0)
            continue;
        if (i - begin >= TOKEN_MIN_BYTES && i - begin < to - from) {
            put_run(r, begin, i, mask_of(r->data + begin, i - begin), false);
            count++;
        }
        begin = i + 1;
    }
}

/* ---- words in a row ---- */

static bool one_gap(const reader *r, size_t end, size_t from)
{
    return from == end + 1 && (r->data[end] == ' ' || r->data[end] == ',' || r->data[end] == '\n');
}

static void end_words(reader *r)
{
    if (r->words >= MIN_WORDS && r->words <= MAX_WORDS && r->sink->words != NULL)
        r->sink->words(r->sink->ctx, r->data + r->words_at, r->words_end - r->words_at, r->words);
    r->words = 0;
}

static void follow_words(reader *r, size_t from, size_t to, unsigned mask)
{
    bool word = mask == TOKEN_LOWER && to - from >= 3 && to - from <= 8;

    if (r->words > 0 && (!word || !one_gap(r, r->words_end, from)))
        end_words(r);
    if (!word)
        return;
    if (r->words == 0)
        r->words_at = from;
    r->words++;
    r->words_end = to;
}

/* "Jane Doe" or "Ana Maria Silva" inside a sentence: the last two and three words. */
static void follow_names(reader *r, size_t from, size_t to, unsigned mask)
{
    bool name = (rh_token_class[r->data[from]] & (TOKEN_UPPER | TOKEN_HIGH)) != 0 &&
                (mask & ~(unsigned)(TOKEN_LETTER | TOKEN_MARK)) == 0;

    if (!name || r->names == 0 || from != r->name_end + 1 || r->data[r->name_end] != ' ')
        r->names = 0;
    if (!name)
        return;
    for (size_t back = r->names < 2 ? r->names : 2; back > 0; back--) {
        size_t begin = r->name_at[back - 1];

        if (to - begin >= 8 && to - begin <= MAX_PHRASE_BYTES)
            put(r, TOKEN_PHRASE, TOKEN_STRONG, begin, to, mask | TOKEN_SEPARATOR);
    }
    r->name_at[1] = r->name_at[0];
    r->name_at[0] = from;
    r->name_end = to;
    if (r->names < 2)
        r->names++;
}

/* ---- digits with signs between them ---- */

static bool joins_digits(uint8_t byte)
{
    return byte == ' ' || byte == '-' || byte == '.' || byte == '(' || byte == ')' || byte == '/';
}

/* From a digit or '+': the digits of one phone or card number. Returns where it ends. */
static size_t put_digits(const reader *r, size_t from)
{
    uint8_t digits[20];
    size_t count = 0;
    size_t groups = 0;
    size_t end = from;
    size_t gap = 2; /* so that the first digit begins a group */
    leak_token token;

    for (size_t i = from + (r->data[from] == '+'); i < r->len && gap < 3; i++) {
        if ((rh_token_class[r->data[i]] & TOKEN_DIGIT) != 0) {
            if (count == sizeof digits)
                return i + 1;
            groups += gap > 0;
            digits[count++] = r->data[i];
            gap = 0;
            end = i + 1;
        } else if (joins_digits(r->data[i])) {
            gap++;
        } else {
            break;
        }
        if (count == 0)
            break;
    }
    if (count < TOKEN_MIN_DIGITS || (groups < 2 && r->data[from] != '+') ||
        rh_leak_is_date(r->data + from, end - from < 10 ? end - from : 10) ||
        rh_leak_monotonous(digits, count))
        return end > from ? end : from + 1;
    token.kind = TOKEN_DIGITS;
    token.strength = count < 20 ? TOKEN_STRONG : TOKEN_WEAK;
    token.raw = r->data + from;
    token.raw_len = end - from;
    token.text = digits;
    token.len = count;
    token.mask = TOKEN_DIGIT;
    r->sink->put(r->sink->ctx, &token);
    return end;
}

static void put_all_digits(const reader *r)
{
    size_t i = 0;

    while (i < r->len) {
        bool starts = (rh_token_class[r->data[i]] & TOKEN_DIGIT) != 0 || r->data[i] == '+';
        bool inside = i > 0 && (rh_token_class[r->data[i - 1]] & (TOKEN_DIGIT | TOKEN_LETTER)) != 0;

        i = starts && !inside ? put_digits(r, i) : i + 1;
    }
}

/* ---- strings in quotes ---- */

static void put_quoted(const reader *r)
{
    const uint8_t *open = memchr(r->data, '"', r->len);

    while (open != NULL) {
        size_t from = (size_t)(open - r->data) + 1;
        const uint8_t *close = memchr(r->data + from, '"', r->len - from);
        size_t to;
        unsigned mask;

        if (close == NULL)
            return;
        to = (size_t)(close - r->data);
        mask = to - from >= 8 && to - from <= MAX_PHRASE_BYTES ? mask_of(r->data + from, to - from)
                                                               : 0;
        if ((mask & TOKEN_SEPARATOR) != 0)
            put(r, TOKEN_PHRASE, rh_leak_phrase_strength(r->data + from, to - from, mask), from, to,
                mask);
        open = close; /* the end of one may be the start of the next: a stray quote does no harm */
    }
}

/* ---- all of it ---- */

static void put_one(reader *r, size_t from, size_t to, unsigned mask)
{
    bool alone = r->whole && from == 0 && to == r->len;

    if (to - from >= TOKEN_MIN_BYTES) {
        put_run(r, from, to, mask, alone);
        if ((mask & TOKEN_SPLIT) != 0)
            put_parts(r, from, to);
    }
    if (alone)
        return;
    if ((mask & TOKEN_DIGIT) == 0 && (mask & TOKEN_LETTER) != 0) {
        follow_names(r, from, to, mask);
        follow_words(r, from, to, mask);
    } else {
        r->names = 0;
    }
}

unsigned rh_leak_tokens(const uint8_t *data, size_t len, bool whole, const token_sink *sink)
{
    reader r = {.sink = sink, .data = data, .len = len, .whole = whole};
    unsigned all = 0;
    size_t i = 0;

    while (r.len > 0 && (rh_token_class[r.data[0]] & TOKEN_SEPARATOR) && r.data[0] <= ' ') {
        r.data++;
        r.len--;
    }
    while (r.len > 0 && r.data[r.len - 1] <= ' ')
        r.len--;
    while (i < r.len) {
        size_t from = i;
        unsigned mask = 0;
        unsigned class;

        while (i < r.len && ((class = rh_token_class[r.data[i]]) & TOKEN_SEPARATOR) == 0) {
            mask |= class;
            r.digits += (class & TOKEN_DIGIT) != 0;
            i++;
        }
        if (i > from)
            put_one(&r, from, i, mask);
        all |= mask;
        if (i < r.len) {
            all |= TOKEN_SEPARATOR;
            i++;
        }
    }
    end_words(&r);
    if (r.digits >= TOKEN_MIN_DIGITS && (all & (TOKEN_SEPARATOR | TOKEN_MARK)) != 0)
        put_all_digits(&r);
    if ((all & TOKEN_SEPARATOR) == 0)
        return all;
    put_quoted(&r);
    if (whole)
        put(&r, TOKEN_WHOLE, rh_leak_phrase_strength(r.data, r.len, all), 0, r.len, all);
    return all;
}

void rh_leak_token_bytes(const uint8_t *data, size_t len, const token_sink *sink)
{
    char hex[TOKEN_MAX_BYTES + 1];
    size_t take = len < TOKEN_MAX_BYTES / 2 ? len : TOKEN_MAX_BYTES / 2;
    leak_token token = {.kind = TOKEN_BYTES, .strength = TOKEN_STRONG, .raw = data, .raw_len = len};

    if (len < TOKEN_MIN_BYTES + 2 || rh_leak_monotonous(data, len))
        return;
    rh_hex_encode(data, take, hex);
    token.text = (const uint8_t *)hex;
    token.len = 2 * take;
    token.mask = TOKEN_DIGIT | TOKEN_LOWER;
    sink->put(sink->ctx, &token);
}
