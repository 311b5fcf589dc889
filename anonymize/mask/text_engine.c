#include "text_engine.h"

#include <string.h>

#include "anonymize/class_text.h"
#include "anonymize/prefix_text.h"
#include "core/mem.h"
#include "field_text.h"

enum { CACHE = 128, CACHED_BYTES = 48 };

/* Mail domains, towns and the like come again and again: their images are kept for a while. */
typedef struct cached_text {
    uint8_t len; /* 0: empty */
    char text[CACHED_BYTES];
    char image[CACHED_BYTES];
} cached_text;

struct text_engine {
    cached_text cache[CACHE];
    rh_class_text *classes;
    rh_prefix_text *forth;
    rh_prefix_text *back;
    bool fold_case;
};

rh_status text_engine_open(const rh_mask_key *key, const char *domain, bool fold_case,
                           text_engine **out, rh_error *err)
{
    rh_mask_key second;
    text_engine *engine = rh_mem_zalloc(sizeof *engine);

    if (engine == NULL)
        return rh_error_oom(err);
    engine->fold_case = fold_case;
    rh_mask_key_derive(key, domain, "text/back", &second);

    rh_status status = rh_class_text_new(key, domain, false, &engine->classes, err);

    if (status == RH_OK)
        status = rh_prefix_text_new(key, domain, false, &engine->forth, err);
    if (status == RH_OK)
        status = rh_prefix_text_new(&second, domain, false, &engine->back, err);
    rh_mask_key_wipe(&second);
    if (status != RH_OK) {
        text_engine_close(engine);
        return status;
    }
    *out = engine;
    return RH_OK;
}

void text_engine_close(text_engine *engine)
{
    if (engine == NULL)
        return;
    rh_class_text_free(engine->classes);
    rh_prefix_text_free(engine->forth);
    rh_prefix_text_free(engine->back);
    rh_mem_wipe_free(engine, sizeof *engine);
}

/* Copy text backwards, each UTF-8 sequence as it is (stray continuation bytes by themselves). */
static void reverse_chars(const char *text, size_t len, char *out)
{
    size_t at = 0;
    char *to = out + len;

    while (at < len) {
        size_t bytes = utf8_sequence(text + at, len - at);

        to -= bytes;
        memcpy(to, text + at, bytes);
        at += bytes;
    }
}

/*
 * Each pass is a bijection that keeps the class of every character. After the first, the last
 * character depends on all; the second carries that to all the others.
 */
static rh_status map_small(text_engine *engine, char *text, size_t len, rh_arena *scratch,
                           rh_error *err)
{
    char *turned = rh_arena_alloc(scratch, len);

    if (turned == NULL)
        return rh_error_oom(err);
    rh_prefix_text_map(engine->forth, text, len);
    reverse_chars(text, len, turned);
    rh_prefix_text_map(engine->back, turned, len);
    reverse_chars(turned, len, text);
    return RH_OK;
}

static rh_status map_once(text_engine *engine, char *text, size_t len, rh_arena *scratch,
                          rh_error *err)
{
    rh_class_item item = {text, len, false};

    if (rh_class_text_map(engine->classes, &item, 1) == 0)
        return RH_OK;
    return map_small(engine, text, len, scratch, err);
}

/* Digits with a zero in front ("0171", "-007"): its place, else len. Such a text is no integer, and
 * stays none if the zero stays: that is much cheaper than to walk for one. */
static size_t leading_zero(const char *text, size_t len)
{
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;

    if (len < at + 2 || text[at] != '0')
        return len;
    for (size_t i = at; i < len; i++) {
        if (!is_digit(text[i]))
            return len;
    }
    return at;
}

/* What the image of a text has to be if the text is. */
typedef struct nature {
    bool integer;
    bool number; /* of JSON */
    bool small;  /* the same, within what databases can hold */
} nature;

static nature nature_of(const text_job *job)
{
    return (nature){
        .integer = text_is_int64(job->text, job->len),
        .number = job->json_number && text_is_json_number(job->text, job->len),
        .small = job->json_number && text_is_small_number(job->text, job->len),
    };
}

static bool is_of(const text_job *job, const nature *n)
{
    return text_is_int64(job->text, job->len) == n->integer &&
           (!n->number || text_is_json_number(job->text, job->len)) &&
           (!n->small || text_is_small_number(job->text, job->len));
}

/*
 * Of a permutation of all texts of a pattern, take the cycles as far as they lie in the set of the
 * input ("is an integer", "is a JSON number"): a permutation of that set.
 */
static rh_status walk(text_engine *engine, const text_job *job, const nature *n, rh_arena *scratch,
                      rh_error *err)
{
    enum { MAX_STEPS = 100000 }; /* a JSON number like 1e5 needs 26 on average */

    for (int i = 0; i < MAX_STEPS; i++) {
        rh_status status = map_once(engine, job->text, job->len, scratch, err);

        if (status != RH_OK || is_of(job, n))
            return status;
    }
    return rh_error_set(err, RH_ELIMIT, "a number has too few of its like to be masked");
}

