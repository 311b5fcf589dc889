/*
 * The section "structure" of the zoo, read back through rh_structure_parse: what rules are matched
 * with and proofs are made against.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/structure.h"
#include "pg_copy.h"
#include "structure_assert.h"

static rh_structure *zoo;

static rh_structure *read_structure(const char *dbname, const char *more, bool no_comments)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    char *name = pg_conninfo(dbname, more);
    rh_source *source = NULL;
    rh_structure *structure = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    options.no_comments = no_comments;
    pg_assert_ok(rh_source_open(name, &options, &source, &err), &err);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    pg_assert_ok(rh_source_section(source, "structure", &text, &err), &err);
    pg_assert_ok(rh_structure_parse(rh_buf_cstr(&text), text.len, &structure, &err), &err);
    rh_source_close(source);
    rh_buf_done(&text);
    rh_mem_free(name);
    return structure;
}

static int setup(void **state)
{
    char path[512];

    (void)state;
    pg_drop("structure_zoo");
    pg_create("structure_zoo");
    (void)snprintf(path, sizeof path, "%s/tests/integration/pg/zoo.sql", getenv("RH_SOURCE_DIR"));
    pg_file("structure_zoo", path);
    zoo = read_structure("structure_zoo", "", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_structure_free(zoo);
    pg_drop("structure_zoo");
    return 0;
}

/* ---- tables ---- */

static void kinds_parents_and_partitions_are_told(void **state)
{
    static const struct {
        const char *name;
        const char *kind;
        const char *parent;
    } cases[] = {
        {"zoo.types", "table", NULL},
        {"zoo.ranged", "partitioned", NULL},
        {"zoo.ranged_2026", "partitioned", "zoo.ranged"},
        {"zoo.ranged_2026_1", "partition", "zoo.ranged_2026"},
        {"zoo.child", "table", "zoo.parent"},
        {"zoo.grandchild", "table", "zoo.child"},
        {"zoo.foreign_table", "foreign", NULL},
        {"zoo.barrier", "view", NULL},
        {"zoo.mat", "matview", NULL},
        {"zoo.unlogged", "table", NULL},
        {"zoo.zero_columns", "table", NULL},
        {"zoo.\"a.b\"", "table", NULL},
        {"\"zoo.a\".b", "table", NULL},
        {"pg_catalog.pg_largeobject", "table", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rh_structure_table *table = structure_table(zoo, cases[i].name);

        assert_string_equal(table->kind, cases[i].kind);
        if (cases[i].parent == NULL)
            assert_null(table->parent);
        else
            assert_string_equal(table->parent, cases[i].parent);
    }
    assert_string_equal(structure_table(zoo, "zoo.\"a.b\"")->name, "a.b");
    assert_string_equal(structure_table(zoo, "zoo.ranged")->partition_key, "RANGE (day)");
    structure_assert_positions(structure_table(zoo, "zoo.ranged")->partition_columns,
                               structure_table(zoo, "zoo.ranged")->partition_column_count, "1 ");
    assert_string_equal(structure_table(zoo, "zoo.ranged_rest")->partition_bound, "DEFAULT");
    assert_non_null(strstr(structure_table(zoo, "zoo.mat")->view_text, "zoo.indexed"));
    assert_string_equal(structure_table(zoo, "zoo.types")->comment, "it's a table");
    assert_null(rh_structure_find(zoo, "pg_catalog.pg_class"));
}

static void every_table_of_the_catalog_is_there(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    char *name = pg_conninfo("structure_zoo", "");
    rh_source *source = NULL;
    const rh_catalog *catalog = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    pg_assert_ok(rh_source_open(name, &options, &source, &err), &err);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    pg_assert_ok(rh_source_catalog(source, &catalog, &err), &err);
    for (size_t i = 0; i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];
        const rh_structure_table *found = structure_table(zoo, table->full_name);

        assert_int_equal(found->column_count, table->column_count);
        for (size_t c = 0; c < table->column_count; c++) {
            assert_string_equal(found->columns[c].name, table->columns[c].name);
            assert_string_equal(found->columns[c].type, table->columns[c].type);
            assert_int_equal(found->columns[c].generated, table->columns[c].generated);
        }
    }
    rh_source_close(source);
    rh_mem_free(name);
}

/* ---- columns ---- */

