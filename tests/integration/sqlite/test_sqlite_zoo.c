/*
 * Everything that an SQLite file may hold survives a copy exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_copy.h"

typedef struct copy_how {
    size_t jobs;
    size_t piece;
    rh_statistics_mode statistics;
} copy_how;

static void copy(const char *source, const char *target, copy_how how)
{
    rh_source_options from = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    char *name = rh_mem_printf("sqlite:%s", target);

    assert_non_null(name);
    from.jobs = how.jobs;
    to.statistics = how.statistics;
    if (lite_snapshot_take(source, &from, &snapshot, &err) != RH_OK)
        fail_msg("take: %s", err.text);
    assert_int_equal(how.jobs, snapshot.sessions);
    if (lite_snapshot_restore(&snapshot, name, &to, how.piece, NULL, &err) != RH_OK)
        fail_msg("restore: %s", err.text);
    lite_snapshot_free(&snapshot);
    rh_mem_free(name);
}

static int setup(void **state)
{
    (void)state;
    lite_dir();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lite_dir_done();
    return 0;
}

/* Build from a pragma and scripts, copy with whole and with cut pieces, compare. */
static void copy_and_compare(const char *pragmas, const char *const *scripts)
{
    static const copy_how hows[] = {
        {2, 0, RH_STATISTICS_SOURCE}, {1, 1, RH_STATISTICS_SOURCE}, {3, 777, RH_STATISTICS_SOURCE}};
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");
    char *mark = lite_path("target.db.rehearse");

    lite_script(source, pragmas);
    for (size_t i = 0; scripts[i] != NULL; i++)
        lite_script_file(source, scripts[i]);
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        copy(source, target, hows[i]);
        lite_assert_same(source, target);
        assert_true(rh_fs_exists(mark));
        assert_int_equal(RH_OK, rh_fs_remove(target, NULL));
    }
    assert_int_equal(RH_OK, rh_fs_remove(source, NULL));
    rh_mem_free(source);
    rh_mem_free(target);
    rh_mem_free(mark);
}

static const char *const all_scripts[] = {"zoo/tables.sql",  "zoo/names.sql",      "zoo/values.sql",
                                          "zoo/virtual.sql", "zoo/statistics.sql", NULL};

static void zoo_survives_in_default_file(void **state)
{
    (void)state;
    copy_and_compare("PRAGMA page_size=4096", all_scripts);
}

static void zoo_survives_in_wal_mode(void **state)
{
    (void)state;
    copy_and_compare("PRAGMA journal_mode=WAL", all_scripts);
}

static void zoo_survives_at_every_page_size(void **state)
{
    char pragma[64];

    (void)state;
    for (int size = 512; size <= 65536; size *= 2) {
        snprintf(pragma, sizeof pragma, "PRAGMA page_size=%d", size);
        copy_and_compare(pragma, all_scripts);
    }
}

static void zoo_survives_in_every_encoding(void **state)
{
    (void)state;
    copy_and_compare("PRAGMA encoding='UTF-16le'", all_scripts);
    copy_and_compare("PRAGMA encoding='UTF-16be'", all_scripts);
}

static void zoo_survives_in_every_auto_vacuum_mode(void **state)
{
    (void)state;
    copy_and_compare("PRAGMA auto_vacuum=FULL; PRAGMA page_size=1024", all_scripts);
    copy_and_compare("PRAGMA auto_vacuum=INCREMENTAL", all_scripts);
}

static void file_without_tables_survives(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    copy_and_compare("PRAGMA page_size=8192; PRAGMA user_version=3", none);
    copy_and_compare("PRAGMA page_size=1024; PRAGMA encoding='UTF-16be'; PRAGMA auto_vacuum=FULL;"
                     "CREATE TABLE t(a); DROP TABLE t",
                     none);
}

static void sequence_table_without_owner_survives(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    copy_and_compare("CREATE TABLE a(i INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a VALUES(9);"
                     "DROP TABLE a; CREATE TABLE b(i)",
                     none);
}

static void virtual_tables_answer_in_the_copy(void **state)
{
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");

    (void)state;
    lite_script_file(source, "zoo/virtual.sql");
    copy(source, target, (copy_how){1, 0, RH_STATISTICS_SOURCE});
    assert_int_equal(1, lite_int(target, "SELECT count(*) FROM ft3 WHERE ft3 MATCH 'lazy'"));
    assert_int_equal(10, lite_int(target, "SELECT docid FROM ft4 WHERE ft4 MATCH 'run'"));
    assert_int_equal(900, lite_int(target, "SELECT rowid FROM ft5('epsilon')"));
    assert_int_equal(2, lite_int(target, "SELECT rowid FROM ft5_external('two')"));
    assert_int_equal(3, lite_int(target, "SELECT rowid FROM ft5_contentless('hidden')"));
    assert_int_equal(12, lite_int(target, "SELECT id FROM places WHERE x0 > 11.5 AND x1 < 13.5"));
    lite_script(target, "INSERT INTO ft5_external(ft5_external) VALUES('integrity-check');"
                        "INSERT INTO ft5(ft5) VALUES('integrity-check');"
                        "INSERT INTO ft4(ft4) VALUES('integrity-check');");
    rh_mem_free(source);
    rh_mem_free(target);
}

