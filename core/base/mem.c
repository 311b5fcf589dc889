/*
 * Counted memory with a failure hook. Blocks carry no header (they are plain malloc blocks), so the
 * cost is one relaxed atomic add per call; the hook costs one relaxed load while it is off.
 */
#define _DEFAULT_SOURCE /* explicit_bzero: base must wipe without libsodium */

#include "core/mem.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_long live_blocks;
static atomic_long fail_countdown = -1; /* negative: off */
static atomic_int fail_happened;
static _Thread_local long thread_failures;
static _Thread_local bool jansson_guarded;
static _Thread_local long failures_before; /* rh_mem_jansson_begin */

/* True when the armed failure falls on this request. Exactly one caller sees 0. */
static bool must_fail(void)
{
    long left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);

    while (left >= 0) {
        if (atomic_compare_exchange_weak(&fail_countdown, &left, left - 1)) {
            if (left != 0)
                return false;
            atomic_store(&fail_happened, 1);
            return true;
        }
    }
    return false;
}

static void *counted(void *block)
{
    if (block == NULL)
        thread_failures++;
    else
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return block;
}

void *rh_mem_alloc(size_t size)
{
    return counted(must_fail() ? NULL : malloc(size == 0 ? 1 : size));
}

void *rh_mem_zalloc(size_t size)
{
    return counted(must_fail() ? NULL : calloc(1, size == 0 ? 1 : size));
}

void *rh_mem_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        thread_failures++;
        return NULL;
    }
    return rh_mem_zalloc(count * size);
}

void *rh_mem_realloc(void *ptr, size_t size)
{
    void *block = NULL;

    if (ptr == NULL)
        return rh_mem_alloc(size);
    if (!must_fail())
        block = realloc(ptr, size == 0 ? 1 : size);
    if (block == NULL)
        thread_failures++;
    return block;
}

void *rh_mem_rearray(void *ptr, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        thread_failures++;
        return NULL;
    }
    return rh_mem_realloc(ptr, count * size);
}

char *rh_mem_strdup(const char *text)
{
    return rh_mem_strndup(text, strlen(text));
}

char *rh_mem_strndup(const char *text, size_t length)
{
    char *copy = NULL;

    if (length == SIZE_MAX)
        return NULL;
    copy = rh_mem_alloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *rh_mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len >= 0)
        text = rh_mem_alloc((size_t)len + 1);
    if (text != NULL)
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void rh_mem_free(void *ptr)
{
    if (ptr == NULL)
        return;
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    free(ptr);
}

void rh_mem_wipe_free(void *ptr, size_t size)
{
    if (ptr == NULL)
        return;
    explicit_bzero(ptr, size);
    rh_mem_free(ptr);
}

void rh_mem_fail_nth(long n)
{
    atomic_store(&fail_happened, 0);
    atomic_store(&fail_countdown, n < 0 ? -1 : n);
}

int rh_mem_failed(void)
{
    return atomic_load(&fail_happened);
}

long rh_mem_live_blocks(void)
{
    return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}

/* jansson's, see rh_mem_jansson_begin. */
static void *alloc_for_jansson(size_t size)
{
    if (jansson_guarded && thread_failures != failures_before)
        return NULL;
    return rh_mem_alloc(size);
}

void rh_mem_adopt_jansson(void)
{
    json_set_alloc_funcs(alloc_for_jansson, rh_mem_free);
}

void rh_mem_jansson_begin(void)
{
    jansson_guarded = true;
    failures_before = thread_failures;
}

bool rh_mem_jansson_end(void)
{
    jansson_guarded = false;
    return thread_failures != failures_before;
}
