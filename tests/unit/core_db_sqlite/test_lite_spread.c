/*
 * Rows from all over a table: how many, from where, and the same in a copy.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/engine.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "lite_conn.h"

enum { MAX_SEEN = 4096 };

static const char SCHEMA[] =
    "CREATE TABLE numbers(id INTEGER PRIMARY KEY, word TEXT, twice AS (id * 2), bytes BLOB);"
    "CREATE TABLE keyed(word TEXT PRIMARY KEY, n REAL) WITHOUT ROWID;"
    "CREATE TABLE hidden(rowid TEXT, _rowid_, oid);"
    "CREATE TABLE far(word); CREATE TABLE empty(a);"
    "INSERT INTO numbers(id, word, bytes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
    "    SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 'w' || i, x'00ff' FROM n;"
    "INSERT INTO keyed SELECT word, 0.5 FROM numbers;"
    "INSERT INTO hidden SELECT word, 1, 2 FROM numbers WHERE id <= 30;"
    "INSERT INTO far(rowid, word) VALUES (-9223372036854775808, 'first'), (7, 'middle'),"
    "    (9223372036854775807, 'last');";

typedef struct seen {
    size_t column; /* a text */
    size_t rows;
    int64_t ids[MAX_SEEN];
    char words[MAX_SEEN][16];
    rh_field_kind kinds[4]; /* of the last row */
} seen;

static char dir[64];
static char *path;
static seen spread;

