/*
 * What goes wrong: hostile rows and schemas, unreadable files, locks, full disks, no memory.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_copy.h"

static struct {
    char *source;
    char *target;
    char *name;
} t;

static int setup(void **state)
{
    (void)state;
    lite_dir();
    t.source = lite_path("source.db");
    t.target = lite_path("target.db");
    t.name = rh_mem_printf("sqlite:%s", t.target);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(t.source);
    rh_mem_free(t.target);
    rh_mem_free(t.name);
    lite_dir_done();
    return 0;
}

static void take(lite_snapshot *snapshot)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;

    if (lite_snapshot_take(t.source, &options, snapshot, &err) != RH_OK)
        fail_msg("%s", err.text);
}

static rh_status restore(const lite_snapshot *snapshot, rh_error *err)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    return lite_snapshot_restore(snapshot, t.name, &options, 0, NULL, err);
}

/* ---- hostile input of a restore ---- */

static void make_small_source(void)
{
    lite_script(
        t.source,
        "CREATE TABLE a(i INTEGER PRIMARY KEY, t TEXT UNIQUE, b BLOB);"
        "INSERT INTO a VALUES(1, 'one', x'00'), (300, 'three hundred', NULL), (-7, '', 1.5);"
        "CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w VALUES(1, 2), (3, 4)");
}

static void damaged_rows_are_refused_or_harmless(void **state)
{
    lite_snapshot snapshot;
    size_t refused = 0;

    (void)state;
    make_small_source();
    take(&snapshot);
    for (size_t table = 0; table < 2; table++) {
        rh_buf *rows = &snapshot.rows[table];

        for (size_t at = 0; at < rows->len; at++) {
            for (unsigned change = 1; change < 256; change += 61) {
                rh_error err = RH_ERROR_INIT;
                int64_t count = snapshot.counts[table];
                rh_status status;

                rows->data[at] = (uint8_t)(rows->data[at] ^ change);
                /* A changed length may make more or fewer rows; the caller compares hashes. */
                {
                    rh_batch_builder builder;
                    rh_batch batch;

                    rh_batch_builder_init(&builder, 0);
                    if (rh_rows_split(RH_ROWS_SQLITE, rows->data, rows->len, &builder, &batch,
                                      NULL) == RH_OK)
                        snapshot.counts[table] = (int64_t)batch.rows;
                    rh_batch_builder_done(&builder);
                }
                status = restore(&snapshot, &err);
                rows->data[at] = (uint8_t)(rows->data[at] ^ change);
                snapshot.counts[table] = count;
                if (status == RH_OK) {
                    assert_int_equal(RH_OK, rh_fs_remove(t.target, NULL));
                    continue;
                }
                /* A changed value can also break the unique index: that is the database's word. */
                assert_true(status == RH_EFORMAT || status == RH_EDB);
                refused += status == RH_EFORMAT ? 1 : 0;
            }
        }
    }
    assert_true(refused > 50);
    lite_snapshot_free(&snapshot);
}

static void cut_rows_are_refused(void **state)
{
    lite_snapshot snapshot;
    size_t whole;

    (void)state;
    make_small_source();
    take(&snapshot);
    whole = snapshot.rows[0].len;
    for (size_t cut = 1; cut < 12; cut++) {
        rh_error err = RH_ERROR_INIT;

        snapshot.rows[0].len = whole - cut;
        assert_int_equal(RH_EFORMAT, restore(&snapshot, &err));
    }
    snapshot.rows[0].len = whole;
    assert_int_equal(RH_OK, restore(&snapshot, NULL));
    lite_snapshot_free(&snapshot);
}

static void a_row_that_comes_twice_is_refused(void **state)
{
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    size_t len;

    (void)state;
    make_small_source();
    take(&snapshot);
    len = snapshot.rows[0].len;
    for (size_t i = 0; i < len; i++)
        assert_int_equal(RH_OK,
                         rh_buf_append_byte(&snapshot.rows[0], snapshot.rows[0].data[i], NULL));
    assert_int_equal(RH_EFORMAT, restore(&snapshot, &err));
    assert_non_null(strstr(err.text, "twice"));
    lite_snapshot_free(&snapshot);
}

