/* From bytes to events and statements, format by format; each is told as one line of text. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "fail_nth.h"
#include "profiler/log_read.h"

static const char parts[] = "MDHCSQ+~";

static rh_status tell(rh_buf *out, char mark, rh_log_text text, rh_error *err)
{
    return rh_buf_printf(out, err, "%c %.*s\n", mark, (int)text.len,
                         text.data == NULL ? "" : text.data);
}

static rh_status on_event(void *ctx, const rh_log_event *e, rh_error *err)
{
    rh_buf *out = ctx;
    rh_status status = tell(out, parts[e->part], e->text, err);

    if (status == RH_OK && e->detail.len > 0)
        status = tell(out, 'D', e->detail, err);
    if (status == RH_OK && e->statement.len > 0)
        status = tell(out, 'S', e->statement, err);
    return status;
}

static rh_status tell_value(rh_buf *out, const rh_parameter *p, rh_error *err)
{
    switch (p->kind) {
    case RH_PARAMETER_NULL:
        return rh_buf_printf(out, err, " null");
    case RH_PARAMETER_INTEGER:
        return rh_buf_printf(out, err, " %lld", (long long)p->integer);
    case RH_PARAMETER_REAL:
        return rh_buf_printf(out, err, " %g", p->real);
    case RH_PARAMETER_BLOB:
        return rh_buf_printf(out, err, " blob%zu", p->len);
    default:
        return rh_buf_printf(out, err, " '%.*s'", (int)p->len, (const char *)p->data);
    }
}

static rh_status on_statement(void *ctx, const rh_log_statement *s, rh_error *err)
{
    rh_buf *out = ctx;
    rh_status status = rh_buf_printf(out, err, "%llu: %.*s", (unsigned long long)s->line,
                                     (int)s->sql.len, s->sql.data);

    for (size_t i = 0; status == RH_OK && i < s->parameter_count; i++)
        status = tell_value(out, &s->parameters[i], err);
    if (status == RH_OK && s->duration_us >= 0)
        status = rh_buf_printf(out, err, " [%lld us]", (long long)s->duration_us);
    if (status == RH_OK && s->unreplayable != NULL)
        status = rh_buf_printf(out, err, " !");
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

static rh_status on_skipped(void *ctx, const char *reason, uint64_t line, rh_error *err)
{
    return rh_buf_printf(ctx, err, "skipped %llu: %s\n", (unsigned long long)line, reason);
}

typedef struct input {
    const char *name;
    const void *data;
    size_t len;
    rh_log_options options;
    rh_log_summary summary;
} input;

static rh_status read_input(input *in, rh_buf *out, rh_error *err)
{
    rh_log_sink sink = {on_event, on_statement, on_skipped, out};
    rh_reader *reader = NULL;
    rh_status status = rh_reader_mem(in->data, in->len, &reader, err);

    in->options.now_us = 1700000000000000;
    return status == RH_OK ? rh_log_read(in->name, reader, &in->options, &sink, &in->summary, err)
                           : status;
}

static void assert_reads_as(input *in, rh_log_format format, const char *expected)
{
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    if (read_input(in, &out, &err) != RH_OK)
        fail_msg("%s", err.text);
    assert_string_equal(rh_buf_cstr(&out), expected);
    assert_int_equal(in->summary.format, format);
    rh_buf_done(&out);
}

static void assert_text_reads_as(const char *text, rh_log_format format, const char *expected)
{
    input in = {.name = "log", .data = text, .len = strlen(text)};

    assert_reads_as(&in, format, expected);
}

static void stderr_keeps_lines_and_parts_apart(void **state)
{
    (void)state;
    assert_text_reads_as("\tlost\n"
                         "2021-12-03 07:14:48.591 UTC [1] LOG:  duration: 1.0 ms  statement: a\n"
                         "\tb\n\t\n\t\tc\n"
                         "rsync: no\n"
                         "2021-12-03 07:14:48.591 UTC [1] DETAIL:  parameters: $1 = 'x\n"
                         "\ty'\n",
                         RH_LOG_FORMAT_STDERR,
                         "skipped 1: continuation of a message that begins before this file\n"
                         "M duration: 1.0 ms  statement: a\n+ b\n+ \n+ \tc\n"
                         "skipped 6: not a log line of this prefix\n"
                         "D parameters: $1 = 'x\n+ y'\n");
}

/* Its further lines must not end up in the message before it. */
static void a_message_that_cannot_be_read_is_skipped_whole(void **state)
{
    (void)state;
    assert_text_reads_as("2021-12-03 07:14:48.591 UTC [1] LOG:  statement: a\n"
                         "psql:x.sql:1: ERROR:  b\n"
                         "\tc\n"
                         "2021-12-03 07:14:48.591 UTC [1] LOG:  statement: d\n",
                         RH_LOG_FORMAT_STDERR,
                         "M statement: a\n"
                         "skipped 2: not a log line of this prefix\n"
                         "skipped 3: continuation of a message that could not be read\n"
                         "M statement: d\n");
}

