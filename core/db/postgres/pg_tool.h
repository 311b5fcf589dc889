/*
 * PostgreSQL's own programs: which pg_dump to run.
 */
#ifndef PG_TOOL_H
#define PG_TOOL_H

#include <rehearse/error.h>

/**
 * Path of a program whose major version is at least min_major: from REHEARSE_PG_BINDIR alone when
 * that is set; else the same major where there is one, or the oldest newer one, of
 * /usr/lib/postgresql and PATH. Fresh memory. RH_ENOTFOUND tells what was found instead.
 */
rh_status rh_pg_tool_find(const char *program, int min_major, char **out,
                          rh_error *err) RH_MUST_CHECK;

/** Major version in "pg_dump (PostgreSQL) 15.3 (...)", 0 when there is none. */
int rh_pg_tool_version(const char *text);

#endif
