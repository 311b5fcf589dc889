/*
 * CREATE texts of SQLite, which come out of files and repositories: tokens and checks lie in the
 * text, in order; expressions of generated columns are found or not.
 *
 * modules: core_base core_io core_db core_db_postgres core_db_sqlite
 * corpus: lite_text sql
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "lite_sql_text.h"

static void walk_tokens(const char *text, const char *end)
{
    for (rh_lite_token token = rh_lite_next_token(text); token.start != NULL;
         token = rh_lite_next_token(token.start + token.len)) {
        assert(token.len > 0 && token.start >= text && token.start + token.len <= end);
        (void)rh_lite_token_is(&token, "check");
        (void)rh_lite_token_names(&token, "a \"b");
        text = token.start + token.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = rh_mem_strndup((const char *)data, size);
    const char *end;
    const char *at;
    rh_lite_check check;

    if (text == NULL)
        return 0;
    end = text + strlen(text);
    walk_tokens(text, end);
    at = rh_lite_body(text);
    assert(at == NULL || (at > text && at <= end));
    if (at != NULL) {
        while (rh_lite_next_check(&at, &check))
            assert(check.text >= text && check.text + check.len <= end && at <= end);
        at = rh_lite_behind_body(text);
        assert(at == NULL || (at > text && at <= end));
        for (size_t column = 0; column < 4; column++) {
            const char *expression = NULL;
            size_t len = 0;

            if (rh_lite_generated_expression(text, column, &expression, &len, NULL) == RH_OK)
                assert(expression >= text && expression + len <= end);
        }
    }
    rh_mem_free(text);
    return 0;
}
