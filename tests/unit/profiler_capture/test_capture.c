/* From the text of a log to executions: each case is a log and what must come of it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/hash.h"
#include "fail_nth.h"
#include "profiler/capture.h"

static char path[64];

#define T  "2021-12-03 07:14:48.591 UTC "
#define L1 T "[1] bob@shop "
#define L2 T "[2] bob@shop "

static rh_status capture_text(const char *text, const rh_capture_options *options, json_t **report,
                              rh_error *err)
{
    rh_capture *capture = NULL;
    rh_reader *reader = NULL;
    rh_status status = rh_capture_new(path, options, &capture, err);

    if (status == RH_OK)
        status = rh_reader_mem(text, strlen(text), &reader, err);
    if (status == RH_OK)
        status = rh_capture_input(capture, "log", reader, err);
    if (status == RH_OK)
        status = rh_capture_end(capture, report, err);
    rh_capture_free(capture);
    return status;
}

static void tell_item(rh_buf *out, const rh_workload_item *item)
{
    int failed =
        rh_buf_printf(out, NULL, "s%llu t%llu %lldus ", (unsigned long long)item->session,
                      (unsigned long long)item->transaction, (long long)item->duration_us) != RH_OK;

    if (item->prepared_name != NULL)
        failed |= rh_buf_printf(out, NULL, "<%s> ", item->prepared_name) != RH_OK;
    failed |= rh_buf_append_str(out, item->sql, NULL) != RH_OK;
    for (size_t i = 0; i < item->parameter_count; i++) {
        const rh_parameter *p = &item->parameters[i];

        failed |=
            rh_buf_printf(out, NULL, " |%.*s", p->kind == RH_PARAMETER_TEXT ? (int)p->len : 1,
                          p->kind == RH_PARAMETER_TEXT ? (const char *)p->data : "~") != RH_OK;
    }
    if (item->sqlstate != NULL)
        failed |= rh_buf_printf(out, NULL, " failed %s", item->sqlstate) != RH_OK;
    if (item->unreplayable != NULL)
        failed |= rh_buf_append_str(out, " !", NULL) != RH_OK;
    failed |= rh_buf_append_str(out, "\n", NULL) != RH_OK;
    assert_false(failed);
}

static void tell_workload(rh_buf *out)
{
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_filter filter = {.order = RH_WORKLOAD_ORDER_STORED};
    rh_workload_item item;
    rh_workload workload;

    assert_int_equal(rh_workload_file_open(path, &file, NULL), RH_OK);
    assert_int_equal(rh_workload_cursor_open(file, &filter, &cursor, NULL), RH_OK);
    workload = rh_workload_from_cursor(cursor);
    while (workload.next(workload.ctx, &item, NULL) == RH_OK)
        tell_item(out, &item);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
}

/* skipped: reasons joined by ';'. */
static void assert_captured_with(const char *text, const rh_capture_options *options,
                                 const char *expected, const char *skipped)
{
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;
    const json_t *list;

    if (capture_text(text, options, &report, &err) != RH_OK)
        fail_msg("%s", err.text);
    tell_workload(&out);
    assert_string_equal(rh_buf_cstr(&out), expected);
    rh_buf_clear(&out);
    list = json_object_get(report, "skipped");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);

        assert_int_equal(rh_buf_printf(&out, NULL, "%s%lld x %s", i > 0 ? ";" : "",
                                       (long long)json_integer_value(json_object_get(row, "count")),
                                       json_string_value(json_object_get(row, "reason"))),
                         RH_OK);
    }
    assert_string_equal(rh_buf_cstr(&out), skipped);
    rh_buf_done(&out);
    json_decref(report);
}

static void assert_captured(const char *text, const char *expected, const char *skipped)
{
    rh_capture_options options = {.tool_version = "test", .replace = true};

    assert_captured_with(text, &options, expected, skipped);
}

static void costs_of_one_call_are_summed(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  duration: 1.000 ms  parse s1: select $1\n" L1
                       "LOG:  duration: 0.500 ms  bind s1: select $1\n" L1
                       "DETAIL:  parameters: $1 = 'x'\n" L1
                       "LOG:  duration: 0.250 ms  execute s1: select $1\n" L1
                       "DETAIL:  Parameters: $1 = 'x'\n" L1
                       "LOG:  duration: 2.000 ms  execute fetch from s1: select $1\n",
                    "s1 t0 3750us <s1> select $1 |x\n", "");
}

