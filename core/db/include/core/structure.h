/*
 * The structure of a database: what rules are matched with and proofs are made against.
 *
 * Each engine writes it as its section "structure" (JSON, docs/format.md §11), so that it is the
 * same for a live source and for a snapshot. Parsed here into structs that live in one arena.
 */
#ifndef CORE_STRUCTURE_H
#define CORE_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rh_structure_column {
    const char *name;
    const char *type;          /* as declared: "character varying(20)", "email_domain", "INTEGER" */
    const char *base_type;     /* PostgreSQL: below domains, without modifiers: "text"; SQLite: the
                                  affinity: "INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC" */
    const char *element_type;  /* arrays: base type of the elements, else NULL */
    const char *domain;        /* PostgreSQL domain type name or NULL */
    const char *const *labels; /* enum labels, NULL-terminated, or NULL */
    int64_t max_chars;         /* varchar(n), char(n), bit(n); -1 = no limit */
    int32_t precision;         /* numeric(p,s); -1 = none */
    int32_t scale;             /* counts only beside a precision; may be negative */
    bool padded;               /* char(n) */
    bool not_null;
    bool generated;
    bool identity;
    const char *generated_from; /* expression or NULL */
    const char *default_text;   /* expression or NULL */
    const char *collation;      /* NULL = default */
    const char *comment;        /* or NULL */
} rh_structure_column;

/** An index or an exclusion constraint; primary keys and unique constraints are unique indexes. */
typedef struct rh_structure_index {
    const char *name;
    bool unique;
    bool primary;
    bool exclusion;
    const char *method;    /* "btree", "gist" ... */
    const size_t *columns; /* plain key columns, in order, by position in the table */
    size_t column_count;
    bool expressions; /* some keys are expressions: see text */
    bool partial;
    const char *text;       /* definition as SQL */
    const size_t *mentions; /* every column that keys, expressions and predicate mention */
    size_t mention_count;
    int64_t rank; /* place among the table's indexes in the order of OIDs, from 1; 0 = not known */
} rh_structure_index;

typedef struct rh_structure_check {
    const char *name;
    const char *text;
    const size_t *mentions;
    size_t mention_count;
} rh_structure_check;

typedef struct rh_structure_foreign_key {
    const char *name;
    const size_t *columns;
    size_t column_count;
    const char *target;                /* full name of the referenced table */
    const char *const *target_columns; /* as many as columns */
} rh_structure_foreign_key;

typedef struct rh_structure_table {
    const char *schema;
    const char *name;
    const char *full_name; /* schema.name, with parts quoted as in the catalog */
    const char *kind;      /* "table" "partitioned" "partition" "foreign" "view" "matview" "virtual"
                              "shadow" (SQLite: what a full-text index was computed to)
                              "settings" (SQLite: how a full-text index works) */
    bool strict;           /* SQLite: STRICT, only values of the declared types */
    const char *parent;    /* full name of the partitioned or inherited parent, or NULL */
    const char *partition_key; /* text or NULL */
    const size_t *partition_columns;
    size_t partition_column_count;
    const char *partition_bound; /* text or NULL */
    const char *view_text;       /* views, matviews, virtual tables */
    const char *comment;
    const rh_structure_column *columns;
    size_t column_count;
    const rh_structure_index *indexes;
    size_t index_count;
    const rh_structure_check *checks;
    size_t check_count;
    const rh_structure_foreign_key *foreign_keys;
    size_t foreign_key_count;
} rh_structure_table;

/** SQL of an object that belongs to no column: what it spells out is copied as it stands. */
typedef struct rh_structure_text {
    const char *kind; /* "function" "procedure" "trigger" "rule" "policy" "domain type" ... */
    const char *name;
    const char *text;
} rh_structure_text;

typedef struct rh_structure rh_structure;

/** PostgreSQL's large objects, as a table with the columns oid, offset, data. */
#define RH_LARGE_OBJECTS "pg_catalog.pg_largeobject"

/** Parse the section's text; distrusts every byte. RH_EFORMAT. Free with rh_structure_free. */
rh_status rh_structure_parse(const char *text, size_t len, rh_structure **out,
                             rh_error *err) RH_MUST_CHECK;
void rh_structure_free(rh_structure *structure);

size_t rh_structure_table_count(const rh_structure *structure);
const rh_structure_table *rh_structure_table_at(const rh_structure *structure, size_t index);
/** Texts beside those of tables. *out is NULL when the section does not tell (older snapshots). */
size_t rh_structure_texts(const rh_structure *structure, const rh_structure_text **out);
/** By full name; NULL when there is none. */
const rh_structure_table *rh_structure_find(const rh_structure *structure, const char *full_name);
/** Position of a column by name, or table->column_count. */
size_t rh_structure_column_index(const rh_structure_table *table, const char *name);
/** Is a base type the one of that name, in whatever schema? Extensions may live in any. */
bool rh_structure_is_type(const char *base_type, const char *name);

#endif
