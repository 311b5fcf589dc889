/*
 * All memory of the program and the library goes through here: overflow-checked, countable,
 * and able to fail on the n-th request so that tests can walk every failure path.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/visibility.h>

/** Allocate size bytes (1 if 0), uninitialised. NULL when memory is out. Free with rh_mem_free. */
void *rh_mem_alloc(size_t size) RH_MUST_CHECK;

/** As rh_mem_alloc, zeroed. */
void *rh_mem_zalloc(size_t size) RH_MUST_CHECK;

/** Zeroed array of count elements of size bytes; NULL when memory is out or the product overflows.
 */
void *rh_mem_array(size_t count, size_t size) RH_MUST_CHECK;

/** Resize ptr (NULL allowed). On failure NULL is returned and ptr stays valid. */
void *rh_mem_realloc(void *ptr, size_t size) RH_MUST_CHECK;

/** Resize an array to count elements of size bytes; new elements are NOT zeroed. */
void *rh_mem_rearray(void *ptr, size_t count, size_t size) RH_MUST_CHECK;

/** Copy of a string; NULL when memory is out. text must not be NULL. */
char *rh_mem_strdup(const char *text) RH_MUST_CHECK;

/** Copy of the first length bytes of text, with a NUL behind them. */
char *rh_mem_strndup(const char *text, size_t length) RH_MUST_CHECK;

/** printf into fresh memory; NULL when memory is out. */
char *rh_mem_printf(const char *format, ...) RH_MUST_CHECK RH_PRINTF(1, 2);

/** Free; NULL is a no-op. */
void rh_mem_free(void *ptr);

/** Overwrite size bytes in a way the compiler keeps, then free. NULL is a no-op. */
void rh_mem_wipe_free(void *ptr, size_t size);

/**
 * Tests only: make the n-th allocation from now on fail (0 = the next one), and only that one.
 * A negative n switches the hook off. Process-wide.
 */
void rh_mem_fail_nth(long n);

/** Tests only: true when the armed failure has happened. */
int rh_mem_failed(void);

/** Number of live blocks, process-wide. Cheap; meant for leak assertions. */
long rh_mem_live_blocks(void);

/** Let jansson allocate through this module. Call once, before the first jansson call. */
void rh_mem_adopt_jansson(void);

/**
 * Around a call of jansson that reads: from its first failed allocation on, all of them fail.
 * jansson goes on after some failures, with a byte missing from the token it reads; when that is
 * the closing quote, it copies on behind its text. end: true when an allocation failed.
 */
void rh_mem_jansson_begin(void);
bool rh_mem_jansson_end(void);

#endif
