/*
 * SQL of the schema through the masks: which literals follow, which stay, what the proof may say.
 */
#include <stdio.h>
#include <string.h>

#include "anonymize/schema_sql.h"
#include "core/hash.h"
#include "fail_nth.h"

static const char STRUCTURE[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"columns\": ["
    "{\"name\": \"id\", \"type\": \"integer\", \"base_type\": \"integer\"},"
    "{\"name\": \"tier\", \"type\": \"character varying(20)\", \"base_type\": \"character "
    "varying\"},"
    "{\"name\": \"mail\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"n\", \"type\": \"bigint\", \"base_type\": \"bigint\"},"
    "{\"name\": \"at\", \"type\": \"timestamp with time zone\","
    " \"base_type\": \"timestamp with time zone\"},"
    "{\"name\": \"city\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"ci\", \"type\": \"public.citext\", \"base_type\": \"public.citext\"}],"
    /* of domain types: of one column, of two with different masks, of one that is kept, of arrays
     */
    "\"checks\": ["
    "{\"name\": \"a\", \"text\": \"CHECK ((VALUE <> 'gold'::text))\", \"mentions\": [1]},"
    "{\"name\": \"b\", \"text\": \"CHECK ((VALUE <> 'gold two'::text))\", \"mentions\": [1]},"
    "{\"name\": \"b\", \"text\": \"CHECK ((VALUE <> 'gold two'::text))\", \"mentions\": [2]},"
    "{\"name\": \"c\", \"text\": \"CHECK ((VALUE <> 'kept'::text))\", \"mentions\": [5]},"
    "{\"name\": \"e\", \"text\": \"CHECK ((VALUE < 4711))\", \"mentions\": [3]}]}]}";

static const char LITE[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"main\", \"name\": \"t\", \"columns\": ["
    "{\"name\": \"id\", \"type\": \"INTEGER\", \"base_type\": \"INTEGER\"},"
    "{\"name\": \"tier\", \"type\": \"TEXT\", \"base_type\": \"TEXT\"},"
    "{\"name\": \"mail\", \"type\": \"TEXT\", \"base_type\": \"TEXT\", \"collation\": \"NOCASE\"},"
    "{\"name\": \"n\", \"type\": \"INTEGER\", \"base_type\": \"INTEGER\"},"
    "{\"name\": \"at\", \"type\": \"TEXT\", \"base_type\": \"TEXT\"},"
    "{\"name\": \"city\", \"type\": \"TEXT\", \"base_type\": \"TEXT\"},"
    "{\"name\": \"ci\", \"type\": \"TEXT\", \"base_type\": \"TEXT\"}]}]}";

static const char RULES[] =
    "version: 1\ncolumns:\n  \"t.tier\": text\n  \"t.mail\": email\n"
    "  \"t.n\": {mask: integer, mode: monotone}\n  \"t.at\": time\n  \"t.ci\": text\n"
    "  \"*.*\": keep\n";

typedef struct fixture {
    rh_rules *rules;
    rh_structure *structure;
    rh_bound_rules *bound;
    rh_problems problems;
    rh_arena *arena;
    rh_literals literals;
} fixture;

static rh_status open_fixture(fixture *f, rh_engine_kind engine, rh_error *err)
{
    const char *structure = engine == RH_ENGINE_SQLITE ? LITE : STRUCTURE;
    const rh_mask_key key = {{5, 6, 7}};
    rh_status status;

    memset(f, 0, sizeof *f);
    f->problems = (rh_problems)RH_PROBLEMS_INIT;
    f->arena = rh_arena_new(0);
    status = f->arena == NULL ? rh_error_oom(err)
                              : rh_rules_parse("r", RULES, strlen(RULES), &f->rules, err);
    if (status == RH_OK)
        status = rh_structure_parse(structure, strlen(structure), &f->structure, err);
    if (status == RH_OK)
        status = rh_rules_bind(f->rules, f->structure, engine, &f->bound, &f->problems, err);
    if (status == RH_OK)
        status = rh_bound_compile(f->bound, &key, err);
    rh_literals_init(&f->literals, f->structure, f->bound, engine, f->arena);
    return status;
}

static void close_fixture(fixture *f)
{
    rh_problems_done(&f->problems);
    rh_bound_rules_free(f->bound);
    rh_structure_free(f->structure);
    rh_rules_free(f->rules);
    rh_arena_free(f->arena);
}

typedef struct text_case {
    const char *sql;
    size_t masked;
    size_t left;
    bool exact;
} text_case;

#define OF_TABLE   1 /* a constraint of t */
#define EXPRESSION 2 /* over its columns */

static void check_cases(rh_engine_kind engine, int how, const text_case *cases, size_t count)
{
    fixture f;

    assert_int_equal(RH_OK, open_fixture(&f, engine, NULL));
    for (size_t i = 0; i < count; i++) {
        const rh_schema_sql sql = {cases[i].sql, strlen(cases[i].sql), how == EXPRESSION,
                                   how == 0 ? NULL : rh_structure_table_at(f.structure, 0)};
        rh_schema_literals found = {0, 0, false};
        rh_buf out = RH_BUF_INIT;

        assert_int_equal(RH_OK, rh_schema_sql_mask(&f.literals, &sql, NULL, &out, &found, NULL));
        if (found.masked != cases[i].masked || found.left != cases[i].left ||
            found.exact != cases[i].exact)
            fail_msg("%s: %zu masked, %zu left, exact %d: %s", cases[i].sql, found.masked,
                     found.left, found.exact, rh_buf_cstr(&out));
        if (found.masked > 0 && found.left == 0)
            assert_null(strstr(rh_buf_cstr(&out), "gold"));
        if (found.masked == 0 && engine == RH_ENGINE_POSTGRESQL)
            assert_string_equal(rh_buf_cstr(&out), cases[i].sql);
        rh_buf_done(&out);
    }
    close_fixture(&f);
}

#define CHECK_CASES(engine, how, cases)                                                            \
    check_cases(engine, how, cases, sizeof(cases) / sizeof((cases)[0]))

static void constraints_of_postgresql(void **state)
{
    static const text_case cases[] = {
        {"CHECK (((tier)::text = 'gold'::text))", 1, 0, true},
        {"CHECK (((tier)::text = ANY (ARRAY['gold'::text, ('silver'::character varying)::text])))",
         2, 0, true},
        {"CHECK (((tier)::text <> ALL (ARRAY['gold'::text]))) NOT VALID", 1, 0, true},
        {"CHECK ((n >= 10) AND (n < 99))", 2, 0, true},
        {"CHECK ((at > '2001-02-03 04:05:06+00'::timestamp with time zone))", 1, 0, true},
        {"CHECK ((at > '2001-02-03'::date))", 1, 0, false}, /* rounds in another way */
        {"CHECK (((tier)::text > 'gold'::text))", 0, 1, false},
        {"CHECK (((tier)::text ~~ 'gold%'::text))", 0, 1, false},
        {"CHECK ((lower((tier)::text) = 'gold'::text))", 0, 1, false},
        {"CHECK (((city)::text = 'gold'::text))", 0, 0, true},
        {"CHECK (((VALUE)::text = 'gold'::text))", 0, 1, false},
        {"CHECK (((tier)::text = 'gold'::text) AND (length(mail) > 5))", 1, 0, false},
        {"CHECK ((tier IS NOT NULL))", 0, 0, true},
        /* citext compares by its own operators, and not by bytes */
        {"CHECK ((ci OPERATOR(public.<>) 'gold'::public.citext))", 1, 0, false},
        {"CHECK (((tier)::public.citext OPERATOR(public.=) 'gold'::public.citext))", 1, 0, false},
        {"EXCLUDE USING gist (tier WITH =, id WITH <>) WHERE (((tier)::text = 'gold'::text))", 1, 0,
         true},
    };

    (void)state;
    CHECK_CASES(RH_ENGINE_POSTGRESQL, OF_TABLE, cases);
}

static void statements_of_postgresql(void **state)
{
    static const text_case cases[] = {
        {"CREATE TABLE s.t (id integer, tier text DEFAULT 'x', CONSTRAINT c CHECK ((tier = "
         "'gold')))",
         1, 1, true},
        {"ALTER TABLE ONLY s.t ADD CONSTRAINT c CHECK (((mail <> 'a@gold.test'::text))) NOT VALID",
         1, 0, true},
        {"CREATE UNIQUE INDEX i ON ONLY s.t USING btree (id, lower(mail)) INCLUDE (city) WITH "
         "(fillfactor='70') WHERE (tier = 'gold')",
         1, 0, true},
        {"CREATE INDEX i ON s.t USING btree (((tier)::text = 'gold'::text) DESC NULLS LAST)", 1, 0,
         true},
        {"CREATE INDEX i ON s.other (x) WHERE (x = 'gold')", 0, 1, true},
        {"CREATE OR REPLACE VIEW s.v WITH (security_barrier='true') AS SELECT t.id FROM s.t WHERE "
         "t.tier = 'gold' WITH LOCAL CHECK OPTION",
         1, 1, true},
        {"CREATE MATERIALIZED VIEW s.v AS SELECT x.id FROM (SELECT * FROM s.t WHERE tier = 'gold') "
         "x"
         " WITH NO DATA;",
         1, 0, true},
        {"SELECT id, 'gold' AS label FROM s.t", 0, 1, false},
        {"CREATE CONSTRAINT TRIGGER x AFTER UPDATE ON s.t FOR EACH ROW WHEN ((new.tier = "
         "'gold'::text)"
         " AND (old.n > 5)) EXECUTE FUNCTION f()",
         2, 0, true},
        {"CREATE TRIGGER x AFTER UPDATE ON s.t FOR EACH ROW EXECUTE FUNCTION f('gold')", 0, 1,
         true},
        {"CREATE POLICY p ON s.t FOR SELECT USING ((tier = 'gold'::text)) WITH CHECK (mail = "
         "'a@b.test')",
         2, 0, true},
        {"CREATE FUNCTION s.f() RETURNS bigint LANGUAGE sql AS $x$ SELECT 1; UPDATE s.t SET tier = "
         "'gold' WHERE n = 7 $x$",
         2, 0, true},
        {"CREATE FUNCTION s.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT id FROM s.t WHERE "
         "tier"
         " = 'gold'; END",
         1, 0, true},
        {"CREATE FUNCTION s.f() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN 'gold'; END $$",
         0, 1, true},
        {"CREATE FUNCTION s.f() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$", 0, 0,
         true},
        {"CREATE FUNCTION s.f() RETURNS bigint LANGUAGE sql AS 'SELECT 1'", 0, 1, true},
        {"COMMENT ON TABLE s.t IS 'gold'", 0, 1, true},
        {"CREATE VIEW", 0, 0, true},
        {"", 0, 0, true},
    };

    (void)state;
    CHECK_CASES(RH_ENGINE_POSTGRESQL, 0, cases);
}

static void checks_of_domain_types(void **state)
{
    static const text_case cases[] = {
        {"CREATE DOMAIN s.d AS text CONSTRAINT a CHECK ((VALUE <> 'gold'::text))", 1, 0, true},
        {"CREATE DOMAIN s.d AS text\n CONSTRAINT a CHECK (( VALUE <> 'gold'::text ));", 1, 0, true},
        {"ALTER DOMAIN s.d ADD CONSTRAINT a CHECK ((VALUE <> 'gold'::text)) NOT VALID", 1, 0, true},
        {"CHECK ((VALUE <> 'gold'::text))", 1, 0, true},              /* as the texts have it */
        {"'gold'::text CHECK ((VALUE <> 'gold'::text))", 1, 1, true}, /* with a default */
        {"CREATE DOMAIN s.d AS text CONSTRAINT b CHECK ((VALUE <> 'gold two'::text))", 0, 1, false},
        {"CREATE DOMAIN s.d AS text CONSTRAINT c CHECK ((VALUE <> 'kept'::text))", 0, 0, true},
        {"CREATE DOMAIN s.d AS text CONSTRAINT x CHECK ((VALUE <> 'gold else'::text))", 0, 1,
         false},
        {"CREATE DOMAIN s.d AS bigint CONSTRAINT e CHECK ((VALUE < 4711))", 1, 0, true},
        {"CREATE DOMAIN s.d AS text CONSTRAINT x CHECK (true)", 0, 0, false},
        {"CREATE DOMAIN s.d AS text", 0, 0, true},
    };

    (void)state;
    CHECK_CASES(RH_ENGINE_POSTGRESQL, 0, cases);
}

#define PLPGSQL(body) "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ " body " $$"

static void numbers_beside_masked_columns_of_programs(void **state)
{
    static const text_case cases[] = {
        {PLPGSQL("SELECT 1 FROM t WHERE n = 4711;"), 0, 1, true},
        {PLPGSQL("SELECT 1 FROM t WHERE 4711 = t.n AND \"n\" <> 4712;"), 0, 2, true},
        {PLPGSQL("SELECT 1 FROM t WHERE N NOT IN (4711, -4712) OR n BETWEEN 50 AND 60;"), 0, 4,
         true},
        {PLPGSQL("SELECT 1 FROM t WHERE id = 4711 AND n = 1 AND n + 5 > 7 LIMIT 100;"), 0, 0, true},
        {PLPGSQL("SELECT count(n), 4711 FROM t ORDER BY 2;"), 0, 0, true},
        /* what is read counts them, too, where no verdict of its own does */
        {"CREATE VIEW s.v AS SELECT id FROM s.t WHERE n = 4711", 1, 0, true},
        {"CREATE VIEW s.v AS SELECT id FROM s.t WHERE n + 1 = 4711", 0, 1, false},
        {"CREATE VIEW s.v AS SELECT id FROM s.t WHERE id = 4711", 0, 0, true},
    };

    (void)state;
    CHECK_CASES(RH_ENGINE_POSTGRESQL, 0, cases);
}

static void texts_of_sqlite(void **state)
{
    static const text_case statements[] = {
        {"CREATE TABLE t(id INTEGER CHECK (id > 4), tier TEXT CHECK (tier IN ('gold', \"gold\")), "
         "/* "
         "gold */ x AS (tier = 'gold') STORED)",
         3, 0, true},
        {"CREATE TABLE [t] (tier -- gold\n CHECK (tier <> 'gold'))", 1, 0, true},
        {"CREATE INDEX i ON t(tier = 'gold', n COLLATE NOCASE) WHERE n BETWEEN 5 AND 9", 3, 0,
         true},
        {"CREATE INDEX i ON t(id) WHERE mail = 'a@gold.test'", 1, 0, false}, /* it folds case */
        {"CREATE TEMP TRIGGER x AFTER UPDATE OF tier ON t WHEN new.tier = 'gold' BEGIN INSERT INTO "
         "t"
         "(tier) VALUES ('gold'); SELECT 'left' FROM t WHERE tier = 'gold'; END",
         3, 1, false},
        {"CREATE VIEW v AS SELECT id FROM t WHERE tier = \"gold\" -- gold", 1, 0, true},
        /* names in double quotes */
        {"CREATE INDEX \"in \"\"dex\" ON t(id) WHERE tier = 'gold'", 1, 0, true},
        {"CREATE TRIGGER \"trig ger\" AFTER UPDATE ON t BEGIN SELECT tier AS \"a b\" FROM t AS \"x "
         "y\" "
         "WHERE \"x y\".tier = 'gold' ORDER BY \"a b\"; END",
         1, 0, true},
        {"CREATE VIEW \"v w\" AS SELECT id AS \"c d\" FROM t \"x\" WHERE \"tier\" = \"gold\"", 1, 0,
         true},
        {"CREATE TABLE t(id \"BIG INT\" DEFAULT \"gold\", CONSTRAINT \"c k\" CHECK (id > 0))", 0, 1,
         true},
        {"CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter' /* c */)", 0, 2, true},
    };
    static const text_case expressions[] = {
        {"tier = 'gold'", 1, 0, true},
        {"CASE WHEN tier = 'gold' THEN 'left' END", 1, 1, false},
        {"n + 1", 0, 0, true}};

    (void)state;
    CHECK_CASES(RH_ENGINE_SQLITE, 0, statements);
    CHECK_CASES(RH_ENGINE_SQLITE, EXPRESSION, expressions);
}

/* ---- the visitor, and memory ---- */

static rh_status count_values(void *ctx, const rh_literal_verdict *verdict, const rh_field *raw,
                              const rh_field *image, rh_error *err)
{
    size_t *count = ctx;

    (void)err;
    assert_string_equal(verdict->column->name, "tier");
    assert_memory_equal(raw->data, "gold", 4);
    assert_true(raw->len == image->len && memcmp(raw->data, image->data, 4) != 0);
    (*count)++;
    return RH_OK;
}

static rh_status mask_function(void *ctx, rh_error *err)
{
    static const char SQL[] =
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT id FROM s.t "
        "WHERE tier = 'gold'; SELECT 1 FROM s.t x WHERE x.tier IN ('gold') $$";
    const rh_schema_sql sql = {SQL, sizeof SQL - 1, false, NULL};
    size_t count = 0;
    const rh_schema_sql_visitor visitor = {count_values, &count};
    rh_schema_literals found = {7, 7, true};
    rh_buf out = RH_BUF_INIT;
    fixture f;
    rh_status status = open_fixture(&f, RH_ENGINE_POSTGRESQL, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_schema_sql_mask(&f.literals, &sql, &visitor, &out, &found, err);
    if (status == RH_OK)
        assert_true(count == 2 && found.masked == 2 && found.left == 0);
    else
        assert_int_equal(found.masked, 7);
    rh_buf_done(&out);
    close_fixture(&f);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(mask_function, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constraints_of_postgresql),
        cmocka_unit_test(statements_of_postgresql),
        cmocka_unit_test(checks_of_domain_types),
        cmocka_unit_test(numbers_beside_masked_columns_of_programs),
        cmocka_unit_test(texts_of_sqlite),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
