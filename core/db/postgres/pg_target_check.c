/*
 * Before a restore: everything that would make it fail or do harm, at once.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_identity.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_target.h"

typedef struct checker {
    rh_pg_target *target;
    const rh_restore_input *input;
    rh_problems *problems;
} checker;

static const char *fact(const checker *c, const char *key)
{
    return json_string_value(json_object_get(c->input->facts, key));
}

/* ---- the database that is there ---- */

/* Restoring a snapshot over the database it was taken from is never what anybody wants. */
static rh_status check_source(const checker *c, bool *out_same, rh_error *err)
{
    rh_pg_identity identity;
    const char *system_id = fact(c, "system_id");
    rh_status status = rh_pg_identity_get(c->target->admin, &identity, err);

    if (status != RH_OK)
        return status;
    *out_same = rh_str_eq(fact(c, "database"), c->target->database) &&
                (system_id == NULL || identity.system_id[0] == '\0' ||
                 strcmp(system_id, identity.system_id) == 0);
    return RH_OK;
}

static rh_status check_replacing(const checker *c, const rh_pg_existing *found, rh_error *err)
{
    const rh_target_options *options = &c->target->options;
    const char *name = c->target->database;

    if (!found->owned)
        return rh_problems_add(c->problems, true, "restore as its owner", err,
                               "database '%s' belongs to another role: it cannot be renamed", name);
    if (found->empty)
        return rh_problems_add(c->problems, false, NULL, err,
                               "database '%s' exists but is empty: it will be replaced", name);
    if (!options->swap)
        return rh_problems_add(c->problems, true,
                               "--swap replaces a staging database and keeps the old one", err,
                               "database '%s' exists", name);
    if (!found->marked && !options->allow_unmarked)
        return rh_problems_add(c->problems, true,
                               "only databases that this program made are replaced unasked", err,
                               "database '%s' is not marked as staging", name);
    return RH_OK;
}

static rh_status check_existing(const checker *c, rh_error *err)
{
    const char *name = c->target->database;
    rh_pg_existing found;
    bool same = false;
    rh_status status;

    if (rh_str_eq(name, "postgres") || rh_str_eq(name, "template0") || rh_str_eq(name, "template1"))
        return rh_problems_add(c->problems, true, "name a database of its own", err,
                               "database '%s' is needed by the server: it cannot be the target",
                               name);
    status = rh_pg_existing_look(c->target, name, &found, err);
    if (status == RH_OK && found.exists)
        status = check_source(c, &same, err);
    if (status != RH_OK || !found.exists)
        return status;
    if (same)
        return rh_problems_add(c->problems, true, "name another target", err,
                               "database '%s' is the one that the snapshot was taken from", name);
    return check_replacing(c, &found, err);
}

/* ---- what the server must offer ---- */

static rh_status check_version(const checker *c, rh_error *err)
{
    int source =
        (int)json_integer_value(json_object_get(c->input->facts, "server_version_num")) / 10000;
    int target = c->target->admin->version / 10000;

    if (target < source)
        return rh_problems_add(c->problems, true, "restore into the same or a newer version", err,
                               "the server's version %d is older than the source's %d", target,
                               source);
    if (target > source)
        return rh_problems_add(c->problems, false, NULL, err,
                               "the server's version %d is newer than the source's %d: plans may "
                               "differ",
                               target, source);
    return RH_OK;
}

/* Run one of sql/check_*.sql on a JSON array of names; one problem per row (text, hint, fatal). */
static rh_status check_list(const checker *c, const char *sql, const char *key, rh_error *err)
{
    const json_t *list = json_object_get(c->input->facts, key);
    rh_buf text = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = RH_OK;

    if (json_array_size(list) == 0)
        return RH_OK;
    status = rh_doc_print_json(list, JSON_COMPACT | JSON_ENCODE_ANY, &text, err);
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&text)};

        status = rh_pg_query(c->target->admin, sql, 1, params, &result, err);
    }
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++)
        status = rh_problems_add(c->problems, rh_pg_true(result, i, 2), rh_pg_text(result, i, 1),
                                 err, "%s", PQgetvalue(result, i, 0));
    PQclear(result);
    rh_buf_done(&text);
    return status;
}

static rh_status check_server(const checker *c, rh_error *err)
{
    const rh_target_options *options = &c->target->options;
    bool all_roles = !options->no_owner || !options->no_privileges;
    const char *locale[] = {fact(c, "collate")};
    char *known = NULL;
    char *may_create = NULL;
    rh_status status = rh_pg_query_text(
        c->target->admin,
        "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user", 0,
        NULL, &may_create, err);

    if (status == RH_OK && !rh_str_eq(may_create, "t"))
        status = rh_problems_add(c->problems, true, "ALTER ROLE ... CREATEDB", err,
                                 "the role may not create databases");
    if (status == RH_OK)
        status = check_list(c, rh_pg_sql_check_roles, all_roles ? "roles" : "policy_roles", err);
    if (status == RH_OK && !options->no_owner && !c->target->superuser)
        status = check_list(c, rh_pg_sql_check_owners, "owners", err);
    if (status == RH_OK)
        status = check_list(c, rh_pg_sql_check_extensions, "extensions", err);
    if (status == RH_OK)
        status = check_list(c, rh_pg_sql_check_tablespaces, "tablespaces", err);
    if (status == RH_OK && locale[0] != NULL)
        status = rh_pg_query_text(c->target->admin, rh_pg_sql_check_locale, 1, locale, &known, err);
    if (status == RH_OK && locale[0] != NULL && !rh_str_eq(known, "t"))
        status = rh_problems_add(c->problems, false, "install it, e.g. with locale-gen", err,
                                 "locale '%s' may be missing on the server", locale[0]);
    rh_mem_free(may_create);
    rh_mem_free(known);
    return status;
}

rh_status rh_pg_target_check(void *handle, const rh_restore_input *input, rh_problems *problems,
                             rh_error *err)
{
    checker c = {.target = handle, .input = input, .problems = problems};
    rh_status status = check_existing(&c, err);

    if (status == RH_OK)
        status = check_version(&c, err);
    if (status == RH_OK)
        status = check_server(&c, err);
    return status;
}
