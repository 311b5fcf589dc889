/*
 * From SQL states to our status codes, and messages without values or passwords.
 */
#ifndef PG_ERROR_H
#define PG_ERROR_H

#include <stddef.h>

#include <rehearse/error.h>

/** Status for a five-character SQL state (NULL or "": RH_EDB). Class 08 is RH_EDB as well: on a
 * living connection it tells of another one (a foreign server's). */
rh_status rh_pg_error_status(const char *sqlstate);

/**
 * Copy a server message into out, cut at the first newline and without what may be a row's value:
 * errors about data lose their quoted parts, raised exceptions their text. password (may be NULL)
 * is struck out.
 */
void rh_pg_error_text(const char *sqlstate, const char *message, const char *password, char *out,
                      size_t size);

#endif
