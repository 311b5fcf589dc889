/* Child processes: output, errors, cancel, what they inherit. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/process.h"
#include "fail_nth.h"
#include "scratch.h"

/* Run a shell script with its output in *out (may be NULL). */
static rh_status run_script(const char *script, const char *const *environment, rh_buf *out,
                            rh_cancel *cancel, rh_error *err)
{
    const char *const arguments[] = {"-c", script, NULL};
    rh_process_options options = {"sh", arguments, environment, NULL, cancel};
    rh_status status = RH_OK;

    if (out != NULL)
        status = rh_writer_buf(out, &options.output, err);
    if (status == RH_OK)
        status = rh_process_run(&options, err);
    rh_writer_free(options.output);
    return status;
}

static void output_is_handed_on(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(run_script("printf 'a b'; echo noise >&2; cat", NULL, &out, NULL, NULL),
                     RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "a b");
    rh_buf_done(&out);
    assert_int_equal(run_script("echo dropped", NULL, NULL, NULL, NULL), RH_OK);
}

static void large_outputs_on_both_pipes_do_not_block(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(
        run_script("i=0; while [ $i -lt 3000 ]; do printf '%0100d' $i; printf '%0100d' $i >&2; "
                   "i=$((i+1)); done",
                   NULL, &out, NULL, NULL),
        RH_OK);
    assert_int_equal(out.len, 300000);
    rh_buf_done(&out);
}

static void first_line_of_stderr_explains_the_failure(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(
        run_script("echo; echo 'it\tbroke' >&2; echo more >&2; exit 3", NULL, NULL, NULL, &err),
        RH_EDB);
    assert_string_equal(err.text, "'sh' failed: it broke");
    rh_error_clear(&err);
    assert_int_equal(run_script("exit 3", NULL, NULL, NULL, &err), RH_EDB);
    assert_string_equal(err.text, "'sh' failed: exit code 3");
    rh_error_clear(&err);
    assert_int_equal(run_script("kill -9 $$", NULL, NULL, NULL, &err), RH_EDB);
    assert_string_equal(err.text, "'sh' failed: ended by signal 9");
}

/* Only the last 4 KiB are kept; the first line of them is a whole one. */
static void long_stderr_gives_a_whole_line(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(run_script("i=0; while [ $i -lt 2000 ]; do echo line $i of many >&2; "
                                "i=$((i+1)); done; exit 1",
                                NULL, NULL, NULL, &err),
                     RH_EDB);
    assert_int_equal(strncmp(err.text, "'sh' failed: line 1", 19), 0);
    assert_non_null(strstr(err.text, " of many"));
}

static void missing_programs_are_not_found(void **state)
{
    const char *const none[] = {NULL};
    rh_process_options options = {"rh-no-such-program", none, NULL, NULL, NULL};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_process_run(&options, &err), RH_ENOTFOUND);
    assert_string_equal(err.text, "program 'rh-no-such-program' was not found");
    rh_error_clear(&err);
    options.program = "/nonexistent/program";
    assert_int_equal(rh_process_run(&options, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    scratch_file("script", "not a program");
    assert_int_equal(chmod(scratch("script"), 0700), 0);
    options.program = scratch("script");
    assert_int_equal(rh_process_run(&options, &err), RH_EIO);
}

static void programs_are_found_in_directories(void **state)
{
    const char *const dirs[] = {scratch_dir, "/nonexistent", "/bin", NULL};
    const char *const nowhere[] = {"/nonexistent", NULL};
    char *path = NULL;
    char expected[512];

    (void)state;
    assert_int_equal(rh_process_find("sh", dirs, &path, NULL), RH_OK);
    assert_string_equal(path, "/bin/sh");
    rh_mem_free(path);
    path = NULL;
    assert_int_equal(rh_process_find("sh", nowhere, &path, NULL), RH_ENOTFOUND);
    assert_null(path);
    scratch_file("sh", "#!/bin/sh\n");
    assert_int_equal(rh_process_find("sh", dirs, &path, NULL), RH_OK);
    assert_string_equal(path, "/bin/sh"); /* ours is not executable yet */
    rh_mem_free(path);
    assert_int_equal(chmod(scratch("sh"), 0700), 0);
    assert_int_equal(rh_process_find("sh", dirs, &path, NULL), RH_OK);
    (void)snprintf(expected, sizeof expected, "%s/sh", scratch_dir);
    assert_string_equal(path, expected);
    rh_mem_free(path);
    assert_int_equal(rh_process_find("sh", NULL, &path, NULL), RH_OK);
    rh_mem_free(path);
    assert_int_equal(rh_process_find("/bin/sh", nowhere, &path, NULL), RH_OK);
    assert_string_equal(path, "/bin/sh");
    rh_mem_free(path);
}

static void environment_is_ours_with_additions(void **state)
{
    static const char *const additions[] = {"RH_ADDED=1", "RH_KEPT=new", NULL};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(setenv("RH_KEPT", "old", 1), 0);
    assert_int_equal(setenv("RH_OURS", "yes", 1), 0);
    assert_int_equal(run_script("printf $RH_ADDED/$RH_KEPT/$RH_OURS; env | grep -c RH_KEPT",
                                additions, &out, NULL, NULL),
                     RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "1/new/yes1\n");
    rh_buf_done(&out);
}

static void descriptors_signals_and_terminal_are_not_inherited(void **state)
{
    rh_buf out = RH_BUF_INIT;
    int leaky = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    sigset_t block;
    sigset_t before;

    (void)state;
    assert_true(leaky > 2);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &block, &before);
    rh_status status = run_script("ls /proc/self/fd | wc -l; grep -E 'SigBlk|SigIgn' "
                                  "/proc/self/status | grep -c '0000000$'; "
                                  "(: </dev/tty) 2>/dev/null && echo tty",
                                  NULL, &out, NULL, NULL);

    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)close(leaky);
    assert_int_equal(status, RH_EDB); /* no tty: the last command fails */
    assert_string_equal(
        rh_buf_cstr(&out),
        "4\n2\n"); /* 0, 1, 2 and the one ls has open; none blocked or ignored but glibc's own */
    rh_buf_done(&out);
}

