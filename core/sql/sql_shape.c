#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "sql_normalize.h"
#include "sql_parser.h"

/* One cached shape. The table is an array of slots probed in a row; texts live in the arena. */
typedef struct slot {
    uint64_t hash; /* of the key, 0 = free */
    const char *key;
    size_t key_len;
    rh_sql_shape *shape;
} slot;

/* A text seen lately, letter by letter: prepared statements come again and again as they are. */
typedef struct recent {
    const rh_sql_shape *shape; /* NULL = free */
    uint64_t hash;
    size_t len;
    char text[512];
} recent;

enum {
    RECENT_TEXTS = 1024, /* a power of two */
    FIRST_SLOTS = 1024,
    DEFAULT_BYTES = 64 << 20,
    MAX_TEXT_BYTES = 1 << 30, /* a statement longer than this is refused */
};

struct rh_sql_shapes {
    rh_sql_dialect dialect;
    size_t max_bytes;
    size_t used_bytes;
    uint64_t misses;
    rh_arena *arena;
    slot *slots;
    size_t slot_count; /* a power of two */
    size_t used;
    recent *recent;
    rh_buf key; /* of the text at hand */
};

/* key: the RH_SQL_NORMAL_KEY form of text. show: scratch. */
static rh_status fill_shape(rh_sql_dialect dialect, const char *text, size_t len, const rh_buf *key,
                            rh_buf *show, rh_arena *arena, rh_sql_shape *out, rh_error *err)
{
    rh_sql_shape shape;
    char *normalized;
    rh_status status;

    memset(&shape, 0, sizeof shape);
    shape.by = RH_SQL_BY_PARSER;
    status = dialect == RH_SQL_POSTGRES
                 ? rh_sql_parser_fingerprint(text, len, &shape.fingerprint, err)
                 : RH_SKIPPED;
    if (status == RH_SKIPPED) {
        shape.by = RH_SQL_BY_SCANNER;
        shape.fingerprint = rh_sql_hash(rh_buf_cstr(key), key->len);
        status = RH_OK;
    }
    if (status == RH_OK)
        status = rh_sql_normalize(dialect, RH_SQL_NORMAL_SHOW, text, len, show, err);
    if (status != RH_OK)
        return status;
    normalized = rh_arena_strndup(arena, rh_buf_cstr(show), show->len);
    if (normalized == NULL)
        return rh_error_oom(err);
    shape.normalized = normalized;
    shape.normalized_len = show->len;
    (void)snprintf(shape.hex, sizeof shape.hex, "%016llx", (unsigned long long)shape.fingerprint);
    shape.command = rh_sql_command_of(dialect, text, len);
    *out = shape;
    return RH_OK;
}

rh_status rh_sql_shape_of(rh_sql_dialect dialect, const char *text, size_t len, rh_arena *arena,
                          rh_sql_shape *out, rh_error *err)
{
    rh_buf key;
    rh_buf show;
    rh_status status;

    rh_buf_init(&key, MAX_TEXT_BYTES);
    rh_buf_init(&show, MAX_TEXT_BYTES);
    status = rh_sql_normalize(dialect, RH_SQL_NORMAL_KEY, text, len, &key, err);
    if (status == RH_OK)
        status = fill_shape(dialect, text, len, &key, &show, arena, out, err);
    rh_buf_done(&show);
    rh_buf_done(&key);
    return status;
}

rh_sql_shapes *rh_sql_shapes_new(rh_sql_dialect dialect, size_t max_bytes)
{
    rh_sql_shapes *shapes = rh_mem_zalloc(sizeof *shapes);

    if (shapes == NULL)
        return NULL;
    shapes->dialect = dialect;
    shapes->max_bytes = max_bytes == 0 ? DEFAULT_BYTES : max_bytes;
    rh_buf_init(&shapes->key, MAX_TEXT_BYTES);
    shapes->arena = rh_arena_new(0);
    shapes->slots = rh_mem_array(FIRST_SLOTS, sizeof *shapes->slots);
    shapes->slot_count = FIRST_SLOTS;
    shapes->recent = rh_mem_array(RECENT_TEXTS, sizeof *shapes->recent);
    if (shapes->arena == NULL || shapes->slots == NULL || shapes->recent == NULL) {
        rh_sql_shapes_free(shapes);
        return NULL;
    }
    return shapes;
}

void rh_sql_shapes_free(rh_sql_shapes *shapes)
{
    if (shapes == NULL)
        return;
    rh_buf_done(&shapes->key);
    rh_arena_free(shapes->arena);
    rh_mem_free(shapes->slots);
    rh_mem_free(shapes->recent);
    rh_mem_free(shapes);
}

