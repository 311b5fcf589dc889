#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_schema.h"
#include "lite_table.h"

static sqlite3 *db;

static int setup(void **state)
{
    (void)state;
    return sqlite3_open(":memory:", &db) == SQLITE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    sqlite3_close(db);
    return 0;
}

static void run(const char *sql)
{
    rh_error err = RH_ERROR_INIT;

    if (rh_lite_exec(db, sql, &err) != RH_OK)
        fail_msg("%s", err.text);
}

static void make_schema(void)
{
    run("CREATE TABLE a(x INTEGER PRIMARY KEY, y TEXT COLLATE NOCASE UNIQUE);"
        "CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE ft USING fts5(body);"
        "CREATE TABLE \"ft_other\"(z); CREATE INDEX i ON a(y)");
}

static const rh_lite_object *find(const rh_lite_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->items[i].name, name) == 0)
            return &schema->items[i];
    }
    fail_msg("no '%s'", name);
    return NULL;
}

static void objects_are_told_apart(void **state)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;

    (void)state;
    make_schema();
    assert_int_equal(RH_OK, rh_lite_schema_read(db, &schema, NULL));
    assert_true(rh_lite_is_table(find(&schema, "a")));
    assert_false(rh_lite_is_table(find(&schema, "v")));
    assert_false(rh_lite_is_table(find(&schema, "ft")));
    assert_true(find(&schema, "ft")->is_virtual);
    assert_string_equal("ft", find(&schema, "ft_content")->shadow_of);
    assert_null(find(&schema, "ft_other")->shadow_of);
    assert_null(find(&schema, "sqlite_autoindex_a_1")->sql);
    assert_true(find(&schema, "sqlite_autoindex_a_1")->has_root);
    assert_true(rh_lite_is_system("sqlite_sequence"));
    assert_true(rh_lite_is_statistics("sqlite_stat4"));
    assert_false(rh_lite_is_statistics("sqlite_sequence"));
    rh_lite_schema_done(&schema);
}

static void a_printed_schema_is_read_back_the_same(void **state)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    rh_lite_schema again = RH_LITE_SCHEMA_INIT;
    rh_buf first = RH_BUF_INIT;
    rh_buf second = RH_BUF_INIT;

    (void)state;
    make_schema();
    run("CREATE TABLE latin(a DEFAULT 'caf\xe9')");
    assert_int_equal(RH_OK, rh_lite_schema_read(db, &schema, NULL));
    assert_int_equal(RH_OK, rh_lite_schema_print(&schema, &first, NULL));
    assert_non_null(strstr(rh_buf_cstr(&first), "sql_hex"));
    assert_int_equal(RH_OK, rh_lite_schema_parse(rh_buf_cstr(&first), first.len, &again, NULL));
    assert_int_equal(schema.count, again.count);
    assert_string_equal(find(&schema, "latin")->sql, find(&again, "latin")->sql);
    assert_int_equal(RH_OK, rh_lite_schema_print(&again, &second, NULL));
    assert_string_equal(rh_buf_cstr(&first), rh_buf_cstr(&second));
    rh_buf_done(&first);
    rh_buf_done(&second);
    rh_lite_schema_done(&schema);
    rh_lite_schema_done(&again);
}

