#include "utf8_class.h"

#include "core/str.h"
#include "letter_table.h"

/* Members of a class of letter_table.h are scattered: they are numbered from here on instead. */
#define SCATTERED  UINT32_C(0x200000)
#define CLASS_BITS 16

/* The usual ones. Sorted; each class lies within one length of UTF-8. Twins have equal counts and
 * equal order. */
static const struct {
    uint32_t first, last, family;
} classes[] = {
    {'0', '9', '0'},          {'A', 'Z', 'a'},          {'a', 'z', 'a'},
    {0x00c0, 0x00d6, 0x00e0}, {0x00d8, 0x00de, 0x00f8}, {0x00e0, 0x00f6, 0x00e0},
    {0x00f8, 0x00fe, 0x00f8}, {0x0391, 0x03a1, 0x03b1}, {0x03a3, 0x03a9, 0x03c3},
    {0x03b1, 0x03c1, 0x03b1}, {0x03c3, 0x03c9, 0x03c3}, {0x0410, 0x042f, 0x0430},
    {0x0430, 0x044f, 0x0430}, {0x05d0, 0x05ea, 0x05d0}, {0x0627, 0x063a, 0x0627},
    {0x0641, 0x064a, 0x0641}, {0x0905, 0x0914, 0x0905}, {0x0915, 0x0939, 0x0915},
    {0x3041, 0x3096, 0x3041}, {0x30a1, 0x30fa, 0x30a1}, {0x4e00, 0x9fff, 0x4e00},
    {0xac00, 0xd7a3, 0xac00},
};

static void set_scattered(utf8_char *out, const letter_run *run)
{
    const letter_class *c = &letter_classes[run->number];

    out->first = SCATTERED + ((uint32_t)run->number << CLASS_BITS);
    out->family = SCATTERED + ((uint32_t)c->family << CLASS_BITS);
    out->count = c->count;
    out->code = out->first + run->index + (out->code - run->first) / run->step;
}

/* Runs of capitals and of small letters may lie in each other, so a few are asked. */
static void find_scattered(utf8_char *out)
{
    size_t low = 0;
    size_t high = sizeof letter_runs / sizeof letter_runs[0];

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (letter_runs[middle].first <= out->code)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; i <= LETTER_REACH && low > i; i++) {
        const letter_run *run = &letter_runs[low - 1 - i];

        if (out->code <= run->last && (out->code - run->first) % run->step == 0) {
            set_scattered(out, run);
            return;
        }
    }
}

/* The code point of a member of a scattered class. */
static uint32_t gather(uint32_t code)
{
    uint32_t number = (code - SCATTERED) >> CLASS_BITS;
    uint32_t index = (code - SCATTERED) & ((UINT32_C(1) << CLASS_BITS) - 1);
    size_t low = letter_classes[number].begin;
    size_t high = letter_classes[number + 1].begin;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (letter_runs[letter_order[middle]].index <= index)
            low = middle;
        else
            high = middle;
    }

    const letter_run *run = &letter_runs[letter_order[low]];

    return run->first + (index - run->index) * run->step;
}

static void set_class(utf8_char *out)
{
    size_t low = 0;
    size_t high = sizeof classes / sizeof classes[0];

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (out->code > classes[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < sizeof classes / sizeof classes[0] && out->code >= classes[low].first) {
        out->first = classes[low].first;
        out->count = classes[low].last - classes[low].first + 1;
        out->family = classes[low].family;
    }
    if (out->count == 0)
        find_scattered(out);
}

static size_t sequence_bytes(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

void rh_utf8_classify(const char *text, size_t len, utf8_char *out)
{
    uint8_t lead = (uint8_t)text[0];
    size_t bytes = sequence_bytes(lead);

    *out = (utf8_char){.code = lead, .bytes = 1};
    if (lead < 0x80) {
        unsigned letter = (lead | 0x20U) - 'a';

        if (letter < 26)
            *out = (utf8_char){lead, lead & 0x20 ? 'a' : 'A', 26, 'a', 1};
        else if (lead >= '0' && lead <= '9')
            *out = (utf8_char){lead, '0', 10, '0', 1};
        return;
    }
    if (bytes == 1 || bytes > len || !rh_str_is_utf8(text, bytes)) {
        out->code = 0x110000 + lead;
        return;
    }
    out->code = lead & (0xffU >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++)
        out->code = out->code << 6 | ((uint8_t)text[i] & 0x3f);
    out->bytes = bytes;
    set_class(out);
}

void rh_utf8_put(uint32_t code, size_t bytes, char *at)
{
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};

    if (code >= SCATTERED)
        code = gather(code);
    for (size_t i = bytes; i > 1; i--, code >>= 6)
        at[i - 1] = (char)(0x80 | (code & 0x3f));
    at[0] = (char)(lead[bytes] | code);
}
