/*
 * Empty b-trees for a schema whose texts are not run: made under names of our own, found again by
 * these, taken over when the exact schema is installed.
 */
#include <stdio.h>
#include <string.h>

#include "lite_conn.h"
#include "lite_render.h"
#include "lite_schema.h"

static const rh_table *find_table(const rh_catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i].name, name) == 0)
            return &catalog->tables[i];
    }
    return NULL;
}

/* Indexes and WITHOUT ROWID tables live in index b-trees, other tables in table b-trees. */
static rh_status create_root(sqlite3 *db, const rh_lite_schema *schema, const rh_catalog *catalog,
                             size_t i, rh_error *err)
{
    const rh_lite_object *object = &schema->items[i];
    bool index_tree = true;
    char sql[96];

    if (rh_lite_is_table(object) && catalog != NULL) {
        const rh_table *table = find_table(catalog, object->name);

        if (table == NULL)
            return rh_error_set(err, RH_EFORMAT, "table '%s' of the schema is not in the catalog",
                                object->name);
        index_tree = !rh_lite_extra_rowid(table);
    } else if (rh_lite_is_table(object)) {
        index_tree = false;
    }
    (void)snprintf(sql, sizeof sql, "CREATE TABLE rehearse_%zu(x%s", i,
                   index_tree ? " PRIMARY KEY) WITHOUT ROWID" : ")");
    return rh_lite_exec(db, sql, err);
}

static rh_status read_roots(sqlite3 *db, rh_lite_schema *schema, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(db,
                                       "SELECT CAST(substr(name, 10) AS INTEGER), rootpage"
                                       " FROM main.sqlite_master WHERE type = 'table'",
                                       &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        schema->items[sqlite3_column_int64(stmt, 0)].rootpage = sqlite3_column_int64(stmt, 1);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_lite_schema_roots(sqlite3 *db, rh_lite_schema *schema, const rh_catalog *catalog,
                               rh_error *err)
{
    /* The encoding is only written with the first table, of which there may be none. */
    rh_status status =
        rh_lite_exec(db, "BEGIN; CREATE TABLE rehearse_first(x); DROP TABLE rehearse_first", err);

    for (size_t i = 0; status == RH_OK && i < schema->count; i++) {
        if (schema->items[i].has_root)
            status = create_root(db, schema, catalog, i, err);
    }
    if (status == RH_OK)
        status = rh_lite_exec(db, "COMMIT", err);
    return status == RH_OK ? read_roots(db, schema, err) : status;
}
