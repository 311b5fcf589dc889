#include "fid_prefix.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { BYTES = RH_FID_PREFIX_CHARS * 4 };

/* The first characters of a value, padded with zeros: no value of PostgreSQL has one. */
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

rh_status rh_fid_prefixes_count(const char *const arrays[2], rh_fid_prefixes *out, rh_error *err)
{
    size_t room = most_elements(arrays[0]) + most_elements(arrays[1]);
    beginning *items = rh_mem_array(room, sizeof *items);
    rh_fid_prefixes found = {0};

    if (items == NULL)
        return rh_error_oom(err);
    read_array(arrays[0], items, &found.values);
    read_array(arrays[1], items, &found.values);
    qsort(items, found.values, sizeof *items, by_bytes);
    for (size_t i = 0; i < found.values; i++) {
        size_t same = i == 0 ? 0 : shared(&items[i - 1], &items[i]);

        for (size_t k = same; k < RH_FID_PREFIX_CHARS; k++)
            found.distinct[k]++;
    }
    *out = found;
    rh_mem_wipe_free(items, room * sizeof *items);
    return RH_OK;
}
