/*
 * The corpus on SQLite.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mem.h"
#include "plan_cases.h"

static void execute(void *ctx, const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(ctx, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
}

static void corpus_has_exactly_its_findings(void **state)
{
    const char *source = getenv("RH_SOURCE_DIR");
    char folder[1024];
    char path[] = "/tmp/rehearse-plans-XXXXXX";
    int fd = mkstemp(path);
    sqlite3 *db = NULL;
    size_t wrong;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    (void)snprintf(folder, sizeof folder, "%s/tests/data/plans/sqlite", source);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    plan_cases_schema(folder, execute, db);
    sqlite3_close(db);
    wrong = plan_cases_run(folder, path, RH_ENGINE_SQLITE);
    (void)remove(path);
    assert_int_equal(wrong, 0);
    assert_int_equal(rh_mem_live_blocks(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_has_exactly_its_findings)};

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