static rh_status map_new(text_engine *engine, const text_job *job, rh_arena *scratch, rh_error *err)
{
    nature n = nature_of(job);
    size_t zero = leading_zero(job->text, job->len);

    if (zero < job->len)
        return map_once(engine, job->text + zero + 1, job->len - zero - 1, scratch, err);
    return walk(engine, job, &n, scratch, err);
}

static cached_text *place_of(text_engine *engine, const text_job *job)
{
    uint64_t hash = job->len;

    for (size_t i = 0; i < job->len; i++)
        hash = (hash ^ (uint8_t)job->text[i]) * UINT64_C(0x100000001b3);
    return &engine->cache[(hash ^ hash >> 32) % CACHE];
}

static rh_status map_walking(text_engine *engine, const text_job *job, rh_arena *scratch,
                             rh_error *err)
{
    cached_text *cached;
    char text[CACHED_BYTES];
    rh_status status;

    if (job->json_number || job->len == 0 || job->len > CACHED_BYTES)
        return map_new(engine, job, scratch, err);
    cached = place_of(engine, job);
    if (cached->len == job->len && memcmp(cached->text, job->text, job->len) == 0) {
        memcpy(job->text, cached->image, job->len);
        return RH_OK;
    }
    memcpy(text, job->text, job->len);
    status = map_new(engine, job, scratch, err);
    if (status != RH_OK)
        return status;
    cached->len = (uint8_t)job->len;
    memcpy(cached->text, text, job->len);
    memcpy(cached->image, job->text, job->len);
    return RH_OK;
}

static void put_capitals(const char *original, char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(text[i] - (original[i] >= 'A' && original[i] <= 'Z' ? 0x20 : 0));
}

/* Lower-case image of the lower-case text, then the capitals back in their places. */
static rh_status map_folded(text_engine *engine, const text_job *job, rh_arena *scratch,
                            rh_error *err)
{
    char *original = rh_arena_strndup(scratch, job->text, job->len);

    if (original == NULL)
        return rh_error_oom(err);
    ascii_lower(job->text, job->len);

    rh_status status = map_walking(engine, job, scratch, err);

    put_capitals(original, job->text, job->len);
    return status;
}

rh_status text_engine_map(text_engine *engine, const text_job *job, rh_arena *scratch,
                          rh_error *err)
{
    return engine->fold_case ? map_folded(engine, job, scratch, err)
                             : map_walking(engine, job, scratch, err);
}

/* ---- many ---- */

enum { GROUP = 64 };

/* One step for all, in lock step; then the few go on that left the set they have to stay in. */
static rh_status map_group(text_engine *engine, const text_job *jobs, size_t count,
                           rh_arena *scratch, rh_error *err)
{
    rh_class_item items[GROUP];
    nature natures[GROUP];
    bool walks[GROUP];
    rh_status status = RH_OK;

    for (size_t i = 0; i < count; i++) {
        size_t zero = leading_zero(jobs[i].text, jobs[i].len);

        walks[i] = zero == jobs[i].len;
        items[i] = (rh_class_item){jobs[i].text, jobs[i].len, false};
        if (walks[i]) {
            natures[i] = nature_of(&jobs[i]);
        } else {
            items[i].text += zero + 1;
            items[i].len -= zero + 1;
        }
    }
    (void)rh_class_text_map(engine->classes, items, count);
    for (size_t i = 0; i < count && status == RH_OK; i++) {
        if (!items[i].mapped)
            status = map_small(engine, items[i].text, items[i].len, scratch, err);
        if (status == RH_OK && walks[i] && !is_of(&jobs[i], &natures[i]))
            status = walk(engine, &jobs[i], &natures[i], scratch, err);
    }
    return status;
}

/* Capitals are taken off before and put back behind, as map_folded does. Most texts have none. */
static rh_status map_group_folded(text_engine *engine, const text_job *jobs, size_t count,
                                  rh_arena *scratch, rh_error *err)
{
    char *originals[GROUP];

    for (size_t i = 0; i < count; i++) {
        originals[i] = NULL;
        if (!ascii_has_capitals(jobs[i].text, jobs[i].len))
            continue;
        originals[i] = rh_arena_strndup(scratch, jobs[i].text, jobs[i].len);
        if (originals[i] == NULL)
            return rh_error_oom(err);
        ascii_lower(jobs[i].text, jobs[i].len);
    }

    rh_status status = map_group(engine, jobs, count, scratch, err);

    for (size_t i = 0; i < count; i++) {
        if (originals[i] != NULL)
            put_capitals(originals[i], jobs[i].text, jobs[i].len);
    }
    return status;
}

rh_status text_engine_map_many(text_engine *engine, const text_job *jobs, size_t count,
                               rh_arena *scratch, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t at = 0; at < count && status == RH_OK; at += GROUP) {
        size_t part = count - at < GROUP ? count - at : GROUP;

        status = engine->fold_case ? map_group_folded(engine, jobs + at, part, scratch, err)
                                   : map_group(engine, jobs + at, part, scratch, err);
    }
    return status;
}
