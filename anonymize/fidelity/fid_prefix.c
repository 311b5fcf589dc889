#include "fid_prefix.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"

enum { BYTES = RH_FID_PREFIX_CHARS * 4 };

/* The first characters of a value, padded with zeros. */
typedef struct beginning {
    char bytes[BYTES];
} beginning;

bool rh_fid_prefix_fits(const char *type)
{
    static const char *const types[] = {"text", "character varying", "character", "name", "citext"};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0)
            return true;
    }
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(beginning));
}

static bool is_inside(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80; /* of a character of UTF-8 */
}

/* One element from *at on, which stands behind it afterwards. False for NULL. */
static bool read_element(const char **at, beginning *out)
{
    const char *p = *at;
    const char *start = p;
    bool quoted = *p == '"';
    size_t chars = 0;
    size_t used = 0;

    memset(out, 0, sizeof *out);
    for (p += quoted; *p != '\0' && (quoted ? *p != '"' : *p != ',' && *p != '}'); p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        if (!is_inside(*p))
            chars++;
        if (chars <= RH_FID_PREFIX_CHARS && used < BYTES)
            out->bytes[used++] = *p;
    }
    *at = p + (quoted && *p == '"');
    return quoted || (size_t)(p - start) != 4 || memcmp(start, "NULL", 4) != 0;
}

/* Appends the beginnings of an array's elements; items has room for one per comma and one more. */
static void read_array(const char *array, beginning *items, size_t *count)
{
    if (array == NULL || array[0] != '{' || array[1] == '{')
        return;
    for (const char *at = array + 1; *at != '\0' && *at != '}';) {
        *count += (size_t)read_element(&at, &items[*count]);
        if (*at != ',')
            break;
        at++;
    }
}

static size_t most_elements(const char *array)
{
    size_t count = 1;

    for (; array != NULL && *array != '\0'; array++)
        count += *array == ',';
    return count;
}

/* Characters that two beginnings share; all of them when they are equal. */
static size_t shared(const beginning *a, const beginning *b)
{
    size_t chars = 0;
    size_t same = 0;

    while (same < BYTES && a->bytes[same] == b->bytes[same])
        same++;
    if (same == BYTES)
        return RH_FID_PREFIX_CHARS;
    while (same > 0 && (is_inside(a->bytes[same]) || is_inside(b->bytes[same])))
        same--; /* to the start of the character that differs */
    for (size_t i = 0; i < same; i++)
        chars += !is_inside(a->bytes[i]);
    return chars;
}

/* Sorts items. */
static void count_beginnings(beginning *items, size_t count, rh_fid_prefixes *out)
{
    *out = (rh_fid_prefixes){.values = count};
    qsort(items, count, sizeof *items, by_bytes);
    for (size_t i = 0; i < count; i++) {
        size_t same = i == 0 ? 0 : shared(&items[i - 1], &items[i]);

        for (size_t k = same; k < RH_FID_PREFIX_CHARS; k++)
            out->distinct[k]++;
    }
}

rh_status rh_fid_prefixes_count(const char *const arrays[2], rh_fid_prefixes *out, rh_error *err)
{
    size_t room = most_elements(arrays[0]) + most_elements(arrays[1]);
    beginning *items = rh_mem_array(room, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return rh_error_oom(err);
    read_array(arrays[0], items, &count);
    read_array(arrays[1], items, &count);
    count_beginnings(items, count, out);
    rh_mem_wipe_free(items, room * sizeof *items);
    return RH_OK;
}

/* ---- of a table's values ---- */

struct rh_fid_text {
    uint8_t hash[RH_STORED_HASH_BYTES];
    beginning start;
};

/* A wiped copy of its own: what realloc() leaves behind would be values. */
static rh_status make_room(rh_fid_texts *texts, rh_error *err)
{
    size_t cap = texts->cap == 0 ? 256 : texts->cap * 2;
    struct rh_fid_text *items;

    if (texts->count < texts->cap)
        return RH_OK;
    items = rh_mem_array(cap, sizeof *items);
    if (items == NULL)
        return rh_error_oom(err);
    if (texts->count > 0)
        memcpy(items, texts->items, texts->count * sizeof *items);
    rh_mem_wipe_free(texts->items, texts->cap * sizeof *items);
    texts->items = items;
    texts->cap = cap;
    return RH_OK;
}

rh_status rh_fid_texts_add(rh_fid_texts *texts, const uint8_t *value, size_t len, rh_error *err)
{
    struct rh_fid_text *text;
    size_t chars = 0;
    size_t used = 0;
    rh_status status = make_room(texts, err);

    if (status != RH_OK)
        return status;
    text = &texts->items[texts->count++];
    memset(text, 0, sizeof *text);
    rh_hash_stored(value, len, text->hash);
    for (size_t i = 0; i < len && used < BYTES; i++) {
        chars += !is_inside((char)value[i]);
        if (chars > RH_FID_PREFIX_CHARS)
            break;
        text->start.bytes[used++] = (char)value[i];
    }
    return RH_OK;
}

static bool is_new(const struct rh_fid_text *text, const struct rh_fid_text *const *chosen,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(text->hash, chosen[i]->hash, sizeof text->hash) == 0)
            return false;
    }
    return true;
}

rh_status rh_fid_texts_prefixes(const rh_fid_texts *texts, rh_fid_prefixes *out, rh_error *err)
{
    /* Prime and larger than any count: a step that meets every text once. */
    const uint64_t step = UINT64_C(2654435761);
    const struct rh_fid_text *chosen[RH_FID_PREFIX_VALUES];
    beginning *items = rh_mem_array(RH_FID_PREFIX_VALUES, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < texts->count && count < RH_FID_PREFIX_VALUES; i++) {
        const struct rh_fid_text *text = &texts->items[(uint64_t)i * step % texts->count];

        if (is_new(text, chosen, count)) {
            items[count] = text->start;
            chosen[count++] = text;
        }
    }
    count_beginnings(items, count, out);
    rh_mem_wipe_free(items, RH_FID_PREFIX_VALUES * sizeof *items);
    return RH_OK;
}

void rh_fid_texts_done(rh_fid_texts *texts)
{
    rh_mem_wipe_free(texts->items, texts->cap * sizeof *texts->items);
    *texts = (rh_fid_texts){.count = 0};
}
