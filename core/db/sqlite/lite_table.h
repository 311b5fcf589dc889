/*
 * How a table stores its rows, asked from a database that has its schema loaded.
 */
#ifndef LITE_TABLE_H
#define LITE_TABLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/buf.h"

typedef enum rh_lite_affinity {
    RH_LITE_AFFINITY_BLOB,
    RH_LITE_AFFINITY_TEXT,
    RH_LITE_AFFINITY_NUMERIC,
    RH_LITE_AFFINITY_INTEGER,
    RH_LITE_AFFINITY_REAL,
} rh_lite_affinity;

typedef struct rh_lite_column {
    const char *name;
    const char *type;
    const char *collation; /* NULL: BINARY */
    bool not_null;
    bool generated;
    bool hidden; /* of a virtual table: an argument, not a value of the row */
    bool stored; /* generated and stored */
    int key;     /* position in the primary key from 1, or 0 */
} rh_lite_column;

typedef struct rh_lite_table {
    const char *name;
    rh_lite_column *columns; /* in the arena */
    size_t count;
    size_t record_count;    /* columns whose values travel: all but generated ones */
    bool has_rowid;         /* not WITHOUT ROWID */
    int ipk;                /* column that is the rowid, or -1 */
    const char *rowid_name; /* a name that means the rowid; NULL: hidden by columns, or none */
    bool has_stored;        /* some generated column is stored */
} rh_lite_table;

/** Borrowing nothing from the caller: everything is in the arena. RH_ENOTFOUND. */
rh_status rh_lite_table_read(sqlite3 *db, rh_arena *arena, const char *name, rh_lite_table *out,
                             rh_error *err) RH_MUST_CHECK;

/** Append the quoted names of the columns whose values travel, with commas: neither generated ones
 * nor the one that is the rowid. May be empty. */
rh_status rh_lite_table_list(rh_buf *out, const rh_lite_table *table, rh_error *err) RH_MUST_CHECK;

/** Append "SELECT rowid FROM table NOT INDEXED WHERE rowid<rest>". */
rh_status rh_lite_rowid_sql(rh_buf *out, const rh_lite_table *table, const char *rest,
                            rh_error *err) RH_MUST_CHECK;

/** SQLite's rules, https://www.sqlite.org/datatype3.html §3.1. */
rh_lite_affinity rh_lite_affinity_of(const char *type);

#endif
