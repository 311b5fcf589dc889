/*
 * The scan piece by piece: rows of both engines, printed rows, sections, files, the report.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/hash.h"
#include "fail_nth.h"
#include "leak_internal.h"

static const uint8_t key[RH_SEEN_KEY_BYTES] = "0123456789abcdef0123456789abcdef";
static rh_seen_set *set;

static int remember(void **state)
{
    rh_buf file = RH_BUF_INIT;
    rh_seen *seen = NULL;

    (void)state;
    rh_mem_adopt_jansson();
    assert_int_equal(rh_seen_new(0, &seen, NULL), RH_OK);
    assert_int_equal(
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_TEXT, "jane@example.org", 16, NULL, 0}, NULL),
        RH_OK);
    assert_int_equal(
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_TEXT, "+1 202 555 0143", 15, NULL, 0}, NULL),
        RH_OK);
    assert_int_equal(
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_TEXT, "Order's no. 12 b", 16, NULL, 0}, NULL),
        RH_OK);
    assert_int_equal(rh_seen_seal(seen, key, &file, NULL), RH_OK);
    assert_int_equal(rh_seen_unseal(file.data, file.len, key, &set, NULL), RH_OK);
    rh_buf_done(&file);
    rh_seen_free(seen);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    rh_seen_set_free(set);
    return 0;
}

static rh_leak *new_leak(rh_leak_detectors detectors)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_leak *leak = NULL;

    options.seen = set;
    options.detectors = detectors;
    assert_int_equal(rh_leak_new(&options, &leak, NULL), RH_OK);
    return leak;
}

/* Frees the scan; true when there are leaks. */
static bool report_of(rh_leak *leak, json_t **out)
{
    bool leaks = false;

    assert_int_equal(rh_leak_report(leak, out, &leaks, NULL), RH_OK);
    assert_int_equal(leaks, json_array_size(json_object_get(*out, "leaks")) > 0);
    assert_int_equal(leaks, !json_is_true(json_object_get(*out, "ok")));
    assert_true(json_real_value(json_object_get(*out, "false_positive_bound")) < 0.01);
    rh_leak_free(leak);
    return leaks;
}

static void assert_leak(const json_t *report, const char *table, const char *column,
                        const char *place, const char *kind, int count)
{
    const json_t *leaks = json_object_get(report, "leaks");

    for (size_t i = 0; i < json_array_size(leaks); i++) {
        const json_t *item = json_array_get(leaks, i);
        const char *t = json_string_value(json_object_get(item, "table"));
        const char *c = json_string_value(json_object_get(item, "column"));

        if ((table == NULL ? t == NULL : t != NULL && strcmp(t, table) == 0) &&
            (column == NULL ? c == NULL : c != NULL && strcmp(c, column) == 0) &&
            strcmp(json_string_value(json_object_get(item, "place")), place) == 0 &&
            strcmp(json_string_value(json_object_get(item, "detector")), kind) == 0) {
            assert_int_equal(json_integer_value(json_object_get(item, "count")), count);
            return;
        }
    }
    fail_msg("no leak in %s.%s, %s: %s", table == NULL ? "-" : table, column == NULL ? "-" : column,
             place, json_dumps(leaks, 0));
}

static const rh_column columns[] = {
    {.name = "id", .type = "bigint"},
    {.name = "twice", .type = "bigint", .generated = true},
    {.name = "note", .type = "text"},
    {.name = "mail", .type = "text"},
};

static rh_table table = {.schema = "public",
                         .name = "users",
                         .full_name = "public.users",
                         .columns = columns,
                         .column_count = 4};

/* ---- rows ---- */

static rh_status feed(rh_leak *leak, rh_rows_format format, const void *data, size_t len,
                      rh_error *err)
{
    rh_batch batch = {.data = data, .len = len, .ends = &len, .rows = 1};
    rh_leak_table *reader = NULL;
    rh_status status = rh_leak_table_open(leak, &table, &reader, err);
    rh_status closed;

    if (status == RH_OK)
        status = rh_leak_table_rows(reader, format, &batch, err);
    closed = rh_leak_table_close(reader, status == RH_OK ? err : NULL);
    return status == RH_OK ? closed : status;
}

