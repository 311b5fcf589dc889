/* Unified diffs: golden cases, and random texts that must be rebuilt from their diff. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/num.h"
#include "fail_nth.h"
#include "text_diff.h"

static rh_text_side side(const char *name, const char *text)
{
    return (rh_text_side){name, text, strlen(text)};
}

static void assert_diff(const char *a, const char *b, const char *expected)
{
    rh_text_side from = side("a", a);
    rh_text_side to = side("b", b);
    rh_buf out = RH_BUF_INIT;

    assert_int_equal(rh_text_diff(&from, &to, &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), expected);
    rh_buf_done(&out);
}

static void equal_texts_give_nothing(void **state)
{
    (void)state;
    assert_diff("", "", "");
    assert_diff("a\nb\n", "a\nb\n", "");
}

static void a_changed_line_has_three_lines_around_it(void **state)
{
    (void)state;
    assert_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
                "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

static void everything_from_nothing_and_back(void **state)
{
    (void)state;
    assert_diff("", "x\ny\n", "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n");
    assert_diff("x\ny\n", "", "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
    assert_diff("x\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
}

static void a_missing_newline_at_the_end_is_told(void **state)
{
    (void)state;
    assert_diff("x\ny", "x\ny\n",
                "--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n-y\n\\ No newline at end of file\n+y\n");
    assert_diff("x\ny", "z\ny",
                "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-x\n+z\n y\n\\ No newline at end of file\n");
}

static void changes_share_a_hunk_up_to_six_lines_apart(void **state)
{
    (void)state;
    assert_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
                "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
    assert_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
                "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
                "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

static void too_long_texts_are_refused(void **state)
{
    size_t len = (size_t)RH_TEXT_DIFF_MAX_LINES + 1;
    char *many = malloc(len);
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_non_null(many);
    memset(many, '\n', len);
    rh_text_side from = {"long", many, len};
    rh_text_side to = side("short", "x\n");

    assert_int_equal(rh_text_diff(&from, &to, &out, &err), RH_ELIMIT);
    assert_int_equal(out.len, 0);
    free(many);
}

/* ---- random texts ---- */

static uint32_t seed = 1;

static uint32_t roll(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

/* Up to max lines out of a few different ones, sometimes without the last newline. */
static size_t random_text(char *out, uint32_t max, uint32_t kinds)
{
    size_t len = 0;
    uint32_t count = roll(max + 1);

    for (uint32_t i = 0; i < count; i++) {
        out[len++] = (char)('a' + roll(kinds));
        out[len++] = '\n';
    }
    if (len > 0 && roll(4) == 0)
        len--;
    out[len] = '\0';
    return len;
}

/* Copies lines [from, to) of text, counted from 0. Returns what it copied. */
static size_t copy_lines(const char *text, long from, long to, char *out)
{
    size_t len = 0;
    long line = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (line >= from && line < to)
            out[len++] = *at;
        line += *at == '\n';
    }
    return len;
}

static long read_number(const char **at)
{
    long number = 0;

    for (; **at >= '0' && **at <= '9'; ++*at)
        number = number * 10 + (**at - '0');
    return number;
}

/* "12,3" or "12" at *at: first line (from 0) and number of lines. */
static void read_span(const char **at, long *from, long *count)
{
    *from = read_number(at);
    *count = 1;
    if (**at == ',') {
        ++*at;
        *count = read_number(at);
    }
    if (*count > 0)
        --*from;
}

/* Applies a unified diff to a; returns the number of + and - lines. */
static size_t apply(const char *a, const char *diff, char *out)
{
    size_t len = 0;
    size_t edits = 0;
    long line = 0;
    const char *at = diff;

    for (int head = 0; head < 2 && *at != '\0'; head++)
        at = strchr(at, '\n') + 1;
    while (*at == '@') {
        long from, count, to, ignored;

        at += 4;
        read_span(&at, &from, &count);
        at += 2;
        read_span(&at, &to, &ignored);
        at = strchr(at, '\n') + 1;
        len += copy_lines(a, line, from, out + len);
        line = from + count;
        for (; *at != '\0' && *at != '@'; at = strchr(at, '\n') + 1) {
            size_t n = (size_t)(strchr(at, '\n') - at);

            if (*at == '\\' && at[-1] == '\n' && len > 0 && out[len - 1] == '\n')
                continue;
            edits += *at == '+' || *at == '-';
            if (*at == ' ' || *at == '+') {
                memcpy(out + len, at + 1, n);
                len += n;
                if (strncmp(at + n + 1, "\\ No", 4) == 0)
                    len--;
            }
        }
    }
    len += copy_lines(a, line, 1 << 20, out + len);
    out[len] = '\0';
    return edits;
}