static void names_may_hold_what_ends_them(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  duration: 1.000 ms  parse a: b c: select 'x: y'\n" L1
                       "LOG:  duration: 0.500 ms  bind a: b c/p/1: select 'x: y'\n" L1
                       "LOG:  duration: 0.250 ms  execute a: b c/p/1: select 'x: y'\n" L1
                       "LOG:  duration: 1.000 ms  execute s: frobnicate: it\n",
                    "s1 t0 1750us <a: b c> select 'x: y'\ns1 t0 1000us <s> frobnicate: it\n", "");
}

static void verbose_messages_have_their_state(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  00000: duration: 1.000 ms  statement: select 1\n" L1
                       "LOCATION:  exec_simple_query, postgres.c:1346\n" L1
                       "LOG:  00000: execute s1: select $1\n" L1
                       "DETAIL:  parameters: $1 = '42P01: x'\n" L1
                       "ERROR:  22012: division by zero\n" L1 "LOCATION:  int4div, int.c:846\n" L1
                       "STATEMENT:  select 1/0\n",
                    "s1 t0 1000us select 1\ns1 t0 -1us <s1> select $1 |42P01: x\n"
                    "s1 t0 -1us select 1/0 failed 22012\n",
                    "");
}

static void sessions_interleave(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  statement: begin\n" L2 "LOG:  statement: select 'a\n" L1
                       "LOG:  duration: 1.000 ms\n" L1 "LOG:  statement: select 2\n" L2
                       "LOG:  duration: 2.000 ms\n" L1 "LOG:  duration: 3.000 ms\n" L1
                       "LOG:  statement: commit\n",
                    "s1 t1 1000us begin\ns2 t0 2000us select 'a\ns1 t1 3000us select 2\n"
                    "s1 t1 -1us commit\n",
                    "");
}

static void failures_are_kept_once(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  statement: select 1/0\n" L1 "ERROR:  division by zero\n" L1
                       "STATEMENT:  select 1/0\n" L1 "ERROR:  no\n" L1 "STATEMENT:  selec "
                       "1\n" L1 "ERROR:  "
                       "no\n" L1 "STATEMENT: "
                       " select "
                       "1/$1\n",
                    "s1 t0 -1us select 1/0 failed ?\ns1 t0 -1us selec 1 failed ?\n"
                    "s1 t0 -1us select 1/$1 failed ? !\n",
                    "1 x failed, logged without its parameters");
}

static void what_is_lost_is_counted(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  duration: 1.000 ms\n" L1 "LOG:  duration: 1.000 ms\n" L1
                       "LOG:  duration: 1.000 ms\n" L1 "LOG:  duration: 1.000 ms  bind a: select "
                       "1\n" L1 "LOG:  statement: copy t from "
                       "stdin\n" L1 "LOG:  "
                       "duration: 1.0 "
                       "ms  execute "
                       "fetch from x: "
                       "select "
                       "1\n" L1 "LOG:  execute a: "
                       "select $1\n" L1 "LOG:  "
                       "fastpath "
                       "function "
                       "call: "
                       "\"x\" (OID "
                       "1)\n",
                    "s1 t0 -1us copy t from stdin !\ns1 t0 -1us <a> select $1 !\n",
                    "3 x duration without its statement;1 x bind without its execute;"
                    "1 x fetch from a portal whose execute is not at hand;"
                    "1 x COPY FROM STDIN: its rows are not logged;"
                    "1 x function called by the fast-path protocol;"
                    "1 x logged without its parameters");
}

static void a_process_id_is_used_again(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  statement: select 1\n" T
                       "[1] LOG:  connection received: host=[local]\n" L1
                       "LOG:  statement: select 2\n",
                    "s1 t0 -1us select 1\ns2 t0 -1us select 2\n", "");
}

static void transactions_show_in_virtual_ids(void **state)
{
    (void)state;
    assert_captured(
        T "[1] 3/7 bob@shop LOG:  statement: select 1\n" T
          "[1] 3/7 bob@shop LOG:  statement: select 2\n" T
          "[1] 3/8 bob@shop LOG:  statement: select 3\n" T
          "[1] 3/9 bob@shop LOG:  statement: begin\n" T
          "[1] 3/9 bob@shop LOG:  statement: select 4\n" T
          "[1] 3/10 bob@shop LOG:  statement: select 5\n",
        "s1 t1 -1us select 1\ns1 t1 -1us select 2\ns1 t0 -1us select 3\ns1 t2 -1us begin\n"
        "s1 t2 -1us select 4\ns1 t0 -1us select 5\n",
        "");
}

