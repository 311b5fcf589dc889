/*
 * The rows of sqlite_schema: read from a file, written into one, as the "schema" section and back.
 */
#ifndef LITE_SCHEMA_H
#define LITE_SCHEMA_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/catalog.h"

typedef struct rh_lite_object {
    int64_t rowid;    /* of its row in sqlite_schema: the order that the planner sees */
    const char *type; /* "table", "index", "view", "trigger" */
    const char *name;
    const char *tbl_name;
    const char *sql;       /* NULL for the indexes of constraints */
    int64_t rootpage;      /* 0: no b-tree */
    bool has_root;         /* has a b-tree (also where rootpage is not known yet) */
    bool is_virtual;       /* CREATE VIRTUAL TABLE */
    const char *shadow_of; /* name of the virtual table that this table belongs to, or NULL */
} rh_lite_object;

typedef struct rh_lite_schema {
    rh_arena *arena; /* owns the texts and the array */
    rh_lite_object *items;
    size_t count;
} rh_lite_schema;

#define RH_LITE_SCHEMA_INIT                                                                        \
    {                                                                                              \
        NULL, NULL, 0                                                                              \
    }

void rh_lite_schema_done(rh_lite_schema *schema);

/** All rows in rowid order. */
rh_status rh_lite_schema_read(sqlite3 *db, rh_lite_schema *out, rh_error *err) RH_MUST_CHECK;

/** The section: JSON array, see docs of engine_sqlite.c. Appended to out. */
rh_status rh_lite_schema_print(const rh_lite_schema *schema, rh_buf *out,
                               rh_error *err) RH_MUST_CHECK;

/** Read a section. RH_EFORMAT names the entry. */
rh_status rh_lite_schema_parse(const char *text, size_t len, rh_lite_schema *out,
                               rh_error *err) RH_MUST_CHECK;

/**
 * Create an empty b-tree for each object that has one and note its rootpage, in a fresh file of a
 * RH_LITE_BUILD connection. catalog tells which tables have rowids; NULL: nobody will read or write
 * rows, so that it does not matter. RH_EFORMAT: a table that the catalog does not have.
 */
rh_status rh_lite_schema_roots(sqlite3 *db, rh_lite_schema *schema, const rh_catalog *catalog,
                               rh_error *err) RH_MUST_CHECK;

/**
 * Make schema the whole content of db's sqlite_schema and let the connection read it anew. Needs a
 * RH_LITE_BUILD connection outside a transaction. Runs nothing of what the texts say.
 */
rh_status rh_lite_schema_install(sqlite3 *db, const rh_lite_schema *schema,
                                 rh_error *err) RH_MUST_CHECK;

bool rh_lite_is_table(const rh_lite_object *object); /* an ordinary one, with rows of its own */
bool rh_lite_is_system(const char *name);            /* sqlite_sequence, sqlite_stat... */
bool rh_lite_is_statistics(const char *name);        /* sqlite_stat... */

#endif
