/*
 * List of findings.
 */
#include "core/problems.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/mem.h"

void rh_problems_done(rh_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        rh_mem_free(problems->items[i].text);
        rh_mem_free(problems->items[i].hint);
    }
    rh_mem_free(problems->items);
    *problems = (rh_problems)RH_PROBLEMS_INIT;
}

static rh_status grow(rh_problems *problems, rh_error *err)
{
    size_t cap = problems->cap == 0 ? 8 : problems->cap * 2;
    rh_problem *items = NULL;

    if (problems->count < problems->cap)
        return RH_OK;
    items = rh_mem_rearray(problems->items, cap, sizeof *items);
    if (items == NULL)
        return rh_error_oom(err);
    problems->items = items;
    problems->cap = cap;
    return RH_OK;
}

rh_status rh_problems_add(rh_problems *problems, bool fatal, const char *hint, rh_error *err,
                          const char *format, ...)
{
    char text[RH_ERROR_TEXT_BYTES * 2];
    rh_problem added = {fatal, NULL, NULL};
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);

    rh_status status = grow(problems, err);

    if (status != RH_OK)
        return status;
    added.text = rh_mem_strdup(text);
    if (added.text != NULL && hint != NULL)
        added.hint = rh_mem_strdup(hint);
    if (added.text == NULL || (hint != NULL && added.hint == NULL)) {
        rh_mem_free(added.text);
        return rh_error_oom(err);
    }
    problems->items[problems->count++] = added;
    return RH_OK;
}

size_t rh_problems_fatal(const rh_problems *problems)
{
    size_t fatal = 0;

    for (size_t i = 0; i < problems->count; i++)
        fatal += problems->items[i].fatal ? 1 : 0;
    return fatal;
}
