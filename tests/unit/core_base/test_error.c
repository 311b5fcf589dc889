/* Errors: first wins, texts stay valid when cut. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rehearse/error.h>

#include "core/str.h"

static void first_error_wins(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_error_set(&err, RH_EUSAGE, "first %d", 1), RH_EUSAGE);
    assert_int_equal(rh_error_set(&err, RH_EDB, "second"), RH_EDB);
    assert_int_equal(err.code, RH_EUSAGE);
    assert_string_equal(err.text, "first 1");
    assert_string_equal(err.hint, "");
}

static void null_record_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(rh_error_set(NULL, RH_EUSAGE, "x"), RH_EUSAGE);
    assert_int_equal(rh_error_errno(NULL, EACCES, "x"), RH_EIO);
    assert_int_equal(rh_error_errno(NULL, ENOMEM, "x"), RH_ENOMEM);
    assert_int_equal(rh_error_oom(NULL), RH_ENOMEM);
    rh_error_hint(NULL, "x");
    rh_error_where(NULL, "x");
    rh_error_sqlstate(NULL, "00000");
    rh_error_clear(NULL);
}

static void errno_is_explained(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_error_errno(&err, EACCES, "cannot open '%s'", "f"), RH_EIO);
    assert_int_equal(err.os_errno, EACCES);
    assert_string_equal(err.text, "cannot open 'f': Permission denied");
    assert_string_equal(err.hint, "");
}

static void full_disk_gets_a_hint(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    (void)rh_error_errno(&err, ENOSPC, "cannot write 'f'");
    assert_non_null(strstr(err.hint, "disk is full"));
    rh_error_clear(&err);
    (void)rh_error_errno(&err, EDQUOT, "cannot write 'f'");
    assert_non_null(strstr(err.hint, "quota"));
}

static void where_is_put_before_the_text(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    rh_error_where(&err, "nothing failed");
    assert_string_equal(err.text, "");
    (void)rh_error_set(&err, RH_EFORMAT, "bad magic");
    rh_error_where(&err, "pack '%s'", "ab");
    assert_string_equal(err.text, "pack 'ab': bad magic");
    assert_int_equal(err.code, RH_EFORMAT);
}

static void hint_and_sqlstate_belong_to_an_error(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    rh_error_hint(&err, "advice");
    rh_error_sqlstate(&err, "57P01");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.sqlstate, "");
    (void)rh_error_set(&err, RH_EDB, "refused");
    rh_error_hint(&err, "advice");
    rh_error_hint(&err, "better advice");
    rh_error_sqlstate(&err, "57P01xyz");
    assert_string_equal(err.hint, "better advice");
    assert_string_equal(err.sqlstate, "57P01");
    rh_error_sqlstate(&err, NULL);
    assert_string_equal(err.sqlstate, "");
}

static void clear_forgets_everything(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    (void)rh_error_errno(&err, ENOSPC, "x");
    rh_error_sqlstate(&err, "57P01");
    rh_error_clear(&err);
    assert_int_equal(err.code, RH_OK);
    assert_int_equal(err.os_errno, 0);
    assert_string_equal(err.sqlstate, "");
    assert_string_equal(err.text, "");
    assert_string_equal(err.hint, "");
}

/* Texts of every length around the limit, made of characters of 1 to 4 bytes. */
static void cut_texts_stay_utf8(void **state)
{
    static const char *const units[] = {"x", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    char text[2 * RH_ERROR_TEXT_BYTES];

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        for (size_t u = 0; u < 4; u++) {
            rh_error err = RH_ERROR_INIT;
            size_t len = shift;

            memset(text, '.', sizeof text);
            while (len + 5 < sizeof text) {
                memcpy(text + len, units[u], strlen(units[u]));
                len += strlen(units[u]);
            }
            text[len] = '\0';
            (void)rh_error_set(&err, RH_EIO, "%s", text);
            rh_error_hint(&err, "%s", text);
            assert_true(rh_str_is_utf8(err.text, strlen(err.text)));
            assert_true(rh_str_is_utf8(err.hint, strlen(err.hint)));
            assert_true(strlen(err.text) + 4 >= RH_ERROR_TEXT_BYTES - 1);
            rh_error_where(&err, "a");
            assert_true(rh_str_is_utf8(err.text, strlen(err.text)));
            rh_error_clear(&err);
            (void)rh_error_errno(&err, EACCES, "%s", text);
            assert_true(rh_str_is_utf8(err.text, strlen(err.text)));
        }
    }
}

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = RH_EMISMATCH; a <= RH_SKIPPED; a++) {
        assert_string_not_equal(rh_status_name((rh_status)a), "unknown");
        for (int b = RH_EMISMATCH; b < a; b++)
            assert_string_not_equal(rh_status_name((rh_status)a), rh_status_name((rh_status)b));
    }
    assert_string_equal(rh_status_name((rh_status)-99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins),
        cmocka_unit_test(null_record_is_accepted),
        cmocka_unit_test(errno_is_explained),
        cmocka_unit_test(full_disk_gets_a_hint),
        cmocka_unit_test(where_is_put_before_the_text),
        cmocka_unit_test(hint_and_sqlstate_belong_to_an_error),
        cmocka_unit_test(clear_forgets_everything),
        cmocka_unit_test(cut_texts_stay_utf8),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