static void copy_rows_are_scanned_by_column(void **state)
{
    static const char row[] = "17\tcall \\\\jane@example.org\\nnow\tjane@example.org\n";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, NULL), RH_OK);
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, "18\t\\N\tx\n", 8, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.users", "mail", "rows", "email", 1);
    assert_leak(report, "public.users", "note", "rows", "email", 1);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(report, "scanned"), "rows")), 2);
    json_decref(report);
}

static void sqlite_rows_are_scanned_by_column(void **state)
{
    /* length, rowid 34, header 4: NULL (the rowid), blob of 8, text of 16 */
    static const char row[] =
        "\x1d\x44\x04\x00\x1c\x2d\x01\x02\x03\x04\x05\x06\x07\x08jane@example.org";
    static const char phone[] = "\x0d\x44\x04\x06\x00\x00\x00\x00\x00\x02\xcc\xb6\x05\x0f";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    table.extra = json_pack("{s:b, s:i, s:s}", "rowid", 1, "ipk", 0, "encoding", "UTF-8");
    assert_int_equal(feed(leak, RH_ROWS_SQLITE, row, sizeof row - 1, NULL), RH_OK);
    assert_int_equal(feed(leak, RH_ROWS_SQLITE, phone, sizeof phone - 1, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.users", "mail", "rows", "email", 1);
    json_decref(report);
    leak = new_leak(RH_LEAK_DETECTORS_ON);
    for (size_t len = 0; len < sizeof row - 1; len++) {
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(feed(leak, RH_ROWS_SQLITE, row, len, &err), RH_EFORMAT);
        assert_int_equal(err.code, RH_EFORMAT);
    }
    rh_leak_free(leak);
    json_decref((json_t *)(uintptr_t)table.extra);
    table.extra = NULL;
}

static void utf16_rows_are_scanned(void **state)
{
    uint8_t row[64] = "\x25\x44\x04\x00\x00\x4d";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    for (size_t i = 0; i < 16; i++)
        row[6 + 2 * i] = (uint8_t) "jane@example.org"[i];
    table.extra = json_pack("{s:b, s:s}", "rowid", 1, "encoding", "UTF-16le");
    assert_int_equal(feed(leak, RH_ROWS_SQLITE, row, 38, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.users", "mail", "rows", "email", 1);
    json_decref(report);
    json_decref((json_t *)(uintptr_t)table.extra);
    table.extra = NULL;
}

static void printed_rows_are_scanned(void **state)
{
    static const char lines[] = "1\t1\t'it''s jane@example.org'\tNULL\n"
                                "2\t2\tx'6a616e65406578616d706c652e6f7267'\tNULL\n"
                                "3\t3\tNULL\tCAST(x'6a616e65406578616d706c652e6f7267' AS TEXT)";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    rh_leak_table *reader = NULL;
    json_t *report = NULL;

    (void)state;
    table.extra = json_pack("{s:b}", "rowid", 1);
    assert_int_equal(rh_leak_table_open(leak, &table, &reader, NULL), RH_OK);
    assert_int_equal(rh_leak_table_text(reader, RH_ENGINE_SQLITE, lines, sizeof lines - 1, NULL),
                     RH_OK);
    assert_int_equal(rh_leak_table_close(reader, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.users", "note", "rows", "email", 2);
    assert_leak(report, "public.users", "mail", "rows", "email", 1);
    json_decref(report);
    json_decref((json_t *)(uintptr_t)table.extra);
    table.extra = NULL;
}

/* ---- sections ---- */

static void dumps_are_scanned_by_object(void **state)
{
    static const char sql[] =
        "-- Name: users; Type: TABLE; Schema: public; Owner: -\n"
        "CREATE TABLE public.users (\n"
        "    mail text DEFAULT 'jane@example.org'::text,\n"
        "-- Name: COLUMN users.mail; Type: COMMENT; Schema: public; Owner: -\n"
        "COMMENT ON COLUMN public.users.mail IS 'like jane@example.org';\n"
        "-- Name: who; Type: VIEW; Schema: public; Owner: -\n"
        "  WHERE (mail = 'jane@example.org'::text);\n"
        "-- Name: state; Type: TYPE; Schema: public; Owner: -\n"
        "    'jane@example.org'\n"
        "-- Name: part_a; Type: TABLE ATTACH; Schema: public; Owner: -\n"
        "ALTER TABLE ONLY public.p ATTACH PARTITION public.part_a FOR VALUES IN "
        "('jane@example.org');\n"
        "-- Name: f(); Type: FUNCTION; Schema: public; Owner: -\n"
        "  select '+1 (202) 555-0143'\n";
    static const char statistics[] =
        "{\"kind\":\"column\",\"schema\":\"public\",\"table\":\"users\",\"column\":\"mail\","
        "\"slots\":[{\"values\":\"{jane@example.org,\\\"x y\\\"}\"}]}\n"
        "not json jane@example.org\n";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    assert_int_equal(
        rh_leak_section(leak, RH_ENGINE_POSTGRESQL, "pre-data", sql, sizeof sql - 1, NULL), RH_OK);
    assert_int_equal(rh_leak_section(leak, RH_ENGINE_POSTGRESQL, "statistics", statistics,
                                     sizeof statistics - 1, NULL),
                     RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.users", "mail", "default", "email", 1);
    assert_leak(report, "public.users", "mail", "comment", "email", 1);
    assert_leak(report, "public.who", NULL, "view", "email", 1);
    assert_leak(report, "public.state", NULL, "type", "email", 1);
    assert_leak(report, "public.part_a", NULL, "partition bound", "email", 1);
    assert_leak(report, "public.f()", NULL, "function", "phone", 1);
    assert_leak(report, "public.users", "mail", "statistics", "email", 1);
    assert_leak(report, NULL, NULL, "statistics", "email", 1);
    json_decref(report);
}

static void sqlite_schema_and_settings_are_scanned(void **state)
{
    static const char schema[] =
        "[{\"type\":\"view\",\"tbl_name\":\"v\",\"sql\":\"CREATE VIEW v AS SELECT "
        "'jane@example.org'\"},{\"type\":\"table\",\"tbl_name\":\"t\",\"sql\":\"CREATE TABLE t(a "
        "DEFAULT 'jane@example.org')\"}]";
    json_t *facts = json_pack("{s:[{s:s}], s:{s:s}}", "sequences", "comment", "jane@example.org",
                              "settings", "app.admin", "jane@example.org");
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    (void)state;
    assert_int_equal(
        rh_leak_section(leak, RH_ENGINE_SQLITE, "schema", schema, sizeof schema - 1, NULL), RH_OK);
    assert_int_equal(rh_leak_section(leak, RH_ENGINE_SQLITE, "schema", "nonsense", 8, &err),
                     RH_EFORMAT);
    assert_int_equal(rh_leak_facts(leak, facts, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "main.v", NULL, "view", "email", 1);
    assert_leak(report, "main.t", NULL, "table definition", "email", 1);
    assert_leak(report, NULL, NULL, "sequence", "email", 1);
    assert_leak(report, NULL, NULL, "settings", "email", 2);
    json_decref(report);
    json_decref(facts);
}

/* A value of several words is known as a whole only: between the quotes that stand around it. */
static void literals_of_sql_stand_alone(void **state)
{
    static const char sql[] =
        "-- Name: v; Type: VIEW; Schema: public; Owner: -\n"
        "  WHERE a = 'it''s' AND (b = 'Order''s no. 12 b'::text) -- don't\n"
        "-- Name: w; Type: VIEW; Schema: public; Owner: -\n"
        "  WHERE b = '\\x4f726465722773206e6f2e2031322062'::bytea OR b = 'Order''s no. 12\n"
        "-- Name: x; Type: VIEW; Schema: public; Owner: -\n"
        "  WHERE b = 'Order''s no. 12 c' OR b = '' OR b = 'an open one\n";
    static const char schema[] =
        "[{\"type\":\"trigger\",\"tbl_name\":\"t\",\"sql\":\"CREATE TRIGGER "
        "x SELECT 'Order''s no. 12 b'\"}]";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    assert_int_equal(
        rh_leak_section(leak, RH_ENGINE_POSTGRESQL, "pre-data", sql, sizeof sql - 1, NULL), RH_OK);
    assert_int_equal(
        rh_leak_section(leak, RH_ENGINE_SQLITE, "schema", schema, sizeof schema - 1, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    assert_leak(report, "public.v", NULL, "view", "words", 1);
    assert_leak(report, "public.w", NULL, "view", "words", 1);
    assert_leak(report, "main.t", NULL, "function", "words", 1);
    assert_int_equal(json_array_size(json_object_get(report, "leaks")), 3);
    json_decref(report);
}

/* ---- the report ---- */

static void look_alikes_are_notes_unless_strict(void **state)
{
    static const char row[] = "1\tx\tjohn@example.org\n";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;

    (void)state;
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, NULL), RH_OK);
    assert_false(report_of(leak, &report));
    assert_int_equal(json_array_size(json_object_get(report, "notes")), 1);
    json_decref(report);
    leak = new_leak(RH_LEAK_DETECTORS_STRICT);
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    json_decref(report);
    leak = new_leak(RH_LEAK_DETECTORS_OFF);
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, NULL), RH_OK);
    assert_false(report_of(leak, &report));
    assert_int_equal(json_array_size(json_object_get(report, "notes")), 0);
    json_decref(report);
}

static void reports_never_show_a_value(void **state)
{
    static const char row[] = "17\tcall jane@example.org\tjohn@example.org\n";
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    json_t *report = NULL;
    char *text;

    (void)state;
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, NULL), RH_OK);
    assert_true(report_of(leak, &report));
    text = json_dumps(report, 0);
    assert_non_null(text);
    assert_null(strstr(text, "jane"));
    assert_null(strstr(text, "john"));
    rh_mem_free(text);
    json_decref(report);
}

static void refuses_a_senseless_sample(void **state)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_leak *leak = NULL;

    (void)state;
    options.sample = 0;
    assert_int_equal(rh_leak_new(&options, &leak, NULL), RH_EUSAGE);
    options.sample = 1.5;
    assert_int_equal(rh_leak_new(&options, &leak, NULL), RH_EUSAGE);
    assert_null(leak);
    rh_leak_free(NULL);
    assert_int_equal(rh_leak_table_close(NULL, NULL), RH_OK);
}

static void a_sample_takes_its_share_and_always_the_first(void **state)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_leak_table *reader = NULL;
    rh_leak *leak = NULL;

    (void)state;
    options.sample = 0.25;
    assert_int_equal(rh_leak_new(&options, &leak, NULL), RH_OK);
    assert_int_equal(rh_leak_table_open(leak, &table, &reader, NULL), RH_OK);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(rh_leak_table_text(reader, RH_ENGINE_POSTGRESQL, "1\n", 2, NULL), RH_OK);
        if (i == 0)
            assert_int_equal(reader->rows, 1);
    }
    assert_int_equal(reader->rows, 10);
    assert_int_equal(rh_leak_table_close(reader, NULL), RH_OK);
    rh_leak_free(leak);
}

static void a_canceled_scan_stops(void **state)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_cancel cancel = {0};
    rh_leak *leak = NULL;

    (void)state;
    options.cancel = &cancel;
    rh_cancel_request(&cancel);
    assert_int_equal(rh_leak_new(&options, &leak, NULL), RH_OK);
    assert_int_equal(feed(leak, RH_ROWS_PGCOPY, "1\n", 2, NULL), RH_ECANCELED);
    rh_leak_free(leak);
}

