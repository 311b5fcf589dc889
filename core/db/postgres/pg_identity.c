#include "pg_identity.h"

#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"

static rh_status one_text(rh_pg *pg, const char *sql, char *out, size_t size, rh_error *err)
{
    char *text = NULL;
    rh_status status = rh_pg_query_text(pg, sql, 0, NULL, &text, err);

    if (status == RH_OK)
        (void)rh_str_copy(out, size, text == NULL ? "" : text);
    rh_mem_free(text);
    return status;
}

rh_status rh_pg_identity_get(rh_pg *pg, rh_pg_identity *out, rh_error *err)
{
    static const char may_ask[] = RH_PG_OURS
        "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";
    rh_pg_identity identity = {"", ""};
    char allowed[8] = "";
    rh_status status =
        one_text(pg, rh_pg_sql_identity, identity.instance, sizeof identity.instance, err);

    if (status == RH_OK)
        status = one_text(pg, may_ask, allowed, sizeof allowed, err);
    if (status == RH_OK && allowed[0] == 't')
        status =
            one_text(pg, rh_pg_sql_system_id, identity.system_id, sizeof identity.system_id, err);
    if (status == RH_OK)
        *out = identity;
    return status;
}

rh_status rh_pg_identity_check(rh_pg *pg, const rh_pg_identity *expected, rh_error *err)
{
    rh_pg_identity found;
    rh_status status = rh_pg_identity_get(pg, &found, err);

    if (status != RH_OK)
        return status;
    if (strcmp(found.system_id, expected->system_id) == 0 &&
        strcmp(found.instance, expected->instance) == 0)
        return RH_OK;
    rh_error_set(err, RH_ECONNECT, "two connections reached two different servers");
    rh_error_hint(err, "name one host: a load balancer or a list of hosts cannot be copied from");
    return RH_ECONNECT;
}
