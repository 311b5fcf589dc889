/* Files and directories. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/fs.h"
#include "fail_nth.h"
#include "fs_internal.h"
#include "scratch.h"

static void paths_are_joined_with_one_slash(void **state)
{
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char *path = rh_fs_join(cases[i][0], cases[i][1]);

        assert_string_equal(path, cases[i][2]);
        rh_mem_free(path);
    }
}

static void plain_names_have_no_tricks(void **state)
{
    char name[300];

    (void)state;
    assert_true(rh_fs_is_plain_name("a"));
    assert_true(rh_fs_is_plain_name("..."));
    assert_true(rh_fs_is_plain_name("a b.zp"));
    assert_false(rh_fs_is_plain_name(""));
    assert_false(rh_fs_is_plain_name("."));
    assert_false(rh_fs_is_plain_name(".."));
    assert_false(rh_fs_is_plain_name("a/b"));
    assert_false(rh_fs_is_plain_name("/"));
    assert_false(rh_fs_is_plain_name("a\nb"));
    assert_false(rh_fs_is_plain_name("\x7F"));
    assert_false(rh_fs_is_plain_name("\xC3\xA4"));
    memset(name, 'x', sizeof name);
    name[255] = '\0';
    assert_true(rh_fs_is_plain_name(name));
    name[255] = 'x';
    name[256] = '\0';
    assert_false(rh_fs_is_plain_name(name));
}

static void directories_are_made_once(void **state)
{
    struct stat st;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_fs_mkdir(scratch("made"), &err), RH_OK);
    assert_int_equal(rh_fs_mkdir(scratch("made"), &err), RH_OK);
    assert_int_equal(stat(scratch("made"), &st), 0);
    assert_int_equal(st.st_mode & 0777u, 0700);
    assert_true(rh_fs_is_dir(scratch("made")));
    assert_true(rh_fs_exists(scratch("made")));
    assert_false(rh_fs_exists(scratch("absent")));

    scratch_file("plain", "x");
    assert_int_equal(rh_fs_mkdir(scratch("plain"), &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_int_equal(symlink("made", scratch("to-made")), 0);
    assert_int_equal(rh_fs_mkdir(scratch("to-made"), &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_mkdir(scratch("absent/made"), &err), RH_EIO);
    assert_int_equal(err.os_errno, ENOENT);
}

static void written_files_are_read_back(void **state)
{
    rh_buf text = RH_BUF_INIT;
    struct stat st;
    size_t entries = scratch_entries();

    (void)state;
    assert_int_equal(rh_fs_write(scratch("w"), 0600, "first", 5, NULL), RH_OK);
    assert_int_equal(rh_fs_write(scratch("w"), 0600, "second", 6, NULL), RH_OK);
    assert_int_equal(scratch_entries(), entries + 1);
    assert_int_equal(stat(scratch("w"), &st), 0);
    assert_int_equal(st.st_mode & 0777u, 0600);
    assert_int_equal(rh_buf_append_str(&text, ">", NULL), RH_OK);
    assert_int_equal(rh_fs_read(scratch("w"), 6, &text, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&text), ">second");
    rh_buf_done(&text);
}

static void reading_has_its_limits(void **state)
{
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    scratch_file("r", "123456");
    assert_int_equal(rh_fs_read(scratch("r"), 5, &text, &err), RH_ELIMIT);
    assert_string_equal(rh_buf_cstr(&text), "");
    rh_error_clear(&err);
    assert_int_equal(rh_fs_read(scratch("absent"), 5, &text, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_read(scratch("r/absent"), 5, &text, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_read(scratch_dir, 5, &text, &err), RH_EIO);
    rh_error_clear(&err);
    assert_int_equal(symlink("r", scratch("to-r")), 0);
    assert_int_equal(rh_fs_read(scratch("to-r"), 99, &text, &err), RH_EIO);
    assert_non_null(strstr(err.text, "symbolic link"));
    rh_error_clear(&err);
    assert_int_equal(mkfifo(scratch("fifo"), 0600), 0);
    assert_int_equal(rh_fs_read(scratch("fifo"), 99, &text, &err), RH_EIO); /* and does not hang */
    rh_buf_done(&text);
}

