/*
 * libpg_query behind three calls, so that the rest need not know whether this build has it.
 */
#ifndef SQL_PARSER_H
#define SQL_PARSER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

/**
 * Whether a text may go to the parser at all: no NUL bytes, not longer than 1 MiB, and not nested
 * so deeply that its recursion over the tree could exhaust a thread's stack.
 */
bool rh_sql_parser_fits(const char *text, size_t len);

/** RH_OK; RH_SKIPPED when the parser is missing, does not accept the text or must not see it. */
rh_status rh_sql_parser_fingerprint(const char *text, size_t len, uint64_t *out,
                                    rh_error *err) RH_MUST_CHECK;

/** The tree as JSON ({"version":.., "stmts":[..]}); codes as above. Free with json_decref. */
rh_status rh_sql_parser_tree(const char *text, size_t len, json_t **out,
                             rh_error *err) RH_MUST_CHECK;

#endif
