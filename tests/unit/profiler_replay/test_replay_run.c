/*
 * The scheduler with an engine whose clock only moves when somebody waits. The number that a text
 * ends with is how long it takes, in microseconds; "lose" loses the connection, "locked" ends when
 * a text with "unlock" has begun.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/num.h"
#include "profiler/replay.h"

enum { MAX_LINKS = 4, MAX_DEPTH = 8 };

typedef struct fake {
    int64_t clock;
    bool open[MAX_LINKS];
    bool inside[MAX_LINKS];
    bool busy[MAX_LINKS];
    bool locked[MAX_LINKS];
    int64_t end[MAX_LINKS];
    rh_replay_done done[MAX_LINKS];
    const rh_replay_call *behind[MAX_LINKS][MAX_DEPTH];
    size_t count[MAX_LINKS];
    size_t at[MAX_LINKS];
    int opened;
    int resets;
    bool unlocked;
    char log[2048]; /* "<first word> ... @<time> " of each start */
} fake;

static int64_t fake_now(void *ctx)
{
    return ((fake *)ctx)->clock;
}

static rh_status fake_open(void *ctx, size_t link, rh_error *err)
{
    fake *f = ctx;

    (void)err;
    f->open[link] = true;
    f->inside[link] = false;
    f->opened++;
    return RH_OK;
}

static int64_t duration(const char *sql)
{
    const char *at = sql + strlen(sql);
    int64_t value = 10;

    while (at > sql && at[-1] >= '0' && at[-1] <= '9')
        at--;
    if (*at != '\0')
        (void)rh_num_scan_int64(at, strlen(at), &value);
    return value;
}

static void run_next(fake *f, size_t link)
{
    const rh_replay_call *call = f->behind[link][f->at[link]];
    const char *sql = call->statements[call->statement_count - 1];
    bool lost = f->at[link] > 0 && !f->open[link];

    memset(&f->done[link], 0, sizeof f->done[link]);
    f->done[link].link = link;
    f->done[link].start_us = f->clock;
    f->done[link].unstarted = lost;
    f->busy[link] = true;
    f->end[link] = f->clock + (lost ? 0 : duration(sql));
    if (strncmp(sql, "BEGIN", 5) == 0)
        f->inside[link] = true;
    if (strncmp(sql, "ROLLBACK", 8) == 0 || strncmp(sql, "COMMIT", 6) == 0)
        f->inside[link] = false;
    if (strstr(sql, "_lose") != NULL || lost) {
        f->done[link].status = RH_ECONNECT;
        f->open[link] = false;
        f->inside[link] = false;
    }
}

/* Those that are sent together stand in one log entry, with a plus in between. */
static void fake_start(void *ctx, size_t link, const rh_replay_call *const *calls, size_t count)
{
    fake *f = ctx;
    const rh_replay_call *call = calls[0];
    const char *sql = call->statements[call->statement_count - 1];
    char entry[96];

    assert_true(count >= 1 && count <= MAX_DEPTH);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(entry, sizeof entry, "%s%s%s", i == 0 ? "" : "+", calls[i]->wrap ? "~" : "",
                       calls[i]->statements[calls[i]->statement_count - 1]);
        strncat(f->log, entry, sizeof f->log - strlen(f->log) - 1);
        f->behind[link][i] = calls[i];
    }
    (void)snprintf(entry, sizeof entry, "@%d ", (int)f->clock);
    strncat(f->log, entry, sizeof f->log - strlen(f->log) - 1);
    assert_true(f->open[link]);
    assert_false(f->busy[link]);
    f->count[link] = count;
    f->at[link] = 0;
    f->resets += call->reset;
    f->locked[link] = strstr(sql, "_locked") != NULL;
    f->unlocked = f->unlocked || strstr(sql, "_unlock") != NULL;
    run_next(f, link);
}