static void windows_line_ends_are_taken_off(void **state)
{
    (void)state;
    assert_text_reads_as("2021-12-03 07:14:48.591 UTC [1] LOG:  statement: a\r\n\tb\r\n",
                         RH_LOG_FORMAT_STDERR, "M statement: a\n+ b\n");
}

static void a_prefix_that_changes_is_followed(void **state)
{
    static const char log[] = "2021-12-03 07:14:48.591 UTC [1] LOG:  statement: a\n"
                              "2021-12-03 07:14:48.592 UTC [1] LOG:  statement: b\n"
                              "\tb\n"
                              "1638515688.593 2 bob@shop LOG:  statement: c\n"
                              "2021-12-03 07:14:48.594 UTC [1] LOG:  statement: d\n" /* idle */
                              "1638515688.595 2 bob@shop LOG:  statement: e\n"
                              "\te\n"
                              "ERROR: rsync says no\n"
                              "psql: ERROR:  says no\n" /* no time: somebody else's */
                              "1638515688.596 2 bob@shop LOG:  statement: f\n"
                              "app=x 2|2021-12-03 07:14:49.000 UTC|LOG:  statement: g\n"
                              "2021-12-03 07:14:48.600 UTC [1] LOG:  statement: h\n"
                              "app=x 2|2021-12-03 07:14:49.000 UTC|LOG:  statement: i\n";
    input in = {.name = "log", .data = log, .len = sizeof log - 1};

    (void)state;
    assert_reads_as(&in, RH_LOG_FORMAT_STDERR,
                    "M statement: a\nM statement: b\n+ b\nM statement: c\nM statement: d\n"
                    "M statement: e\n+ e\n"
                    "skipped 8: not a log line of this prefix\n"
                    "skipped 9: not a log line of this prefix\n"
                    "M statement: f\nM statement: g\nM statement: h\nM statement: i\n");
    assert_string_equal(in.summary.prefix, "%m [%p] %q%u@%d/%a ");
    assert_int_equal(in.summary.later_count, 2);
    assert_string_equal(in.summary.later_prefixes[0], "app=%a %p|%m|");
    assert_string_equal(in.summary.later_prefixes[1], "%n %p %u@%d ");
}

static void a_prefix_that_changes_inside_wrappers_is_followed(void **state)
{
    (void)state;
    assert_text_reads_as("{\"log\":\"2021-12-03 07:14:48.591 UTC [1] LOG:  statement: a\\n\"}\n"
                         "{\"log\":\"2021-12-03 07:14:48.591 UTC|1|bob|LOG:  statement: b\\n\"}\n"
                         "{\"log\":\"2021-12-03 07:14:48.591 UTC [1] LOG:  statement: c\\n\"}\n",
                         RH_LOG_FORMAT_JSON, "M statement: a\nM statement: b\nM statement: c\n");
    assert_text_reads_as("Feb 11 13:15:39 h postgres[1]: [1-1] db=d,user=u LOG:  statement: a\n"
                         "Feb 11 13:15:39 h postgres[1]: [2-1] u@d <1> LOG:  statement: b\n"
                         "Feb 11 13:15:39 h postgres[1]: [2-2] #011b\n",
                         RH_LOG_FORMAT_SYSLOG, "M statement: a\nM statement: b\n+ b\n");
}

/* Lines of somebody else look like a prefix of their own kind over and over; in between stand ours.
 */
static void foreign_lines_do_not_hide_a_change(void **state)
{
    rh_buf log = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    input in = {.name = "log"};
    size_t found = 0;

    (void)state;
    for (int i = 0; i < 6000; i++)
        assert_int_equal(rh_buf_printf(&log, &err, "%s LOG:  statement: x\n",
                                       i % 2 == 1 ? "psql:"
                                       : i < 3000 ? "2021-12-03 07:14:48.591 UTC [1]"
                                                  : "2021-12-03 07:14:48.591 UTC|1|bob|"),
                         RH_OK);
    in.data = rh_buf_cstr(&log);
    in.len = log.len;
    assert_int_equal(read_input(&in, &out, &err), RH_OK);
    for (const char *at = rh_buf_cstr(&out); (at = strstr(at, "M statement")) != NULL; at++)
        found++;
    assert_int_equal(found, 3000);
    rh_buf_done(&out);
    rh_buf_done(&log);
}

