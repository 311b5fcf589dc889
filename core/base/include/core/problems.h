/*
 * A list of findings collected before work starts (missing privileges, roles, space ...), so that
 * the user sees all of them at once instead of one per attempt.
 */
#ifndef CORE_PROBLEMS_H
#define CORE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

typedef struct rh_problem {
    bool fatal; /* false: a note, the run goes on */
    char *text; /* same style as rh_error.text */
    char *hint; /* NULL when there is none */
} rh_problem;

typedef struct rh_problems {
    rh_problem *items;
    size_t count;
    size_t cap;
} rh_problems;

#define RH_PROBLEMS_INIT                                                                           \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void rh_problems_done(rh_problems *problems);

/** Append; hint may be NULL. RH_ENOMEM only. */
rh_status rh_problems_add(rh_problems *problems, bool fatal, const char *hint, rh_error *err,
                          const char *format, ...) RH_MUST_CHECK RH_PRINTF(5, 6);

/** Number of fatal ones. */
size_t rh_problems_fatal(const rh_problems *problems);

#endif