static void types_are_followed_to_their_base(void **state)
{
    static const struct {
        const char *name;
        const char *type;
        const char *base;
        const char *element;
        const char *domain;
        int64_t max_chars;
    } cases[] = {
        {"t", "text", "text", NULL, NULL, -1},
        {"v", "character varying(20)", "character varying", NULL, NULL, 20},
        {"c", "character(10)", "character", NULL, NULL, 10},
        {"bt", "bit(5)", "bit", NULL, NULL, 5},
        {"aa", "integer[]", "integer[]", "integer", NULL, -1},
        {"mo", "zoo.mood", "zoo.mood", NULL, NULL, -1},
        {"moa", "zoo.mood[]", "zoo.mood[]", "zoo.mood", NULL, -1},
        {"po", "zoo.positive", "integer", NULL, "zoo.positive", -1},
        {"tg", "zoo.tags", "text[]", "text", "zoo.tags", -1},
        {"pt", "point", "point", NULL, NULL, -1},
        {"ct", "ext.citext", "ext.citext", NULL, NULL, -1},
    };
    const rh_structure_table *types = structure_table(zoo, "zoo.types");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rh_structure_column *column = structure_column(types, cases[i].name);

        assert_string_equal(column->type, cases[i].type);
        assert_string_equal(column->base_type, cases[i].base);
        if (cases[i].element == NULL)
            assert_null(column->element_type);
        else
            assert_string_equal(column->element_type, cases[i].element);
        if (cases[i].domain == NULL)
            assert_null(column->domain);
        else
            assert_string_equal(column->domain, cases[i].domain);
        assert_int_equal(column->max_chars, cases[i].max_chars);
    }
    assert_true(structure_column(types, "c")->padded);
    assert_false(structure_column(types, "v")->padded);
    assert_int_equal(structure_column(types, "n")->precision, -1);
    assert_int_equal(structure_column(types, "n2")->precision, 30);
    assert_int_equal(structure_column(types, "n2")->scale, 10);
    assert_string_equal(structure_column(types, "nc")->collation, "zoo.nocase");
    assert_null(structure_column(types, "t")->collation);
    assert_string_equal(structure_column(types, "t")->comment, "col\\umn $$");
    assert_true(structure_column(types, "id")->not_null);
    assert_false(structure_column(types, "b")->not_null);
}

static void labels_of_enums_are_in_order(void **state)
{
    static const char *const names[] = {"mo", "moa"};
    const rh_structure_table *types = structure_table(zoo, "zoo.types");

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *const *labels = structure_column(types, names[i])->labels;

        assert_string_equal(labels[0], "sad");
        assert_string_equal(labels[1], "between");
        assert_string_equal(labels[4], "with\\backslash");
        assert_null(labels[5]);
    }
    assert_null(structure_column(types, "t")->labels);
}

static void what_fills_a_column_is_told(void **state)
{
    const rh_structure_table *table = structure_table(zoo, "zoo.generated");

    (void)state;
    assert_true(structure_column(table, "id")->identity);
    assert_true(structure_column(table, "by_default")->identity);
    assert_false(structure_column(table, "s")->identity);
    assert_non_null(strstr(structure_column(table, "s")->default_text, "nextval("));
    assert_true(structure_column(table, "b")->generated);
    assert_string_equal(structure_column(table, "b")->generated_from, "(a * 2)");
    assert_null(structure_column(table, "b")->default_text);
    assert_null(structure_column(table, "a")->generated_from);
}

/* ---- indexes and constraints ---- */

static void indexes_tell_every_column_that_they_mention(void **state)
{
    const rh_structure_table *table = structure_table(zoo, "zoo.indexed");
    const rh_structure_index *index = structure_index(table, "indexed_lower_expr_idx");

    (void)state;
    assert_true(index->expressions);
    assert_false(index->partial || index->unique);
    assert_int_equal(index->column_count, 0);
    structure_assert_positions(index->mentions, index->mention_count, "0 1 ");
    assert_non_null(strstr(index->text, "lower(t)"));

    index = structure_index(table, "Index \"with\" ; -- quote\nand newline");
    assert_true(index->partial);
    structure_assert_positions(index->columns, index->column_count, "0 ");
    structure_assert_positions(index->mentions, index->mention_count, "0 1 ");

    index = structure_index(table, "indexed_cover"); /* INCLUDE (t) */
    structure_assert_positions(index->columns, index->column_count, "0 ");
    structure_assert_positions(index->mentions, index->mention_count, "0 1 ");

    index = structure_index(structure_table(zoo, "zoo.ranged_2026_1"),
                            "ranged_2026_1_pkey"); /* a dropped one */
    assert_true(index->primary && index->unique);
    structure_assert_positions(index->columns, index->column_count, "2 1 ");

    index = structure_index(structure_table(zoo, "zoo.rooms"), "no_overlap");
    assert_true(index->exclusion);
    assert_string_equal(index->method, "gist");
    structure_assert_positions(index->columns, index->column_count, "0 1 ");
    assert_non_null(strstr(index->text, "room WITH ="));
}

