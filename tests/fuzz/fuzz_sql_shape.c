/*
 * SQL text to shapes in both dialects: no string of the text is in its normal form, the same text
 * has the same shape, and the cache agrees with the function that has none.
 *
 * modules: core_base core_sql
 * corpus: sql examples/explorer examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "fuzz_sql.h"
#include "sql_normalize.h"

/* The key form keeps tokens apart, so that reading it again finds no value of the text. */
static void check_key(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_buf key = RH_BUF_INIT;
    rh_sql_scan scan;
    rh_status status = rh_sql_normalize(dialect, RH_SQL_NORMAL_KEY, text, len, &key, NULL);

    assert(status == RH_OK);
    rh_sql_scan_init(&scan, dialect, rh_buf_cstr(&key), key.len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        assert(token.kind != RH_SQL_TOKEN_STRING && token.kind != RH_SQL_TOKEN_BYTES);
        if (token.kind == RH_SQL_TOKEN_END)
            break;
    }
    rh_buf_done(&key);
}

static void check_uncached(rh_sql_dialect dialect, const char *text, size_t len,
                           const rh_sql_shape *cached)
{
    rh_arena *arena = rh_arena_new(0);
    rh_sql_shape shape;
    rh_status status;

    assert(arena != NULL);
    status = rh_sql_shape_of(dialect, text, len, arena, &shape, NULL);
    assert(status == RH_OK && shape.fingerprint == cached->fingerprint);
    assert(shape.normalized_len == cached->normalized_len);
    assert(memcmp(shape.normalized, cached->normalized, shape.normalized_len) == 0);
    rh_arena_free(arena);
}

static void check_shape(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(dialect, 0);
    const rh_sql_shape *first;
    const rh_sql_shape *again;
    rh_status status;

    assert(shapes != NULL);
    check_key(dialect, text, len);
    status = rh_sql_shapes_get(shapes, text, len, &first, NULL);
    assert(status == RH_OK && strlen(first->hex) == 16);
    status = rh_sql_shapes_get(shapes, text, len, &again, NULL);
    assert(status == RH_OK && first == again);
    check_uncached(dialect, text, len, first);
    rh_sql_shapes_free(shapes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_sql_both(check_shape, data, size);
}