/* ---- files ---- */

static char dir[] = "/tmp/rh_leak_XXXXXX";
static char path[64];

static void put_file(const void *data, size_t len)
{
    assert_int_equal(rh_fs_write(path, 0600, data, len, NULL), RH_OK);
}

static void odd_files_are_read_without_harm(void **state)
{
    uint8_t file[4096];
    uint64_t random = 88172645463325252u;

    (void)state;
    for (int round = 0; round < 300; round++) {
        rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);

        for (size_t i = 0; i < sizeof file; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            file[i] = (uint8_t)(random % 7 == 0 ? random >> 8 : random % 4);
        }
        memcpy(file, "SQLite format 3", 16);
        file[16] = round % 4 == 0 ? 0 : 2;
        file[17] = (uint8_t)(round % 5 == 0);
        memset(file + 32, 0, 4);
        file[35] = (uint8_t)(random % 9);
        file[512] = 13;
        put_file(file, (size_t)(random % sizeof file));
        assert_int_equal(rh_leak_file(leak, path, NULL), RH_OK);
        rh_leak_free(leak);
    }
}

static void files_beside_are_searched(void **state)
{
    rh_leak *leak = new_leak(RH_LEAK_DETECTORS_ON);
    rh_error err = RH_ERROR_INIT;
    char wal[80];
    json_t *report = NULL;

    (void)state;
    put_file("", 0);
    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(rh_fs_write(wal, 0600, "\x03\x2d\x19jane@example.orgfoobar", 25, NULL), RH_OK);
    assert_int_equal(rh_leak_file(leak, path, NULL), RH_OK);
    assert_int_equal(rh_leak_file(leak, "/nonexistent/file", &err), RH_ENOTFOUND);
    assert_true(report_of(leak, &report));
    assert_leak(report, NULL, NULL, "write-ahead log", "email", 1);
    json_decref(report);
}