#define CSV_HEAD                                                                                   \
    "2021-12-03 07:14:48.591 UTC,\"bob\",\"shop\",42,\"[local]\",61a9c1b8.2a,1,\"SELECT\","        \
    "2021-12-03 07:14:40 UTC,3/4,0,LOG,00000,"

static void csvlog_of_all_versions(void **state)
{
    (void)state;
    assert_text_reads_as(
        CSV_HEAD "\"statement: a \"\"b\"\",\n\tc\",\"parameters: x\",,,,,\"q\",,,\"app\"\n" CSV_HEAD
                 "\"m24\",,,,,,,,,\"app\",\"client backend\"\n" CSV_HEAD
                 "\"m26\",,,,,,,,,\"app\",\"client backend\",,0\n" CSV_HEAD
                 "\"m25\",,,,,,,,,\"app\",\"client backend\",\n",
        RH_LOG_FORMAT_CSV,
        "M statement: a \"b\",\n\tc\nD parameters: x\nS q\nM m24\nM m26\n"
        "skipped 5: no csvlog record\n");
}

static void a_csv_record_that_was_cut_does_not_swallow_the_next(void **state)
{
    (void)state;
    assert_text_reads_as(CSV_HEAD "\"statement: cut\nmore\n" CSV_HEAD
                                  "\"good\",,,,,,,,,\"app\"\n" CSV_HEAD "\"open",
                         RH_LOG_FORMAT_CSV,
                         "skipped 1: csvlog record without its end\nM good\n"
                         "skipped 4: the input ends in the middle of a record\n");
}

static void json_in_all_its_wrappings(void **state)
{
    (void)state;
    assert_text_reads_as(
        "{\"timestamp\":\"2021-12-03 07:14:48.591 UTC\",\"user\":\"bob\",\"pid\":42,"
        "\"error_severity\":\"LOG\",\"message\":\"statement: \\u00e9\\n\\\"x\\\"\"}\n"
        "{\"level\":\"info\",\"logger\":\"postgres\",\"msg\":\"record\",\"record\":{\"log_time\":"
        "\"2021-12-03 07:14:48.591 UTC\",\"error_severity\":\"ERROR\",\"message\":\"no\","
        "\"query\":\"select\"}}\n"
        "{\"other\":1}\nnot json\n",
        RH_LOG_FORMAT_JSON,
        "M statement: \xc3\xa9\n\"x\"\nM no\nS select\n"
        "skipped 3: JSON without a log line\nskipped 4: no JSON\n");
    assert_text_reads_as(
        "{\"textPayload\":\"[42]: [1-1] db=shop,user=bob LOG:  statement: a\",\"timestamp\":"
        "\"2020-05-02T13:00:20.382318Z\"}\n{\"textPayload\":\"\\tb\"}\n",
        RH_LOG_FORMAT_JSON, "M statement: a\n+ b\n");
    assert_text_reads_as(
        "{\"log\":\"2021-12-03 07:14:48.591 UTC [1] LOG:  state\",\"stream\":\"stderr\"}\n"
        "{\"log\":\"ment: a\\n\",\"stream\":\"stderr\"}\n{\"log\":\"\\tb\\n\"}\n",
        RH_LOG_FORMAT_JSON, "M statement: a\n+ b\n");
}

static void json_objects_that_were_cut_go_on_in_the_next_line(void **state)
{
    (void)state;
    assert_text_reads_as("{\"error_severity\":\"LOG\",\"message\":\"one tw\no thr\nee\"}\n"
                         "{\"error_severity\":\"LOG\",\"message\":\"lost\n"
                         "{\"error_severity\":\"LOG\",\"message\":\"next\"}\n",
                         RH_LOG_FORMAT_JSON,
                         "M one two three\nskipped 4: JSON without its end\nM next\n");
}

