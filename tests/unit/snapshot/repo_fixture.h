/*
 * A repository in a scratch directory and tables of generated rows to put into it.
 */
#ifndef RH_TESTS_REPO_FIXTURE_H
#define RH_TESTS_REPO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/catalog.h"
#include "core/key_file.h"
#include "core/rows.h"
#include "fetch.h"
#include "manifest.h"
#include "repo.h"
#include "store.h"

typedef struct fixture {
    char root[64]; /* scratch directory */
    char repo_dir[96];
    char secret_file[96];
    char writer_file[96];
    bool sealed;
} fixture;

/** Text of row i, with its newline, appended to out. */
typedef rh_status (*row_maker)(int64_t i, rh_buf *out, rh_error *err);

typedef struct test_table {
    const char *name;
    int64_t rows;
    int64_t range_rows; /* rows per range */
    row_maker make;
} test_table;

/* What storing gave. */
typedef struct store_result {
    char *id;
    int64_t new_chunks;
    int64_t chunks;
    uint64_t new_bytes;
} store_result;

void fixture_init(fixture *fix, bool sealed);
void fixture_done(fixture *fix);

/** Options that create or open the repository of the fixture with the writer's key. */
rh_repo *fixture_open_writer(fixture *fix);
rh_repo *fixture_open_reader(fixture *fix);
/** Without any key. */
rh_repo *fixture_open_blind(fixture *fix);

/** Rows of a table and a section named "schema", stored and committed. */
rh_status fixture_try_store(rh_repo *repo, const test_table *tables, size_t count,
                            store_result *out, rh_error *err);
store_result fixture_store(rh_repo *repo, const test_table *tables, size_t count);
/** The same without the commit: what a killed run leaves. */
void fixture_store_and_die(rh_repo *repo, const test_table *tables, size_t count);
void store_result_done(store_result *what);

/** Every row of every table of the snapshot equals what its maker makes. */
rh_status fixture_try_compare(rh_repo *repo, const char *id, const test_table *tables, size_t count,
                              rh_error *err);
void fixture_compare(rh_repo *repo, const char *id, const test_table *tables, size_t count);

/** Wide rows that compress, narrow ones that hardly do. */
rh_status make_customer(int64_t i, rh_buf *out, rh_error *err);
rh_status make_event(int64_t i, rh_buf *out, rh_error *err);
/** make_customer with every 1000th row changed. */
rh_status make_changed_customer(int64_t i, rh_buf *out, rh_error *err);

/** Paths of all packs, NULL-terminated, from rh_repo_pack_names; free with rh_fs_list_free. */
char **fixture_packs(rh_repo *repo, size_t *out_count);
void read_whole(const char *path, rh_buf *out);
void write_whole(const char *path, const void *data, size_t len);

#endif
