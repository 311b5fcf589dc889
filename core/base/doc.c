/*
 * Documents: life cycle, positions, complaints. The readers are in doc_yaml.c and doc_json.c.
 */
#include "core/doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/str.h"
#include "doc_internal.h"

enum { QUOTED_KEY_BYTES = 64 };

/* ---- places ---- */

static size_t place_hash(const json_t *container, const char *key, size_t index)
{
    uint64_t hash = (uint64_t)(uintptr_t)container * UINT64_C(0x9E3779B97F4A7C15);

    hash ^= hash >> 29;
    if (key == NULL)
        hash += (uint64_t)index;
    for (; key != NULL && *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001B3);
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    return (size_t)(hash ^ hash >> 32);
}

static rh_status grow_buckets(rh_doc *doc, rh_error *err)
{
    size_t count = doc->bucket_count == 0 ? 64 : doc->bucket_count * 2;
    doc_place **buckets = rh_mem_array(count, sizeof(doc_place *));

    if (buckets == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < doc->bucket_count; i++) {
        doc_place *place = doc->buckets[i];

        while (place != NULL) {
            doc_place *next = place->next;
            size_t at = place_hash(place->container, place->key, place->index) & (count - 1);

            place->next = buckets[at];
            buckets[at] = place;
            place = next;
        }
    }
    rh_mem_free(doc->buckets);
    doc->buckets = buckets;
    doc->bucket_count = count;
    return RH_OK;
}

rh_status doc_place_add(rh_doc *doc, const doc_place *place, rh_error *err)
{
    rh_doc_pos pos = {place->value_line, place->value_column};

    if (doc->place_count >= DOC_MAX_VALUES)
        return rh_doc_error(doc, pos, err, "more than %d values", DOC_MAX_VALUES);
    if (doc->place_count == doc->bucket_count) {
        rh_status status = grow_buckets(doc, err);

        if (status != RH_OK)
            return status;
    }

    doc_place *kept = rh_arena_alloc(doc->arena, sizeof *kept);

    if (kept == NULL)
        return rh_error_oom(err);
    *kept = *place;
    if (place->key != NULL) {
        kept->key = rh_arena_strdup(doc->arena, place->key);
        if (kept->key == NULL)
            return rh_error_oom(err);
    }

    size_t at = place_hash(kept->container, kept->key, kept->index) & (doc->bucket_count - 1);

    kept->next = doc->buckets[at];
    doc->buckets[at] = kept;
    doc->place_count++;
    return RH_OK;
}

const doc_place *doc_place_find(const rh_doc *doc, const json_t *container, const char *key,
                                size_t index)
{
    const doc_place *place = NULL;

    if (doc->bucket_count == 0)
        return NULL;
    place = doc->buckets[place_hash(container, key, index) & (doc->bucket_count - 1)];
    while (place != NULL &&
           (place->container != container || place->index != index || !rh_str_eq(place->key, key)))
        place = place->next;
    return place;
}

rh_doc_pos rh_doc_key_pos(const rh_doc *doc, const json_t *object, const char *key)
{
    const doc_place *place = doc_place_find(doc, object, key, 0);

    if (place == NULL)
        return (rh_doc_pos){0, 0};
    return (rh_doc_pos){place->key_line, place->key_column};
}

rh_doc_pos rh_doc_value_pos(const rh_doc *doc, const json_t *object, const char *key)
{
    const doc_place *place = doc_place_find(doc, object, key, 0);

    if (place == NULL)
        return (rh_doc_pos){0, 0};
    return (rh_doc_pos){place->value_line, place->value_column};
}

rh_doc_pos rh_doc_item_pos(const rh_doc *doc, const json_t *array, size_t index)
{
    const doc_place *place = doc_place_find(doc, array, NULL, index);

    if (place == NULL)
        return (rh_doc_pos){0, 0};
    return (rh_doc_pos){place->value_line, place->value_column};
}

/* ---- life cycle ---- */

static rh_doc *doc_new(const char *name)
{
    rh_doc *doc = rh_mem_zalloc(sizeof *doc);

    if (doc == NULL)
        return NULL;
    doc->name = rh_mem_strdup(name);
    doc->arena = rh_arena_new(0);
    if (doc->name == NULL || doc->arena == NULL) {
        rh_doc_free(doc);
        return NULL;
    }
    return doc;
}

void rh_doc_free(rh_doc *doc)
{
    if (doc == NULL)
        return;
    json_decref(doc->root);
    rh_arena_free(doc->arena);
    rh_mem_free(doc->buckets);
    rh_mem_free(doc->name);
    rh_mem_free(doc);
}

/* A text that starts like a JSON container is tried as JSON first: jansson knows all its escapes.
 */
static bool looks_like_json(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r'))
        i++;
    return i < len && (text[i] == '{' || text[i] == '[');
}