static void syslog_pieces_come_together(void **state)
{
    (void)state;
    assert_text_reads_as(
        "Feb 11 13:15:40 h postgres[9]: [7-1] db=d,user=u LOG:  statement: a long\n"
        "Feb 11 13:15:40 h postgres[9]: [7-2]  line\n"
        "Feb 11 13:15:40 h postgres[9]: [7-3] #011and#011more\n"
        "Feb 11 13:15:40 h cron[1]: hello\n"
        "<13>1 2019-02-11T13:15:41.5Z h postgres 9 - - [8-1] db=d,user=u DETAIL:  x\n",
        RH_LOG_FORMAT_SYSLOG,
        "M statement: a long\n~  line\n+ and\tmore\nskipped 4: not a log line of this prefix\n"
        "D x\n");
}

static void kubernetes_and_heroku_lines(void **state)
{
    (void)state;
    assert_text_reads_as(
        "2021-12-03T07:14:48.5Z stderr P 2021-12-03 07:14:48.591 UTC [1] LOG:  state\n"
        "2021-12-03T07:14:48.5Z stderr F ment: a\n"
        "2021-12-03T07:14:48.5Z stderr F \tb\n",
        RH_LOG_FORMAT_CRI, "M statement: a\n+ b\n");
    assert_text_reads_as(
        "2021-02-02T10:00:00.5+00:00 app[postgres.24]: [DATABASE] [7-1]  sql_error_code = 00000 "
        "LOG:  statement: a\n"
        "2021-02-02T10:00:00.5+00:00 app[postgres.24]: [DATABASE] [7-2]  #011b\n"
        "2021-02-02T10:00:00.5+00:00 app[postgres.24]: [DATABASE] [9-3]  c\n",
        RH_LOG_FORMAT_HEROKU,
        "M statement: a\n+ b\nskipped 3: piece of a message that does not go on here\n");
}

static void scripts_are_cut_into_statements(void **state)
{
    input in = {.name = "q.sql"};

    (void)state;
    in.data = "-- c\nselect 1;\n\\timing on\nselect ';'\n, 2; select 3;\n"
              "copy t from stdin;\n1\tselect 4;\n\\.\nselect $$;$$";
    in.len = strlen(in.data);
    assert_reads_as(&in, RH_LOG_FORMAT_SCRIPT,
                    "2: select 1\nskipped 3: psql command\n4: select ';'\n, 2\n5: select 3\n"
                    "6: copy t from stdin !\n9: select $$;$$\n");
    in.data = "SELECT 1; -- 1500 ns\nSELECT 'x;y'; -- 2000000 ns\n";
    in.len = strlen(in.data);
    in.options.dialect = RH_SQL_SQLITE;
    assert_reads_as(&in, RH_LOG_FORMAT_SCRIPT, "1: SELECT 1 [2 us]\n2: SELECT 'x;y' [2000 us]\n");
}

static void traces_give_typed_values(void **state)
{
    (void)state;
    assert_text_reads_as(
        "{\"rehearse_trace\":1,\"engine\":\"sqlite\"}\n"
        "{\"sql\":\"select ?,?,?,?,?\",\"parameters\":[1,-2.5,\"x\",null,{\"blob\":\"00ff\"}],"
        "\"duration_us\":7}\n"
        "{\"sql\":\"select :a, ?, :a, ?\",\"expanded\":\"select -5, 'it''s', -5, x'0a0b'\"}\n"
        "{\"sql\":\"select ?\",\"expanded\":\"select 1 from t\"}\n"
        "{\"sql\":\"select ?\",\"parameters\":[[1]]}\n{\"time\":1}\n{\n",
        RH_LOG_FORMAT_TRACE,
        "2: select ?,?,?,?,? 1 -2.5 'x' null blob2 [7 us]\n"
        "3: select :a, ?, :a, ? -5 'it's' blob2\n4: select ? 1 !\n"
        "skipped 5: a parameter that is no value\nskipped 6: no member \"sql\"\n"
        "skipped 7: no JSON\n");
}

static void long_lines_are_passed_over(void **state)
{
    size_t len = 3 << 20;
    char *text = rh_mem_alloc(len + 200);
    input in = {.name = "log", .data = text, .options = {.max_line_bytes = 2 << 20}};

    (void)state;
    assert_non_null(text);
    (void)snprintf(text, 100, "2021-12-03 07:14:48.591 UTC [1] LOG:  a\n");
    memset(text + strlen(text), 'x', len);
    (void)snprintf(text + len, 200, "\n2021-12-03 07:14:48.591 UTC [1] LOG:  b");
    in.len = len + strlen(text + len);
    assert_reads_as(&in, RH_LOG_FORMAT_STDERR, "M a\nskipped 2: line too long\nM b\n");
    rh_mem_free(text);
}