static rh_status scan_all(void *ctx, rh_error *err)
{
    static const char row[] = "17\tcall \\\\jane@example.org\\nnow\tjane%40example.org\n";
    static const char statistics[] =
        "{\"schema\":\"a\",\"table\":\"b\",\"x\":\"jane@example.org\"}\n";
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_leak *leak = NULL;
    json_t *report = NULL;
    bool leaks = false;
    rh_status status;

    (void)ctx;
    options.seen = set;
    status = rh_leak_new(&options, &leak, err);
    if (status == RH_OK)
        status = feed(leak, RH_ROWS_PGCOPY, row, sizeof row - 1, err);
    if (status == RH_OK)
        status = rh_leak_section(leak, RH_ENGINE_POSTGRESQL, "statistics", statistics,
                                 sizeof statistics - 1, err);
    if (status == RH_OK)
        status = rh_leak_file(leak, path, err);
    if (status == RH_OK)
        status = rh_leak_report(leak, &report, &leaks, err);
    if (status != RH_OK)
        assert_null(report);
    else
        assert_true(leaks);
    json_decref(report);
    rh_leak_free(leak);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(scan_all, NULL) > 20);
}

static int make_dir(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/file", dir);
    return remember(state);
}

static int remove_dir(void **state)
{
    if (rh_fs_remove_tree(dir, NULL) != RH_OK)
        return -1;
    return forget(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_rows_are_scanned_by_column),
        cmocka_unit_test(sqlite_rows_are_scanned_by_column),
        cmocka_unit_test(utf16_rows_are_scanned),
        cmocka_unit_test(printed_rows_are_scanned),
        cmocka_unit_test(dumps_are_scanned_by_object),
        cmocka_unit_test(sqlite_schema_and_settings_are_scanned),
        cmocka_unit_test(literals_of_sql_stand_alone),
        cmocka_unit_test(look_alikes_are_notes_unless_strict),
        cmocka_unit_test(reports_never_show_a_value),
        cmocka_unit_test(refuses_a_senseless_sample),
        cmocka_unit_test(a_sample_takes_its_share_and_always_the_first),
        cmocka_unit_test(a_canceled_scan_stops),
        cmocka_unit_test(odd_files_are_read_without_harm),
        cmocka_unit_test(files_beside_are_searched),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