static void table_of_2000_columns_survives(void **state)
{
    static const char *const forms[] = {"", "INTEGER PRIMARY KEY", "TEXT PRIMARY KEY"};
    static const char *const tails[] = {"", " WITHOUT ROWID"};
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");

    (void)state;
    for (size_t form = 0; form < 4; form++) {
        rh_buf sql = RH_BUF_INIT;

        assert_int_equal(
            RH_OK, rh_buf_printf(&sql, NULL, "CREATE TABLE w(c0 %s", forms[form < 3 ? form : 2]));
        for (int i = 1; i < 2000; i++)
            assert_int_equal(RH_OK, rh_buf_printf(&sql, NULL, ", c%d", i));
        assert_int_equal(RH_OK, rh_buf_printf(&sql, NULL, ")%s;", tails[form == 3 ? 1 : 0]));
        for (int row = 1; row <= 3; row++) {
            assert_int_equal(RH_OK, rh_buf_printf(&sql, NULL, "INSERT INTO w VALUES(%d", row * 5));
            for (int i = 1; i < 2000; i++)
                assert_int_equal(RH_OK, rh_buf_printf(&sql, NULL, ", %d", i * row));
            assert_int_equal(RH_OK, rh_buf_append_str(&sql, ");", NULL));
        }
        lite_script(source, rh_buf_cstr(&sql));
        rh_buf_done(&sql);
        copy(source, target, (copy_how){1, 999, RH_STATISTICS_SOURCE});
        lite_assert_same(source, target);
        assert_int_equal(RH_OK, rh_fs_remove(source, NULL));
        assert_int_equal(RH_OK, rh_fs_remove(target, NULL));
    }
    rh_mem_free(source);
    rh_mem_free(target);
}

static void byte_order_marks_survive_in_utf16(void **state)
{
    static const char *const none[] = {NULL};
    char *source = lite_path("bom.db");

    (void)state;
    copy_and_compare("PRAGMA encoding='UTF-16le'; CREATE TABLE t(a);"
                     "INSERT INTO t VALUES(char(65279) || 'marked'), (char(65279)), ('x')",
                     none);
    copy_and_compare("PRAGMA encoding='UTF-16be'; CREATE TABLE t(a);"
                     "INSERT INTO t VALUES(char(65279) || 'marked'), (char(65279)), ('x')",
                     none);
    rh_mem_free(source);
}

static void invalid_utf8_survives(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    copy_and_compare("CREATE TABLE t(a TEXT, b VARCHAR(5) UNIQUE);"
                     "INSERT INTO t VALUES(CAST(x'ff00fe41' AS TEXT), CAST(x'c3' AS TEXT)),"
                     "(CAST(x'eda080' AS TEXT), CAST(x'e9e8' AS TEXT))",
                     none);
}

/* Text in the schema may be in any encoding: an old application wrote Latin-1. */
static void schema_text_that_is_not_utf8_survives(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    copy_and_compare("CREATE TABLE t(a TEXT DEFAULT 'caf\xe9' /* na\xefve */); INSERT INTO t "
                     "DEFAULT VALUES",
                     none);
}

