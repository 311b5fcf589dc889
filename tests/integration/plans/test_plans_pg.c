/*
 * The corpus on PostgreSQL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem.h"
#include "pg_client.h"
#include "plan_cases.h"

static void execute(void *ctx, const char *sql)
{
    pg_client_run(ctx, sql);
}

static void corpus_has_exactly_its_findings(void **state)
{
    PGconn *admin = pg_client_open("postgres");
    PGconn *conn;
    char folder[1024];
    char target[1024];
    size_t wrong;

    (void)state;
    pg_client_run(admin, "DROP DATABASE IF EXISTS plan_corpus");
    pg_client_run(admin, "CREATE DATABASE plan_corpus");
    conn = pg_client_open("plan_corpus");
    (void)snprintf(folder, sizeof folder, "%s/tests/data/plans/postgres", getenv("RH_SOURCE_DIR"));
    plan_cases_schema(folder, execute, conn);
    PQfinish(conn);
    (void)snprintf(target, sizeof target, "%s dbname=plan_corpus", getenv("RH_TEST_PG"));
    wrong = plan_cases_run(folder, target, RH_ENGINE_POSTGRESQL);
    pg_client_run(admin, "DROP DATABASE plan_corpus");
    PQfinish(admin);
    assert_int_equal(wrong, 0);
    assert_int_equal(rh_mem_live_blocks(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_has_exactly_its_findings)};

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
