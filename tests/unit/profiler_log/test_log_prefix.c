/* log_line_prefix: compile, match, infer. */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_prefix.h"
#include "log_text.h"

static void assert_text(rh_log_text text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data == NULL ? "" : text.data, expected, text.len);
}

static bool match(const char *prefix_text, const char *line, rh_log_event *event)
{
    static log_prefix prefix;
    log_clock clock = {0};

    *event = (rh_log_event){0};
    assert_int_equal(log_prefix_compile(prefix_text, &prefix, NULL), RH_OK);
    return log_prefix_match(&prefix, &clock, line, strlen(line), event);
}

static void fields_come_out_of_a_line(void **state)
{
    rh_log_event e;

    (void)state;
    assert_true(match("%m [%p] %c %v %e %q%u@%d/%a ",
                      "2021-12-03 07:14:48.591 UTC [4913] 61a9c1b8.1331 3/45 00000 "
                      "bob@shop/my app/2 LOG:  statement: select 1",
                      &e));
    assert_int_equal(e.time_us, 1638515688591000);
    assert_int_equal(e.process, 4913);
    assert_text(e.session, "61a9c1b8.1331");
    assert_text(e.vxid, "3/45");
    assert_text(e.sqlstate, "00000");
    assert_text(e.user, "bob");
    assert_text(e.database, "shop");
    assert_text(e.application, "my app/2");
    assert_text(e.text, "statement: select 1");
    assert_int_equal(e.part, RH_LOG_MESSAGE);
}

static void background_processes_stop_at_q(void **state)
{
    rh_log_event e;

    (void)state;
    assert_true(match("%m [%p] %q%u@%d ", "2021-12-03 07:14:48.591 UTC [1] FATAL:  no", &e));
    assert_int_equal(e.severity, RH_LOG_SEVERITY_FATAL);
    assert_text(e.user, "");
}

static void names_may_hold_what_the_prefix_holds(void **state)
{
    rh_log_event e;

    (void)state;
    assert_true(match("%u@%d ", "a@b@c d LOG:  x", &e));
    assert_text(e.user, "a");
    assert_text(e.database, "b@c d");
    assert_true(match("%-8u|%5p|", "bob     |   12|LOG:  x", &e));
    assert_text(e.user, "bob");
    assert_int_equal(e.process, 12);
    assert_true(match("100%% %p ", "100% 7 DETAIL:  x", &e));
    assert_int_equal(e.part, RH_LOG_DETAIL);
}

static void the_session_id_gives_the_process(void **state)
{
    rh_log_event e;

    (void)state;
    assert_true(match("%t-%c-", "2021-12-03 07:14:48 UTC-61a9c1b8.1331-LOG:  x", &e));
    assert_int_equal(e.process, 0x1331);
}

static void zones_move_times(void **state)
{
    static const struct {
        const char *zone;
        int64_t minutes;
    } zones[] = {{"UTC", 0},      {"CET", 60},   {"CEST", 120}, {"EST", -300},
                 {"+05:30", 330}, {"-03", -180}, {"+0100", 60}};
    rh_log_event e;
    char line[80];

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        (void)snprintf(line, sizeof line, "2021-12-03 07:14:48 %s LOG:  x", zones[i].zone);
        assert_true(match("%t ", line, &e));
        assert_int_equal(e.time_us, 1638515688000000 - zones[i].minutes * 60000000);
    }
}

static void other_lines_do_not_match(void **state)
{
    static const char *const lines[] = {"",
                                        "\tmore",
                                        "pg_ctl: could not start server",
                                        "2021-12-03 07:14:48.591 UTC [x] LOG:  x",
                                        "2021-12-03 07:14:48.591 UTC [1] GOSSIP:  x",
                                        "2021-13-03 07:14:48.591 UTC [1] LOG:  x"};
    rh_log_event e;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_false(match("%m [%p] ", lines[i], &e));
}

static void unknown_escapes_are_refused(void **state)
{
    static const char *const texts[] = {"%z", "%m %", "%-", "%5"};
    static log_prefix prefix;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(log_prefix_compile(texts[i], &prefix, &err), RH_EUSAGE);
    }
}

/* Lines of a prefix that is in no list: the guess must find user, database and process in them. */
static void unknown_prefixes_are_put_together(void **state)
{
    static const char *const samples[] = {
        "2021-12-03 07:14:48.591 UTC <bob shop> pid:42 LOG:  statement: select 1\n",
        "[42] 2021-12-03 07:14:48 UTC bob@shop LOG:  statement: select 1\n",
        "pid=42 user=bob db=shop vx=3/4 LOG:  statement: select 1\n",
        "1638515688.591 bob shop 42 LOG:  statement: select 1\n",
        "2021-12-03 07:14:48.591 UTC;bob;shop;61a9c1b8.2a;LOG:  statement: select 1\n",
        "2021-12-03 07:14:48.591 UTC [42] LOG:  checkpoint\n"
        "2021-12-03 07:14:48.591 UTC [42] u=bob/d=shop LOG:  statement: select 1\n",
        "2021-12-03 07:14:48 UTC:10.0.0.1(5432):bob@shop:[42]:LOG:  statement: select 1\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        static log_prefix prefix;
        log_clock clock = {0};
        rh_log_event e = {0};

        assert_true(log_prefix_guess(samples[i], strlen(samples[i]), &prefix));
        const char *last = strstr(samples[i], "checkpoint\n");
        last = last == NULL ? samples[i] : last + strlen("checkpoint\n");
        if (!log_prefix_match(&prefix, &clock, last, strlen(last) - 1, &e))
            fail_msg("sample %zu: '%s' does not match", i, prefix.text);
        if (!log_text_is(e.user, "bob") || !log_text_is(e.database, "shop") || e.process != 42)
            fail_msg("sample %zu: '%s' gives other fields", i, prefix.text);
    }
}

static void a_text_without_severities_has_no_prefix(void **state)
{
    static const char text[] = "hello\nworld\n";
    static log_prefix prefix;

    (void)state;
    assert_false(log_prefix_guess(text, sizeof text - 1, &prefix));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_out_of_a_line),
        cmocka_unit_test(background_processes_stop_at_q),
        cmocka_unit_test(names_may_hold_what_the_prefix_holds),
        cmocka_unit_test(the_session_id_gives_the_process),
        cmocka_unit_test(zones_move_times),
        cmocka_unit_test(other_lines_do_not_match),
        cmocka_unit_test(unknown_escapes_are_refused),
        cmocka_unit_test(unknown_prefixes_are_put_together),
        cmocka_unit_test(a_text_without_severities_has_no_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
