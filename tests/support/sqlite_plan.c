#include "sqlite_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/plan_sqlite.h"

rh_plan *sqlite_plan_of(sqlite3 *db, const char *sql)
{
    char *text = rh_mem_printf("EXPLAIN QUERY PLAN %s", sql);
    rh_buf rows = RH_BUF_INIT;
    sqlite3_stmt *statement = NULL;
    rh_plan *plan = NULL;

    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    rh_mem_free(text);
    while (sqlite3_step(statement) == SQLITE_ROW)
        assert_int_equal(rh_buf_printf(&rows, NULL, "%d\t%d\t%s\n",
                                       sqlite3_column_int(statement, 0),
                                       sqlite3_column_int(statement, 1),
                                       (const char *)sqlite3_column_text(statement, 3)),
                         RH_OK);
    (void)sqlite3_finalize(statement);
    assert_int_equal(rh_plan_read_eqp("test", rh_buf_cstr(&rows), rows.len, &plan, NULL), RH_OK);
    rh_buf_done(&rows);
    return plan;
}
