/*
 * A sorted set of short names (packs, dictionaries with their hash): add many, sort once, look up.
 */
#ifndef SNAPSHOT_NAME_SET_H
#define SNAPSHOT_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

enum { RH_NAME_SET_BYTES = 80 }; /* of one name with its NUL */

typedef struct rh_name_set {
    char (*names)[RH_NAME_SET_BYTES];
    size_t count;
    size_t cap;
} rh_name_set;

/** Append; a name longer than RH_NAME_SET_BYTES - 1 is RH_EFORMAT. Not found before a sort. */
rh_status rh_name_set_add(rh_name_set *set, const char *name, rh_error *err) RH_MUST_CHECK;

/** Sort and drop doubles. */
void rh_name_set_sort(rh_name_set *set);

/** Index of a name in the sorted set, or (size_t)-1. */
size_t rh_name_set_find(const rh_name_set *set, const char *name);
bool rh_name_set_has(const rh_name_set *set, const char *name);
void rh_name_set_done(rh_name_set *set);

#endif
