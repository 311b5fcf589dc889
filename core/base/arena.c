/*
 * Arena as a list of blocks; the newest block serves the requests. A request that does not fit into
 * an ordinary block gets a block of its own, put behind the newest so that its rest is not lost.
 */
#include "core/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

enum { DEFAULT_BLOCK_BYTES = 16 * 1024 };

typedef struct block block;
struct block {
    block *next;
    size_t size; /* bytes behind the header */
    size_t used;
    size_t touched; /* the most that was used before a reset: what there is to wipe */
};

struct rh_arena {
    block *blocks; /* newest ordinary block first */
    size_t block_bytes;
    bool wipes;
};

static size_t aligned(size_t size)
{
    size_t unit = _Alignof(max_align_t);

    return (size + unit - 1) / unit * unit;
}

static uint8_t *content(block *b)
{
    return (uint8_t *)b + aligned(sizeof *b);
}

static block *block_new(size_t size)
{
    block *b = NULL;

    if (size > SIZE_MAX - aligned(sizeof *b))
        return NULL;
    b = rh_mem_alloc(aligned(sizeof *b) + size);
    if (b != NULL) {
        b->next = NULL;
        b->size = size;
        b->used = 0;
        b->touched = 0;
    }
    return b;
}

rh_arena *rh_arena_new(size_t block_bytes)
{
    rh_arena *arena = rh_mem_zalloc(sizeof *arena);

    if (arena == NULL)
        return NULL;
    arena->block_bytes = block_bytes == 0 ? DEFAULT_BLOCK_BYTES : block_bytes;
    return arena;
}

rh_arena *rh_arena_new_wiping(size_t block_bytes)
{
    rh_arena *arena = rh_arena_new(block_bytes);

    if (arena != NULL)
        arena->wipes = true;
    return arena;
}

static void free_block(const rh_arena *arena, block *b)
{
    size_t touched = b->used > b->touched ? b->used : b->touched;

    if (arena->wipes)
        rh_mem_wipe_free(b, aligned(sizeof *b) + touched);
    else
        rh_mem_free(b);
}

static void free_blocks(const rh_arena *arena, block *b)
{
    while (b != NULL) {
        block *next = b->next;
        free_block(arena, b);
        b = next;
    }
}

void rh_arena_free(rh_arena *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena, arena->blocks);
    rh_mem_free(arena);
}

void rh_arena_reset(rh_arena *arena)
{
    block *kept = arena->blocks;

    if (kept == NULL)
        return;
    free_blocks(arena, kept->next);
    kept->next = NULL;
    if (kept->used > kept->touched)
        kept->touched = kept->used;
    kept->used = 0;
    if (kept->size > arena->block_bytes) { /* do not keep one giant request forever */
        free_block(arena, kept);
        arena->blocks = NULL;
    }
}

void *rh_arena_alloc(rh_arena *arena, size_t size)
{
    block *b = arena->blocks;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = aligned(size == 0 ? 1 : size);
    if (b == NULL || b->size - b->used < size) {
        b = block_new(size > arena->block_bytes ? size : arena->block_bytes);
        if (b == NULL)
            return NULL;
        if (size > arena->block_bytes && arena->blocks != NULL) {
            b->next = arena->blocks->next;
            arena->blocks->next = b;
        } else {
            b->next = arena->blocks;
            arena->blocks = b;
        }
    }

    uint8_t *at = content(b) + b->used;

    b->used += size;
    return at;
}

void *rh_arena_array(rh_arena *arena, size_t count, size_t size)
{
    void *array = NULL;

    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    array = rh_arena_alloc(arena, count * size);
    if (array != NULL)
        memset(array, 0, count * size);
    return array;
}

char *rh_arena_strdup(rh_arena *arena, const char *text)
{
    return rh_arena_strndup(arena, text, strlen(text));
}

char *rh_arena_strndup(rh_arena *arena, const char *text, size_t length)
{
    char *copy = NULL;

    if (length == SIZE_MAX)
        return NULL;
    copy = rh_arena_alloc(arena, length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *rh_arena_printf(rh_arena *arena, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len >= 0)
        text = rh_arena_alloc(arena, (size_t)len + 1);
    if (text != NULL)
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}