static void what_stands_before_damage_is_taken(void **state)
{
    static uint8_t packed[65536];
    static char text[40000];
    z_stream z = {0};
    input in = {.name = "log.gz", .data = packed};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    for (size_t i = 0; i + 50 < sizeof text;)
        i += (size_t)snprintf(text + i, sizeof text - i,
                              "2021-12-03 07:14:48.%03zu UTC [1] LOG:  a%zu\n", i % 1000, i * i);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    z.next_in = (Bytef *)text;
    z.avail_in = (uInt)strlen(text);
    z.next_out = packed;
    z.avail_out = sizeof packed;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    in.len = z.total_out - 100;
    assert_int_equal(deflateEnd(&z), Z_OK);
    assert_int_equal(read_input(&in, &out, NULL), RH_OK);
    assert_true(in.summary.damaged);
    assert_non_null(strstr(rh_buf_cstr(&out), "compressed data damaged or cut off"));
    assert_true(in.summary.lines > 10);
    rh_buf_done(&out);
}

static void what_is_no_log_is_refused(void **state)
{
    static const struct {
        const char *data;
        size_t len;
        const char *prefix;
        const char *text;
    } cases[] = {
        {"SQLite format 3\0..", 18, NULL, "is a database"},
        {"\0\0\0\0\0\0\0\0x", 9, NULL, "holds no text"},
        {"\xff\xfe"
         "2\0",
         4, NULL, "holds no text"},
        {"just prose, no log\n", 19, NULL, "is no log"},
        {"2021-12-03 07:14:48.591 UTC [1] LOG:  a\n", 40, "%u@%d ", "no line begins with"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        input in = {.name = "x", .data = cases[i].data, .len = cases[i].len};
        rh_buf out = RH_BUF_INIT;
        rh_error err = RH_ERROR_INIT;

        in.options.prefix = cases[i].prefix;
        assert_int_equal(read_input(&in, &out, &err), RH_EFORMAT);
        if (strstr(err.text, cases[i].text) == NULL)
            fail_msg("case %zu: %s", i, err.text);
        rh_buf_done(&out);
    }
}

static void an_empty_log_is_read(void **state)
{
    input in = {.name = "x", .data = "", .len = 0};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(read_input(&in, &out, NULL), RH_OK);
    assert_int_equal(out.len, 0);
}

static rh_status read_one(void *ctx, rh_error *err)
{
    rh_buf out = RH_BUF_INIT;
    rh_status status = read_input(ctx, &out, err);

    rh_buf_done(&out);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    static const char *const texts[] = {
        "2021-12-03 07:14:48.591 UTC [1] LOG:  a\n\tb\n2021-12-03 07:14:48.591 UTC|1|LOG:  a\n",
        "{\"log\":\"2021-12-03 07:14:48 UTC LOG:  a\"}\n{\"log\":\"2021-12-03 07:14:48 UTC|LOG:  "
        "a\"}\n",
        CSV_HEAD "\"a\nb\",,,,,,,,,\"app\"\n",
        "{\"log\":\"2021-12-03 07:14:48.591 UTC [1] LOG:  a\"}\n{\"log\":\"b\\n\"}\n",
        "{\"rehearse_trace\":1}\n{\"sql\":\"select ?\",\"expanded\":\"select 1\"}\n",
        "select 1;\nselect 2;\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        input in = {.name = "x", .data = texts[i], .len = strlen(texts[i])};

        assert_true(fail_nth(read_one, &in) >= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stderr_keeps_lines_and_parts_apart),
        cmocka_unit_test(a_message_that_cannot_be_read_is_skipped_whole),
        cmocka_unit_test(windows_line_ends_are_taken_off),
        cmocka_unit_test(a_prefix_that_changes_is_followed),
        cmocka_unit_test(a_prefix_that_changes_inside_wrappers_is_followed),
        cmocka_unit_test(foreign_lines_do_not_hide_a_change),
        cmocka_unit_test(csvlog_of_all_versions),
        cmocka_unit_test(a_csv_record_that_was_cut_does_not_swallow_the_next),
        cmocka_unit_test(json_in_all_its_wrappings),
        cmocka_unit_test(json_objects_that_were_cut_go_on_in_the_next_line),
        cmocka_unit_test(syslog_pieces_come_together),
        cmocka_unit_test(kubernetes_and_heroku_lines),
        cmocka_unit_test(scripts_are_cut_into_statements),
        cmocka_unit_test(traces_give_typed_values),
        cmocka_unit_test(long_lines_are_passed_over),
        cmocka_unit_test(what_stands_before_damage_is_taken),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(an_empty_log_is_read),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
