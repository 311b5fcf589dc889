/*
 * The section "structure" of SQLite files, read back through rh_structure_parse.
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
#include "core/mem.h"
#include "core/structure.h"
#include "fail_nth.h"
#include "lite_copy.h"
#include "structure_assert.h"

static void assert_ok(rh_status status, const rh_error *err)
{
    if (status != RH_OK)
        fail_msg("%s", err->text);
}

static void read_section(const char *path, rh_buf *out)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_ok(rh_source_open(path, &options, &source, &err), &err);
    assert_ok(rh_source_begin(source, &err), &err);
    assert_ok(rh_source_section(source, "structure", out, &err), &err);
    rh_source_close(source);
}

/* The structure of a new file made by a script of ours or of the zoo. */
static rh_structure *structure_of(const char *sql, const char *const *zoo)
{
    char *path = lite_path("structure.db");
    rh_structure *structure = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    lite_script(path, sql);
    for (size_t i = 0; zoo != NULL && zoo[i] != NULL; i++)
        lite_script_file(path, zoo[i]);
    read_section(path, &text);
    assert_ok(rh_structure_parse(rh_buf_cstr(&text), text.len, &structure, &err), &err);
    rh_buf_done(&text);
    assert_int_equal(RH_OK, rh_fs_remove(path, NULL));
    rh_mem_free(path);
    return structure;
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

/* ---- the zoo ---- */

static void columns_have_affinities_and_expressions(void **state)
{
    static const char *const zoo[] = {"zoo/tables.sql", NULL};
    rh_structure *s = structure_of("", zoo);
    const rh_structure_table *table = structure_table(s, "main.plain");

    (void)state;
    assert_string_equal(table->kind, "table");
    assert_string_equal(structure_column(table, "id")->base_type, "INTEGER");
    assert_true(structure_column(table, "id")->not_null);
    assert_false(structure_column(table, "id")->identity);
    assert_string_equal(structure_column(table, "name")->base_type, "TEXT");
    assert_true(structure_column(table, "name")->not_null);
    assert_string_equal(structure_column(table, "score")->base_type, "REAL");
    assert_string_equal(structure_column(table, "untyped")->base_type, "BLOB");
    assert_string_equal(structure_column(table, "untyped")->type, "");
    assert_int_equal(structure_column(table, "name")->max_chars, -1);
    assert_true(structure_column(structure_table(s, "main.auto"), "id")->identity);
    assert_string_equal(structure_column(structure_table(s, "main.wr"), "b")->collation, "NOCASE");
    assert_string_equal(structure_column(structure_table(s, "main.strict_table"), "a")->base_type,
                        "BLOB");
    assert_string_equal(structure_column(structure_table(s, "main.pk_text"), "k")->type,
                        "VARCHAR(20)");

    table = structure_table(s, "main.gen");
    assert_true(structure_column(table, "v1")->generated);
    assert_string_equal(structure_column(table, "v1")->generated_from, "a + 1");
    assert_string_equal(structure_column(table, "v2")->generated_from, "s1 + \"AS\"");
    assert_false(structure_column(table, "a")->generated);

    table = structure_table(s, "main.plain_view");
    assert_string_equal(table->kind, "view");
    assert_non_null(strstr(table->view_text, "GROUP BY 1"));
    assert_null(rh_structure_find(s, "main.sqlite_sequence"));
    rh_structure_free(s);
}

static void indexes_tell_every_column_that_they_mention(void **state)
{
    static const char *const zoo[] = {"zoo/tables.sql", NULL};
    rh_structure *s = structure_of("", zoo);
    const rh_structure_table *table = structure_table(s, "main.plain");
    const rh_structure_index *index = structure_index(table, "PRIMARY KEY");

    (void)state;
    assert_true(index->unique && index->primary);
    structure_assert_positions(index->columns, index->column_count, "0 ");
    index = structure_index(table, "plain_name");
    assert_false(index->unique || index->primary || index->partial || index->expressions);
    structure_assert_positions(index->columns, index->column_count, "1 2 ");
    index = structure_index(table, "plain_expr");
    assert_true(index->expressions && index->partial);
    assert_int_equal(index->column_count, 0);
    structure_assert_positions(index->mentions, index->mention_count, "1 2 ");
    assert_non_null(strstr(index->text, "WHERE score > 10"));
    index = structure_index(table, "plain_unique");
    assert_true(index->unique);
    structure_assert_positions(index->columns, index->column_count, "1 0 ");

    table = structure_table(s, "main.wr");
    index = structure_index(table, "sqlite_autoindex_wr_1");
    assert_true(index->primary && index->unique);
    structure_assert_positions(index->columns, index->column_count, "1 0 ");
    structure_assert_positions(index->mentions, index->mention_count, "0 1 ");
    assert_string_equal(index->text, "PRIMARY KEY (\"a\", \"b\" COLLATE NOCASE)");
    index = structure_index(structure_table(s, "main.multi"), "sqlite_autoindex_multi_1");
    assert_true(index->unique && !index->primary);
    structure_assert_positions(index->columns, index->column_count, "1 0 ");
    rh_structure_free(s);
}

static void virtual_tables_are_told_and_not_opened(void **state)
{
    static const char *const zoo[] = {"zoo/virtual.sql", NULL};
    rh_structure *s = structure_of("", zoo);

    (void)state;
    assert_string_equal(structure_table(s, "main.ft5")->kind, "virtual");
    assert_non_null(strstr(structure_table(s, "main.ft5")->view_text, "fts5"));
    assert_string_equal(structure_table(s, "main.ghost")->kind,
                        "virtual"); /* nobody has its module */
    assert_string_equal(structure_table(s, "main.ft5_content")->kind, "table");
    assert_int_equal(structure_table(s, "main.ft5_content")->column_count, 3);
    assert_string_equal(structure_table(s, "main.foreign_view")->kind, "view");
    assert_string_equal(structure_column(structure_table(s, "main.checked"), "a")->collation,
                        "app_collation");
    assert_string_equal(structure_column(structure_table(s, "main.checked"), "a")->default_text,
                        "app_function()");
    rh_structure_free(s);
}

/* ---- texts ---- */

static void checks_are_found_behind_quotes_and_comments(void **state)
{
    rh_structure *s =
        structure_of("CREATE TABLE t(a INT CHECK(a > 0) NOT NULL, -- CHECK (no)\n"
                     " \"the b\" TEXT DEFAULT ('CHECK (no)') CONSTRAINT \"named b\" CHECK "
                     "(length(\"the b\") < 9),"
                     " c /* , CHECK (no) */ REFERENCES t(a) check(c IN ('(', ')')), [d] TEXT,"
                     " CONSTRAINT rows CHECK (rowid > 1 AND [D] <> `the b`) CHECK (1), UNIQUE (c))",
                     NULL);
    const rh_structure_table *table = structure_table(s, "main.t");
    static const struct {
        const char *name;
        const char *text;
        const char *mentions;
    } expected[] = {
        {"", "CHECK (a > 0)", "0 "},
        {"named b", "CHECK (length(\"the b\") < 9)", "1 "},
        {"", "CHECK (c IN ('(', ')'))", "2 "},
        {"rows", "CHECK (rowid > 1 AND [D] <> `the b`)", "1 3 "},
        {"", "CHECK (1)", ""},
    };

    (void)state;
    assert_int_equal(table->check_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < table->check_count; i++) {
        const rh_structure_check *check = &table->checks[i];

        assert_string_equal(check->name, expected[i].name);
        assert_string_equal(check->text, expected[i].text);
        structure_assert_positions(check->mentions, check->mention_count, expected[i].mentions);
    }
    assert_string_equal(structure_column(table, "the b")->default_text, "'CHECK (no)'");
    rh_structure_free(s);
}

static void foreign_keys_name_their_target_as_it_is_spelled(void **state)
{
    rh_structure *s =
        structure_of("CREATE TABLE Parent(Id INTEGER PRIMARY KEY, X, Y, UNIQUE(X, Y));"
                     "CREATE TABLE keyed(k1, k2, v, PRIMARY KEY(k2, k1));"
                     "CREATE TABLE child(a REFERENCES parent, b, c, d REFERENCES nowhere(z),"
                     " FOREIGN KEY (b, c) REFERENCES PARENT(x, y),"
                     " FOREIGN KEY (c, b) REFERENCES keyed)",
                     NULL);
    const rh_structure_table *table = structure_table(s, "main.child");

    (void)state;
    assert_int_equal(table->foreign_key_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const rh_structure_foreign_key *key = &table->foreign_keys[i];

        if (strcmp(key->target, "main.keyed") == 0) {
            structure_assert_positions(key->columns, key->column_count, "2 1 ");
            assert_string_equal(key->target_columns[0], "k2");
            assert_string_equal(key->target_columns[1], "k1");
        } else if (strcmp(key->target, "main.nowhere") == 0) {
            structure_assert_positions(key->columns, key->column_count, "3 ");
            assert_string_equal(key->target_columns[0], "z");
        } else if (key->column_count == 2) {
            assert_string_equal(key->target, "main.Parent");
            structure_assert_positions(key->columns, key->column_count, "1 2 ");
            assert_string_equal(key->target_columns[0], "X");
        } else {
            assert_string_equal(key->target, "main.Parent");
            structure_assert_positions(key->columns, key->column_count, "0 ");
            assert_string_equal(key->target_columns[0], "Id");
        }
    }
    rh_structure_free(s);
    s = structure_of("", NULL);
    assert_int_equal(rh_structure_table_count(s), 0);
    rh_structure_free(s);
}

static void texts_that_are_no_utf8_do_not_spoil_the_document(void **state)
{
    rh_structure *s = structure_of(
        "CREATE TABLE t(a DEFAULT 'x' CHECK (a <> 'x')); PRAGMA writable_schema=ON;"
        "UPDATE sqlite_schema SET sql = CAST(replace(CAST(sql AS BLOB), x'78', x'fc') AS TEXT);"
        "PRAGMA writable_schema=RESET",
        NULL);
    const rh_structure_table *table = structure_table(s, "main.t");

    (void)state;
    assert_string_equal(structure_column(table, "a")->default_text, "'?'");
    assert_string_equal(table->checks[0].text, "CHECK (a <> '?')");
    rh_structure_free(s);
}

static rh_status read_once(void *ctx, rh_error *err)
{
    rh_source *source = ctx;
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_source_section(source, "structure", &text, err);

    rh_buf_done(&text);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    char *path = lite_path("memory.db");
    rh_source *source = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(path, "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, b AS (id + 1));"
                      "CREATE TABLE t(a UNIQUE, b DEFAULT 1 CHECK (b > 0), c REFERENCES p);"
                      "CREATE INDEX i ON t(b + 1) WHERE a > 0; CREATE VIEW v AS SELECT 1");
    assert_ok(rh_source_open(path, &options, &source, &err), &err);
    assert_ok(rh_source_begin(source, &err), &err);
    assert_true(fail_nth(read_once, source) > 50);
    rh_source_close(source);
    rh_mem_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_affinities_and_expressions),
        cmocka_unit_test(indexes_tell_every_column_that_they_mention),
        cmocka_unit_test(virtual_tables_are_told_and_not_opened),
        cmocka_unit_test(checks_are_found_behind_quotes_and_comments),
        cmocka_unit_test(foreign_keys_name_their_target_as_it_is_spelled),
        cmocka_unit_test(texts_that_are_no_utf8_do_not_spoil_the_document),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, setup, teardown);
}
