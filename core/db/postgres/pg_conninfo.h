/*
 * Connection parameters: from the user's text to arrays for libpq, to text without secrets for a
 * child's command line, and to text fit for output.
 */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"

enum { RH_PG_CONNINFO_MAX = 64 };

/** Parallel arrays, both NULL-terminated; every string is owned. */
typedef struct rh_pg_conninfo {
    size_t count;
    char *keywords[RH_PG_CONNINFO_MAX + 1];
    char *values[RH_PG_CONNINFO_MAX + 1];
} rh_pg_conninfo;

/**
 * Everything in effect for name (URI or key=value text): its own parameters, those of the service
 * file, the environment and libpq's defaults, the database's name included. Does not wait for a
 * connection. RH_EUSAGE without a word of the text, which may hold a password.
 */
rh_status rh_pg_conninfo_parse(const char *name, rh_pg_conninfo **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_pg_conninfo_copy(const rh_pg_conninfo *from, rh_pg_conninfo **out,
                              rh_error *err) RH_MUST_CHECK;
void rh_pg_conninfo_free(rh_pg_conninfo *info); /* wipes */

/** Value of a parameter, borrowed, or NULL. */
const char *rh_pg_conninfo_get(const rh_pg_conninfo *info, const char *keyword);

/** Set, or remove with value NULL. RH_ENOMEM, RH_ELIMIT. */
rh_status rh_pg_conninfo_set(rh_pg_conninfo *info, const char *keyword, const char *value,
                             rh_error *err) RH_MUST_CHECK;

/** key='value' text without passwords, for a command line. Appended to out. */
rh_status rh_pg_conninfo_text(const rh_pg_conninfo *info, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** The engine's describe(): what the user wrote as key=value text, passwords as "***". */
rh_status rh_pg_conninfo_describe(const char *name, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