static rh_status fake_wait(void *ctx, int64_t until_us, rh_replay_done *out, size_t max,
                           size_t *out_count, rh_error *err)
{
    fake *f = ctx;
    size_t best = MAX_LINKS;

    (void)err;
    (void)max;
    *out_count = 0;
    for (size_t i = 0; i < MAX_LINKS; i++) {
        if (f->busy[i] && (!f->locked[i] || f->unlocked) &&
            (best == MAX_LINKS || f->end[i] < f->end[best]))
            best = i;
    }
    if (best == MAX_LINKS || f->end[best] > until_us) {
        assert_true(until_us != INT64_MAX); /* would never return */
        if (until_us > f->clock)
            f->clock = until_us;
        return RH_OK;
    }
    if (f->end[best] > f->clock)
        f->clock = f->end[best];
    f->busy[best] = false;
    f->done[best].end_us = f->clock;
    f->done[best].in_transaction = f->inside[best];
    f->done[best].rows = 1;
    out[(*out_count)++] = f->done[best];
    if (++f->at[best] < f->count[best])
        run_next(f, best);
    return RH_OK;
}

static void fake_cancel(void *ctx, size_t link)
{
    fake *f = ctx;

    f->locked[link] = false;
    f->end[link] = f->clock;
    f->done[link].status = RH_ECANCELED;
}

static void fake_close(void *ctx)
{
    (void)ctx;
}

static const rh_replay_engine_ops fake_ops = {
    fake_now, fake_open, fake_start, fake_wait, fake_cancel, fake_close,
};

/* ---- running ---- */

static rh_workload_item item(uint64_t session, uint64_t tx, int64_t time_us, const char *sql)
{
    rh_workload_item made = RH_WORKLOAD_ITEM_INIT;

    made.session = session;
    made.transaction = tx;
    made.time_us = time_us;
    made.sql = sql;
    made.duration_us = 10;
    return made;
}

static json_t *run(fake *f, const rh_replay_options *options, const rh_workload_item *items,
                   size_t count)
{
    rh_workload_list list = {items, count, 0};
    rh_workload workload = rh_workload_from_list(&list);
    rh_replay_engine engine = {&fake_ops, f};
    rh_replay_run *result = NULL;
    json_t *report = NULL;

    memset(f, 0, sizeof *f);
    assert_int_equal(RH_OK, rh_replay_run_all(&workload, &engine, options, &result, NULL));
    assert_int_equal(RH_OK, rh_replay_run_report(result, &report, NULL));
    rh_replay_run_free(result);
    return report;
}

static json_int_t figure(const json_t *report, const char *part, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(report, part), name));
}

static rh_replay_options unpaced(size_t links)
{
    rh_replay_options options = RH_REPLAY_OPTIONS_INIT;

    options.links = links;
    options.speed_milli = 0;
    return options;
}

#define RUN(f, options, items) run(f, options, items, sizeof(items) / sizeof((items)[0]))

/* ---- pace ---- */

static void pace_is_that_of_the_capture(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000000, "SELECT 10"),
                                      item(2, 0, 1000400, "SELECT 20"),
                                      item(1, 0, 1001000, "SELECT 30")};
    rh_replay_options options = unpaced(2);
    fake f;

    (void)state;
    options.speed_milli = 1000;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 10@0 ~SELECT 20@400 ~SELECT 30@1000 ", f.log);
    options.speed_milli = 2000;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 10@0 ~SELECT 20@200 ~SELECT 30@500 ", f.log);
    options.no_idle = true;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 10@0 ~SELECT 20@10 ~SELECT 30@30 ", f.log);
    options.no_idle = false;
    options.speed_milli = 0;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 10@0 ~SELECT 20@0 ~SELECT 30@10 ", f.log);
}

static void loops_follow_each_other(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000000, "SELECT 10"),
                                      item(1, 0, 1000100, "SELECT 20")};
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    options.speed_milli = 1000;
    options.loops = 2;
    options.limit = 1;
    report = RUN(&f, &options, items);
    assert_int_equal(2, figure(report, "summary", "executions"));
    assert_string_equal("~SELECT 10@0 ~SELECT 10@10 ", f.log);
    json_decref(report);
}

/* ---- order ---- */

static const rh_workload_item two_transactions[] = {
    {.session = 1, .transaction = 1, .time_us = 1000, .duration_us = 10, .sql = "BEGIN"},
    {.session = 1, .transaction = 1, .time_us = 1100, .duration_us = 10, .sql = "UPDATE a500"},
    {.session = 3, .transaction = 0, .time_us = 1150, .duration_us = 10, .sql = "SELECT 3"},
    {.session = 1, .transaction = 1, .time_us = 1200, .duration_us = 10, .sql = "COMMIT"},
    {.session = 2, .transaction = 2, .time_us = 1300, .duration_us = 10, .sql = "BEGIN"},
    {.session = 2, .transaction = 2, .time_us = 1310, .duration_us = 10, .sql = "UPDATE b50"},
    {.session = 2, .transaction = 2, .time_us = 1320, .duration_us = 10, .sql = "COMMIT"},
};