static void plans_find_their_statement(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  duration: 1.000 ms  plan:\n\t{\n\t  \"Query Text\": \"select 1\",\n"
                       "\t  \"Plan\": {}\n\t}\n" L1 "LOG:  duration: 1.500 ms  statement: select "
                       "1\n" L1 "LOG:  duration: 2.000 ms  plan:\n\tQuery "
                       "Text: select 2\n"
                       "\tResult  (cost=0.00..0.01 rows=1 "
                       "width=4)\n" L1 "LOG:  duration: "
                       "2.500 ms  statement: "
                       "select 3\n" L1 "LOG:  "
                       "duration: "
                       "2.000 ms  "
                       "plan:"
                       "\n\tnonsense"
                       "\n",
                    "s1 t0 1500us select 1\ns1 t0 2000us select 2\ns1 t0 2500us select 3\n",
                    "1 x plan that could not be read");
}

/* What only auto_explain logs: its texts are not always what the client sent. */
static void plans_alone_do_not_prepare_or_declare_again(void **state)
{
#define PLAN(text)                                                                                 \
    "LOG:  duration: 1.000 ms  plan:\n\tQuery Text: " text "\n\tResult  (cost=0.0..0.1)\n"
    (void)state;
    assert_captured(L1 PLAN("prepare p(int) as select 2 ;") L1 PLAN("prepare q as select $1")
                        L1 PLAN("declare c cursor for select 1"),
                    "s1 t0 1000us select 2\ns1 t0 1000us select $1 !\n"
                    "s1 t0 1000us declare c cursor for select 1 !\n",
                    "1 x plan without its parameters (PostgreSQL 16 logs them);"
                    "1 x plan of a cursor, logged when that was closed");
    /* The values of the client's portal are not those of what a function ran. */
    assert_captured(L1 PLAN("select count(*) from t where a < i") L1
                    "CONTEXT:  SQL statement \"select count(*) from t where a < i\"\n"
                    "\tPL/pgSQL function f(integer) line 1 at SQL statement\n"
                    "\tunnamed portal with parameters: $1 = '7'\n" L1
                    "LOG:  duration: 2.000 ms  plan:\n\tQuery Text: select f($1)\n"
                    "\tResult  (cost=0.0..0.1)\n" L1
                    "CONTEXT:  unnamed portal with parameters: $1 = '7'\n",
                    "s1 t0 1000us select count(*) from t where a < i !\n"
                    "s1 t0 2000us select f($1) |7\n",
                    "1 x executed inside a function");
#undef PLAN
}

/* A portal of the extended protocol ends, and is logged, behind its execute line. */
static void a_plan_behind_its_execute_belongs_to_it(void **state)
{
#define PLAN                                                                                       \
    "LOG:  duration: 0.010 ms  plan:\n\tQuery Text: select $1\n\tResult  (cost=0.00..0.01 "        \
    "rows=1)\n"
#define BIND    "LOG:  duration: 1.000 ms  bind a: select $1\n"
#define EXECUTE "LOG:  duration: 2.000 ms  execute a: select $1\n"
#define VALUE   "DETAIL:  parameters: $1 = 'x'\n"
    (void)state;
    assert_captured(
        L1 BIND L1 VALUE L1 EXECUTE L1 VALUE L1 PLAN L1 BIND L1 VALUE L1 EXECUTE L1 VALUE L1 PLAN,
        "s1 t0 3000us <a> select $1 |x\ns1 t0 3000us <a> select $1 |x\n", "");
    assert_captured(
        L1 BIND L1 VALUE L1 PLAN L1 EXECUTE L1 VALUE L1 BIND L1 VALUE L1 PLAN L1 EXECUTE L1 VALUE,
        "s1 t0 3000us <a> select $1 |x\ns1 t0 3000us <a> select $1 |x\n", "");
    /* Of another transaction: its own execution was not logged. */
    assert_captured(T "[1] 3/6 bob@shop " EXECUTE T "[1] 3/6 bob@shop " VALUE T
                      "[1] 3/7 bob@shop " PLAN,
                    "s1 t0 2000us <a> select $1 |x\ns1 t0 10us select $1 !\n",
                    "1 x plan without its parameters (PostgreSQL 16 logs them)");
    /* EXECUTE in SQL: the plan names the PREPARE. */
    assert_captured(L1 "LOG:  duration: 0.010 ms  plan:\n\tQuery Text: prepare p as select $1\n"
                       "\tResult  (cost=0.00..0.01 rows=1)\n" L1
                       "LOG:  duration: 2.000 ms  statement: execute p('x')\n" L1
                       "DETAIL:  prepare: prepare p as select $1\n",
                    "s1 t0 2000us select $1 |x\n", "");
#undef PLAN
#undef BIND
#undef EXECUTE
#undef VALUE
}

