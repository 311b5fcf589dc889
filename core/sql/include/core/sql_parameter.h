/*
 * Which value a parameter of a statement stands for: the numbers that the engines give.
 */
#ifndef CORE_SQL_PARAMETER_H
#define CORE_SQL_PARAMETER_H

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/sql_scan.h"

/** A statement being read; all tokens of it are asked about in the order of the text. */
typedef struct rh_sql_parameters {
    rh_sql_dialect dialect;
    rh_arena *arena; /* borrowed */
    size_t next;     /* number of the next plain ? or new name */
    struct rh_sql_parameter_name *names;
} rh_sql_parameters;

void rh_sql_parameters_init(rh_sql_parameters *parameters, rh_sql_dialect dialect, rh_arena *arena);

/**
 * The number, from 1, of a token RH_SQL_TOKEN_PARAMETER: $3 and ?3 say it, ? is the next one, a
 * name (:x, @x, $x) has one number wherever it stands, given at its first use. RH_ENOMEM.
 */
rh_status rh_sql_parameter_number(rh_sql_parameters *parameters, const char *text,
                                  const rh_sql_token *token, size_t *out,
                                  rh_error *err) RH_MUST_CHECK;

#endif
