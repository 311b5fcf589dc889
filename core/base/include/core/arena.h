/*
 * Arena: many small allocations that die together (a catalog, one batch, one parsed file).
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

#include <rehearse/visibility.h>

typedef struct rh_arena rh_arena;

/** New arena growing by blocks of block_bytes (0 = 16 KiB). NULL when memory is out. */
rh_arena *rh_arena_new(size_t block_bytes) RH_MUST_CHECK;

/**
 * As rh_arena_new, for bytes of rows and other secrets: no block goes back to the system before
 * what was stored in it is overwritten. The block that a reset keeps is overwritten when it is
 * freed, so a reset per row costs nothing.
 */
rh_arena *rh_arena_new_wiping(size_t block_bytes) RH_MUST_CHECK;
void rh_arena_free(rh_arena *arena);

/** Forget all allocations, keep one block for reuse. */
void rh_arena_reset(rh_arena *arena);

/** size bytes aligned for any type, uninitialised; lives until reset or free. NULL = no memory. */
void *rh_arena_alloc(rh_arena *arena, size_t size) RH_MUST_CHECK;

/** Zeroed array; NULL when memory is out or the product overflows. */
void *rh_arena_array(rh_arena *arena, size_t count, size_t size) RH_MUST_CHECK;

char *rh_arena_strdup(rh_arena *arena, const char *text) RH_MUST_CHECK;
char *rh_arena_strndup(rh_arena *arena, const char *text, size_t length) RH_MUST_CHECK;
char *rh_arena_printf(rh_arena *arena, const char *format, ...) RH_MUST_CHECK RH_PRINTF(2, 3);

#endif