static void a_transaction_waits_for_those_that_had_committed(void **state)
{
    rh_replay_options options = unpaced(3);
    json_t *report;
    fake f;

    (void)state;
    report = RUN(&f, &options, two_transactions);
    assert_string_equal("BEGIN@0 ~SELECT 3@0 UPDATE a500@10 ROLLBACK@510 BEGIN@520 UPDATE b50@530 "
                        "ROLLBACK@580 ",
                        f.log);
    assert_int_equal(520, figure(report, "lag", "order_us"));
    assert_int_equal(0, figure(report, "summary", "overtaken"));
    json_decref(report);
}

static void without_order_only_sessions_count(void **state)
{
    rh_replay_options options = unpaced(3);
    fake f;

    (void)state;
    options.order = RH_REPLAY_ORDER_NONE;
    json_decref(RUN(&f, &options, two_transactions));
    assert_string_equal("BEGIN@0 ~SELECT 3@0 BEGIN@0 UPDATE a500@10 UPDATE b50@10 ROLLBACK@60 "
                        "ROLLBACK@510 ",
                        f.log);
}

static void strict_order_is_that_of_starts(void **state)
{
    rh_replay_options options = unpaced(3);
    fake f;

    (void)state;
    options.order = RH_REPLAY_ORDER_STRICT;
    json_decref(RUN(&f, &options, two_transactions));
    assert_string_equal("BEGIN@0 UPDATE a500@10 ~SELECT 3@10 ROLLBACK@510 BEGIN@510 UPDATE b50@520 "
                        "ROLLBACK@570 ",
                        f.log);
}

static void a_standstill_is_broken_and_counted(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT f_locked5"),
                                      item(1, 0, 1001, "SELECT 1"),
                                      item(2, 0, 1002, "SELECT f_unlock5")};
    rh_replay_options options = unpaced(2);
    json_t *report;
    fake f;

    (void)state;
    options.order = RH_REPLAY_ORDER_STRICT;
    options.stall_us = 7000;
    report = RUN(&f, &options, items);
    assert_string_equal("~SELECT f_locked5@0 ~SELECT f_unlock5@7000 ~SELECT 1@7000 ", f.log);
    assert_int_equal(1, figure(report, "summary", "overtaken"));
    json_decref(report);
}

/* ---- connections ---- */

static void a_transaction_keeps_its_connection(void **state)
{
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    options.order = RH_REPLAY_ORDER_NONE;
    report = RUN(&f, &options, two_transactions);
    assert_string_equal(
        "BEGIN@0 UPDATE a500@10 ROLLBACK@510 ~SELECT 3@520 BEGIN@523 UPDATE b50@533 "
        "ROLLBACK@583 ",
        f.log);
    assert_int_equal(2, figure(report, "summary", "sessions_moved"));
    assert_int_equal(2, f.resets);
    json_decref(report);
}

static void a_lost_connection_is_opened_again(void **state)
{
    const rh_workload_item items[] = {item(1, 1, 1000, "BEGIN"), item(1, 1, 1001, "SELECT f_lose5"),
                                      item(1, 1, 1002, "DELETE"), item(1, 1, 1003, "COMMIT"),
                                      item(1, 0, 1004, "SELECT 7")};
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    report = RUN(&f, &options, items);
    assert_string_equal("BEGIN@0 SELECT f_lose5@10 ~SELECT 7@15 ", f.log);
    assert_int_equal(2, f.opened);
    assert_int_equal(1, figure(report, "summary", "connections_lost"));
    assert_int_equal(2, figure(report, "summary", "skipped"));
    assert_int_equal(1, figure(report, "summary", "errors"));
    json_decref(report);
}

