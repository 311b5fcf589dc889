/*
 * Fingerprints and normalised texts, remembered on three levels: by the very text (a prepared
 * statement comes a million times), by its skeleton (texts that differ in their values) and by
 * shape (lists of other lengths, other blanks), so that most executions cost a hash of their text.
 * Memory is bounded: when it is full all is forgotten.
 */
#include <string.h>

#include "capture_internal.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/sql_skeleton.h"

enum {
    DIRECT_SLOTS = 1 << 14,
    MAX_BYTES = 48 << 20,
    FIRST_SLOTS = 1024,
    SKELETON_BYTES = 64 << 10, /* of longer texts none is made */
};

/* The last text that fell into this slot. */
typedef struct direct {
    rh_u128 hash;
    const capture_shape *shape;
} direct;

/* All fingerprints of the workload, for the count alone. */
typedef struct number_set {
    uint64_t *slots;
    size_t cap;
    size_t count;
} number_set;

struct capture_shapes {
    rh_sql_dialect dialect;
    rh_sql_shapes *parser;
    rh_arena *arena;
    size_t bytes;
    direct *texts;
    direct *skeletons;
    rh_buf skeleton; /* of the text at hand */
    direct *shapes;  /* by normalised text; hash 0 = free */
    size_t shape_cap;
    size_t shape_count;
    number_set fingerprints;
    uint8_t secret[RH_ROW_SECRET_BYTES];
};

capture_shapes *capture_shapes_new(rh_sql_dialect dialect)
{
    capture_shapes *s = rh_mem_zalloc(sizeof *s);

    if (s == NULL)
        return NULL;
    s->dialect = dialect;
    s->parser = rh_sql_shapes_new(dialect, 0);
    s->arena = rh_arena_new(0);
    s->texts = rh_mem_array(DIRECT_SLOTS, sizeof *s->texts);
    s->skeletons = rh_mem_array(DIRECT_SLOTS, sizeof *s->skeletons);
    rh_buf_init(&s->skeleton, 2 * SKELETON_BYTES);
    s->shapes = rh_mem_array(FIRST_SLOTS, sizeof *s->shapes);
    s->shape_cap = FIRST_SLOTS;
    s->fingerprints.slots = rh_mem_array(FIRST_SLOTS, sizeof *s->fingerprints.slots);
    s->fingerprints.cap = FIRST_SLOTS;
    rh_random(s->secret, sizeof s->secret);
    if (s->parser == NULL || s->arena == NULL || s->texts == NULL || s->skeletons == NULL ||
        s->shapes == NULL || s->fingerprints.slots == NULL) {
        capture_shapes_free(s);
        return NULL;
    }
    return s;
}

void capture_shapes_free(capture_shapes *shapes)
{
    if (shapes == NULL)
        return;
    rh_sql_shapes_free(shapes->parser);
    rh_arena_free(shapes->arena);
    rh_mem_free(shapes->texts);
    rh_mem_free(shapes->skeletons);
    rh_buf_done(&shapes->skeleton);
    rh_mem_free(shapes->shapes);
    rh_mem_free(shapes->fingerprints.slots);
    rh_mem_free(shapes);
}

uint64_t capture_shapes_count(const capture_shapes *shapes)
{
    return shapes == NULL ? 0 : shapes->fingerprints.count;
}