/* Fewest edits, the slow way: the table of longest common subsequences. */
static size_t fewest(const char *a, const char *b)
{
    const char *la[64], *lb[64];
    size_t na = 0, nb = 0;
    static size_t best[65][65];

    for (const char *at = a; *at != '\0'; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : "")
        la[na++] = at;
    for (const char *at = b; *at != '\0'; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : "")
        lb[nb++] = at;
    for (size_t i = 0; i <= na; i++) {
        for (size_t j = 0; j <= nb; j++) {
            if (i == 0 || j == 0)
                best[i][j] = i + j;
            else if (la[i - 1][0] == lb[j - 1][0] && la[i - 1][1] == lb[j - 1][1])
                best[i][j] = best[i - 1][j - 1];
            else
                best[i][j] =
                    1 + (best[i - 1][j] < best[i][j - 1] ? best[i - 1][j] : best[i][j - 1]);
        }
    }
    return best[na][nb];
}

static void random_diffs_rebuild_the_text_with_fewest_edits(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char a[256], b[256], rebuilt[1024];
        rh_buf out = RH_BUF_INIT;
        uint32_t kinds = 1 + roll(6);
        rh_text_side from = {"a", a, random_text(a, 40, kinds)};
        rh_text_side to = {"b", b, random_text(b, 40, kinds)};

        assert_int_equal(rh_text_diff(&from, &to, &out, NULL), RH_OK);
        size_t edits = apply(a, rh_buf_cstr(&out), rebuilt);
        assert_string_equal(rebuilt, b);
        assert_int_equal(edits, fewest(a, b));
        rh_buf_done(&out);
    }
}

static void very_different_texts_end_in_reasonable_time(void **state)
{
    rh_buf a = RH_BUF_INIT;
    rh_buf b = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;

    (void)state;
    for (unsigned i = 0; i < 60000; i++) {
        assert_int_equal(rh_buf_printf(&a, NULL, "line %u of a\n", i % 7 == 0 ? 0 : i), RH_OK);
        assert_int_equal(rh_buf_printf(&b, NULL, "line %u of b\n", i % 5 == 0 ? 0 : i), RH_OK);
    }
    rh_text_side from = {"a", rh_buf_cstr(&a), a.len};
    rh_text_side to = {"b", rh_buf_cstr(&b), b.len};

    assert_int_equal(rh_text_diff(&from, &to, &out, NULL), RH_OK);
    assert_true(out.len >= a.len + b.len);
    rh_buf_done(&a);
    rh_buf_done(&b);
    rh_buf_done(&out);
}

static rh_status diff_body(void *ctx, rh_error *err)
{
    rh_text_side from = side("a", "1\n2\n3\n4\n");
    rh_text_side to = side("b", "1\n3\nx\n4\n");
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_text_diff(&from, &to, &out, err);

    (void)ctx;
    assert_true(status == RH_OK || out.len == 0);
    rh_buf_done(&out);
    return status;
}

static void a_failed_allocation_leaves_nothing(void **state)
{
    (void)state;
    assert_true(fail_nth(diff_body, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_give_nothing),
        cmocka_unit_test(a_changed_line_has_three_lines_around_it),
        cmocka_unit_test(everything_from_nothing_and_back),
        cmocka_unit_test(a_missing_newline_at_the_end_is_told),
        cmocka_unit_test(changes_share_a_hunk_up_to_six_lines_apart),
        cmocka_unit_test(too_long_texts_are_refused),
        cmocka_unit_test(random_diffs_rebuild_the_text_with_fewest_edits),
        cmocka_unit_test(very_different_texts_end_in_reasonable_time),
        cmocka_unit_test(a_failed_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