/* An entry of the schema section that was changed by somebody who can write the repository. */
static void hostile_schemas_are_refused(void **state)
{
    static const char *const schemas[] = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"id\": 1, \"type\": \"table\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\"}]",
        "[{\"id\": 1, \"type\": \"nothing\", \"name\": \"a\", \"tbl_name\": \"a\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql\": \"DROP TABLE b\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql\": \"CREATE TABLE z(a)\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql\": \"CREATE TABLE a AS SELECT 1\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql\": \"CREATE TABLE a(i, t, b) WITHOUT ROWID\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql\": \"CREATE TABLE a(i, t)\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql_hex\": \"4\"}]",
        "[{\"id\": 1, \"type\": \"table\", \"name\": \"a\", \"tbl_name\": \"a\", \"btree\": true, "
        "\"sql_hex\": \"00\"}]",
        "[{\"id\": 2, \"type\": \"view\", \"name\": \"a\", \"tbl_name\": \"a\", \"sql\": \"CREATE "
        "VIEW a AS SELECT 1\"},"
        " {\"id\": 1, \"type\": \"view\", \"name\": \"b\", \"tbl_name\": \"b\", \"sql\": \"CREATE "
        "VIEW b AS SELECT 1\"}]",
        "[{\"id\": 1, \"type\": \"index\", \"name\": \"i\", \"tbl_name\": \"nowhere\", \"btree\": "
        "true, \"sql\": \"CREATE INDEX i ON nowhere(x)\"}]",
    };
    lite_snapshot snapshot;

    (void)state;
    make_small_source();
    take(&snapshot);
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_status status;

        rh_buf_clear(&snapshot.schema);
        assert_int_equal(RH_OK, rh_buf_append_str(&snapshot.schema, schemas[i], NULL));
        status = restore(&snapshot, &err);
        if (status != RH_EFORMAT && status != RH_EDB)
            fail_msg("schema %zu: status %d, %s", i, status, err.text);
        assert_false(rh_fs_exists(t.target));
    }
    lite_snapshot_free(&snapshot);
}

static void hostile_facts_are_refused(void **state)
{
    static const char *const facts[] = {
        "{\"page_size\": 1000}",     "{\"page_size\": \"big\"}", "{\"page_size\": 131072}",
        "{\"encoding\": \"latin\"}", "{\"auto_vacuum\": 9}",     "{\"file_bytes\": -1}",
        "{\"user_version\": 1.5}",
    };
    lite_snapshot snapshot;

    (void)state;
    make_small_source();
    take(&snapshot);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        json_t *good = snapshot.facts;
        json_t *change = json_loads(facts[i], 0, NULL);
        rh_error err = RH_ERROR_INIT;

        snapshot.facts = json_deep_copy(good);
        json_object_update(snapshot.facts, change);
        assert_int_equal(RH_EFORMAT, restore(&snapshot, &err));
        json_decref(snapshot.facts);
        json_decref(change);
        snapshot.facts = good;
    }
    json_object_set_new(snapshot.facts, "engine", json_string("postgresql"));
    assert_int_equal(RH_EUSAGE, restore(&snapshot, NULL));
    lite_snapshot_free(&snapshot);
}

static void an_index_with_an_unknown_function_fails_by_name(void **state)
{
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(t.source,
                "CREATE TABLE a(x); INSERT INTO a VALUES(1); CREATE INDEX i ON a(x);"
                "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i "
                "ON a(app_function(x))' WHERE name = 'i'");
    take(&snapshot);
    assert_int_equal(RH_EDB, restore(&snapshot, &err));
    assert_non_null(strstr(err.text, "index 'i'"));
    assert_false(rh_fs_exists(t.target));
    lite_snapshot_free(&snapshot);
}

/* ---- sources that cannot be read ---- */

static void sources_that_are_not_there_are_named(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(RH_ENOTFOUND, rh_source_open("sqlite:/no/such/file", &options, &source, &err));
    assert_non_null(strstr(err.text, "/no/such/file"));
    assert_int_equal(RH_EUSAGE, rh_source_open("sqlite:/tmp", &options, &source, NULL));
    assert_int_equal(RH_EUSAGE, rh_source_open("sqlite:", &options, &source, NULL));
    assert_int_equal(RH_EUSAGE, rh_source_open("/tmp", &options, &source, NULL));
}

static void a_file_that_is_no_database_is_an_error(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    char text[2048];

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(RH_OK, rh_fs_write(t.source, 0600, text, sizeof text, NULL));
    assert_int_equal(RH_EDB, lite_snapshot_take(t.source, &options, &snapshot, &err));
    assert_non_null(strstr(err.text, "not a database"));
}

static void a_locked_file_is_busy_after_the_wait(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    sqlite3 *db = NULL;
    int64_t started;

    (void)state;
    make_small_source();
    assert_int_equal(SQLITE_OK, sqlite3_open(t.source, &db));
    assert_int_equal(SQLITE_OK, sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL));
    options.lock_timeout_us = 50000;
    options.lock_wait_us = 300000;
    started = rh_clock_mono_us();
    assert_int_equal(RH_EBUSY, lite_snapshot_take(t.source, &options, &snapshot, &err));
    assert_true(rh_clock_mono_us() - started >= 300000);
    assert_true(err.hint[0] != '\0');
    sqlite3_close(db);
    assert_int_equal(RH_OK, lite_snapshot_take(t.source, &options, &snapshot, NULL));
    lite_snapshot_free(&snapshot);
}

