/*
 * Moving a restored file into place: what is replaced, what is refused, what is left behind.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_copy.h"

/* A file system without hard links, when a test says so (the linker's --wrap). */
static bool no_links;
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

int __wrap_link(const char *from, const char *to)
{
    if (!no_links)
        return __real_link(from, to);
    errno = EPERM;
    return -1;
}

/* The names of one test; freed by teardown. */
static struct {
    char *source;
    char *target;
    char *name; /* "sqlite:" and the target */
    char *mark;
    char *old;
    lite_snapshot snapshot;
} t;

static int setup(void **state)
{
    rh_source_options from = RH_SOURCE_OPTIONS_INIT;

    (void)state;
    lite_dir();
    t.source = lite_path("source.db");
    t.target = lite_path("target.db");
    t.mark = lite_path("target.db.rehearse");
    t.old = lite_path("target.db.rehearse-old");
    t.name = rh_mem_printf("sqlite:%s", t.target);
    lite_script(t.source,
                "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES('new')");
    return lite_snapshot_take(t.source, &from, &t.snapshot, NULL) == RH_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    no_links = false;
    lite_snapshot_free(&t.snapshot);
    rh_mem_free(t.source);
    rh_mem_free(t.target);
    rh_mem_free(t.mark);
    rh_mem_free(t.old);
    rh_mem_free(t.name);
    lite_dir_done();
    return 0;
}

static rh_status restore(bool swap, bool allow_unmarked, json_t **out, rh_error *err)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    options.swap = swap;
    options.allow_unmarked = allow_unmarked;
    return lite_snapshot_restore(&t.snapshot, t.name, &options, 0, out, err);
}

static void must_restore(bool swap, bool allow_unmarked)
{
    rh_error err = RH_ERROR_INIT;

    if (restore(swap, allow_unmarked, NULL, &err) != RH_OK)
        fail_msg("%s (%s)", err.text, err.hint);
}

static void assert_value(const char *path, const char *expected)
{
    char *text = lite_text(path, "SELECT a FROM t");

    assert_string_equal(expected, text);
    rh_mem_free(text);
}

static void assert_missing(const char *suffix)
{
    char *path = rh_mem_printf("%s%s", t.target, suffix);

    if (rh_fs_exists(path))
        fail_msg("'%s' was left behind", path);
    rh_mem_free(path);
}

/* Only these names may be in the directory (besides the source and its side files). */
static void assert_only(const char *const *names)
{
    char *slash = strrchr(t.target, '/');
    char **found = NULL;
    size_t count = 0;

    *slash = '\0';
    assert_int_equal(RH_OK, rh_fs_list(t.target, &found, &count, NULL));
    *slash = '/';
    for (size_t i = 0; i < count; i++) {
        bool known = rh_str_starts_with(found[i], "source.db");

        for (size_t n = 0; !known && names[n] != NULL; n++)
            known = strcmp(names[n], found[i]) == 0;
        if (!known)
            fail_msg("'%s' was left behind", found[i]);
    }
    rh_fs_list_free(found);
}

static void a_new_target_is_marked_and_nothing_else_is_left(void **state)
{
    static const char *const names[] = {"target.db", "target.db.rehearse", NULL};
    json_t *out = NULL;

    (void)state;
    assert_int_equal(RH_OK, restore(false, false, &out, NULL));
    assert_true(json_is_false(json_object_get(out, "swapped")));
    assert_true(json_is_null(json_object_get(out, "old")));
    assert_only(names);
    assert_value(t.target, "new");
    json_decref(out);
}

static void an_existing_target_is_refused_without_swap(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(t.target, "CREATE TABLE t(a); INSERT INTO t VALUES('mine')");
    assert_int_equal(RH_EUSAGE, restore(false, false, NULL, &err));
    assert_non_null(strstr(err.text, "exists"));
    assert_value(t.target, "mine");
}

static void an_unmarked_target_is_refused_unless_allowed(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(t.target, "CREATE TABLE t(a); INSERT INTO t VALUES('mine')");
    assert_int_equal(RH_EUSAGE, restore(true, false, NULL, &err));
    assert_non_null(strstr(err.text, "not marked"));
    assert_value(t.target, "mine");
    must_restore(true, true);
    assert_value(t.target, "new");
    assert_value(t.old, "mine");
}

