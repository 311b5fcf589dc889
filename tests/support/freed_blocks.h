/*
 * Looks for a mark in every block that goes back to the system, so that a test can prove that
 * secrets are overwritten before. Include it once in a program with WRAP free realloc; the wrapped
 * realloc always moves, which is what the real one may do.
 */
#ifndef RH_TESTS_FREED_BLOCKS_H
#define RH_TESTS_FREED_BLOCKS_H

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *freed_mark; /* NULL: not looking */
static size_t freed_marked;    /* blocks that still had it */

void __real_free(void *block);
void __wrap_free(void *block);
void *__wrap_realloc(void *block, size_t size);

static inline int freed_has_mark(const unsigned char *bytes, size_t len, const char *mark)
{
    size_t mark_len = strlen(mark);

    for (size_t i = 0; i + mark_len <= len; i++) {
        if (memcmp(bytes + i, mark, mark_len) == 0)
            return 1;
    }
    return 0;
}

void __wrap_free(void *block)
{
    if (block != NULL && freed_mark != NULL &&
        freed_has_mark(block, malloc_usable_size(block), freed_mark))
        freed_marked++;
    __real_free(block);
}

void *__wrap_realloc(void *block, size_t size)
{
    size_t had = block == NULL ? 0 : malloc_usable_size(block);
    void *moved = malloc(size);

    if (moved != NULL && block != NULL) {
        memcpy(moved, block, had < size ? had : size);
        __wrap_free(block);
    }
    return moved;
}

/* Begin to look for mark; freed_seen() ends it and says how many freed blocks had it. */
static inline void freed_watch(const char *mark)
{
    freed_marked = 0;
    freed_mark = mark;
}

static inline size_t freed_seen(void)
{
    freed_mark = NULL;
    return freed_marked;
}

#endif
