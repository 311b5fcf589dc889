/*
 * What a database holds, as far as copying it is concerned: tables, columns, ranges.
 *
 * The same structs come from a live source (engine) and from a manifest (rh_catalog_from_json).
 * Everything is owned by the catalog's arena and lives as long as the catalog.
 */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"

typedef struct rh_column {
    const char *name;
    const char *type;      /* as the database writes it: "character varying(20)", "INTEGER", "" */
    const char *collation; /* NULL for the default one */
    bool not_null;
    bool generated; /* computed by the database: its value is never copied */
} rh_column;

/**
 * A slice of a table that one session reads. [from, to) in heap pages (PostgreSQL, by ctid), in
 * rowids (SQLite), or in integer keys. Both bounds are open at INT64_MIN and INT64_MAX.
 * Bounds are multiples of a power of two that hardly ever changes, so that last night's range is
 * tonight's range and chunks deduplicate.
 */
typedef struct rh_range {
    int64_t from;
    int64_t to;
} rh_range;

typedef enum rh_table_kind {
    RH_TABLE_PLAIN,         /* rows of an ordinary table, partition, or SQLite table */
    RH_TABLE_LARGE_OBJECTS, /* PostgreSQL large objects as rows (oid, offset, bytes) */
    RH_TABLE_SYSTEM,        /* SQLite: sqlite_sequence, sqlite_stat1, sqlite_stat4 */
} rh_table_kind;

/**
 * A value that the source computes for each row, beside the row's own: it travels behind the last
 * column, for the row filter alone, and is never stored.
 */
typedef struct rh_extra_column {
    const char *sql;   /* one expression over the table's columns */
    size_t column;     /* the column that it is computed for, and whose type it gets */
    const char *where; /* "file:line:col" of the expression, for errors; or NULL */
} rh_extra_column;

typedef struct rh_table {
    rh_table_kind kind;
    const char *schema; /* PostgreSQL schema, "main" for SQLite */
    const char *name;
    const char *full_name;    /* schema.name for messages and manifests, unquoted; unique */
    size_t index;             /* position in the catalog's array */
    const rh_column *columns; /* all of them in order; generated ones included */
    size_t column_count;
    bool rows_excluded; /* --include/--exclude left the rows out; the table itself comes along */
    int64_t estimated_rows;  /* from the planner, or 0 */
    int64_t estimated_bytes; /* heap + TOAST (PostgreSQL), share of the file (SQLite) */
    int64_t index_bytes;     /* all its indexes together, 0 when not known */
    const rh_range *ranges;  /* >= 1 unless rows_excluded; ascending, disjoint, covering all rows */
    size_t range_count;
    const rh_extra_column *extras; /* see rh_source_extras; set before the first row is read */
    size_t extra_count;
    const json_t *extra; /* what only the engine understands (object or NULL); goes to the manifest
                            and comes back at restore. Owned by the catalog. */
} rh_table;

typedef struct rh_catalog {
    rh_arena *arena;
    rh_table *tables;
    size_t table_count;
    json_t *json_refs; /* array that keeps the `extra` values alive */
} rh_catalog;

/** Empty catalog with its arena; free with rh_catalog_free. NULL when memory is out. */
rh_catalog *rh_catalog_new(void) RH_MUST_CHECK;
void rh_catalog_free(rh_catalog *catalog);

/** Make extra (reference taken) the table's private facts. RH_ENOMEM. */
rh_status rh_catalog_adopt(rh_catalog *catalog, rh_table *table, json_t *extra,
                           rh_error *err) RH_MUST_CHECK;

/** Give a table its extra columns: copied into the arena. RH_ENOMEM. */
rh_status rh_catalog_set_extras(rh_catalog *catalog, size_t table, const rh_extra_column *extras,
                                size_t count, rh_error *err) RH_MUST_CHECK;

/** Table by full name, or NULL. */
const rh_table *rh_catalog_find(const rh_catalog *catalog, const char *full_name);

/** One table as the JSON object of a manifest (without ranges and storage): new reference. */
rh_status rh_table_to_json(const rh_table *table, json_t **out, rh_error *err) RH_MUST_CHECK;

/**
 * Catalog from a manifest's "tables" array. Unknown members are ignored (storage references stand
 * beside ours). Tables have no ranges. RH_EFORMAT names the entry; distrusts every byte.
 */
rh_status rh_catalog_from_json(const json_t *tables, rh_catalog **out, rh_error *err) RH_MUST_CHECK;

/** Does a table take part under --include/--exclude globs (matched on full_name and on name)? */
bool rh_catalog_selected(const char *const *include, const char *const *exclude,
                         const char *full_name, const char *name);

#endif
