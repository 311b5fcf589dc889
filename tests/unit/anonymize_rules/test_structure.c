/* The section "structure": what is read, and what is refused. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/structure.h"
#include "fail_nth.h"

#define COLUMN(name) "{\"name\": \"" name "\", \"type\": \"text\", \"base_type\": \"text\"}"
#define TABLE(rest)                                                                                \
    "{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"columns\": [" COLUMN(    \
        "a") ", " COLUMN("b") "]" rest "}]}"

static const char WHOLE[] =
    "{\"version\": 1, \"later\": true, \"tables\": [{\"schema\": \"s\", \"name\": \"t\","
    " \"kind\": \"partition\", \"parent\": \"s.p\", \"comment\": \"c\", \"partition_bound\": "
    "\"DEFAULT\","
    " \"columns\": [{\"name\": \"a\", \"type\": \"varchar(3)\", \"base_type\": \"character "
    "varying\", \"max_chars\": 3, \"not_null\": true},"
    " {\"name\": \"b\", \"type\": \"mood[]\", \"base_type\": \"mood[]\", \"element_type\": "
    "\"mood\", \"labels\": [\"sad\", \"ok\"], \"generated\": true, \"generated_from\": \"x\","
    " \"precision\": 5, \"scale\": 2, \"padded\": false, \"identity\": false}],"
    " \"indexes\": [{\"name\": \"i\", \"unique\": true, \"primary\": true, \"columns\": [0], "
    "\"mentions\": [0, 1], \"text\": \"CREATE\", \"partial\": true}],"
    " \"checks\": [{\"name\": \"k\", \"text\": \"CHECK (a)\", \"mentions\": [0]}],"
    " \"foreign_keys\": [{\"name\": \"f\", \"columns\": [1, 0], \"target\": \"s.p\", "
    "\"target_columns\": [\"x\", \"y\"]}]},"
    " {\"schema\": \"s\", \"name\": \"p\", \"kind\": \"partitioned\", \"partition_key\": \"LIST "
    "(a)\", \"partition_columns\": [0], \"columns\": [" COLUMN(
        "x") "]}],"
             " \"texts\": [{\"kind\": \"trigger\", \"name\": \"t\", \"text\": \"CREATE\"}]}";

static rh_structure *parsed(const char *text)
{
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_structure_parse(text, strlen(text), &structure, &err) != RH_OK)
        fail_msg("%s", err.text);
    return structure;
}

static void check_refused(const char *text, const char *expected)
{
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_structure_parse(text, strlen(text), &structure, &err), RH_EFORMAT);
    assert_null(structure);
    assert_string_equal(err.text, expected);
}

static void everything_is_read(void **state)
{
    rh_structure *s = parsed(WHOLE);
    const rh_structure_table *t = rh_structure_find(s, "s.t");
    const rh_structure_text *texts = NULL;

    (void)state;
    assert_int_equal(rh_structure_texts(s, &texts), 1);
    assert_string_equal(texts[0].kind, "trigger");
    assert_string_equal(texts[0].text, "CREATE");
    assert_int_equal(rh_structure_table_count(s), 2);
    assert_ptr_equal(t, rh_structure_table_at(s, 0));
    assert_null(rh_structure_find(s, "s.q"));
    assert_string_equal(t->kind, "partition");
    assert_string_equal(t->parent, "s.p");
    assert_null(t->view_text);
    assert_int_equal(t->column_count, 2);
    assert_int_equal(t->columns[0].max_chars, 3);
    assert_true(t->columns[0].not_null);
    assert_int_equal(t->columns[0].precision, -1);
    assert_null(t->columns[0].labels);
    assert_string_equal(t->columns[1].labels[1], "ok");
    assert_null(t->columns[1].labels[2]);
    assert_int_equal(t->columns[1].scale, 2);
    assert_int_equal(t->columns[1].max_chars, -1);
    assert_true(t->indexes[0].primary && t->indexes[0].partial && !t->indexes[0].exclusion);
    assert_string_equal(t->indexes[0].method, "btree");
    assert_int_equal(t->indexes[0].mentions[1], 1);
    assert_string_equal(t->checks[0].text, "CHECK (a)");
    assert_int_equal(t->foreign_keys[0].columns[0], 1);
    assert_string_equal(t->foreign_keys[0].target_columns[1], "y");
    assert_int_equal(rh_structure_column_index(t, "b"), 1);
    assert_int_equal(rh_structure_column_index(t, "B"), 2);
    rh_structure_free(s);
    rh_structure_free(NULL);
}

static void missing_members_have_defaults(void **state)
{
    rh_structure *s = parsed("{\"version\": 1}");

    (void)state;
    assert_int_equal(rh_structure_table_count(s), 0);
    assert_null(rh_structure_find(s, "s.t"));
    rh_structure_free(s);
    s = parsed(TABLE(""));
    assert_string_equal(rh_structure_table_at(s, 0)->kind, "table");
    assert_int_equal(rh_structure_table_at(s, 0)->index_count, 0);
    rh_structure_free(s);
}

static void damage_is_refused(void **state)
{
    (void)state;
    check_refused("[]", "structure: is not an object");
    check_refused("{}", "structure: 'version' is missing");
    check_refused("{\"version\": 2}", "structure: 'version' is newer than this program");
    check_refused("{\"version\": 1, \"tables\": 3}", "structure: 'tables' is not a list");
    check_refused("{\"version\": 1, \"texts\": 3}", "structure: 'texts' is not a list");
    check_refused("{\"version\": 1, \"texts\": [{\"kind\": \"rule\", \"name\": \"r\"}]}",
                  "structure: 'text' is missing");
    check_refused("{\"version\": 1, \"tables\": [3]}",
                  "structure: 'tables' holds something that is not an object");
    check_refused("{\"version\": 1, \"tables\": [{\"schema\": \"s\"}]}",
                  "structure: 'name' is missing");
    check_refused(TABLE(", \"kind\": \"chair\""), "structure: 'kind' of table 's.t' is not known");
    check_refused(TABLE(", \"comment\": 3"), "structure: 'comment' of table 's.t' is not a text");
    check_refused(TABLE(", \"indexes\": [{\"name\": \"i\", \"columns\": [2]}]"),
                  "structure: 'columns' of table 's.t' names a column that is not there");
    check_refused(TABLE(", \"indexes\": [{\"name\": \"i\", \"mentions\": [-1]}]"),
                  "structure: 'mentions' of table 's.t' names a column that is not there");
    check_refused(TABLE(", \"indexes\": [{\"name\": \"i\", \"unique\": 1}]"),
                  "structure: 'unique' of table 's.t' is not true or false");
    check_refused(TABLE(", \"foreign_keys\": [{\"name\": \"f\", \"target\": \"s.t\", \"columns\": "
                        "[0, 1], \"target_columns\": [\"a\"]}]"),
                  "structure: 'foreign_keys' of table 's.t' has two sides of different length");
    check_refused(TABLE(", \"partition_columns\": [7]"),
                  "structure: 'partition_columns' of table 's.t' names a column that is not there");
    check_refused("{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"columns\": "
                  "[" COLUMN("a") ", " COLUMN("a") "]}]}",
                  "structure: 'columns' of table 's.t' has the same name twice");
    check_refused("{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"columns\": "
                  "[{\"name\": \"a\", \"precision\": 4294967296}]}]}",
                  "structure: 'precision' of table 's.t' is not a number in range");
}

static void tables_are_there_once_and_end_in_a_root(void **state)
{
    (void)state;
    check_refused("{\"version\": 1, \"tables\": [{\"schema\": \"a.b\", \"name\": \"c\"}, "
                  "{\"schema\": \"a\", \"name\": \"b.c\"}]}",
                  "structure: table 'a.b.c' is there twice");
    check_refused(TABLE(", \"parent\": \"s.t\""),
                  "structure: table 's.t' is its own ancestor, or has too many");
}

static rh_status parse_whole(void *ctx, rh_error *err)
{
    rh_structure *structure = NULL;
    rh_status status = rh_structure_parse(WHOLE, strlen(WHOLE), &structure, err);

    (void)ctx;
    assert_true((status == RH_OK) == (structure != NULL));
    rh_structure_free(structure);
    return status;
}

static void reading_survives_lack_of_memory(void **state)
{
    (void)state;
    assert_true(fail_nth(parse_whole, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(missing_members_have_defaults),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(tables_are_there_once_and_end_in_a_root),
        cmocka_unit_test(reading_survives_lack_of_memory),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