/* Reading ahead is bounded, but the end of an open transaction is always found. */
static void a_small_window_does_not_stop_a_transaction(void **state)
{
    rh_workload_item items[40];
    rh_replay_options options = unpaced(2);
    json_t *report;
    fake f;

    (void)state;
    items[0] = item(1, 1, 1000, "BEGIN");
    items[1] = item(1, 1, 1001, "UPDATE x_lock");
    for (int i = 2; i < 38; i++)
        items[i] = item(2, 0, 1000 + i, i == 2 ? "SELECT f_locked5" : "SELECT 1");
    items[38] = item(1, 1, 1100, "SELECT f_unlock5");
    items[39] = item(1, 1, 1101, "COMMIT");
    options.window = 4;
    report = RUN(&f, &options, items);
    assert_int_equal(40, figure(report, "summary", "executions"));
    assert_int_equal(0, figure(report, "summary", "overtaken"));
    json_decref(report);
}

/* ---- several on their way ---- */

/* Writes, transaction control and what stands in another transaction go alone. */
static void plain_reads_are_sent_together(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT 10"),
                                      item(1, 0, 1001, "SELECT 20"),
                                      item(1, 0, 1002, "SELECT 30"),
                                      item(1, 0, 1003, "UPDATE 5"),
                                      item(1, 0, 1004, "SELECT 40"),
                                      item(1, 1, 1005, "BEGIN"),
                                      item(1, 1, 1006, "SELECT 50"),
                                      item(1, 1, 1007, "SELECT 60"),
                                      item(1, 1, 1008, "COMMIT"),
                                      item(1, 0, 1009, "SELECT 1 FOR UPDATE"),
                                      item(1, 0, 1010, "SELECT 70"),
                                      item(1, 0, 1011, "SELECT 80"),
                                      item(1, 0, 1012, "SELECT 1; SELECT 2"),
                                      item(1, 0, 1013, "SELECT 90")};
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    options.depth = 2;
    report = RUN(&f, &options, items);
    assert_string_equal(
        "~SELECT 10+~SELECT 20@0 ~SELECT 30@30 ~UPDATE 5@60 ~SELECT 40@65 BEGIN@105 "
        "SELECT 50+SELECT 60@115 ROLLBACK@225 ~SELECT 1 FOR UPDATE@235 "
        "~SELECT 70+~SELECT 80@245 ~SELECT 2@395 ~SELECT 90@397 ",
        f.log);
    assert_int_equal(14, figure(report, "summary", "executions"));
    json_decref(report);
}

static void nothing_is_sent_before_its_time(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT 100"), item(1, 0, 1010, "SELECT 20"),
                                      item(1, 0, 1020, "SELECT 30"), item(1, 0, 1110, "SELECT 40")};
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    options.depth = 4;
    options.speed_milli = 1000;
    report = RUN(&f, &options, items);
    assert_string_equal("~SELECT 100@0 ~SELECT 20+~SELECT 30@100 ~SELECT 40@150 ", f.log);
    /* 90 behind the first; 100 behind the second, of which its own time counts; 40 behind the
     * third; the same as one at a time */
    assert_int_equal(90 + 20 + 30, figure(report, "lag", "server_us"));
    assert_int_equal(100, figure(report, "lag", "max_us"));
    json_decref(report);
    options.depth = 1;
    report = RUN(&f, &options, items);
    assert_int_equal(90 + 20 + 30, figure(report, "lag", "server_us"));
    assert_int_equal(100, figure(report, "lag", "max_us"));
    json_decref(report);
}

static void strict_order_and_kept_writes_go_one_by_one(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT 10"), item(1, 0, 1001, "SELECT 20")};
    rh_replay_options options = unpaced(1);
    fake f;

    (void)state;
    options.depth = 4;
    options.order = RH_REPLAY_ORDER_STRICT;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 10@0 ~SELECT 20@10 ", f.log);
    options.order = RH_REPLAY_ORDER_COMMIT;
    options.writes = RH_REPLAY_WRITES_COMMIT;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("SELECT 10@0 SELECT 20@10 ", f.log);
}

/* A read waits for what had committed before it, wherever it stands. */
static void order_holds_for_each_of_them(void **state)
{
    const rh_workload_item items[] = {
        {.session = 1, .time_us = 1000, .duration_us = 10, .sql = "SELECT 1"},
        {.session = 2, .time_us = 1001, .duration_us = 10, .sql = "UPDATE a50"},
        {.session = 1, .time_us = 1005, .duration_us = 10, .sql = "SELECT 2"},
        {.session = 1, .time_us = 1020, .duration_us = 10, .sql = "SELECT 3"}};
    rh_replay_options options = unpaced(2);
    fake f;

    (void)state;
    options.depth = 4;
    json_decref(RUN(&f, &options, items));
    assert_string_equal("~SELECT 1+~SELECT 2@0 ~UPDATE a50@0 ~SELECT 3@50 ", f.log);
}

