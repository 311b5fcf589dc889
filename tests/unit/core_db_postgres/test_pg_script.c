#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fail_nth.h"
#include "pg_script.h"

static rh_pg_script *parse(const char *text)
{
    rh_pg_script *script = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_pg_script_parse(text, strlen(text), &script, &err), RH_OK);
    return script;
}

static void assert_kind(const char *sql, rh_pg_item_kind kind)
{
    rh_pg_script *script = parse(sql);

    assert_int_equal(script->item_count, 1);
    if (script->items[0].kind != kind)
        fail_msg("%s: kind %d instead of %d", sql, script->items[0].kind, kind);
    rh_pg_script_free(script);
}

static void statements_are_known_by_their_tokens(void **state)
{
    (void)state;
    assert_kind("CREATE INDEX i ON public.t USING btree (a)", RH_PG_ITEM_INDEX);
    assert_kind("CREATE UNIQUE INDEX \"i ON x\" ON ONLY \"s\".\"t\" USING btree (a)",
                RH_PG_ITEM_INDEX);
    assert_kind("ALTER TABLE ONLY s.t ADD CONSTRAINT c PRIMARY KEY (a)", RH_PG_ITEM_CONSTRAINT);
    assert_kind("ALTER TABLE ONLY s.t ADD CONSTRAINT c UNIQUE (a)", RH_PG_ITEM_CONSTRAINT);
    assert_kind("ALTER TABLE ONLY s.t ADD CONSTRAINT c EXCLUDE USING gist (a WITH =)",
                RH_PG_ITEM_CONSTRAINT);
    assert_kind("ALTER TABLE ONLY s.t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES s.u(b)",
                RH_PG_ITEM_FOREIGN_KEY);
    assert_kind("ALTER TABLE s.t ADD CONSTRAINT c CHECK ((a > 0)) NOT VALID", RH_PG_ITEM_OTHER);
    assert_kind("ALTER INDEX s.i ATTACH PARTITION s.j", RH_PG_ITEM_ATTACH);
    assert_kind("ALTER TABLE ONLY s.t ATTACH PARTITION s.j FOR VALUES IN (1)", RH_PG_ITEM_OTHER);
    assert_kind("ALTER TABLE s.t OWNER TO r", RH_PG_ITEM_OWNER);
    assert_kind("ALTER FUNCTION s.f(a integer, b text) OWNER TO \"a b; c\"", RH_PG_ITEM_OWNER);
    assert_kind("ALTER TABLE s.t ALTER COLUMN c SET DEFAULT ' OWNER TO x'", RH_PG_ITEM_OTHER);
    assert_kind("GRANT SELECT ON TABLE s.t TO PUBLIC", RH_PG_ITEM_PRIVILEGE);
    assert_kind("REVOKE ALL ON SCHEMA s FROM x", RH_PG_ITEM_PRIVILEGE);
    assert_kind("ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y",
                RH_PG_ITEM_PRIVILEGE);
    assert_kind("REFRESH MATERIALIZED VIEW s.m", RH_PG_ITEM_REFRESH);
    assert_kind("CREATE TABLE s.\"OWNER TO x\" (a int)", RH_PG_ITEM_OTHER);
    assert_kind("ALTER", RH_PG_ITEM_OTHER);
    assert_kind("ALTER TABLE", RH_PG_ITEM_OTHER);
    assert_kind("COMMENT ON TABLE s.t IS 'ALTER TABLE s.t OWNER TO r'", RH_PG_ITEM_OTHER);
}

static void names_are_folded_and_unquoted(void **state)
{
    rh_pg_script *script = parse("ALTER TABLE ONLY Sche.\"Ta \"\"b\"\"\" ADD CONSTRAINT \"C;\" "
                                 "FOREIGN KEY (a) REFERENCES \"R S\".t(b) ON DELETE SET NULL NOT "
                                 "VALID");
    const rh_pg_item *item = &script->items[0];

    (void)state;
    assert_string_equal(item->schema, "sche");
    assert_string_equal(item->table, "Ta \"b\"");
    assert_string_equal(item->name, "C;");
    assert_string_equal(item->to_schema, "R S");
    assert_string_equal(item->to_table, "t");
    assert_true(item->only);
    assert_true(item->not_valid);
    rh_pg_script_free(script);
}

static void settings_count_up_to_their_statement(void **state)
{
    rh_pg_script *script =
        parse("SET a = 1;\nSELECT pg_catalog.set_config('search_path', '', false);\n"
              "CREATE TABLE s.x ();\nSET default_tablespace = 'fast';\n"
              "--\n-- Name: y; Type: TABLE; Schema: s; Owner: o\n--\n\nCREATE TABLE s.y ();\n"
              "SELECT pg_catalog.lo_create('5');\n");

    (void)state;
    assert_int_equal(script->setting_count, 3);
    assert_int_equal(script->item_count, 3);
    assert_int_equal(script->items[0].settings, 2);
    assert_string_equal(script->items[0].label, "");
    assert_int_equal(script->items[1].settings, 3);
    assert_string_equal(script->items[1].label, "y; Type: TABLE; Schema: s; Owner: o");
    assert_string_equal(script->items[2].sql, "SELECT pg_catalog.lo_create('5')");
    rh_pg_script_free(script);
}

static void escaping_strings_are_followed(void **state)
{
    rh_pg_script *script = parse("SET standard_conforming_strings = off; COMMENT ON TABLE s.t IS "
                                 "'a\\'; DROP'; SELECT 1;");

    (void)state;
    assert_int_equal(script->item_count, 2);
    assert_string_equal(script->items[0].sql, "COMMENT ON TABLE s.t IS 'a\\'; DROP'");
    rh_pg_script_free(script);
}

static void psql_commands_are_refused(void **state)
{
    static const char text[] = "SELECT 1;\n\\! rm -rf /\n";
    rh_pg_script *script = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_pg_script_parse(text, sizeof text - 1, &script, &err), RH_EFORMAT);
    assert_null(script);
}

static void zero_bytes_are_refused(void **state)
{
    static const char text[] = "DROP TABLE s.t\0_old;";
    rh_pg_script *script = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_pg_script_parse(text, sizeof text - 1, &script, &err), RH_EFORMAT);
    assert_null(script);
}

static rh_status parse_body(void *ctx, rh_error *err)
{
    static const char text[] = "SET a = 1; -- Name: x\nALTER TABLE ONLY a.b ADD CONSTRAINT c "
                               "FOREIGN KEY (d) REFERENCES e.f(g); CREATE INDEX h ON i.j (k);";
    rh_pg_script *script = NULL;
    rh_status status = rh_pg_script_parse(text, sizeof text - 1, &script, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(script);
    rh_pg_script_free(script);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(parse_body, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_known_by_their_tokens),
        cmocka_unit_test(names_are_folded_and_unquoted),
        cmocka_unit_test(settings_count_up_to_their_statement),
        cmocka_unit_test(escaping_strings_are_followed),
        cmocka_unit_test(psql_commands_are_refused),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
