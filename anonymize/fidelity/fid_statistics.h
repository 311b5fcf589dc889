/*
 * What the planner knows of a database, without the values: sizes of tables and indexes, figures of
 * columns. Read from PostgreSQL's statistics section or from sqlite_stat1.
 */
#ifndef FID_STATISTICS_H
#define FID_STATISTICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/engine.h"
#include "fid_prefix.h"

enum { RH_FID_MAX_SECTION_BYTES = 1 << 30 };

/** A sorted (falling) list of frequencies. */
typedef struct rh_fid_frequencies {
    const double *items;
    size_t count;
    double sum;
} rh_fid_frequencies;

typedef struct rh_fid_column {
    const char *key;   /* table, column and inherited: what columns are matched by */
    const char *table; /* schema.table, or schema.index for the expressions of an index */
    const char *name;
    bool inherited;
    bool sampled; /* from a table's rows: nothing but prefixes is known */
    double null_frac;
    double n_distinct; /* as pg_statistic: negative is a share of the rows */
    double width;
    double correlation;
    bool has_correlation;
    bool has_histogram;
    rh_fid_frequencies common;   /* most common values */
    rh_fid_frequencies elements; /* most common elements of arrays */
    rh_fid_prefixes prefixes;    /* of texts */
} rh_fid_column;

typedef enum rh_fid_kind {
    RH_FID_TABLE,
    RH_FID_INDEX,
    RH_FID_EXTENDED, /* CREATE STATISTICS with data */
} rh_fid_kind;

typedef struct rh_fid_relation {
    const char *key; /* kind and full name */
    const char *name;
    const char *table; /* what it belongs to; itself for tables */
    rh_fid_kind kind;
    double rows;          /* negative: not known (never analyzed) */
    double pages;         /* negative: not known */
    double visible;       /* PostgreSQL tables: share of pages that index-only scans need not see */
    const double *groups; /* SQLite indexes: average rows per value of 1, 2, ... columns */
    size_t group_count;
    const char *flags; /* SQLite: words behind the numbers, "" for none */
} rh_fid_relation;

typedef struct rh_fid_statistics {
    rh_arena *arena;
    rh_fid_relation *relations; /* sorted by key, unique */
    size_t relation_count;
    size_t relation_cap;
    rh_fid_column *columns; /* sorted by key, unique */
    size_t column_count;
    size_t column_cap;
    bool sampled; /* rh_fid_sample has been here */
} rh_fid_statistics;

rh_status rh_fid_statistics_new(rh_fid_statistics **out, rh_error *err) RH_MUST_CHECK;
void rh_fid_statistics_free(rh_fid_statistics *statistics);

/** PostgreSQL's section: JSON lines. RH_EFORMAT names the line. */
rh_status rh_fid_statistics_parse(const char *section, rh_fid_statistics **out,
                                  rh_error *err) RH_MUST_CHECK;

/** SQLite: the schema section, and rows of sqlite_stat1 as text (may be NULL). RH_EFORMAT. */
rh_status rh_fid_statistics_parse_lite(const char *schema, const char *stat1,
                                       rh_fid_statistics **out, rh_error *err) RH_MUST_CHECK;

/** Those rows as rh_trial_stored wants them: [[table, index or null, stat], ...]. New reference;
 * NULL text is an empty list. RH_EFORMAT. */
rh_status rh_fid_stat1_rows(const char *stat1, json_t **out, rh_error *err) RH_MUST_CHECK;

/** SQLite: columns of all selected tables, with prefixes from rows all over the table. Sorts. */
rh_status rh_fid_sample(rh_fid_statistics *statistics, rh_source *source,
                        const char *const *include, const char *const *exclude,
                        rh_error *err) RH_MUST_CHECK;

/** Relation by kind and name, or NULL. After sorting only. */
rh_fid_relation *rh_fid_relation_find(const rh_fid_statistics *statistics, rh_fid_kind kind,
                                      const char *name);

/* ---- for the readers ---- */

/** Append a zeroed entry with its key; name and table are copied. */
rh_status rh_fid_relation_add(rh_fid_statistics *statistics, rh_fid_kind kind, const char *name,
                              const char *table, rh_fid_relation **out,
                              rh_error *err) RH_MUST_CHECK;

/** Append a column, whose table and name are in the arena; its key is made here. */
rh_status rh_fid_column_add(rh_fid_statistics *statistics, const rh_fid_column *column,
                            rh_error *err) RH_MUST_CHECK;

/** Sort both lists; of entries with one key the first stays. */
void rh_fid_statistics_sort(rh_fid_statistics *statistics);

#endif