static void a_mark_does_not_vouch_for_another_file(void **state)
{
    char *other = lite_path("other.db");

    (void)state;
    must_restore(false, false);
    lite_script(other, "CREATE TABLE t(a); INSERT INTO t VALUES('put there later')");
    assert_int_equal(RH_OK, rh_fs_rename(other, t.target, NULL));
    assert_int_equal(RH_EUSAGE, restore(true, false, NULL, NULL));
    assert_value(t.target, "put there later");
    rh_mem_free(other);
}

static void the_source_itself_is_never_replaced(void **state)
{
    rh_error err = RH_ERROR_INIT;
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    (void)state;
    options.swap = true;
    options.allow_unmarked = true;
    assert_int_equal(RH_EUSAGE,
                     lite_snapshot_restore(&t.snapshot, t.source, &options, 0, NULL, &err));
    assert_non_null(strstr(err.text, "taken from"));
}

static void swap_keeps_the_old_file_and_rollback_goes_back_and_forth(void **state)
{
    static const char *const names[] = {"target.db", "target.db.rehearse", "target.db.rehearse-old",
                                        "target.db.rehearse-old.rehearse", NULL};
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    json_t *out = NULL;

    (void)state;
    must_restore(false, false);
    lite_script(t.target, "UPDATE t SET a = 'first'");
    assert_int_equal(RH_OK, restore(true, false, &out, NULL));
    assert_true(json_is_true(json_object_get(out, "swapped")));
    assert_string_equal(t.old, json_string_value(json_object_get(out, "old")));
    assert_true(json_integer_value(json_object_get(out, "window_us")) > 0);
    json_decref(out);
    assert_value(t.target, "new");
    assert_value(t.old, "first");
    assert_only(names);

    assert_int_equal(RH_OK, rh_target_rollback(t.name, &options, &out, NULL));
    assert_true(json_is_true(json_object_get(out, "swapped")));
    json_decref(out);
    assert_value(t.target, "first");
    assert_value(t.old, "new");
    assert_only(names);
    assert_int_equal(RH_OK, rh_target_rollback(t.name, &options, &out, NULL));
    json_decref(out);
    assert_value(t.target, "new");
    /* Marks moved along: the target can still be replaced. */
    must_restore(true, false);
    assert_value(t.target, "new");
    assert_only(names);
}

static void swap_and_rollback_work_without_hard_links(void **state)
{
    no_links = true;
    swap_keeps_the_old_file_and_rollback_goes_back_and_forth(state);
}

/* The moment between the new mark and the new file, where a kill may strike. */
static void a_swap_that_was_killed_leaves_a_marked_target(void **state)
{
    json_t *mark = NULL;
    json_t *old_inode;
    char *text;

    (void)state;
    must_restore(false, false);
    must_restore(true, false);
    mark = json_load_file(t.mark, 0, NULL);
    old_inode = json_incref(json_object_get(mark, "inode"));
    assert_true(json_integer_value(json_object_get(mark, "replaces")) > 0);
    json_object_set_new(mark, "replaces", old_inode);
    json_object_set_new(mark, "inode", json_integer(1));
    text = json_dumps(mark, 0);
    assert_int_equal(RH_OK, rh_fs_write(t.mark, 0644, text, strlen(text), NULL));
    must_restore(true, false);
    rh_mem_free(text);
    json_decref(mark);
}

static void files_of_killed_restores_are_removed(void **state)
{
    char *dead = lite_path(".target.db.rehearse-2147483646-0123456789ab");
    char *wal = lite_path(".target.db.rehearse-2147483646-0123456789ab-wal");
    char *alive = rh_mem_printf("%.*s/.target.db.rehearse-%ld-0123456789ab",
                                (int)(strrchr(t.target, '/') - t.target), t.target, (long)getpid());
    char *other = lite_path(".target.db.rehearse-notes");

    (void)state;
    assert_int_equal(RH_OK, rh_fs_write(dead, 0600, "x", 1, NULL));
    assert_int_equal(RH_OK, rh_fs_write(wal, 0600, "x", 1, NULL));
    assert_int_equal(RH_OK, rh_fs_write(alive, 0600, "x", 1, NULL));
    assert_int_equal(RH_OK, rh_fs_write(other, 0600, "x", 1, NULL));
    must_restore(false, false);
    assert_false(rh_fs_exists(dead));
    assert_false(rh_fs_exists(wal));
    assert_true(rh_fs_exists(alive));
    assert_true(rh_fs_exists(other));
    rh_mem_free(dead);
    rh_mem_free(wal);
    rh_mem_free(alive);
    rh_mem_free(other);
}

