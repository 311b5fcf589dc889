#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "lite_record.h"
#include "lite_render.h"

static const rh_column columns[] = {{.name = "a"}, {.name = "g", .generated = true}, {.name = "b"}};

static rh_lite_value text(const char *bytes, size_t len)
{
    return (rh_lite_value){.kind = RH_LITE_TEXT, .data = (const uint8_t *)bytes, .len = len};
}

/* Renders one row of two values (a generated column stands between them). */
static void assert_rendered(const char *extra_json, const int64_t *rowid, rh_lite_value a,
                            rh_lite_value b, const char *expected)
{
    const rh_lite_value values[] = {a, b};
    rh_table table = {.columns = columns, .column_count = 3};
    json_t *extra = json_loads(extra_json, 0, NULL);
    rh_buf row = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;
    rh_batch batch = {0};

    assert_non_null(extra);
    table.extra = extra;
    assert_int_equal(RH_OK, rh_lite_row_put(&row, rowid, values, 2, 1000, NULL));
    batch.data = row.data;
    batch.len = row.len;
    batch.ends = &row.len;
    batch.rows = 1;
    assert_int_equal(RH_OK, rh_lite_render(&table, &batch, &out, NULL));
    assert_string_equal(expected, rh_buf_cstr(&out));
    rh_buf_done(&out);
    rh_buf_done(&row);
    json_decref(extra);
}

static rh_lite_value real(double value)
{
    return (rh_lite_value){.kind = RH_LITE_REAL, .real = value};
}

static const rh_lite_value null = {.kind = RH_LITE_NULL};

static void values_become_sql_literals(void **state)
{
    int64_t rowid = -4;

    (void)state;
    assert_rendered("{\"rowid\": true}", &rowid, null, text("it's", 4), "-4\tNULL\t'it''s'\n");
    assert_rendered("{\"rowid\": false}", NULL, text("", 0),
                    (rh_lite_value){.kind = RH_LITE_INTEGER, .integer = INT64_MIN},
                    "''\t-9223372036854775808\n");
    assert_rendered(
        "{\"rowid\": false}", NULL,
        (rh_lite_value){.kind = RH_LITE_BLOB, .data = (const uint8_t *)"\x00\xff", .len = 2},
        (rh_lite_value){.kind = RH_LITE_BLOB}, "x'00ff'\tx''\n");
}

static void reals_have_the_digits_that_read_back_the_same(void **state)
{
    (void)state;
    assert_rendered("{}", NULL, real(0.1), real(1), "0.1\t1.0\n");
    assert_rendered("{}", NULL, real(1.0 / 3), real(1e300), "0.3333333333333333\t1e+300\n");
    assert_rendered("{}", NULL, real(-0.0), real(5e-324), "-0.0\t4.94065645841247e-324\n");
    assert_rendered("{}", NULL, real(INFINITY), real(-INFINITY), "1e999\t-1e999\n");
    assert_rendered("{}", NULL, real(NAN), real(0.1 + 0.2), "NULL\t0.30000000000000004\n");
}

static void text_that_would_break_the_line_is_cast_from_hex(void **state)
{
    (void)state;
    assert_rendered("{}", NULL, text("a\nb", 3), text("a\0b", 3),
                    "CAST(x'610a62' AS TEXT)\tCAST(x'610062' AS TEXT)\n");
    assert_rendered("{}", NULL, text("\xff", 1), text("\xc3\xbc", 2),
                    "CAST(x'ff' AS TEXT)\t'\xc3\xbc'\n");
}

static void text_of_utf16_files_is_converted(void **state)
{
    static const char le[] = "{\"encoding\": \"UTF-16le\"}";
    static const char be[] = "{\"encoding\": \"UTF-16be\"}";

    (void)state;
    assert_rendered(le, NULL, text("a\0\xfc\0", 4), text("\xac\x20", 2),
                    "'a\xc3\xbc'\t'\xe2\x82\xac'\n");
    assert_rendered(be, NULL, text("\0a\0\xfc", 4), text("\xd8\x3d\xde\x00", 4),
                    "'a\xc3\xbc'\t'\xf0\x9f\x98\x80'\n");
    assert_rendered(le, NULL, text("\x3d\xd8", 2), text("a", 1),
                    "CAST(x'3dd8' AS TEXT)\tCAST(x'61' AS TEXT)\n");
}

static void the_rowid_column_shows_the_rowid(void **state)
{
    int64_t rowid = 12;

    (void)state;
    assert_rendered("{\"rowid\": true, \"ipk\": 2}", &rowid, text("x", 1), null, "12\t'x'\t12\n");
    assert_rendered("{\"rowid\": true, \"ipk\": 99}", &rowid, text("x", 1), null,
                    "12\t'x'\tNULL\n");
}

static void rows_that_do_not_fit_the_table_are_refused(void **state)
{
    rh_table table = {.columns = columns, .column_count = 3};
    size_t end = 3;
    rh_batch batch = {(const uint8_t *)"\x02\x02\x08", 3, NULL, 1};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    batch.ends = &end;
    assert_int_equal(RH_EFORMAT, rh_lite_render(&table, &batch, &out, NULL));
    rh_buf_done(&out);
}

static void rendering_survives_every_failed_allocation(void **state)
{
    static const uint8_t row[] = "\x07\x03\x15\x08\x61\0\x62"; /* "ab" in UTF-16, and 0 */
    rh_table table = {.columns = columns, .column_count = 3};
    json_t *extra = json_loads("{\"encoding\": \"UTF-16le\"}", 0, NULL);
    size_t end = 8;
    rh_batch batch = {row, 8, &end, 1};

    (void)state;
    table.extra = extra;
    for (long n = 0;; n++) {
        rh_buf out = RH_BUF_INIT;
        rh_status status;
        long live = rh_mem_live_blocks();

        rh_mem_fail_nth(n);
        status = rh_lite_render(&table, &batch, &out, NULL);
        rh_buf_done(&out);
        assert_int_equal(live, rh_mem_live_blocks());
        if (!rh_mem_failed()) {
            rh_mem_fail_nth(-1);
            assert_int_equal(RH_OK, status);
            break;
        }
        rh_mem_fail_nth(-1);
        assert_int_equal(RH_ENOMEM, status);
    }
    json_decref(extra);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_sql_literals),
        cmocka_unit_test(reals_have_the_digits_that_read_back_the_same),
        cmocka_unit_test(text_that_would_break_the_line_is_cast_from_hex),
        cmocka_unit_test(text_of_utf16_files_is_converted),
        cmocka_unit_test(the_rowid_column_shows_the_rowid),
        cmocka_unit_test(rows_that_do_not_fit_the_table_are_refused),
        cmocka_unit_test(rendering_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