static void tables_are_described_as_they_are_stored(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    rh_lite_table table = {0};

    (void)state;
    run("CREATE TABLE p(i INTEGER PRIMARY KEY, t TEXT NOT NULL COLLATE NOCASE, g AS (i), s AS (t) "
        "STORED);"
        "CREATE TABLE w(b, a, PRIMARY KEY(a, b)) WITHOUT ROWID;"
        "CREATE TABLE d(k INTEGER PRIMARY KEY DESC); CREATE TABLE k(k INT PRIMARY KEY);"
        "CREATE TABLE h(rowid, _rowid_, oid); CREATE TABLE hp(rowid, _rowid_, oid, i INTEGER "
        "PRIMARY KEY);"
        "CREATE TABLE r(ROWID)");
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "p", &table, NULL));
    assert_true(table.has_rowid && table.has_stored);
    assert_int_equal(0, table.ipk);
    assert_int_equal(4, table.count);
    assert_int_equal(2, table.record_count);
    assert_string_equal("NOCASE", table.columns[1].collation);
    assert_true(table.columns[1].not_null);
    assert_true(table.columns[2].generated && !table.columns[2].stored);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "w", &table, NULL));
    assert_false(table.has_rowid);
    assert_null(table.rowid_name);
    assert_int_equal(-1, table.ipk);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "d", &table, NULL));
    assert_int_equal(-1, table.ipk);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "k", &table, NULL));
    assert_int_equal(-1, table.ipk);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "h", &table, NULL));
    assert_true(table.has_rowid);
    assert_null(table.rowid_name);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "hp", &table, NULL));
    assert_string_equal("i", table.rowid_name);
    assert_int_equal(RH_OK, rh_lite_table_read(db, arena, "r", &table, NULL));
    assert_string_equal("_rowid_", table.rowid_name);
    assert_int_equal(RH_ENOTFOUND, rh_lite_table_read(db, arena, "none", &table, NULL));
    rh_arena_free(arena);
}

static void affinities_follow_sqlites_rules(void **state)
{
    (void)state;
    assert_int_equal(RH_LITE_AFFINITY_INTEGER, rh_lite_affinity_of("unsigned big int"));
    assert_int_equal(RH_LITE_AFFINITY_INTEGER, rh_lite_affinity_of("FLOATING POINT"));
    assert_int_equal(RH_LITE_AFFINITY_TEXT, rh_lite_affinity_of("varchar(20)"));
    assert_int_equal(RH_LITE_AFFINITY_BLOB, rh_lite_affinity_of(""));
    assert_int_equal(RH_LITE_AFFINITY_BLOB, rh_lite_affinity_of("blob"));
    assert_int_equal(RH_LITE_AFFINITY_REAL, rh_lite_affinity_of("double precision"));
    assert_int_equal(RH_LITE_AFFINITY_NUMERIC, rh_lite_affinity_of("DECIMAL(10,5)"));
    assert_int_equal(RH_LITE_AFFINITY_NUMERIC, rh_lite_affinity_of("STRING"));
}

static void names_are_quoted(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_sql_name_quote("a\"b", &out, NULL));
    assert_string_equal("\"a\"\"b\"", rh_buf_cstr(&out));
    rh_buf_done(&out);
    assert_string_equal("x/y", rh_lite_path("sqlite:x/y"));
    assert_string_equal("x/y", rh_lite_path("x/y"));
}

static void printing_and_parsing_survive_every_failed_allocation(void **state)
{
    long live;

    (void)state;
    make_schema();
    live = rh_mem_live_blocks();
    for (long n = 0;; n++) {
        rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
        rh_lite_schema again = RH_LITE_SCHEMA_INIT;
        rh_buf text = RH_BUF_INIT;
        rh_status status;
        int failed;

        rh_mem_fail_nth(n);
        status = rh_lite_schema_read(db, &schema, NULL);
        if (status == RH_OK)
            status = rh_lite_schema_print(&schema, &text, NULL);
        if (status == RH_OK)
            status = rh_lite_schema_parse(rh_buf_cstr(&text), text.len, &again, NULL);
        failed = rh_mem_failed();
        rh_mem_fail_nth(-1);
        rh_buf_done(&text);
        rh_lite_schema_done(&schema);
        rh_lite_schema_done(&again);
        assert_int_equal(live, rh_mem_live_blocks());
        if (!failed) {
            assert_int_equal(RH_OK, status);
            assert_true(n > 50);
            break;
        }
        assert_int_equal(RH_ENOMEM, status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_printed_schema_is_read_back_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_are_described_as_they_are_stored, setup, teardown),
        cmocka_unit_test(affinities_follow_sqlites_rules),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test_setup_teardown(printing_and_parsing_survive_every_failed_allocation, setup,
                                        teardown),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