static void rollback_without_an_old_file_says_so(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    json_t *out = NULL;

    (void)state;
    must_restore(false, false);
    assert_int_equal(RH_ENOTFOUND, rh_target_rollback(t.name, &options, &out, NULL));
    assert_value(t.target, "new");
}

static void rollback_works_when_the_target_is_gone(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    json_t *out = NULL;

    (void)state;
    must_restore(false, false);
    lite_script(t.target, "UPDATE t SET a = 'first'");
    must_restore(true, false);
    assert_int_equal(0, unlink(t.target));
    assert_int_equal(RH_OK, rh_target_rollback(t.name, &options, &out, NULL));
    assert_true(json_is_null(json_object_get(out, "old")));
    json_decref(out);
    assert_value(t.target, "first");
    must_restore(true, false);
}

/* A process that died left its work in the -wal file: it belongs to the old database. */
static void what_stood_in_the_old_write_ahead_log_is_kept_with_the_old_file(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    must_restore(false, false);
    assert_int_equal(SQLITE_OK, sqlite3_open(t.target, &db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(SQLITE_OK,
                     sqlite3_exec(db, "UPDATE t SET a = 'only in the log'", NULL, NULL, NULL));
    sqlite3_close(db);
    must_restore(true, false);
    assert_missing("-wal");
    assert_missing("-shm");
    assert_value(t.target, "new");
    assert_value(t.old, "only in the log");
}

static void left_over_side_files_do_not_poison_a_new_target(void **state)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *path = rh_mem_printf("%s%s", t.target, suffixes[i]);

        assert_int_equal(RH_OK, rh_fs_write(path, 0644, "left over", 9, NULL));
        rh_mem_free(path);
    }
    must_restore(false, false);
    for (size_t i = 0; i < 3; i++)
        assert_missing(suffixes[i]);
    assert_value(t.target, "new");
}

static void a_target_in_use_is_busy_and_stays(void **state)
{
    rh_error err = RH_ERROR_INIT;
    sqlite3 *db = NULL;

    (void)state;
    must_restore(false, false);
    lite_script(t.target, "UPDATE t SET a = 'in use'");
    assert_int_equal(SQLITE_OK, sqlite3_open(t.target, &db));
    assert_int_equal(SQLITE_OK, sqlite3_exec(db, "BEGIN; SELECT * FROM t", NULL, NULL, NULL));
    assert_int_equal(RH_EBUSY, restore(true, false, NULL, &err));
    assert_non_null(strstr(err.text, "in use"));
    sqlite3_close(db);
    assert_value(t.target, "in use");
    assert_missing(".rehearse-old");
    must_restore(true, false);
}

static void a_file_that_is_no_database_can_be_replaced_when_allowed(void **state)
{
    (void)state;
    assert_int_equal(RH_OK,
                     rh_fs_write(t.target, 0644, "this is no database, only text", 30, NULL));
    assert_int_equal(RH_EUSAGE, restore(true, false, NULL, NULL));
    must_restore(true, true);
    assert_value(t.target, "new");
}

static void what_a_symbolic_link_means_is_replaced_not_the_link(void **state)
{
    char *link_path = lite_path("link.db");
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    struct stat st;

    (void)state;
    must_restore(false, false);
    lite_script(t.target, "UPDATE t SET a = 'first'");
    assert_int_equal(0, symlink(t.target, link_path));
    options.swap = true;
    assert_int_equal(RH_OK, lite_snapshot_restore(&t.snapshot, link_path, &options, 0, NULL, NULL));
    assert_int_equal(0, lstat(link_path, &st));
    assert_true(S_ISLNK(st.st_mode));
    assert_value(t.target, "new");
    assert_int_equal(0, unlink(t.target));
    assert_int_equal(0, unlink(t.mark));
    {
        char *name = rh_mem_printf("sqlite:%s", link_path);

        assert_int_equal(RH_EUSAGE,
                         lite_snapshot_restore(&t.snapshot, name, &options, 0, NULL, NULL));
        rh_mem_free(name);
    }
    rh_mem_free(link_path);
}