/* A writer that died in the middle of a transaction leaves a hot journal. */
static void make_hot_journal(void)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        sqlite3 *db = NULL;

        sqlite3_open(t.source, &db);
        sqlite3_exec(db,
                     "PRAGMA cache_size=5; PRAGMA cache_spill=1; BEGIN IMMEDIATE;"
                     "UPDATE big SET v = randomblob(900)",
                     NULL, NULL, NULL);
        _exit(0);
    }
    assert_int_equal(pid, waitpid(pid, &status, 0));
}

static void a_hot_journal_is_explained(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_source *source = NULL;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(t.source, "PRAGMA journal_mode=DELETE; CREATE TABLE big(v);"
                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                          "i < 500) INSERT INTO big SELECT zeroblob(900) FROM n");
    make_hot_journal();
    assert_true(lite_snapshot_take(t.source, &options, &snapshot, &err) < 0);
    assert_non_null(strstr(err.hint, "hot journal"));
    assert_int_equal(RH_OK, rh_source_open(t.source, &options, &source, NULL));
    assert_int_equal(RH_OK, rh_source_preflight(source, &problems, NULL));
    rh_source_close(source);
    assert_int_equal(1, rh_problems_fatal(&problems));
    assert_non_null(strstr(problems.items[0].hint, "hot journal"));
    rh_problems_done(&problems);
}

/* A user without the right to write beside a file in WAL mode, as a nightly job may be. */
static void a_read_only_directory_in_wal_mode_is_explained(void **state)
{
    int status = 0;
    pid_t pid;
    char *slash = strrchr(t.source, '/');

    (void)state;
    if (getuid() != 0)
        skip();
    lite_script(t.source, "PRAGMA journal_mode=WAL; CREATE TABLE t(a)");
    *slash = '\0';
    assert_int_equal(0, chmod(t.source, 0755));
    *slash = '/';
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        rh_source_options options = RH_SOURCE_OPTIONS_INIT;
        rh_problems problems = RH_PROBLEMS_INIT;
        rh_source *source = NULL;
        bool good = setgid(65534) == 0 && setuid(65534) == 0 &&
                    rh_source_open(t.source, &options, &source, NULL) == RH_OK &&
                    rh_source_preflight(source, &problems, NULL) == RH_OK &&
                    rh_problems_fatal(&problems) == 1 && problems.items[0].hint != NULL &&
                    strstr(problems.items[0].hint, "directory") != NULL;

        _exit(good ? 0 : 1);
    }
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void a_damaged_source_is_an_error_not_fewer_rows(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    char junk[4096];
    int fd;

    (void)state;
    lite_script(t.source,
                "CREATE TABLE big(v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + "
                "1 FROM n WHERE i < 500) INSERT INTO big SELECT zeroblob(900) FROM n");
    fd = open(t.source, O_WRONLY);
    memset(junk, 0xee, sizeof junk);
    assert_int_equal(sizeof junk, pwrite(fd, junk, sizeof junk, 4096 * 20));
    close(fd);
    assert_int_equal(RH_EDB, lite_snapshot_take(t.source, &options, &snapshot, &err));
}

/* ---- targets that cannot be written ---- */

static void a_full_disk_fails_cleanly(void **state)
{
    struct rlimit old;
    struct rlimit small;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;
    rh_status status;
    char *slash = strrchr(t.source, '/');
    char **names = NULL;
    size_t count = 0;

    (void)state;
    lite_script(t.source, "CREATE TABLE big(v UNIQUE); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                          "SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO big SELECT "
                          "randomblob(900) FROM n");
    take(&snapshot);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
    small = old;
    small.rlim_cur = 5 * 1024 * 1024;
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &small));
    status = restore(&snapshot, &err);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
    assert_int_equal(RH_EIO, status);
    assert_non_null(strstr(err.text, "rehearse-")); /* the file that was being built */
    assert_non_null(strstr(err.text, " free)"));
    *slash = '\0';
    assert_int_equal(RH_OK, rh_fs_list(t.source, &names, &count, NULL));
    *slash = '/';
    assert_int_equal(1, count);
    rh_fs_list_free(names);
    lite_snapshot_free(&snapshot);
}

static void a_canceled_restore_leaves_nothing(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_cancel cancel = {0};
    lite_snapshot snapshot;

    (void)state;
    make_small_source();
    take(&snapshot);
    rh_cancel_request(&cancel);
    options.cancel = &cancel;
    assert_int_equal(RH_ECANCELED,
                     lite_snapshot_restore(&snapshot, t.name, &options, 0, NULL, NULL));
    assert_false(rh_fs_exists(t.target));
    lite_snapshot_free(&snapshot);
}

