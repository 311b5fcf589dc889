/*
 * A whole copy through engine.h alone: source -> batches in memory -> target. What snapshot and
 * restore do with a repository between, without the repository.
 */
#ifndef RH_TESTS_PG_COPY_H
#define RH_TESTS_PG_COPY_H

#include "core/engine.h"

/* Everything that a source gave. */
typedef struct pg_held {
    rh_catalog *catalog; /* by way of JSON, as from a manifest */
    json_t *facts;
    rh_buf *sections; /* one per name of rh_engine_sections */
    rh_buf *rows;     /* one per table */
    int64_t *counts;
    size_t range_count; /* of all tables */
} pg_held;

/* Read all of it with options->jobs sessions that take turns. */
rh_status pg_take(const char *source, const rh_source_options *options, rh_problems *problems,
                  pg_held *out, rh_error *err);

/* Build, fill, finish and commit. Rows of a table go to one loader (split false), or in two
 * halves to two loaders that share it (split true). */
rh_status pg_put(const char *target, const rh_target_options *options, const pg_held *held,
                 bool split, rh_problems *problems, json_t **out_commit, rh_error *err);

void pg_held_done(pg_held *held);

/* ---- helpers for the tests; each fails the test when it cannot ---- */

/* $RH_TEST_PG with dbname replaced and more behind it; free with rh_mem_free. */
char *pg_conninfo(const char *dbname, const char *more);

/* Run SQL (several statements) in a database of the test cluster. */
void pg_sql(const char *dbname, const char *sql);

/* As pg_sql, with a connection string of its own; returns the status. */
rh_status pg_try(const char *conninfo, const char *sql, rh_error *err);

/* The one value of a query; free with rh_mem_free; NULL for none. */
char *pg_value(const char *dbname, const char *sql);
void pg_assert_value(const char *dbname, const char *sql, const char *expected);

/* DROP DATABASE IF EXISTS (with its kept generations), and CREATE from template0. */
void pg_drop(const char *dbname);
void pg_create(const char *dbname);

/* Run a file with psql. */
void pg_file(const char *dbname, const char *path);

/* `pg_dump` text of both is the same, also as sorted lines, apart from what names the dump. */
void pg_assert_same_dump(const char *a, const char *b, const char *const *more_arguments);

/* Row counts and order-independent checksums of all tables are the same. */
void pg_assert_same_rows(const char *a, const char *b);

/* "ok" or the error's text, for messages. */
void pg_assert_ok(rh_status status, const rh_error *err);

/* Does a problem with this text (a part of it) exist, fatal or not? */
bool pg_has_problem(const rh_problems *problems, bool fatal, const char *part);

#endif
