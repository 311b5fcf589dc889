#include "name_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

rh_status rh_name_set_add(rh_name_set *set, const char *name, rh_error *err)
{
    size_t len = strlen(name);

    if (len >= RH_NAME_SET_BYTES)
        return rh_error_set(err, RH_EFORMAT, "a name of %zu bytes is too long", len);
    if (set->count == set->cap) {
        size_t cap = set->cap == 0 ? 64 : set->cap * 2;
        char(*grown)[RH_NAME_SET_BYTES] = rh_mem_rearray(set->names, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        set->names = grown;
        set->cap = cap;
    }
    memcpy(set->names[set->count++], name, len + 1);
    return RH_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

void rh_name_set_sort(rh_name_set *set)
{
    size_t kept = 0;

    if (set->count == 0)
        return;
    qsort(set->names, set->count, sizeof *set->names, by_text);
    for (size_t i = 0; i < set->count; i++) {
        if (kept > 0 && strcmp(set->names[kept - 1], set->names[i]) == 0)
            continue;
        if (kept != i)
            memcpy(set->names[kept], set->names[i], sizeof *set->names);
        kept++;
    }
    set->count = kept;
}

size_t rh_name_set_find(const rh_name_set *set, const char *name)
{
    const char *found = NULL;

    if (set->count > 0)
        found = bsearch(name, set->names, set->count, sizeof *set->names, by_text);
    if (found == NULL)
        return (size_t)-1;
    return (size_t)(found - set->names[0]) / sizeof *set->names;
}

bool rh_name_set_has(const rh_name_set *set, const char *name)
{
    return rh_name_set_find(set, name) != (size_t)-1;
}

void rh_name_set_done(rh_name_set *set)
{
    rh_mem_free(set->names);
    set->names = NULL;
    set->count = set->cap = 0;
}