rh_status rh_doc_parse(const char *name, const char *text, size_t len, rh_doc **out, rh_error *err)
{
    rh_status status = RH_SKIPPED;
    rh_doc *doc = doc_new(name);

    if (doc == NULL)
        return rh_error_oom(err);
    if (len > DOC_MAX_TEXT_BYTES) {
        status = rh_error_set(err, RH_ECONFIG, "%s: longer than 16 MiB", name);
        goto out;
    }
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark of some editors */
        text += 3;
        len -= 3;
    }

    if (looks_like_json(text, len))
        status = doc_json_load(doc, text, len, &doc->root, err);
    if (status == RH_SKIPPED)
        status = doc_yaml_load(doc, text, len, &doc->root, err);
    if (status != RH_OK)
        goto out;

    *out = doc;
    doc = NULL;
out:
    rh_doc_free(doc);
    return status;
}

/* Append all of fd to text; one byte more than allowed is enough to know that it is too long. */
static rh_status read_all(int fd, const char *path, rh_buf *text, rh_error *err)
{
    while (text->len <= DOC_MAX_TEXT_BYTES) {
        rh_status status = rh_buf_reserve(text, 16 * 1024, err);

        if (status != RH_OK)
            return status;

        ssize_t got = read(fd, text->data + text->len, 16 * 1024);

        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rh_error_errno(err, errno, "cannot read '%s'", path);
        text->len += (size_t)got;
    }
    return RH_OK;
}

rh_status rh_doc_read(const char *path, rh_doc **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_buf text = RH_BUF_INIT;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    if (fd < 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);

    status = read_all(fd, path, &text, err);
    if (status == RH_OK)
        status = rh_doc_parse(path, rh_buf_cstr(&text), text.len, out, err);
    (void)close(fd);
    rh_buf_done(&text);
    return status;
}

json_t *rh_doc_root(const rh_doc *doc)
{
    return doc->root;
}

const char *rh_doc_name(const rh_doc *doc)
{
    return doc->name;
}

/* ---- complaints ---- */

rh_status rh_doc_error(const rh_doc *doc, rh_doc_pos pos, rh_error *err, const char *format, ...)
{
    char text[RH_ERROR_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    if (pos.line == 0)
        return rh_error_set(err, RH_ECONFIG, "%s: %s", doc->name, text);
    return rh_error_set(err, RH_ECONFIG, "%s:%zu:%zu: %s", doc->name, pos.line, pos.column, text);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/*
 * Number of single-byte edits and swaps of neighbours between two short words, case ignored
 * (optimal string alignment). Words that are too long are reported as far apart.
 */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX_WORD = 48 };
    size_t rows[3][MAX_WORD + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > MAX_WORD || b_len > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const char x[2] = {a[i - 1], '\0'};
            const char y[2] = {b[j - 1], '\0'};

            now[j] =
                smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (rh_str_ieq(x, y) ? 0u : 1u));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < now[j])
                now[j] = rows[(i - 2) % 3][j - 2] + 1;
        }
    }
    return rows[a_len % 3][b_len];
}

/* The known key that the user may have meant, NULL when none is near. */
static const char *nearest(const char *key, const char *const *known)
{
    const char *best = NULL;
    size_t best_distance = strlen(key) / 3 + 1;

    if (best_distance > 3)
        best_distance = 3;
    for (; *known != NULL; known++) {
        size_t distance = edit_distance(key, *known);

        if (distance < best_distance || (distance == best_distance && best == NULL)) {
            best = *known;
            best_distance = distance;
        }
    }
    return best;
}

static void hint_known(rh_error *err, const char *key, const char *const *known)
{
    char list[RH_ERROR_HINT_BYTES];
    size_t len = 0;
    const char *meant = nearest(key, known);

    if (meant != NULL) {
        rh_error_hint(err, "did you mean '%s'?", meant);
        return;
    }
    list[0] = '\0';
    for (size_t i = 0; known[i] != NULL && len + 3 < sizeof list; i++) {
        int added = snprintf(list + len, sizeof list - len, "%s%s", i == 0 ? "" : ", ", known[i]);

        len += added < 0 ? 0 : (size_t)added;
    }
    rh_error_hint(err, "known here: %s", list);
}

static bool is_known(const char *key, const char *const *known)
{
    for (; *known != NULL; known++) {
        if (strcmp(key, *known) == 0)
            return true;
    }
    return false;
}

/* The key that stands first in the text among the unknown ones: complaints go from top to bottom.
 */
rh_status rh_doc_check_keys(const rh_doc *doc, const json_t *object, const char *const *known,
                            const char *where, rh_error *err)
{
    char shown[QUOTED_KEY_BYTES];
    json_t *iterable = doc->root;
    const char *key = NULL;
    const json_t *value = NULL;

    /* jansson iterates non-const objects only; iterating changes nothing */
    memcpy(&iterable, &object, sizeof iterable);
    json_object_foreach(iterable, key, value)
    {
        if (is_known(key, known))
            continue;
        (void)rh_str_copy(shown, sizeof shown, key);

        bool fresh = err != NULL && err->code == RH_OK;
        rh_status status =
            rh_doc_error(doc, rh_doc_key_pos(doc, object, key), err, "unknown key '%s'%s%s", shown,
                         where == NULL || where[0] == '\0' ? "" : " ", where == NULL ? "" : where);

        if (fresh)
            hint_known(err, key, known);
        return status;
    }
    return RH_OK;
}
