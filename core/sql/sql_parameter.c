#include "core/sql_parameter.h"

#include <string.h>

enum { MAX_DIGITS = 6 };

struct rh_sql_parameter_name {
    const char *text; /* in the statement */
    size_t len;
    size_t number;
    struct rh_sql_parameter_name *next;
};

void rh_sql_parameters_init(rh_sql_parameters *parameters, rh_sql_dialect dialect, rh_arena *arena)
{
    *parameters = (rh_sql_parameters){.dialect = dialect, .arena = arena, .next = 1};
}

static bool says_number(rh_sql_dialect dialect, const char *p, size_t len)
{
    return len > 1 && p[1] >= '0' && p[1] <= '9' && (*p == '?' || dialect == RH_SQL_POSTGRES);
}

static size_t said_number(rh_sql_parameters *parameters, const char *p, size_t len)
{
    size_t n = 0;

    for (size_t i = 1; i < len && i <= MAX_DIGITS; i++)
        n = n * 10 + (size_t)(p[i] - '0');
    if (n >= parameters->next)
        parameters->next = n + 1;
    return n;
}

rh_status rh_sql_parameter_number(rh_sql_parameters *parameters, const char *text,
                                  const rh_sql_token *token, size_t *out, rh_error *err)
{
    const char *p = text + token->offset;
    struct rh_sql_parameter_name *name = parameters->names;

    if (token->len == 1) {
        *out = parameters->next++;
        return RH_OK;
    }
    if (says_number(parameters->dialect, p, token->len)) {
        *out = said_number(parameters, p, token->len);
        return RH_OK;
    }
    while (name != NULL && (name->len != token->len || memcmp(name->text, p, token->len) != 0))
        name = name->next;
    if (name == NULL) {
        name = rh_arena_array(parameters->arena, 1, sizeof *name);
        if (name == NULL)
            return rh_error_oom(err);
        *name =
            (struct rh_sql_parameter_name){p, token->len, parameters->next++, parameters->names};
        parameters->names = name;
    }
    *out = name->number;
    return RH_OK;
}
