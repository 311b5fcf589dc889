/*
 * A snapshot of a file that another process is writing to: exact, every time, and the writer does
 * not notice.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "lite_copy.h"

enum {
    ACCOUNTS = 44000, /* of about 1 KB: more than one range */
    START_MONEY = 1000,
    REPEATS = 10,
};

static volatile sig_atomic_t stop_writing;

static void on_term(int signal_number)
{
    (void)signal_number;
    stop_writing = 1;
}

static void pause_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* Move money between two accounts and note it in another table, all in one transaction. */
static int transfer(sqlite3 *db, unsigned turn)
{
    char sql[512];
    unsigned a = 1 + turn * 7919 % ACCOUNTS;
    unsigned b = 1 + turn * 104729 % ACCOUNTS;

    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE;"
             "UPDATE account SET money = money - 3 WHERE id = %u;"
             "UPDATE account SET money = money + 3 WHERE id = %u;"
             "INSERT INTO note(turn) VALUES(%u);"
             "UPDATE total SET notes = notes + 1;"
             "COMMIT",
             a, b, turn);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* The writer process. Exit status 0: no statement failed. */
static void write_until_term(const char *path, long pause, int ready)
{
    sqlite3 *db = NULL;
    unsigned turn = 0;
    int rc = sqlite3_open(path, &db);

    signal(SIGTERM, on_term);
    sqlite3_busy_timeout(db, 60000);
    while (rc == SQLITE_OK && !stop_writing) {
        rc = transfer(db, turn++);
        if (turn == 3 && write(ready, "x", 1) != 1)
            rc = SQLITE_ERROR;
        if (pause > 0)
            pause_ms(pause);
    }
    if (rc != SQLITE_OK)
        fprintf(stderr, "writer: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    _exit(rc == SQLITE_OK ? 0 : 1);
}

static pid_t start_writer(const char *path, long pause)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(0, pipe(ready));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ready[0]);
        write_until_term(path, pause, ready[1]);
    }
    close(ready[1]);
    assert_int_equal(1, read(ready[0], &byte, 1));
    close(ready[0]);
    return pid;
}

static void stop_writer(pid_t pid)
{
    int status = 0;

    assert_int_equal(0, kill(pid, SIGTERM));
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void make_bank(const char *path, const char *journal_mode)
{
    char sql[1024];

    snprintf(sql, sizeof sql,
             "PRAGMA journal_mode=%s; PRAGMA synchronous=OFF;"
             "CREATE TABLE account(id INTEGER PRIMARY KEY, money INT, filler TEXT);"
             "CREATE TABLE note(turn INT);"
             "CREATE TABLE total(notes INT);"
             "INSERT INTO total VALUES(0);"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             "INSERT INTO account SELECT i, %d, hex(randomblob(480)) FROM n",
             journal_mode, ACCOUNTS, START_MONEY);
    lite_script(path, sql);
}

/* One snapshot while the writer works; reading is slowed down so that many commits fall into it. */
static void check_once(const char *source, uint64_t bytes_per_second, size_t least_sessions)
{
    rh_source_options from = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    char *target = lite_path("target.db");
    char *name = rh_mem_printf("sqlite:%s", target);
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;

    from.jobs = 2;
    from.rate = rh_rate_new(bytes_per_second);
    if (lite_snapshot_take(source, &from, &snapshot, &err) != RH_OK)
        fail_msg("take: %s", err.text);
    assert_true(snapshot.ranges > snapshot.catalog->table_count);
    assert_true(snapshot.sessions >= least_sessions);
    if (lite_snapshot_restore(&snapshot, name, &to, 16384, NULL, &err) != RH_OK)
        fail_msg("restore: %s", err.text);
    assert_int_equal((long long)ACCOUNTS * START_MONEY,
                     lite_int(target, "SELECT sum(money) FROM account"));
    assert_int_equal(ACCOUNTS, lite_int(target, "SELECT count(*) FROM account"));
    assert_int_equal(lite_int(target, "SELECT notes FROM total"),
                     lite_int(target, "SELECT count(*) FROM note"));
    lite_snapshot_free(&snapshot);
    rh_rate_free(from.rate);
    lite_script(target, "PRAGMA journal_mode=DELETE");
    assert_int_equal(RH_OK, rh_fs_remove(target, NULL));
    rh_mem_free(name);
    rh_mem_free(target);
}

static void snapshots_are_exact_while_a_writer_commits_50_times_a_second(void **state)
{
    char *source = lite_path("bank.db");
    pid_t writer;

    (void)state;
    make_bank(source, "WAL");
    writer = start_writer(source, 20);
    for (int i = 0; i < REPEATS; i++)
        check_once(source, 80 << 20, 2);
    stop_writer(writer);
    rh_mem_free(source);
}

/* Several readers may not be to be had then, but what is read is exact. */
static void snapshots_are_exact_beside_an_unthrottled_writer(void **state)
{
    char *source = lite_path("bank.db");
    pid_t writer;

    (void)state;
    make_bank(source, "WAL");
    writer = start_writer(source, 0);
    for (int i = 0; i < 2; i++)
        check_once(source, 200 << 20, 1);
    stop_writer(writer);
    rh_mem_free(source);
}

/* Commits wait for the snapshot, but the writer's busy timeout is long enough for it. */
static void snapshots_are_exact_in_rollback_journal_mode(void **state)
{
    static const char *const modes[] = {"DELETE", "TRUNCATE", "PERSIST"};

    (void)state;
    for (size_t mode = 0; mode < 3; mode++) {
        char *source = lite_path("bank.db");
        pid_t writer;

        make_bank(source, modes[mode]);
        writer = start_writer(source, 20);
        for (int i = 0; i < (mode == 0 ? REPEATS : 1); i++)
            check_once(source, 200 << 20, 2);
        stop_writer(writer);
        assert_int_equal(RH_OK, rh_fs_remove(source, NULL));
        rh_mem_free(source);
    }
}

static void the_write_ahead_log_is_never_checkpointed(void **state)
{
    char *source = lite_path("bank.db");
    char *log = lite_path("bank.db-wal");
    uint64_t before = 0;
    uint64_t after = 0;
    int64_t mtime = 0;
    sqlite3 *db = NULL;

    (void)state;
    make_bank(source, "WAL");
    assert_int_equal(SQLITE_OK, sqlite3_open(source, &db));
    assert_int_equal(
        SQLITE_OK, sqlite3_exec(db,
                                "PRAGMA wal_autocheckpoint=0;"
                                "UPDATE account SET filler = hex(randomblob(480)) WHERE id < 2000",
                                NULL, NULL, NULL));
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(db);
    assert_int_equal(RH_OK, rh_fs_stat(log, &before, &mtime, NULL));
    assert_true(before > 0);
    check_once(source, 0, 2);
    assert_int_equal(RH_OK, rh_fs_stat(log, &after, &mtime, NULL));
    assert_int_equal(before, after);
    rh_mem_free(source);
    rh_mem_free(log);
}

static int setup(void **state)
{
    (void)state;
    lite_dir();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lite_dir_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            snapshots_are_exact_while_a_writer_commits_50_times_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(snapshots_are_exact_beside_an_unthrottled_writer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(snapshots_are_exact_in_rollback_journal_mode, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_write_ahead_log_is_never_checkpointed, setup, teardown),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
