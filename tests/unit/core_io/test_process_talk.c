/* Talking to a program in lines: large exchanges, its silence, its end, too many answers. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/process_talk.h"
#include "fail_nth.h"

static rh_status open_script(const char *script, int64_t silence_us, rh_talk **out, rh_error *err)
{
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "GIVEN=yes", NULL};
    static const char *arguments[] = {"-c", NULL, NULL};
    const rh_talk_options options = {"sh", arguments, environment, silence_us, NULL};

    arguments[1] = script;
    return rh_talk_open(&options, out, err);
}

static rh_status ask(rh_talk *talk, const char *text, size_t count, rh_buf *out, rh_error *err)
{
    rh_buf lines = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&lines, text, err);

    if (status == RH_OK)
        status = rh_talk_lines(talk, &lines, count, out, err);
    rh_buf_done(&lines);
    return status;
}

static void lines_come_back_and_it_stays_for_more(void **state)
{
    rh_talk *talk = NULL;
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(
        open_script("cat; [ \"$GIVEN\" = yes ] && [ -z \"$HOME\" ]", 10000000, &talk, NULL), RH_OK);
    assert_int_equal(ask(talk, "a\nb\n", 2, &out, NULL), RH_OK);
    assert_int_equal(ask(talk, "c\n", 1, &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "a\nb\nc\n");
    assert_int_equal(rh_talk_end(talk, NULL), RH_OK);
    rh_talk_free(talk);
    rh_buf_done(&out);
}

static void megabytes_pass_although_pipes_are_small(void **state)
{
    enum { LINES = 40000, LEN = 64 };
    rh_talk *talk = NULL;
    rh_buf lines = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;

    (void)state;
    for (int i = 0; i < LINES; i++)
        assert_int_equal(rh_buf_printf(&lines, NULL, "%0*d\n", LEN, i), RH_OK);
    assert_int_equal(open_script("cat", 30000000, &talk, NULL), RH_OK);
    assert_int_equal(rh_talk_lines(talk, &lines, LINES, &out, NULL), RH_OK);
    assert_int_equal(out.len, lines.len);
    assert_memory_equal(out.data, lines.data, lines.len);
    assert_int_equal(rh_talk_end(talk, NULL), RH_OK);
    rh_talk_free(talk);
    rh_buf_done(&lines);
    rh_buf_done(&out);
}

static void assert_fails(const char *script, const char *words)
{
    rh_talk *talk = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_status status = open_script(script, 300000, &talk, &err);

    if (status == RH_OK)
        status = ask(talk, "a\nb\n", 2, &out, &err);
    if (status == RH_OK)
        status = rh_talk_end(talk, &err);
    assert_int_equal(status, RH_EDB);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, err.text);
    rh_talk_free(talk);
    rh_buf_done(&out);
}

static void what_goes_wrong_is_told(void **state)
{
    (void)state;
    assert_fails("read x; echo 1", "ended after 1 of 2 answers");
    assert_fails("exit 0", "ended after 0 of 2 answers");
    assert_fails("exec <&-; sleep 5", "of 2 answers");
    assert_fails("read x; echo 1; sleep 5", "is silent after 1 of 2 answers");
    assert_fails("cat; echo c", "more answers");
    assert_fails("read x; echo 1; echo 2; echo 3; cat", "more answers");
    assert_fails("cat; exit 7", "exit code 7");
    assert_fails("cat; kill -9 $$", "signal 9");
    assert_fails("cat; exec >&-; sleep 5", "does not end");
}

static void a_signal_of_a_broken_pipe_does_not_reach_us(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_DFL);
    assert_fails("exit 0", "ended after 0 of 2 answers");
}

static void a_program_that_is_not_there(void **state)
{
    const rh_talk_options options = {"no-such-program", NULL, NULL, 1000000, NULL};
    rh_talk *talk = NULL;

    (void)state;
    assert_int_equal(rh_talk_open(&options, &talk, NULL), RH_ENOTFOUND);
    assert_null(talk);
    rh_talk_free(NULL);
}

static rh_status talk_once(void *ctx, rh_error *err)
{
    rh_talk *talk = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_status status = open_script("cat", 10000000, &talk, err);

    (void)ctx;
    if (status == RH_OK)
        status = ask(talk, "a\n", 1, &out, err);
    if (status == RH_OK)
        status = rh_talk_end(talk, err);
    rh_talk_free(talk);
    rh_buf_done(&out);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(talk_once, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back_and_it_stays_for_more),
        cmocka_unit_test(megabytes_pass_although_pipes_are_small),
        cmocka_unit_test(what_goes_wrong_is_told),
        cmocka_unit_test(a_signal_of_a_broken_pipe_does_not_reach_us),
        cmocka_unit_test(a_program_that_is_not_there),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
