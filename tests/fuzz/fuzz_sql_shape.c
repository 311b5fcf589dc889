/*
 * SQL text to shapes in both dialects: no string of the text is in its normal form, the same text
 * has the same shape, and the cache agrees with the function that has none. A text with other
 * values has the same skeleton and the same normal form.
 *
 * modules: core_base core_sql
 * corpus: sql examples/explorer examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "core/sql_skeleton.h"
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

/* Something else for a value that a skeleton leaves out, which no neighbour can run into; NULL for
 * what stays. Short numbers may be positions. */
static const char *other_value(const rh_sql_token *token, const char *p)
{
    if (token->kind == RH_SQL_TOKEN_STRING && *p == '\'' && token->closed)
        return "'it''s -- 17'";
    if (token->kind == RH_SQL_TOKEN_NUMBER && token->len > 3)
        return *p == '.' ? ".75e1" : "12345.0e1";
    return NULL;
}

static void with_other_values(rh_sql_dialect dialect, const char *text, size_t len, rh_buf *out)
{
    rh_sql_scan scan;
    rh_sql_token token;
    size_t from = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, dialect, text, len);
    while ((token = rh_sql_scan_next(&scan)).kind != RH_SQL_TOKEN_END) {
        const char *other = other_value(&token, text + token.offset);

        status = rh_buf_append(out, text + from, token.offset - from, NULL);
        assert(status == RH_OK);
        status = other != NULL ? rh_buf_append_str(out, other, NULL)
                               : rh_buf_append(out, text + token.offset, token.len, NULL);
        assert(status == RH_OK);
        from = token.offset + token.len;
    }
    status = rh_buf_append(out, text + from, len - from, NULL);
    assert(status == RH_OK);
}

static void check_skeleton(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_buf bufs[5] = {RH_BUF_INIT, RH_BUF_INIT, RH_BUF_INIT, RH_BUF_INIT, RH_BUF_INIT};
    rh_buf *other = &bufs[0];
    rh_status status = rh_sql_skeleton(dialect, text, len, &bufs[1], NULL);

    assert(status == RH_OK || status == RH_SKIPPED);
    assert(bufs[1].len <= len);
    with_other_values(dialect, text, len, other);
    assert(rh_sql_skeleton(dialect, rh_buf_cstr(other), other->len, &bufs[2], NULL) == status);
    assert(bufs[1].len == bufs[2].len);
    assert(memcmp(rh_buf_cstr(&bufs[1]), rh_buf_cstr(&bufs[2]), bufs[1].len) == 0);
    status = rh_sql_normalize(dialect, RH_SQL_NORMAL_KEY, text, len, &bufs[3], NULL);
    assert(status == RH_OK);
    status = rh_sql_normalize(dialect, RH_SQL_NORMAL_KEY, rh_buf_cstr(other), other->len, &bufs[4],
                              NULL);
    assert(status == RH_OK && bufs[3].len == bufs[4].len);
    assert(memcmp(rh_buf_cstr(&bufs[3]), rh_buf_cstr(&bufs[4]), bufs[3].len) == 0);
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        rh_buf_done(&bufs[i]);
}

static void check_shape(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(dialect, 0);
    const rh_sql_shape *first;
    const rh_sql_shape *again;
    rh_status status;

    assert(shapes != NULL);
    check_key(dialect, text, len);
    check_skeleton(dialect, text, len);
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