static void filters_leave_out(void **state)
{
    static const char *const users[] = {"al*", NULL};
    static const char *const databases[] = {"shop", NULL};
    static const char text[] = L1 "LOG:  duration: 1.000 ms  statement: select 1\n" L1
                                  "LOG:  duration: 9.000 ms  statement: select 2\n" T
                                  "[2] alice@other LOG:  duration: 9.000 ms  statement: select 3\n";
    rh_capture_options options = {.tool_version = "test", .replace = true};

    (void)state;
    options.users = users;
    assert_captured_with(text, &options, "s1 t0 9000us select 3\n", "");
    options.databases = databases;
    assert_captured_with(text, &options, "", "");
    options.users = NULL;
    options.min_duration_us = 5000;
    assert_captured_with(text, &options, "s1 t0 9000us select 2\n", "");
    options.since_us = 1638515688590000;
    assert_captured_with(text, &options, "", "");
}

static void engines_do_not_mix(void **state)
{
    rh_capture_options options = {.tool_version = "test", .replace = true};
    rh_capture *capture = NULL;
    rh_reader *reader = NULL;
    static const char log[] = L1 "LOG:  statement: select 1\n";
    static const char trace[] = "{\"sql\":\"select 1\"}\n";

    (void)state;
    assert_int_equal(rh_capture_new(path, &options, &capture, NULL), RH_OK);
    assert_int_equal(rh_reader_mem(log, sizeof log - 1, &reader, NULL), RH_OK);
    assert_int_equal(rh_capture_input(capture, "log", reader, NULL), RH_OK);
    assert_int_equal(rh_reader_mem(trace, sizeof trace - 1, &reader, NULL), RH_OK);
    assert_int_equal(rh_capture_input(capture, "trace", reader, NULL), RH_EUSAGE);
    rh_capture_free(capture);
}

static void bytes_that_are_no_utf8_are_marked(void **state)
{
    (void)state;
    assert_captured(L1 "LOG:  statement: select '\xe9'\n", "s1 t0 -1us select '?' !\n",
                    "1 x not UTF-8 (client_encoding or the log's encoding differ)");
}

static rh_status capture_all(void *ctx, rh_error *err)
{
    rh_capture_options options = {.tool_version = "test", .replace = true};
    json_t *report = NULL;
    rh_status status = capture_text(ctx, &options, &report, err);

    json_decref(report);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    char text[] = L1 "LOG:  duration: 1.000 ms  execute a: select $1\n" L1
                     "DETAIL:  parameters: $1 = 'x'\n" L2 "LOG:  statement: select 1\n" L1 "LOG:  "
                     "duratio"
                     "n: "
                     "1.000 "
                     "ms  "
                     "plan:"
                     "\n\t{"
                     "\"Query"
                     " Text\""
                     ": "
                     "\"selec"
                     "t 1\", "
                     "\"Plan"
                     "\": "
                     "{}}\n";

    (void)state;
    assert_true(fail_nth(capture_all, text) > 20);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/rh_capture_%ld.db", (long)getpid());
    rh_mem_adopt_jansson();
    return rh_crypto_start(NULL) == RH_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_of_one_call_are_summed),
        cmocka_unit_test(sessions_interleave),
        cmocka_unit_test(failures_are_kept_once),
        cmocka_unit_test(what_is_lost_is_counted),
        cmocka_unit_test(a_process_id_is_used_again),
        cmocka_unit_test(transactions_show_in_virtual_ids),
        cmocka_unit_test(plans_find_their_statement),
        cmocka_unit_test(plans_alone_do_not_prepare_or_declare_again),
        cmocka_unit_test(names_may_hold_what_ends_them),
        cmocka_unit_test(verbose_messages_have_their_state),
        cmocka_unit_test(a_plan_behind_its_execute_belongs_to_it),
        cmocka_unit_test(filters_leave_out),
        cmocka_unit_test(engines_do_not_mix),
        cmocka_unit_test(bytes_that_are_no_utf8_are_marked),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
