/*
 * Markers of --from-trace: the first line is the marker, the rest the statement. A statement begins
 * with its own text, quotes and case do not matter to names, and a height is never negative but -1.
 *
 * corpus: trace_marker sql
 * (modules: all)
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "trace_marker.h"

static void check(rh_sql_dialect dialect, const char *marker, const char *sql)
{
    rh_parameter values[] = {
        {.kind = RH_PARAMETER_TEXT, .name = ":height", .data = marker, .len = strlen(marker)},
        {.kind = RH_PARAMETER_NULL, .name = ""},
    };
    rh_workload_item item = {.sql = sql, .parameters = values, .parameter_count = 2};
    rh_sql_scan scan;
    bool any;

    (void)rh_trace_is_marker(dialect, marker, sql);
    assert(rh_trace_height(dialect, &item) >= -1);
    item.parameter_count = 0;
    assert(rh_trace_height(dialect, &item) >= -1);
    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    any = rh_sql_scan_next_code(&scan).kind != RH_SQL_TOKEN_END;
    if (strchr(sql, '*') == NULL)
        assert(rh_trace_is_marker(dialect, sql, sql) == any);
    assert(rh_trace_is_marker(dialect, "*", sql));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size == 0 ? NULL : memchr(data, '\n', size);
    size_t len = line == NULL ? 0 : (size_t)(line - data);
    char *marker = rh_mem_strndup((const char *)data, len);
    char *sql = line == NULL ? rh_mem_strndup((const char *)data, size)
                             : rh_mem_strndup((const char *)line + 1, size - len - 1);

    if (marker != NULL && sql != NULL) {
        check(RH_SQL_SQLITE, marker, sql);
        check(RH_SQL_POSTGRES, marker, sql);
    }
    rh_mem_free(marker);
    rh_mem_free(sql);
    return 0;
}