uint64_t rh_sql_shapes_misses(const rh_sql_shapes *shapes)
{
    return shapes->misses;
}

/* The slot of the key, or the free one where it belongs. */
static slot *find_slot(slot *slots, size_t count, uint64_t hash, const char *key, size_t len)
{
    size_t at = (size_t)hash & (count - 1);

    while (slots[at].hash != 0) {
        if (slots[at].hash == hash && slots[at].key_len == len &&
            memcmp(slots[at].key, key, len) == 0)
            break;
        at = (at + 1) & (count - 1);
    }
    return &slots[at];
}

static rh_status grow(rh_sql_shapes *shapes, rh_error *err)
{
    size_t count = shapes->slot_count * 2;
    slot *slots = rh_mem_array(count, sizeof *slots);

    if (slots == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < shapes->slot_count; i++) {
        const slot *old = &shapes->slots[i];

        if (old->hash != 0)
            *find_slot(slots, count, old->hash, old->key, old->key_len) = *old;
    }
    rh_mem_free(shapes->slots);
    shapes->slots = slots;
    shapes->slot_count = count;
    return RH_OK;
}

static void forget(rh_sql_shapes *shapes)
{
    rh_arena_reset(shapes->arena);
    memset(shapes->slots, 0, shapes->slot_count * sizeof *shapes->slots);
    for (size_t i = 0; i < RECENT_TEXTS; i++)
        shapes->recent[i].shape = NULL;
    shapes->used = 0;
    shapes->used_bytes = 0;
}

static rh_status add_shape(rh_sql_shapes *shapes, uint64_t hash, const char *text, size_t len,
                           const rh_sql_shape **out, rh_error *err)
{
    rh_buf show;
    rh_sql_shape *shape;
    slot *place;
    char *key;
    rh_status status;

    if (shapes->used_bytes > shapes->max_bytes)
        forget(shapes);
    if (shapes->used * 2 >= shapes->slot_count) {
        status = grow(shapes, err);
        if (status != RH_OK)
            return status;
    }
    shape = rh_arena_alloc(shapes->arena, sizeof *shape);
    key = rh_arena_strndup(shapes->arena, rh_buf_cstr(&shapes->key), shapes->key.len);
    if (shape == NULL || key == NULL)
        return rh_error_oom(err);
    rh_buf_init(&show, MAX_TEXT_BYTES);
    status = fill_shape(shapes->dialect, text, len, &shapes->key, &show, shapes->arena, shape, err);
    rh_buf_done(&show);
    if (status != RH_OK)
        return status;
    place = find_slot(shapes->slots, shapes->slot_count, hash, key, shapes->key.len);
    place->hash = hash;
    place->key = key;
    place->key_len = shapes->key.len;
    place->shape = shape;
    shapes->used++;
    shapes->used_bytes += shapes->key.len + shape->normalized_len + sizeof *shape + sizeof *place;
    shapes->misses++;
    *out = shape;
    return RH_OK;
}

static rh_status get_by_key(rh_sql_shapes *shapes, const char *text, size_t len,
                            const rh_sql_shape **out, rh_error *err)
{
    uint64_t hash;
    const slot *found;
    rh_status status;

    rh_buf_clear(&shapes->key);
    status = rh_sql_normalize(shapes->dialect, RH_SQL_NORMAL_KEY, text, len, &shapes->key, err);
    if (status != RH_OK)
        return status;
    hash = rh_sql_hash(rh_buf_cstr(&shapes->key), shapes->key.len) | 1;
    found = find_slot(shapes->slots, shapes->slot_count, hash, rh_buf_cstr(&shapes->key),
                      shapes->key.len);
    if (found->hash != 0) {
        *out = found->shape;
        return RH_OK;
    }
    return add_shape(shapes, hash, text, len, out, err);
}

rh_status rh_sql_shapes_get(rh_sql_shapes *shapes, const char *text, size_t len,
                            const rh_sql_shape **out, rh_error *err)
{
    uint64_t hash;
    recent *last;
    rh_status status;

    if (len > sizeof last->text)
        return get_by_key(shapes, text, len, out, err);
    hash = rh_sql_hash(text, len);
    last = &shapes->recent[(size_t)hash & (RECENT_TEXTS - 1)];
    if (last->shape != NULL && last->hash == hash && last->len == len &&
        memcmp(last->text, text, len) == 0) {
        *out = last->shape;
        return RH_OK;
    }
    status = get_by_key(shapes, text, len, out, err);
    if (status == RH_OK) {
        last->shape = *out;
        last->hash = hash;
        last->len = len;
        memcpy(last->text, text, len);
    }
    return status;
}

const char *rh_sql_by_name(rh_sql_by by)
{
    return by == RH_SQL_BY_PARSER ? "parser" : "scanner";
}