static bool same(rh_u128 a, rh_u128 b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static size_t slot_of(rh_u128 hash, size_t count)
{
    uint64_t low;

    memcpy(&low, &hash, sizeof low);
    return (size_t)low & (count - 1);
}

/* ---- fingerprints ---- */

static void set_put(uint64_t *slots, size_t cap, uint64_t value)
{
    size_t at = (size_t)(value * 0x9e3779b97f4a7c15u >> 20) & (cap - 1);

    while (slots[at] != 0 && slots[at] != value)
        at = (at + 1) & (cap - 1);
    slots[at] = value;
}

static bool set_has(const number_set *set, uint64_t value)
{
    size_t at = (size_t)(value * 0x9e3779b97f4a7c15u >> 20) & (set->cap - 1);

    while (set->slots[at] != 0 && set->slots[at] != value)
        at = (at + 1) & (set->cap - 1);
    return set->slots[at] == value;
}

static rh_status set_add(number_set *set, uint64_t value, rh_error *err)
{
    uint64_t *slots;

    value |= value == 0;
    if (set_has(set, value))
        return RH_OK;
    if (set->count * 2 >= set->cap) {
        slots = rh_mem_array(set->cap * 2, sizeof *slots);
        if (slots == NULL)
            return rh_error_oom(err);
        for (size_t i = 0; i < set->cap; i++) {
            if (set->slots[i] != 0)
                set_put(slots, set->cap * 2, set->slots[i]);
        }
        rh_mem_free(set->slots);
        set->slots = slots;
        set->cap *= 2;
    }
    set_put(set->slots, set->cap, value);
    set->count++;
    return RH_OK;
}

rh_status capture_shapes_count_in(capture_shapes *shapes, const capture_shape *shape, rh_error *err)
{
    return set_add(&shapes->fingerprints, shape->statement.fingerprint, err);
}

/* ---- shapes ---- */

static void forget(capture_shapes *s)
{
    rh_arena_reset(s->arena);
    memset(s->texts, 0, DIRECT_SLOTS * sizeof *s->texts);
    memset(s->skeletons, 0, DIRECT_SLOTS * sizeof *s->skeletons);
    memset(s->shapes, 0, s->shape_cap * sizeof *s->shapes);
    s->shape_count = 0;
    s->bytes = 0;
}

static direct *find_shape(direct *slots, size_t cap, rh_u128 hash)
{
    size_t at = slot_of(hash, cap);

    while (slots[at].shape != NULL && !same(slots[at].hash, hash))
        at = (at + 1) & (cap - 1);
    return &slots[at];
}

static rh_status grow(capture_shapes *s, rh_error *err)
{
    direct *slots = rh_mem_array(s->shape_cap * 2, sizeof *slots);

    if (slots == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < s->shape_cap; i++) {
        if (s->shapes[i].shape != NULL)
            *find_shape(slots, s->shape_cap * 2, s->shapes[i].hash) = s->shapes[i];
    }
    rh_mem_free(s->shapes);
    s->shapes = slots;
    s->shape_cap *= 2;
    return RH_OK;
}

/* More than one statement in the text? */
static bool holds_several(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_piece piece;

    if (memchr(text, ';', len) == NULL)
        return false;
    rh_sql_scan_init(&scan, dialect, text, len);
    return rh_sql_split_next(&scan, &piece) && rh_sql_split_next(&scan, &piece);
}

static rh_status intern(capture_shapes *s, const rh_sql_shape *parsed, bool several,
                        const capture_shape **out, rh_error *err)
{
    rh_u128 hash = rh_hash_row(s->secret, parsed->normalized, parsed->normalized_len);
    direct *place = find_shape(s->shapes, s->shape_cap, hash);
    capture_shape *shape;
    rh_status status = RH_OK;

    if (place->shape != NULL) {
        *out = place->shape;
        return RH_OK;
    }
    if (s->shape_count * 2 >= s->shape_cap)
        status = grow(s, err);
    if (status != RH_OK)
        return status;
    shape = rh_arena_alloc(s->arena, sizeof *shape);
    if (shape == NULL)
        return rh_error_oom(err);
    *shape = (capture_shape){
        .statement = {.fingerprint = parsed->fingerprint,
                      .by = rh_sql_by_name(parsed->by),
                      .command = rh_sql_command_kind_name(parsed->command.kind),
                      .normalized =
                          rh_arena_strndup(s->arena, parsed->normalized, parsed->normalized_len)},
        .command = parsed->command,
        .several = several,
    };
    if (shape->statement.normalized == NULL)
        return rh_error_oom(err);
    s->bytes += parsed->normalized_len + sizeof *shape;
    s->shape_count++;
    *find_shape(s->shapes, s->shape_cap, hash) = (direct){hash, shape};
    *out = shape;
    return RH_OK;
}

static rh_status look_closely(capture_shapes *s, const char *text, size_t len,
                              const capture_shape **out, rh_error *err)
{
    const rh_sql_shape *parsed = NULL;
    rh_status status = rh_sql_shapes_get(s->parser, text, len, &parsed, err);

    return status == RH_OK ? intern(s, parsed, holds_several(s->dialect, text, len), out, err)
                           : status;
}

/* *out_plain: nothing was left out of the text. */
static rh_status get_by_skeleton(capture_shapes *s, const char *text, size_t len,
                                 const capture_shape **out, bool *out_plain, rh_error *err)
{
    rh_u128 hash;
    direct *known;
    rh_status status = RH_SKIPPED;

    rh_buf_clear(&s->skeleton);
    if (len <= SKELETON_BYTES)
        status = rh_sql_skeleton(s->dialect, text, len, &s->skeleton, err);
    *out_plain = s->skeleton.len == len;
    if (status == RH_SKIPPED)
        return look_closely(s, text, len, out, err);
    if (status != RH_OK)
        return status;
    hash = rh_hash_row(s->secret, s->skeleton.data, s->skeleton.len);
    known = &s->skeletons[slot_of(hash, DIRECT_SLOTS)];
    if (known->shape != NULL && same(known->hash, hash)) {
        *out = known->shape;
        return RH_OK;
    }
    status = look_closely(s, text, len, out, err);
    if (status == RH_OK)
        *known = (direct){hash, *out};
    return status;
}

rh_status capture_shapes_get(capture_shapes *shapes, const char *text, size_t len,
                             const capture_shape **out, rh_error *err)
{
    rh_u128 hash = rh_hash_row(shapes->secret, text, len);
    direct *known = &shapes->texts[slot_of(hash, DIRECT_SLOTS)];
    bool plain = false;
    rh_status status;

    if (known->shape != NULL && same(known->hash, hash)) {
        *out = known->shape;
        return RH_OK;
    }
    if (shapes->bytes > MAX_BYTES)
        forget(shapes);
    status = get_by_skeleton(shapes, text, len, out, &plain, err);
    if (status == RH_OK && plain) /* it will come again as it is */
        *known = (direct){hash, *out};
    return status;
}
