/*
 * CREATE texts of SQLite, which come out of files and repositories: lists and checks lie in the
 * text, in order; expressions of generated columns are found or not.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 * corpus: lite_text sql
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "lite_sql_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = rh_mem_strndup((const char *)data, size);
    rh_sql_scan list;
    rh_sql_scan checks;
    rh_lite_check check;
    size_t behind;

    if (text == NULL)
        return 0;
    list = rh_lite_scan(text);
    if (rh_lite_enter_list(&list)) {
        assert(list.at > 0 && text[list.at - 1] == '(');
        checks = list;
        for (behind = list.at; rh_lite_next_check(&checks, &check); behind = checks.at) {
            assert(check.offset >= behind && check.offset + check.len < checks.at);
            assert(check.name.len == 0 || check.name.offset >= behind);
        }
        if (rh_lite_leave_list(&list))
            assert(text[list.at - 1] == ')');
    }
    for (size_t column = 0; column < 4; column++) {
        const char *expression = NULL;
        size_t len = 0;

        if (rh_lite_generated_expression(text, column, &expression, &len, NULL) == RH_OK)
            assert(expression >= text && expression + len <= text + strlen(text));
    }
    rh_mem_free(text);
    return 0;
}
