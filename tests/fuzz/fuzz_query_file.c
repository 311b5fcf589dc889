/*
 * Files of queries: statements lie in the text, one behind the other, and their lines are right.
 *
 * corpus: query_file sql examples/explorer
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fid_queries.h"
#include "fuzz.h"

static size_t line_of(const char *text, const char *at)
{
    size_t line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = rh_mem_strndup((const char *)data, size);
    const char *at = text;
    size_t line = 1;
    rh_fid_statement statement = {0};

    if (text == NULL)
        return 0;
    for (const char *before = text; rh_fid_split_next(&at, &line, &statement); before = at) {
        assert(at > before && statement.len > 0);
        assert(statement.sql >= before && statement.sql + statement.len <= at);
        assert(statement.line == line_of(text, statement.sql));
        if (statement.name != NULL)
            assert(statement.name >= text && statement.name + statement.name_len <= at);
    }
    rh_mem_free(text);
    return 0;
}
