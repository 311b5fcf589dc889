/*
 * Documents: life cycle and positions. The readers are in doc_yaml.c and doc_json.c, the complaints
 * in doc_check.c.
 */
#include "core/doc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/str.h"
#include "doc_internal.h"

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