static void checks_and_keys_tell_their_columns(void **state)
{
    const rh_structure_table *types = structure_table(zoo, "zoo.types");
    const rh_structure_table *table = structure_table(zoo, "zoo.child");
    size_t of_domains = 0;

    (void)state;
    assert_int_equal(table->check_count, 1);
    assert_string_equal(table->checks[0].name, "child_extra_check");
    assert_string_equal(table->checks[0].text, "CHECK ((extra > 0))");
    structure_assert_positions(table->checks[0].mentions, table->checks[0].mention_count, "2 ");

    for (size_t i = 0; i < types->check_count; i++) {
        const rh_structure_check *check = &types->checks[i];

        assert_non_null(strstr(check->text, "VALUE"));
        assert_int_equal(check->mention_count, 1);
        if (check->mentions[0] == rh_structure_column_index(types, "po"))
            of_domains++;
    }
    assert_int_equal(of_domains, 2);

    table = structure_table(zoo, "zoo.fk_to_partitioned"); /* one key, whatever the partitions */
    assert_int_equal(table->foreign_key_count, 1);
    assert_string_equal(table->foreign_keys[0].target, "zoo.ranged");
    structure_assert_positions(table->foreign_keys[0].columns, table->foreign_keys[0].column_count,
                               "0 1 ");
    assert_string_equal(table->foreign_keys[0].target_columns[1], "day");
    assert_int_equal(structure_table(zoo, "zoo.fk_partitioned_1")->foreign_key_count, 1);
}

static void odd_shapes_are_told_whole(void **state)
{
    rh_structure *odd;
    const rh_structure_table *table;
    const rh_structure_index *index;

    (void)state;
    pg_drop("structure_odd");
    pg_create("structure_odd");
    pg_sql("structure_odd",
           "CREATE DOMAIN inner_d AS varchar(7) NOT NULL DEFAULT 'x' CHECK (VALUE <> '');"
           "CREATE DOMAIN outer_d AS inner_d CHECK (VALUE <> 'y');"
           "CREATE TABLE t (gone int, a outer_d, b outer_d[], n numeric(3,-2), v varchar(9)[],"
           "  CHECK (t IS NOT NULL));"
           "ALTER TABLE t DROP COLUMN gone;"
           "CREATE INDEX whole ON t ((hash_record(t)));"
           "CREATE TABLE p (id int, at timestamp) PARTITION BY RANGE (date_part('year', at));"
           "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'structure_weak') THEN "
           "DROP OWNED BY structure_weak; DROP ROLE structure_weak; END IF; END $$;"
           "CREATE ROLE structure_weak LOGIN;"
           "GRANT SELECT ON t, p TO structure_weak;"
           "COMMENT ON TABLE t IS 'said by people'; COMMENT ON COLUMN t.a IS 'this, too';");
    odd = read_structure("structure_odd", "user=structure_weak", true);
    table = structure_table(odd, "public.t");
    assert_null(table->comment);
    assert_null(structure_column(table, "a")->comment);
    assert_string_equal(structure_column(table, "a")->base_type, "character varying");
    assert_string_equal(structure_column(table, "a")->domain, "public.outer_d");
    assert_int_equal(structure_column(table, "a")->max_chars, 7);
    assert_true(structure_column(table, "a")->not_null);
    assert_non_null(strstr(structure_column(table, "a")->default_text, "'x'"));
    assert_string_equal(structure_column(table, "b")->element_type, "character varying");
    assert_int_equal(structure_column(table, "b")->max_chars, 7);
    assert_false(structure_column(table, "b")->not_null);
    assert_int_equal(structure_column(table, "n")->precision, 3);
    assert_int_equal(structure_column(table, "n")->scale, -2);
    assert_int_equal(structure_column(table, "v")->max_chars, 9);
    assert_int_equal(table->check_count, 5); /* its own, two of domains for each of a and b */
    structure_assert_positions(table->checks[0].mentions, table->checks[0].mention_count,
                               "0 1 2 3 ");
    index = structure_index(table, "whole");
    structure_assert_positions(index->mentions, index->mention_count, "0 1 2 3 ");
    table = structure_table(odd, "public.p");
    structure_assert_positions(table->partition_columns, table->partition_column_count, "1 ");
    assert_null(rh_structure_find(odd, "pg_catalog.pg_largeobject"));
    rh_structure_free(odd);
    pg_sql("structure_odd", "DROP OWNED BY structure_weak; DROP ROLE structure_weak");
    pg_drop("structure_odd");
}

static void a_database_without_tables_has_a_structure(void **state)
{
    rh_structure *empty;

    (void)state;
    pg_drop("structure_none");
    pg_create("structure_none");
    empty = read_structure("structure_none", "", false);
    assert_int_equal(rh_structure_table_count(empty), 0);
    rh_structure_free(empty);
    pg_drop("structure_none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_parents_and_partitions_are_told),
        cmocka_unit_test(every_table_of_the_catalog_is_there),
        cmocka_unit_test(types_are_followed_to_their_base),
        cmocka_unit_test(labels_of_enums_are_in_order),
        cmocka_unit_test(what_fills_a_column_is_told),
        cmocka_unit_test(indexes_tell_every_column_that_they_mention),
        cmocka_unit_test(checks_and_keys_tell_their_columns),
        cmocka_unit_test(odd_shapes_are_told_whole),
        cmocka_unit_test(a_database_without_tables_has_a_structure),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, setup, teardown);
}
