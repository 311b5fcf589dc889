#include "lite_scratch.h"

#include <string.h>

#include "core/str.h"
#include "lite_schema.h"

/* A database without a name is SQLite's own temporary file; see lite_scratch.h. */
rh_status rh_lite_scratch_open(rh_lite_scratch *scratch, rh_error *err)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(
        "", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    scratch->db = db;
    if (rc != SQLITE_OK)
        return rh_lite_fail(db, rc, err);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return rh_lite_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY", err);
}

void rh_lite_scratch_done(rh_lite_scratch *scratch)
{
    rh_lite_close(scratch->db);
    *scratch = (rh_lite_scratch){NULL, false};
}

/* Tables come first, for virtual ones may be declared by them; then what those did not make. */
typedef enum turn {
    TABLES,
    VIRTUAL_TABLES,
    SHADOW_TABLES,
    THE_REST, /* indexes and views */
    NEVER,
} turn;

static turn turn_of(const rh_lite_object *object)
{
    if (object->sql == NULL || rh_lite_is_system(object->name) ||
        strcmp(object->type, "trigger") == 0)
        return NEVER;
    if (strcmp(object->type, "table") != 0)
        return THE_REST;
    if (object->is_virtual)
        return VIRTUAL_TABLES;
    return object->shadow_of != NULL ? SHADOW_TABLES : TABLES;
}

/* A name tells a shadow table only perhaps, and an index of one may have come with it. */
static rh_status is_there(sqlite3 *db, const char *name, bool *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(
        db, "SELECT 1 FROM main.sqlite_master WHERE name = ?1 COLLATE NOCASE", &stmt, err);

    if (status == RH_OK) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        status = rh_lite_step(stmt, err);
    }
    sqlite3_finalize(stmt);
    *out = status == RH_OK;
    return status == RH_DONE ? RH_OK : status;
}

static rh_status create(sqlite3 *to, const rh_lite_object *object, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    bool there = false;
    rh_status status = is_there(to, object->name, &there, err);

    if (status != RH_OK || there)
        return status;
    status = rh_lite_exec(to, object->sql, &detail);
    if (object->is_virtual && status == RH_EDB &&
        rh_str_starts_with(sqlite3_errmsg(to), "no such module"))
        return RH_OK;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    return status;
}

/* Objects of one kind in the order that they were made. */
rh_status rh_lite_scratch_schema(sqlite3 *from, sqlite3 *to, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    rh_status status = rh_lite_schema_read(from, &schema, err);

    for (turn now = TABLES; status == RH_OK && now < NEVER; now++) {
        for (size_t i = 0; status == RH_OK && i < schema.count; i++) {
            if (turn_of(&schema.items[i]) == now)
                status = create(to, &schema.items[i], err);
        }
    }
    rh_lite_schema_done(&schema);
    return status;
}
