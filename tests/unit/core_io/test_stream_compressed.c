/* Readers of gzip and bzip2, and the choice by the first bytes. */
#include <bzlib.h>
#include <string.h>
#include <zlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/stream.h"
#include "fail_nth.h"

enum { TEXT_BYTES = 300000, PACKED_BYTES = 400000 };

typedef struct packed {
    uint8_t text[TEXT_BYTES];
    uint8_t data[PACKED_BYTES];
    size_t len;
} packed;

static packed *make(const char *kind)
{
    packed *p = rh_mem_zalloc(sizeof *p);
    uint32_t seed = 7;

    assert_non_null(p);
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        seed = seed * 1664525u + 1013904223u;
        p->text[i] = (uint8_t)('a' + (seed >> 28));
    }
    if (strcmp(kind, "gzip") == 0) {
        z_stream z = {0};

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
        z.next_in = p->text;
        z.avail_in = TEXT_BYTES;
        z.next_out = p->data;
        z.avail_out = PACKED_BYTES;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        p->len = z.total_out;
        assert_int_equal(deflateEnd(&z), Z_OK);
    } else {
        unsigned len = PACKED_BYTES;

        assert_int_equal(
            BZ2_bzBuffToBuffCompress((char *)p->data, &len, (char *)p->text, TEXT_BYTES, 1, 0, 0),
            BZ_OK);
        p->len = len;
    }
    return p;
}

static rh_status read_all(const void *data, size_t len, const char **name, rh_buf *out,
                          rh_error *err)
{
    rh_reader *reader = NULL;
    rh_status status = rh_reader_mem(data, len, &reader, err);

    if (status == RH_OK)
        status = rh_reader_decompress(reader, name, &reader, err);
    if (status != RH_OK)
        return status;
    status = rh_reader_get_all(reader, 10 * TEXT_BYTES, out, err);
    rh_reader_free(reader);
    return status;
}

static void reads_members_in_a_row(void **state)
{
    static const char *const kinds[] = {"gzip", "bzip2"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        packed *p = make(kinds[k]);
        uint8_t *twice = rh_mem_alloc(2 * p->len);
        const char *name = NULL;
        rh_buf out = RH_BUF_INIT;

        assert_non_null(twice);
        memcpy(twice, p->data, p->len);
        memcpy(twice + p->len, p->data, p->len);
        assert_int_equal(read_all(twice, 2 * p->len, &name, &out, NULL), RH_OK);
        assert_string_equal(name, kinds[k]);
        assert_int_equal(out.len, 2 * TEXT_BYTES);
        assert_memory_equal(out.data, p->text, TEXT_BYTES);
        assert_memory_equal(out.data + TEXT_BYTES, p->text, TEXT_BYTES);
        rh_buf_done(&out);
        rh_mem_free(twice);
        rh_mem_free(p);
    }
}

static void tells_plain_and_short_inputs(void **state)
{
    static const char *const texts[] = {"", "a", "BZ", "\x1f", "plain text"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *name = NULL;
        rh_buf out = RH_BUF_INIT;

        assert_int_equal(read_all(texts[i], strlen(texts[i]), &name, &out, NULL), RH_OK);
        assert_string_equal(name, "plain");
        assert_string_equal(rh_buf_cstr(&out), texts[i]);
        rh_buf_done(&out);
    }
}

static void names_cut_and_damaged_bytes(void **state)
{
    static const char *const kinds[] = {"gzip", "bzip2"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        packed *p = make(kinds[k]);
        rh_error err = RH_ERROR_INIT;
        const char *name = NULL;
        rh_buf out = RH_BUF_INIT;

        assert_int_equal(read_all(p->data, p->len - 5, &name, &out, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, "unexpected end"));
        rh_error_clear(&err);
        rh_buf_clear(&out);
        for (size_t i = p->len / 2; i < p->len / 2 + 60; i++)
            p->data[i] = (uint8_t)~p->data[i];
        assert_int_equal(read_all(p->data, p->len, &name, &out, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, kinds[k]));
        rh_buf_done(&out);
        rh_mem_free(p);
    }
}

static void gzip_may_be_padded_with_zeros(void **state)
{
    packed *p = make("gzip");
    const char *name = NULL;
    rh_buf out = RH_BUF_INIT;

    (void)state;
    memset(p->data + p->len, 0, 700);
    assert_int_equal(read_all(p->data, p->len + 700, &name, &out, NULL), RH_OK);
    assert_int_equal(out.len, TEXT_BYTES);
    rh_buf_done(&out);
    rh_mem_free(p);
}

static rh_status read_packed(void *ctx, rh_error *err)
{
    const packed *p = ctx;
    const char *name = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_status status = read_all(p->data, p->len, &name, &out, err);

    rh_buf_done(&out);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    static const char *const kinds[] = {"gzip", "bzip2"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        packed *p = make(kinds[k]);

        assert_true(fail_nth(read_packed, p) > 3);
        rh_mem_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_members_in_a_row),
        cmocka_unit_test(tells_plain_and_short_inputs),
        cmocka_unit_test(names_cut_and_damaged_bytes),
        cmocka_unit_test(gzip_may_be_padded_with_zeros),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
