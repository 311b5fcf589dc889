/*
 * The labelled corpus tests/data/plans: one statement a file, with what is expected of its profile
 * in comments.
 *
 *   -- healthy                no finding at all
 *   -- expect: NAME           a finding about the statement as a whole
 *   / *<NAME* / .. / *>* /    (without blanks) a finding whose span is exactly what stands between
 *                             NAME+NAME: several, with this span
 *   -- param: VALUE           next parameter: number or 'text'
 *   -- set: NAME = VALUE      PostgreSQL: a setting of the session
 *   -- plan-only              not executed
 */
#ifndef PLAN_CASES_H
#define PLAN_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/profile_session.h"

/** Every case of the folder on the target; the number of those that are not as expected, each
 * printed. */
size_t plan_cases_run(const char *folder, const char *target, rh_engine_kind engine);

/** Run the statements of folder/schema.sql, each cut at a semicolon before a newline. */
void plan_cases_schema(const char *folder, void (*execute)(void *ctx, const char *sql), void *ctx);

#endif