static void the_new_file_is_as_readable_as_the_old_one(void **state)
{
    struct stat st;

    (void)state;
    must_restore(false, false);
    assert_int_equal(0, chmod(t.target, 0640));
    must_restore(true, false);
    assert_int_equal(0, stat(t.target, &st));
    assert_int_equal(0640, st.st_mode & 0777);
}

static void a_target_that_is_not_committed_leaves_nothing(void **state)
{
    static const char *const none[] = {NULL};
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_target *target = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    options.sql_after_load = "this is no SQL";
    assert_int_equal(RH_EDB, lite_snapshot_restore(&t.snapshot, t.name, &options, 0, NULL, &err));
    assert_only(none);
    assert_int_equal(RH_OK, rh_target_open(t.name, &options, &target, NULL));
    rh_target_free(target);
    assert_only(none);
}

static void hooks_run_before_rows_and_after_them(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    (void)state;
    options.sql_after_schema = "CREATE TABLE made(n); INSERT INTO made SELECT count(*) FROM t;"
                               "CREATE INDEX t_a ON t(a);"
                               "CREATE TRIGGER never AFTER INSERT ON t BEGIN DELETE FROM made; END";
    options.sql_after_load = "INSERT INTO made SELECT count(*) FROM t; UPDATE t SET a = 'hooked'";
    assert_int_equal(RH_OK, lite_snapshot_restore(&t.snapshot, t.name, &options, 0, NULL, NULL));
    assert_int_equal(1, lite_int(t.target, "SELECT sum(n) FROM made"));
    assert_int_equal(2, lite_int(t.target, "SELECT count(*) FROM made"));
    assert_int_equal(
        1, lite_int(t.target, "SELECT count(*) FROM t INDEXED BY t_a WHERE a = 'hooked'"));
}

static void a_hook_that_leaves_a_transaction_open_is_refused(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    (void)state;
    options.sql_after_schema = "BEGIN";
    assert_int_equal(RH_EUSAGE,
                     lite_snapshot_restore(&t.snapshot, t.name, &options, 0, NULL, NULL));
    options.sql_after_schema = "ALTER TABLE t ADD COLUMN more";
    assert_int_equal(RH_EUSAGE,
                     lite_snapshot_restore(&t.snapshot, t.name, &options, 0, NULL, NULL));
}

static void targets_that_cannot_be_are_refused(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_target *target = NULL;

    (void)state;
    assert_int_equal(RH_EUSAGE,
                     rh_target_open("sqlite:/no/such/directory/x.db", &options, &target, NULL));
    assert_int_equal(RH_EUSAGE, rh_target_open("sqlite:/tmp/", &options, &target, NULL));
    assert_int_equal(RH_EUSAGE, rh_target_open("sqlite:/tmp", &options, &target, NULL));
    assert_int_equal(RH_EUSAGE, rh_target_open("sqlite:", &options, &target, NULL));
}

int main(void)
{
#define RH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RH_TEST(a_new_target_is_marked_and_nothing_else_is_left),
        RH_TEST(an_existing_target_is_refused_without_swap),
        RH_TEST(an_unmarked_target_is_refused_unless_allowed),
        RH_TEST(a_mark_does_not_vouch_for_another_file),
        RH_TEST(the_source_itself_is_never_replaced),
        RH_TEST(swap_keeps_the_old_file_and_rollback_goes_back_and_forth),
        RH_TEST(swap_and_rollback_work_without_hard_links),
        RH_TEST(a_swap_that_was_killed_leaves_a_marked_target),
        RH_TEST(files_of_killed_restores_are_removed),
        RH_TEST(rollback_without_an_old_file_says_so),
        RH_TEST(rollback_works_when_the_target_is_gone),
        RH_TEST(what_stood_in_the_old_write_ahead_log_is_kept_with_the_old_file),
        RH_TEST(left_over_side_files_do_not_poison_a_new_target),
        RH_TEST(a_target_in_use_is_busy_and_stays),
        RH_TEST(a_file_that_is_no_database_can_be_replaced_when_allowed),
        RH_TEST(what_a_symbolic_link_means_is_replaced_not_the_link),
        RH_TEST(the_new_file_is_as_readable_as_the_old_one),
        RH_TEST(a_target_that_is_not_committed_leaves_nothing),
        RH_TEST(hooks_run_before_rows_and_after_them),
        RH_TEST(a_hook_that_leaves_a_transaction_open_is_refused),
        RH_TEST(targets_that_cannot_be_are_refused),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
