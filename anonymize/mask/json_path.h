/*
 * Paths into JSON: $.name, $['name'], [3], [*], .*, and recursive descent ..name, ..*
 */
#ifndef RH_JSON_PATH_H
#define RH_JSON_PATH_H

#include "core/arena.h"
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

enum { JSON_PATH_STEPS = 62 };

typedef struct json_step {
    const char *name; /* NULL: an index, or anything */
    int64_t index;    /* -1: anything */
    bool any;
    bool descend; /* at any depth below */
} json_step;

typedef struct json_path {
    const json_step *steps;
    size_t count;
} json_path;

/** False: text is no path. *out_oom tells whether memory was out instead. */
bool json_path_parse(rh_arena *arena, const char *text, json_path *out, bool *out_oom);

/** A member or an element that is entered. */
typedef struct json_child {
    const char *name; /* NULL: element */
    size_t len;
    int64_t index;
} json_child;

/** Set of reached positions (bits) in front of a child -> inside of it. */
uint64_t json_path_enter(const json_path *path, uint64_t reached, const json_child *child);

static inline bool json_path_ends(const json_path *path, uint64_t reached)
{
    return (reached >> path->count & 1) != 0;
}

#endif