static void statistics_can_be_fresh_or_none(void **state)
{
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");
    char *text;

    (void)state;
    lite_script_file(source, "zoo/statistics.sql");
    copy(source, target, (copy_how){1, 0, RH_STATISTICS_NONE});
    assert_int_equal(
        0, lite_int(target, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'"));
    assert_int_equal(RH_OK, rh_fs_remove(target, NULL));
    copy(source, target, (copy_how){1, 0, RH_STATISTICS_ANALYZE});
    text = lite_text(target, "SELECT stat FROM sqlite_stat1 WHERE idx = 't_a'");
    assert_string_equal("400 40", text);
    assert_int_equal(0, lite_int(target, "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'gone'"));
    rh_mem_free(text);
    rh_mem_free(source);
    rh_mem_free(target);
}

static void five_megabyte_values_survive(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    copy_and_compare("CREATE TABLE t(a, b); INSERT INTO t VALUES(zeroblob(5242880), 'small'),"
                     "(randomblob(5000000), replace(hex(zeroblob(2500000)), '00', 'xy'))",
                     none);
}

static void hundred_megabyte_value_survives(void **state)
{
    static const char *const none[] = {NULL};
    const char *asked = getenv("RH_TEST_LONG");

    (void)state;
    if (asked == NULL || strcmp(asked, "1") != 0)
        skip();
    copy_and_compare("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(104857600)), (1)", none);
}

static bool file_contains(const char *path, const char *needle)
{
    rh_buf bytes = RH_BUF_INIT;
    bool found = false;

    assert_int_equal(RH_OK, rh_fs_read(path, 64 * 1024 * 1024, &bytes, NULL));
    for (size_t i = 0; !found && i + strlen(needle) <= bytes.len; i++)
        found = memcmp(bytes.data + i, needle, strlen(needle)) == 0;
    rh_buf_done(&bytes);
    return found;
}

static void deleted_content_does_not_reach_the_copy(void **state)
{
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");

    (void)state;
    lite_script(source,
                "PRAGMA secure_delete=OFF; PRAGMA auto_vacuum=NONE; CREATE TABLE t(a, b);"
                "CREATE TABLE gone(s);"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                "INSERT INTO t SELECT i, 'SECRET-ROW-' || i || zeroblob(50) FROM n;"
                "INSERT INTO gone SELECT 'SECRET-TABLE-' || a FROM t;"
                "UPDATE t SET b = 'public'; DELETE FROM t WHERE a % 2; DROP TABLE gone;");
    assert_true(file_contains(source, "SECRET-"));
    copy(source, target, (copy_how){2, 0, RH_STATISTICS_SOURCE});
    assert_false(file_contains(target, "SECRET-"));
    lite_assert_same(source, target);
    assert_int_equal(0, lite_int(target, "PRAGMA freelist_count"));
    rh_mem_free(source);
    rh_mem_free(target);
}

static void shared_data_survives(void **state)
{
    const char *root = getenv("RH_SOURCE_DIR");
    char *chinook = rh_mem_printf("%s/../shared/data/chinook/chinook.sqlite", root);
    char *ledger = rh_mem_printf("%s/../shared/data/counterparty/ledger-fixture-v10.4.5.sql", root);
    char *source = lite_path("source.db");
    char *target = lite_path("target.db");
    rh_buf sql = RH_BUF_INIT;

    (void)state;
    rh_buf_init(&sql, (size_t)1 << 30);
    if (!rh_fs_exists(chinook) || !rh_fs_exists(ledger)) {
        rh_mem_free(chinook);
        rh_mem_free(ledger);
        rh_mem_free(source);
        rh_mem_free(target);
        skip();
    }
    copy(chinook, target, (copy_how){2, 0, RH_STATISTICS_SOURCE});
    lite_assert_same(chinook, target);
    assert_int_equal(RH_OK, rh_fs_remove(target, NULL));
    assert_int_equal(RH_OK, rh_fs_read(ledger, (size_t)1 << 30, &sql, NULL));
    lite_script(source, rh_buf_cstr(&sql));
    rh_buf_done(&sql);
    copy(source, target, (copy_how){2, 100000, RH_STATISTICS_SOURCE});
    lite_assert_same(source, target);
    rh_mem_free(chinook);
    rh_mem_free(ledger);
    rh_mem_free(source);
    rh_mem_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(zoo_survives_in_default_file, setup, teardown),
        cmocka_unit_test_setup_teardown(zoo_survives_in_wal_mode, setup, teardown),
        cmocka_unit_test_setup_teardown(zoo_survives_at_every_page_size, setup, teardown),
        cmocka_unit_test_setup_teardown(zoo_survives_in_every_encoding, setup, teardown),
        cmocka_unit_test_setup_teardown(zoo_survives_in_every_auto_vacuum_mode, setup, teardown),
        cmocka_unit_test_setup_teardown(file_without_tables_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(sequence_table_without_owner_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(virtual_tables_answer_in_the_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(table_of_2000_columns_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(byte_order_marks_survive_in_utf16, setup, teardown),
        cmocka_unit_test_setup_teardown(invalid_utf8_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(schema_text_that_is_not_utf8_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(statistics_can_be_fresh_or_none, setup, teardown),
        cmocka_unit_test_setup_teardown(five_megabyte_values_survive, setup, teardown),
        cmocka_unit_test_setup_teardown(hundred_megabyte_value_survives, setup, teardown),
        cmocka_unit_test_setup_teardown(deleted_content_does_not_reach_the_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(shared_data_survives, setup, teardown),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