/* ---- no memory ---- */

typedef struct memory_sink {
    int64_t rows;
} memory_sink;

static rh_status count_rows(void *ctx, const rh_batch *batch, rh_error *err)
{
    memory_sink *sink = ctx;

    (void)err;
    sink->rows += (int64_t)batch->rows;
    return RH_OK;
}

/* All of a source's calls, in one thread. */
static rh_status use_source(rh_error *err)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    const rh_catalog *catalog = NULL;
    rh_session *session = NULL;
    rh_source *source = NULL;
    rh_buf schema = RH_BUF_INIT;
    json_t *json = NULL;
    memory_sink sink = {0};
    rh_status status = rh_source_open(t.source, &options, &source, err);

    if (status == RH_OK)
        status = rh_source_preflight(source, &problems, err);
    if (status == RH_OK)
        status = rh_source_begin(source, err);
    if (status == RH_OK)
        status = rh_source_catalog(source, &catalog, err);
    if (status == RH_OK)
        status = rh_source_facts(source, &json, err);
    if (status == RH_OK)
        status = rh_source_section(source, "schema", &schema, err);
    if (status == RH_OK)
        status = rh_session_open(source, &session, err);
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++)
        status = rh_session_rows(session, &catalog->tables[i], &catalog->tables[i].ranges[0],
                                 &(rh_row_sink){count_rows, &sink}, err);
    json_decref(json);
    json = NULL;
    if (status == RH_OK)
        status = rh_session_explain(session, "SELECT * FROM a", &json, err);
    json_decref(json);
    rh_session_close(session);
    rh_source_close(source);
    rh_buf_done(&schema);
    rh_problems_done(&problems);
    return status;
}

static rh_status use_target(const lite_snapshot *snapshot, rh_error *err)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    options.swap = true;
    options.allow_unmarked = true;
    options.sql_after_schema = "CREATE TABLE hooked(a)";
    return lite_snapshot_restore(snapshot, t.name, &options, 5, NULL, err);
}

/* Fail allocation n for n = 0, 1, ... until nothing fails any more. */
static void fail_each_allocation(const lite_snapshot *snapshot)
{
    long live = rh_mem_live_blocks();
    int failures = 0;

    for (long n = 0;; n++) {
        rh_error err = RH_ERROR_INIT;
        rh_status status;
        int failed;

        rh_mem_fail_nth(n);
        status = snapshot == NULL ? use_source(&err) : use_target(snapshot, &err);
        failed = rh_mem_failed();
        rh_mem_fail_nth(-1);
        assert_int_equal(live, rh_mem_live_blocks());
        if (!failed) {
            assert_int_equal(RH_OK, status);
            break;
        }
        /* Best-effort parts (estimates) may do without the memory. */
        if (status != RH_OK && status != RH_ENOMEM && status != RH_EUSAGE)
            fail_msg("allocation %ld: status %d, %s", n, status, err.text);
        failures += status == RH_ENOMEM ? 1 : 0;
    }
    assert_true(failures > 50);
}

static void a_source_survives_every_failed_allocation(void **state)
{
    (void)state;
    make_small_source();
    lite_script(t.source, "ANALYZE");
    fail_each_allocation(NULL);
}

static void a_target_survives_every_failed_allocation(void **state)
{
    lite_snapshot snapshot;

    (void)state;
    make_small_source();
    lite_script(t.source,
                "CREATE TABLE g(a, b AS (a + 1) STORED, c AS (b)); INSERT INTO g VALUES(5)");
    take(&snapshot);
    fail_each_allocation(&snapshot);
    lite_snapshot_free(&snapshot);
}

int main(void)
{
#define RH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RH_TEST(damaged_rows_are_refused_or_harmless),
        RH_TEST(cut_rows_are_refused),
        RH_TEST(a_row_that_comes_twice_is_refused),
        RH_TEST(hostile_schemas_are_refused),
        RH_TEST(hostile_facts_are_refused),
        RH_TEST(an_index_with_an_unknown_function_fails_by_name),
        RH_TEST(sources_that_are_not_there_are_named),
        RH_TEST(a_file_that_is_no_database_is_an_error),
        RH_TEST(a_locked_file_is_busy_after_the_wait),
        RH_TEST(a_hot_journal_is_explained),
        RH_TEST(a_read_only_directory_in_wal_mode_is_explained),
        RH_TEST(a_damaged_source_is_an_error_not_fewer_rows),
        RH_TEST(a_full_disk_fails_cleanly),
        RH_TEST(a_canceled_restore_leaves_nothing),
        RH_TEST(a_source_survives_every_failed_allocation),
        RH_TEST(a_target_survives_every_failed_allocation),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
