/*
 * The order of a table's indexes: by OID, as in production, whatever their names and sizes and
 * however many connections build them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "pg_copy.h"

enum { ROUNDS = 5 };

static const char order_of_all[] =
    "SELECT string_agg(t, E'\\n' ORDER BY t) FROM (SELECT format('%s: %s', indrelid::regclass, "
    "string_agg(relname, ', ' ORDER BY indexrelid)) AS t FROM pg_index JOIN pg_class c ON "
    "c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace GROUP BY indrelid) q";

/* Names run against the OIDs, cheap ones between dear ones, constraints in the middle and last. */
static const char schema[] =
    "CREATE TABLE wide (a int NOT NULL, b text NOT NULL, c int NOT NULL, d point);"
    "INSERT INTO wide SELECT i, md5(i::text), 20000 - i, point(i, i) "
    "FROM generate_series(1, 20000) i;"
    "CREATE INDEX z_text ON wide (b, c);"
    "CREATE INDEX y_empty ON wide (a) WHERE a < 0;"
    "CREATE UNIQUE INDEX x_unique ON wide (c);"
    "ALTER TABLE wide ADD CONSTRAINT w_primary PRIMARY KEY (a);"
    "CREATE INDEX v_same ON wide (c);"
    "CREATE INDEX u_same ON wide (c);"
    "CREATE INDEX t_gist ON wide USING gist (d);"
    "ALTER TABLE wide ADD CONSTRAINT s_excluded EXCLUDE (c WITH =);"
    "CREATE INDEX r_brin ON wide USING brin (a);"
    "ALTER TABLE wide ADD CONSTRAINT q_unique UNIQUE (b);"
    "CREATE TABLE parts (id int, k int) PARTITION BY RANGE (id);"
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);"
    "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (1000) TO (2000);"
    "INSERT INTO parts SELECT i, i % 7 FROM generate_series(0, 1999) i;"
    "CREATE INDEX parts_z ON parts (k);"
    "CREATE INDEX parts_y ON parts (k, id);"
    "ALTER TABLE parts ADD CONSTRAINT parts_x PRIMARY KEY (id);"
    "CREATE INDEX parts_2_only ON parts_2 (k, id);"
    "CREATE INDEX parts_a ON parts (id, k);"
    /* needs the primary key for its GROUP BY, so the dump creates it after the indexes */
    "CREATE MATERIALIZED VIEW late AS SELECT a, b, count(*) AS n FROM wide GROUP BY a;"
    "CREATE INDEX late_z ON late (b);"
    "CREATE UNIQUE INDEX late_y ON late (a);"
    "CREATE INDEX late_x ON late (n);";

static void take(const char *from, pg_held *held)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo(from, "");

    options.jobs = 2;
    pg_assert_ok(pg_take(source, &options, &problems, held, &err), &err);
    rh_problems_done(&problems);
    rh_mem_free(source);
}

static void put(const pg_held *held, const char *to, size_t jobs, rh_problems *problems)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;
    char *target = pg_conninfo(to, "");

    pg_drop(to);
    options.jobs = jobs;
    options.snapshot_id = "order";
    pg_assert_ok(pg_put(target, &options, held, false, problems, &commit, &err), &err);
    json_decref(commit);
    rh_mem_free(target);
}

static rh_buf *structure_of(const pg_held *held)
{
    const char *const *names = rh_engine_sections(RH_ENGINE_POSTGRESQL);

    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], "structure") == 0)
            return &held->sections[i];
    }
    fail_msg("no structure");
    return NULL;
}

/* As an older version wrote it. */
static void forget_ranks(rh_buf *structure)
{
    for (size_t i = 0; i + 6 < structure->len; i++) {
        if (memcmp(structure->data + i, "\"rank\"", 6) == 0)
            memcpy(structure->data + i, "\"none\"", 6);
    }
}

static void indexes_are_created_in_production_s_order(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;
    char *expected = NULL;

    (void)state;
    pg_drop("order_source");
    pg_create("order_source");
    pg_sql("order_source", schema);
    expected = pg_value("order_source", order_of_all);
    assert_non_null(strstr(expected, "wide: z_text, y_empty, x_unique, w_primary, v_same, u_same, "
                                     "t_gist, s_excluded, r_brin, q_unique"));
    assert_non_null(strstr(expected, "late: late_z, late_y, late_x"));
    take("order_source", &held);
    for (int round = 0; round < ROUNDS; round++) {
        put(&held, "order_target", round == 0 ? 1 : 4, &problems);
        pg_assert_value("order_target", order_of_all, expected);
        assert_false(pg_has_problem(&problems, false, "production's order"));
    }
    pg_assert_same_dump("order_source", "order_target", NULL);
    rh_mem_free(expected);
    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("order_source");
    pg_drop("order_target");
}

static void older_snapshots_without_ranks_are_restored(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    pg_drop("order_source");
    pg_create("order_source");
    pg_sql("order_source", schema);
    take("order_source", &held);
    forget_ranks(structure_of(&held));
    put(&held, "order_target", 4, &problems);
    pg_assert_same_dump("order_source", "order_target", NULL);
    assert_false(pg_has_problem(&problems, false, "production's order"));

    /* and without the section */
    structure_of(&held)->len = 0;
    put(&held, "order_target", 4, &problems);
    pg_assert_same_dump("order_source", "order_target", NULL);
    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("order_source");
    pg_drop("order_target");
}

/* The function of the first index needs a primary key, so the dump creates both after that. */
static void an_order_that_cannot_be_kept_is_told(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    pg_drop("order_source");
    pg_create("order_source");
    pg_sql("order_source",
           "CREATE TABLE base (a int PRIMARY KEY, b int);"
           "INSERT INTO base VALUES (1, 2);"
           "CREATE FUNCTION looks(x int) RETURNS bigint LANGUAGE sql IMMUTABLE BEGIN ATOMIC "
           "SELECT count(*) + x FROM (SELECT a, b FROM public.base GROUP BY a) q; END;"
           "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);"
           "CREATE INDEX t_first ON t (looks(a));"
           "CREATE INDEX t_second ON t (a);");
    take("order_source", &held);
    put(&held, "order_target", 2, &problems);
    assert_true(pg_has_problem(&problems, false, "indexes of 1 tables ('public.t' is one)"));
    pg_assert_same_dump("order_source", "order_target", NULL);
    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("order_source");
    pg_drop("order_target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_are_created_in_production_s_order),
        cmocka_unit_test(older_snapshots_without_ranks_are_restored),
        cmocka_unit_test(an_order_that_cannot_be_kept_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
