/*
 * rehearse_count(k, value): an SQL function that counts its calls and gives its value back, for
 * statements that were rewritten to tell how often a subquery runs.
 *
 * It is declared deterministic, so that the planner treats a condition with it as it treats the
 * condition without. Nothing in the file may call it: it is there only while such a statement runs.
 */
#include "lite_profile.h"

static const char NAME[] = "rehearse_count";

static void count_call(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const rh_profile_statement *statement = sqlite3_user_data(context);
    sqlite3_int64 k = sqlite3_value_int64(argv[0]);
    bool gives_one = k < 0;

    (void)argc;
    if (gives_one)
        k = -(k + 1);
    if ((uint64_t)k < statement->count_count)
        statement->counts[k]++;
    if (gives_one)
        sqlite3_result_int(context, 1);
    else
        sqlite3_result_value(context, argv[1]);
}

rh_status rh_lite_counters_begin(sqlite3 *db, const rh_profile_statement *statement, rh_error *err)
{
    int rc;

    if (statement->counts == NULL)
        return RH_OK;
    rc = sqlite3_create_function_v2(db, NAME, 2,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                    (void *)(uintptr_t)statement, count_call, NULL, NULL, NULL);
    return rc == SQLITE_OK ? RH_OK : rh_lite_fail(db, rc, err);
}

void rh_lite_counters_end(sqlite3 *db, const rh_profile_statement *statement)
{
    if (statement->counts != NULL)
        (void)sqlite3_create_function_v2(db, NAME, 2, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
}