static int make(const char *encoding)
{
    sqlite3 *db = NULL;

    memcpy(dir, "/tmp/rh-lite-XXXXXX", sizeof "/tmp/rh-lite-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "source.db");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(RH_OK, rh_lite_exec(db, encoding, NULL));
    assert_int_equal(RH_OK, rh_lite_exec(db, SCHEMA, NULL));
    sqlite3_close(db);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return make("PRAGMA encoding = 'UTF-8'");
}

static int setup_utf16(void **state)
{
    (void)state;
    return make("PRAGMA encoding = 'UTF-16be'");
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static rh_status see(void *ctx, const rh_field *fields, rh_error *err)
{
    seen *out = ctx;
    const rh_field *word = &fields[out->column];

    (void)err;
    assert_true(out->rows < MAX_SEEN);
    assert_int_equal(word->kind, RH_FIELD_TEXT);
    assert_true(word->len < 16);
    memcpy(out->words[out->rows], word->data, word->len);
    out->words[out->rows][word->len] = '\0';
    out->ids[out->rows++] = fields[0].integer;
    return RH_OK;
}

static rh_status see_kinds(void *ctx, const rh_field *fields, rh_error *err)
{
    seen *out = ctx;

    for (size_t i = 0; i < 4; i++)
        out->kinds[i] = fields[i].kind;
    return see(ctx, fields, err);
}

static rh_status look(const char *table, size_t column, size_t rows,
                      rh_status (*row)(void *, const rh_field *, rh_error *), rh_error *err)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    const rh_catalog *catalog = NULL;
    rh_source *source = NULL;
    rh_session *session = NULL;
    rh_row_look taker = {row, &spread};
    rh_status status;

    memset(&spread, 0, sizeof spread);
    spread.column = column;
    status = rh_source_open(path, &options, &source, err);
    if (status == RH_OK)
        status = rh_source_begin(source, err);
    if (status == RH_OK)
        status = rh_source_catalog(source, &catalog, err);
    if (status == RH_OK)
        status = rh_session_open(source, &session, err);
    if (status == RH_OK) {
        const rh_table *found = rh_catalog_find(catalog, table);

        assert_non_null(found);
        status = rh_session_spread(session, found, rows, &taker, err);
    }
    rh_session_close(session);
    rh_source_close(source);
    return status;
}

static void rows_come_from_all_over_the_table(void **state)
{
    size_t tenths[10] = {0};

    (void)state;
    assert_int_equal(look("main.numbers", 1, 100, see_kinds, NULL), RH_OK);
    assert_int_equal(spread.rows, 100);
    for (size_t i = 0; i < spread.rows; i++)
        tenths[(spread.ids[i] - 1) / 500]++;
    for (size_t i = 0; i < 10; i++)
        assert_in_range(tenths[i], 9, 11);
    assert_int_equal(spread.kinds[0], RH_FIELD_INTEGER);
    assert_int_equal(spread.kinds[2], RH_FIELD_UNREAD); /* generated */
    assert_int_equal(spread.kinds[3], RH_FIELD_BLOB);
}

static void a_copy_gives_the_same_rows(void **state)
{
    int64_t before[100];

    (void)state;
    assert_int_equal(look("main.numbers", 1, 100, see, NULL), RH_OK);
    memcpy(before, spread.ids, sizeof before);
    assert_int_equal(teardown(NULL), 0);
    assert_int_equal(setup(NULL), 0);
    assert_int_equal(look("main.numbers", 1, 100, see, NULL), RH_OK);
    assert_memory_equal(before, spread.ids, sizeof before);
}

static void a_small_table_is_read_whole(void **state)
{
    (void)state;
    assert_int_equal(look("main.numbers", 1, 4096, see, NULL), RH_OK);
    assert_int_equal(spread.rows, 4096);
    assert_int_equal(look("main.hidden", 0, 50, see, NULL), RH_OK);
    assert_int_equal(spread.rows, 30);
    assert_int_equal(look("main.empty", 0, 50, see, NULL), RH_OK);
    assert_int_equal(spread.rows, 0);
    assert_int_equal(look("main.numbers", 1, 0, see, NULL), RH_OK);
    assert_int_equal(spread.rows, 0);
}

static void tables_without_rowids_give_every_nth_row(void **state)
{
    (void)state;
    assert_int_equal(look("main.keyed", 0, 100, see, NULL), RH_OK);
    assert_in_range(spread.rows, 90, 100);
    assert_string_equal(spread.words[0], "w1");
    assert_true(strcmp(spread.words[spread.rows - 1], "w98") > 0);
}

static void the_ends_of_all_rowids_are_reached(void **state)
{
    bool found[3] = {false};

    (void)state;
    assert_int_equal(look("main.far", 0, 200, see, NULL), RH_OK);
    assert_int_equal(spread.rows, 200);
    for (size_t i = 0; i < spread.rows; i++) {
        found[0] = found[0] || strcmp(spread.words[i], "first") == 0;
        found[1] = found[1] || strcmp(spread.words[i], "middle") == 0;
        found[2] = found[2] || strcmp(spread.words[i], "last") == 0;
    }
    assert_true(found[1] && found[2]); /* the first one is a single rowid of 2^64 */
}

static void texts_are_utf8(void **state)
{
    char word[16];

    (void)state;
    assert_int_equal(look("main.numbers", 1, 10, see, NULL), RH_OK);
    (void)snprintf(word, sizeof word, "w%d", (int)spread.ids[0]);
    assert_string_equal(spread.words[0], word);
}

static rh_status refuse(void *ctx, const rh_field *fields, rh_error *err)
{
    (void)ctx;
    (void)fields;
    return rh_error_set(err, RH_EIO, "no more");
}

static void an_error_of_the_taker_ends_it(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(look("main.numbers", 1, 10, refuse, &err), RH_EIO);
    assert_string_equal(err.text, "table 'main.numbers': no more");
    assert_int_equal(look("main.keyed", 0, 10, refuse, NULL), RH_EIO);
}

static rh_status look_once(void *ctx, rh_error *err)
{
    return look(ctx, ((const char *)ctx)[5] == 'k' ? 0 : 1, 10, see, err);
}

static void every_allocation_may_fail(void **state)
{
    char numbers[] = "main.numbers";
    char keyed[] = "main.keyed";

    (void)state;
    assert_true(fail_nth(look_once, numbers) > 5);
    assert_true(fail_nth(look_once, keyed) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_from_all_over_the_table, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_gives_the_same_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_table_is_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_without_rowids_give_every_nth_row, setup, teardown),
        cmocka_unit_test_setup_teardown(the_ends_of_all_rowids_are_reached, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_are_utf8, setup_utf16, teardown),
        cmocka_unit_test_setup_teardown(an_error_of_the_taker_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
    };

    rh_mem_adopt_jansson();
    return rh_crypto_start(NULL) == RH_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
