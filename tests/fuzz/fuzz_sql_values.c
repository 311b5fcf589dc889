/*
 * The values of a statement and the columns they belong to, in both dialects: each literal of the
 * text is listed, decodes, and can be quoted back.
 *
 * modules: core_base core_sql
 * corpus: sql examples/explorer examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_columns.h"
#include "core/sql_literal.h"
#include "core/sql_scan.h"
#include "fuzz_sql.h"

/* What decodes comes back from its quoted form. */
static void check_decode(rh_sql_dialect dialect, const char *literal, size_t len)
{
    rh_buf plain = RH_BUF_INIT;
    rh_buf quoted = RH_BUF_INIT;
    rh_buf again = RH_BUF_INIT;
    rh_status status = rh_sql_literal_decode(dialect, literal, len, &plain, NULL);

    assert(status == RH_OK || status == RH_SKIPPED);
    if (status == RH_OK && memchr(rh_buf_cstr(&plain), 0, plain.len) == NULL) {
        status = rh_sql_literal_quote(dialect, rh_buf_cstr(&plain), plain.len, &quoted, NULL);
        assert(status == RH_OK);
        status = rh_sql_literal_decode(dialect, rh_buf_cstr(&quoted), quoted.len, &again, NULL);
        assert(status == RH_OK && again.len == plain.len);
        assert(again.len == 0 || memcmp(again.data, plain.data, plain.len) == 0);
    }
    rh_buf_done(&plain);
    rh_buf_done(&quoted);
    rh_buf_done(&again);
}

static bool is_literal(rh_sql_token_kind kind)
{
    return kind == RH_SQL_TOKEN_STRING || kind == RH_SQL_TOKEN_BYTES ||
           kind == RH_SQL_TOKEN_NUMBER || kind == RH_SQL_TOKEN_PARAMETER;
}

/* No literal may be missing from the list: masking relies on it. */
static void check_values(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_values *values = NULL;
    rh_status status = rh_sql_values_new(dialect, text, len, NULL, &values, NULL);
    rh_sql_scan scan;
    size_t i = 0;
    size_t count;

    assert(status == RH_OK);
    count = rh_sql_values_count(values);
    rh_sql_scan_init(&scan, dialect, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (!is_literal(token.kind))
            continue;
        check_decode(dialect, text + token.offset, token.len);
        while (i < count &&
               rh_sql_values_at(values, i)->offset + rh_sql_values_at(values, i)->len <=
                   token.offset)
            i++;
        assert(i < count && rh_sql_values_at(values, i)->offset <= token.offset);
    }
    for (size_t k = 1; k < count; k++)
        assert(rh_sql_values_at(values, k)->offset >=
               rh_sql_values_at(values, k - 1)->offset + rh_sql_values_at(values, k - 1)->len);
    rh_sql_values_free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_sql_both(check_values, data, size);
}
