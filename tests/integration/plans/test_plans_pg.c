/*
 * The corpus on PostgreSQL.
 */
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem.h"
#include "plan_cases.h"

static void execute(void *ctx, const char *sql)
{
    PGresult *result = PQexec(ctx, sql);
    ExecStatusType status = PQresultStatus(result);

    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        fail_msg("%s", PQerrorMessage(ctx));
}

static PGconn *connect_to(const char *database)
{
    char name[1024];
    PGconn *conn;

    (void)snprintf(name, sizeof name, "%s dbname=%s", getenv("RH_TEST_PG"), database);
    conn = PQconnectdb(name);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    return conn;
}

static void corpus_has_exactly_its_findings(void **state)
{
    PGconn *admin = connect_to("postgres");
    PGconn *conn;
    char folder[1024];
    char target[1024];
    size_t wrong;

    (void)state;
    execute(admin, "DROP DATABASE IF EXISTS plan_corpus");
    execute(admin, "CREATE DATABASE plan_corpus");
    conn = connect_to("plan_corpus");
    (void)snprintf(folder, sizeof folder, "%s/tests/data/plans/postgres", getenv("RH_SOURCE_DIR"));
    plan_cases_schema(folder, execute, conn);
    PQfinish(conn);
    (void)snprintf(target, sizeof target, "%s dbname=plan_corpus", getenv("RH_TEST_PG"));
    wrong = plan_cases_run(folder, target, RH_ENGINE_POSTGRESQL);
    execute(admin, "DROP DATABASE plan_corpus");
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