static void rename_replaces_but_rename_new_does_not(void **state)
{
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    scratch_file("one", "one");
    scratch_file("two", "two");
    assert_int_equal(rh_fs_rename_new(scratch("one"), scratch("two"), &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_true(rh_fs_exists(scratch("one")));
    assert_int_equal(rh_fs_rename(scratch("one"), scratch("two"), &err), RH_OK);
    assert_int_equal(rh_fs_read(scratch("two"), 9, &text, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&text), "one");
    assert_int_equal(rh_fs_rename_new(scratch("two"), scratch("three"), &err), RH_OK);
    assert_false(rh_fs_exists(scratch("two")));
    assert_true(rh_fs_exists(scratch("three")));
    assert_int_equal(rh_fs_rename(scratch("absent"), scratch("x"), &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_rename_new(scratch("absent"), scratch("x"), &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_mkdir(scratch("d1"), NULL), RH_OK);
    assert_int_equal(rh_fs_mkdir(scratch("d2"), NULL), RH_OK);
    assert_int_equal(rh_fs_rename_new(scratch("d1"), scratch("d2"), &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_int_equal(symlink("nowhere", scratch("dangling")), 0);
    assert_int_equal(rh_fs_rename_new(scratch("d1"), scratch("dangling"), &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_rename_new(scratch("d1"), scratch("d3"), &err), RH_OK);
    assert_true(rh_fs_is_dir(scratch("d3")));
    rh_buf_done(&text);
}

static void trees_are_removed_but_not_what_links_point_to(void **state)
{
    (void)state;
    assert_int_equal(rh_fs_mkdir(scratch("safe"), NULL), RH_OK);
    scratch_file("safe/kept", "x");
    assert_int_equal(rh_fs_mkdir(scratch("tree"), NULL), RH_OK);
    assert_int_equal(rh_fs_mkdir(scratch("tree/sub"), NULL), RH_OK);
    assert_int_equal(rh_fs_mkdir(scratch("tree/sub/sub"), NULL), RH_OK);
    scratch_file("tree/sub/file", "x");
    assert_int_equal(symlink("../../safe", scratch("tree/sub/link")), 0);
    assert_int_equal(rh_fs_remove_tree(scratch("tree"), NULL), RH_OK);
    assert_false(rh_fs_exists(scratch("tree")));
    assert_true(rh_fs_exists(scratch("safe/kept")));

    assert_int_equal(symlink("safe", scratch("link")), 0);
    assert_int_equal(rh_fs_remove_tree(scratch("link"), NULL), RH_OK);
    assert_true(rh_fs_exists(scratch("safe/kept")));
    assert_int_equal(rh_fs_remove_tree(scratch("absent"), NULL), RH_OK);
    assert_int_equal(rh_fs_remove(scratch("safe/kept"), NULL), RH_OK);
    assert_int_equal(rh_fs_remove(scratch("safe/kept"), NULL), RH_OK);
    assert_int_equal(rh_fs_remove(scratch("safe"), NULL), RH_EIO);
}

static void names_are_listed_in_byte_order(void **state)
{
    char **names = NULL;
    size_t count = 0;
    char name[32];

    (void)state;
    assert_int_equal(rh_fs_mkdir(scratch("list"), NULL), RH_OK);
    assert_int_equal(rh_fs_list(scratch("list"), &names, &count, NULL), RH_OK);
    assert_int_equal(count, 0);
    assert_null(names[0]);
    rh_fs_list_free(names);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof name, "list/%02d", 39 - i);
        scratch_file(name, "");
    }
    scratch_file("list/A", "");
    scratch_file("list/.h", "");
    assert_int_equal(rh_fs_list(scratch("list"), &names, &count, NULL), RH_OK);
    assert_int_equal(count, 42);
    assert_string_equal(names[0], ".h");
    assert_string_equal(names[1], "00");
    assert_string_equal(names[40], "39");
    assert_string_equal(names[41], "A");
    assert_null(names[42]);
    rh_fs_list_free(names);
    rh_fs_list_free(NULL);
    assert_int_equal(rh_fs_list(scratch("absent"), &names, &count, NULL), RH_ENOTFOUND);
    assert_int_equal(rh_fs_list(scratch("list/A"), &names, &count, NULL), RH_EIO);
}

static void facts_of_files_are_told(void **state)
{
    uint64_t bytes = 0;
    int64_t mtime_us = 0;

    (void)state;
    scratch_file("fact", "12345");
    assert_int_equal(rh_fs_stat(scratch("fact"), &bytes, &mtime_us, NULL), RH_OK);
    assert_int_equal(bytes, 5);
    assert_true(mtime_us > INT64_C(1700000000000000));
    assert_int_equal(rh_fs_stat(scratch("nothing"), &bytes, &mtime_us, NULL), RH_ENOTFOUND);
    assert_int_equal(rh_fs_stat(scratch_dir, &bytes, &mtime_us, NULL), RH_EIO);
    assert_int_equal(rh_fs_free_bytes(scratch_dir, &bytes, NULL), RH_OK);
    assert_true(bytes > 0);
    assert_int_equal(rh_fs_free_bytes(scratch("nothing"), &bytes, NULL), RH_EIO);
    assert_int_equal(rh_fs_sync(scratch("fact"), NULL), RH_OK);
    assert_int_equal(rh_fs_sync(scratch_dir, NULL), RH_OK);
    assert_int_equal(rh_fs_sync(scratch("nothing"), NULL), RH_EIO);
}

/* A file size limit makes the write fail half-way, as a full disk does. */
static void failed_write_leaves_old_file_and_no_temporary(void **state)
{
    static char data[100000];
    struct rlimit before;
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    size_t entries = 0;

    (void)state;
    scratch_file("precious", "old");
    entries = scratch_entries();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);

    struct rlimit small = {50000, before.rlim_max};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    rh_status status = rh_fs_write(scratch("precious"), 0600, data, sizeof data, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(status, RH_EIO);
    assert_int_equal(err.os_errno, EFBIG);
    assert_int_equal(scratch_entries(), entries);
    assert_int_equal(rh_fs_read(scratch("precious"), 9, &text, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&text), "old");
    rh_buf_done(&text);
}

static void full_disk_is_explained(void **state)
{
    rh_error err = RH_ERROR_INIT;
    int fd = open("/dev/full", O_WRONLY);

    (void)state;
    if (fd < 0)
        skip();
    assert_int_equal(fs_write_all(fd, "f", "x", 1, &err), RH_EIO);
    assert_int_equal(err.os_errno, ENOSPC);
    assert_non_null(strstr(err.hint, "disk is full"));
    (void)close(fd);
}

static void writing_into_a_missing_directory_fails(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_fs_write(scratch("absent/x"), 0600, "x", 1, &err), RH_EIO);
    assert_non_null(strstr(err.text, "absent/x"));
}

static void temporary_names_fit_beside_the_longest_name(void **state)
{
    char name[256];

    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(rh_fs_write(scratch(name), 0600, "x", 1, NULL), RH_OK);
    assert_int_equal(rh_fs_remove(scratch(name), NULL), RH_OK);
}

/* ---- locks ---- */

/* What a child process gets when it tries to lock: 0 got it, 1 busy, 2 something else. */
static int try_in_child(bool shared, bool expect_pid)
{
    int wait_status = 0;
    char pid_text[32];

    (void)snprintf(pid_text, sizeof pid_text, "process %ld", (long)getpid());

    pid_t child = fork();

    if (child == 0) {
        rh_error err = RH_ERROR_INIT;
        int fd = -1;
        rh_status status = shared ? rh_fs_lock_shared(scratch("lock"), &fd, &err)
                                  : rh_fs_lock(scratch("lock"), &fd, &err);

        if (status == RH_OK)
            _exit(0);
        if (status != RH_EBUSY || err.hint[0] == '\0')
            _exit(2);
        _exit((strstr(err.text, pid_text) != NULL) == expect_pid ? 1 : 3);
    }
    assert_int_equal(waitpid(child, &wait_status, 0), child);
    assert_true(WIFEXITED(wait_status));
    return WEXITSTATUS(wait_status);
}

static void exclusive_lock_keeps_all_others_out(void **state)
{
    int fd = -1;

    (void)state;
    assert_int_equal(rh_fs_lock(scratch("lock"), &fd, NULL), RH_OK);
    assert_int_equal(try_in_child(false, true), 1);
    assert_int_equal(try_in_child(true, true), 1);
    rh_fs_unlock(fd);
    assert_int_equal(try_in_child(false, false), 0);
}

static void shared_locks_keep_only_writers_out(void **state)
{
    int first = -1;
    int second = -1;

    (void)state;
    assert_int_equal(rh_fs_lock_shared(scratch("lock"), &first, NULL), RH_OK);
    assert_int_equal(rh_fs_lock_shared(scratch("lock"), &second, NULL), RH_OK);
    assert_int_equal(try_in_child(true, false), 0);
    assert_int_equal(try_in_child(false, false), 1);
    rh_fs_unlock(first);
    assert_int_equal(try_in_child(false, false), 1);
    rh_fs_unlock(second);
    assert_int_equal(try_in_child(false, false), 0);
    rh_fs_unlock(-1);
}

static void pid_of_a_killed_holder_is_not_named(void **state)
{
    int fd = -1;

    (void)state;
    assert_int_equal(rh_fs_write(scratch("lock"), 0600, "999999999\n", 10, NULL), RH_OK);
    fd = open(scratch("lock"), O_RDONLY);
    assert_true(fd >= 0);
    rh_fs_unlock(fd); /* read-only: must not complain */
    assert_int_equal(rh_fs_lock_shared(scratch("lock"), &fd, NULL), RH_OK);
    assert_int_equal(try_in_child(false, false), 1);
    rh_fs_unlock(fd);
}

static void locks_do_not_follow_symlinks(void **state)
{
    int fd = -1;

    (void)state;
    scratch_file("victim", "123");
    assert_int_equal(symlink("victim", scratch("lock-link")), 0);
    assert_int_equal(rh_fs_lock(scratch("lock-link"), &fd, NULL), RH_EIO);
    assert_int_equal(rh_fs_lock_shared(scratch("lock-link"), &fd, NULL), RH_EIO);
    assert_int_equal(rh_fs_lock(scratch("absent/lock"), &fd, NULL), RH_EIO);
}

/* ---- failed allocations ---- */

static rh_status use_files(void *ctx, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_mkdir(scratch("nth"), err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_fs_write(scratch("nth/a"), 0600, "a", 1, err);
    if (status == RH_OK)
        status = rh_fs_read(scratch("nth/a"), 9, &text, err);
    if (status == RH_OK)
        status = rh_fs_list(scratch("nth"), &names, &count, err);
    if (status == RH_OK)
        status = rh_fs_rename_new(scratch("nth/a"), scratch("nth/b"), err);
    if (status == RH_OK)
        status = rh_fs_rename(scratch("nth/b"), scratch("nth/c"), err);
    rh_fs_list_free(names);
    rh_buf_done(&text);
    assert_int_equal(rh_fs_remove_tree(scratch("nth"), NULL), RH_OK);
    return status;
}

static void files_survive_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(use_files, NULL) >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_with_one_slash),
        cmocka_unit_test(plain_names_have_no_tricks),
        cmocka_unit_test(directories_are_made_once),
        cmocka_unit_test(written_files_are_read_back),
        cmocka_unit_test(reading_has_its_limits),
        cmocka_unit_test(rename_replaces_but_rename_new_does_not),
        cmocka_unit_test(trees_are_removed_but_not_what_links_point_to),
        cmocka_unit_test(names_are_listed_in_byte_order),
        cmocka_unit_test(facts_of_files_are_told),
        cmocka_unit_test(failed_write_leaves_old_file_and_no_temporary),
        cmocka_unit_test(full_disk_is_explained),
        cmocka_unit_test(writing_into_a_missing_directory_fails),
        cmocka_unit_test(temporary_names_fit_beside_the_longest_name),
        cmocka_unit_test(exclusive_lock_keeps_all_others_out),
        cmocka_unit_test(shared_locks_keep_only_writers_out),
        cmocka_unit_test(pid_of_a_killed_holder_is_not_named),
        cmocka_unit_test(locks_do_not_follow_symlinks),
        cmocka_unit_test(files_survive_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