static void *cancel_soon(void *arg)
{
    if (rh_clock_sleep_us(100000, NULL, NULL) == RH_OK)
        rh_cancel_request(arg);
    return NULL;
}

/* Both a child that obeys SIGTERM with its own children, and one that has to be killed. */
static void cancel_ends_the_child_and_its_children(void **state)
{
    static const char *const scripts[] = {"sleep 60 | sleep 60", "trap '' TERM; sleep 60; sleep 60",
                                          "exec >/dev/null 2>&1; sleep 60"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        rh_cancel cancel = {0};
        rh_error err = RH_ERROR_INIT;
        pthread_t thread;
        int64_t before = rh_clock_mono_us();

        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
        assert_int_equal(run_script(scripts[i], NULL, NULL, &cancel, &err), RH_ECANCELED);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(rh_clock_mono_us() - before < 20000000);
        assert_int_equal(run_script("exit 0", NULL, NULL, &cancel, NULL), RH_ECANCELED);
    }
}

static rh_status refuse(void *ctx, const void *data, size_t len, rh_error *err)
{
    (void)ctx;
    (void)data;
    (void)len;
    return rh_error_set(err, RH_ELIMIT, "no room");
}

static void failing_output_ends_the_child(void **state)
{
    const char *const arguments[] = {"-c", "while :; do echo x; done", NULL};
    rh_process_options options = {"sh", arguments, NULL, NULL, NULL};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_writer_call(refuse, NULL, &options.output, NULL), RH_OK);
    assert_int_equal(rh_process_run(&options, &err), RH_ELIMIT);
    assert_string_equal(err.text, "no room");
    rh_writer_free(options.output);
}

static void a_grandchild_holding_the_pipe_does_not_hang_us(void **state)
{
    rh_buf out = RH_BUF_INIT;
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_int_equal(run_script("echo done; sleep 30 & exit 0", NULL, &out, NULL, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "done\n");
    assert_true(rh_clock_mono_us() - before < 10000000);
    rh_buf_done(&out);
}

static rh_status run_once(void *ctx, rh_error *err)
{
    static const char *const additions[] = {"A=1", NULL};
    rh_buf out = RH_BUF_INIT;
    rh_status status = run_script("echo x", additions, &out, NULL, err);

    (void)ctx;
    rh_buf_done(&out);
    return status;
}

static void running_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(run_once, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_handed_on),
        cmocka_unit_test(large_outputs_on_both_pipes_do_not_block),
        cmocka_unit_test(first_line_of_stderr_explains_the_failure),
        cmocka_unit_test(long_stderr_gives_a_whole_line),
        cmocka_unit_test(missing_programs_are_not_found),
        cmocka_unit_test(programs_are_found_in_directories),
        cmocka_unit_test(environment_is_ours_with_additions),
        cmocka_unit_test(descriptors_signals_and_terminal_are_not_inherited),
        cmocka_unit_test(cancel_ends_the_child_and_its_children),
        cmocka_unit_test(failing_output_ends_the_child),
        cmocka_unit_test(a_grandchild_holding_the_pipe_does_not_hang_us),
        cmocka_unit_test(running_survives_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