static void what_stood_behind_a_lost_connection_runs_again(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT 10"),
                                      item(1, 0, 1001, "SELECT f_lose5"),
                                      item(1, 0, 1002, "SELECT 20"), item(1, 0, 1003, "SELECT 30")};
    rh_replay_options options = unpaced(1);
    json_t *report;
    fake f;

    (void)state;
    options.depth = 8;
    report = RUN(&f, &options, items);
    assert_string_equal(
        "~SELECT 10+~SELECT f_lose5+~SELECT 20+~SELECT 30@0 ~SELECT 20+~SELECT 30@15 ", f.log);
    assert_int_equal(4, figure(report, "summary", "executions"));
    assert_int_equal(1, figure(report, "summary", "errors"));
    assert_int_equal(1, figure(report, "summary", "connections_lost"));
    json_decref(report);
}

/* ---- interrupts and memory ---- */

static void an_interrupt_cancels_what_runs(void **state)
{
    const rh_workload_item items[] = {item(1, 0, 1000, "SELECT f_locked5")};
    rh_workload_list list = {items, 1, 0};
    rh_workload workload = rh_workload_from_list(&list);
    rh_replay_options options = unpaced(1);
    rh_replay_run *result = NULL;
    rh_cancel cancel = {0};
    fake f = {0};
    rh_replay_engine engine = {&fake_ops, &f};

    (void)state;
    options.cancel = &cancel;
    rh_cancel_request(&cancel);
    assert_int_equal(RH_ECANCELED, rh_replay_run_all(&workload, &engine, &options, &result, NULL));
    assert_null(result);
    assert_false(f.busy[0]);
}

static rh_status whole_run(void *ctx, rh_error *err)
{
    static const rh_parameter parameters[] = {
        {.kind = RH_PARAMETER_TEXT, .data = "x", .len = 1, .name = ":a"}};
    const rh_workload_statement shape = {1, 5, "parser", "read", "SELECT"};
    rh_workload_item items[] = {item(1, 1, 1000, "BEGIN"), item(1, 1, 1001, "UPDATE a5"),
                                item(1, 1, 1002, "COMMIT"), item(2, 0, 1003, "SELECT f_lose5"),
                                item(2, 0, 1004, "COPY t TO STDOUT")};
    rh_workload_list list = {items, 5, 0};
    rh_workload workload = rh_workload_from_list(&list);
    rh_replay_options options = unpaced(2);
    rh_replay_run *result = NULL;
    json_t *report = NULL;
    fake f = {0};
    rh_replay_engine engine = {&fake_ops, &f};
    rh_status status;

    (void)ctx;
    items[1].parameters = parameters;
    items[1].parameter_count = 1;
    items[1].statement = &shape;
    items[3].source_file = "log";
    status = rh_replay_run_all(&workload, &engine, &options, &result, err);
    if (status == RH_OK)
        status = rh_replay_run_report(result, &report, err);
    json_decref(report);
    rh_replay_run_free(result);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(whole_run, NULL) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pace_is_that_of_the_capture),
        cmocka_unit_test(loops_follow_each_other),
        cmocka_unit_test(a_transaction_waits_for_those_that_had_committed),
        cmocka_unit_test(without_order_only_sessions_count),
        cmocka_unit_test(strict_order_is_that_of_starts),
        cmocka_unit_test(a_standstill_is_broken_and_counted),
        cmocka_unit_test(a_transaction_keeps_its_connection),
        cmocka_unit_test(a_lost_connection_is_opened_again),
        cmocka_unit_test(a_small_window_does_not_stop_a_transaction),
        cmocka_unit_test(plain_reads_are_sent_together),
        cmocka_unit_test(nothing_is_sent_before_its_time),
        cmocka_unit_test(strict_order_and_kept_writes_go_one_by_one),
        cmocka_unit_test(order_holds_for_each_of_them),
        cmocka_unit_test(what_stood_behind_a_lost_connection_runs_again),
        cmocka_unit_test(an_interrupt_cancels_what_runs),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
