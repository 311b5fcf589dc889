/* What the operating system rarely does: interrupted, short and failing calls, by the linker's
 * wrap. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/key_file.h"
#include "core/process.h"
#include "core/stream.h"
#include "scratch.h"

/* One planned fault: after `skip` good calls, `times` calls fail with error. */
typedef struct fault {
    int skip;
    int times;
    int error;
} fault;

static fault fsync_fault;
static fault link_fault;
static fault read_fault;
static fault write_fault;
static fault close_fault;
static bool writes_are_short;

static bool strikes(fault *f)
{
    if (f->times == 0)
        return false;
    if (f->skip > 0) {
        f->skip--;
        return false;
    }
    f->times--;
    errno = f->error;
    return true;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_fsync(int fd)
{
    return strikes(&fsync_fault) ? -1 : __real_fsync(fd);
}

int __wrap_link(const char *from, const char *to)
{
    return strikes(&link_fault) ? -1 : __real_link(from, to);
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
    return strikes(&read_fault) ? -1 : __real_read(fd, data, len);
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
    if (strikes(&write_fault))
        return -1;
    return __real_write(fd, data, writes_are_short && len > 3 ? 3 : len);
}

int __wrap_close(int fd)
{
    int result = __real_close(fd);

    return strikes(&close_fault) ? -1 : result;
}

static int no_faults(void **state)
{
    static const fault none;

    (void)state;
    fsync_fault = link_fault = read_fault = write_fault = close_fault = none;
    writes_are_short = false;
    return 0;
}

static rh_status write_stream(const char *name, rh_error *err)
{
    rh_writer *writer = NULL;
    rh_status status = rh_writer_file(scratch(name), 0600, &writer, err);

    if (status == RH_OK)
        status = rh_writer_put_str(writer, "new content", err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    return status;
}

static rh_status write_whole(const char *name, rh_error *err)
{
    return rh_fs_write(scratch(name), 0600, "new content", 11, err);
}

static void check_content(const char *name, const char *expected)
{
    rh_buf text = RH_BUF_INIT;

    assert_int_equal(rh_fs_read(scratch(name), 100, &text, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&text), expected);
    rh_buf_done(&text);
}

/* Whatever step fails, the old file is whole and no temporary is left. */
static void failing_steps_leave_the_old_file(void **state)
{
    rh_status (*const writers[])(const char *, rh_error *) = {write_stream, write_whole};
    fault *const faults[] = {&fsync_fault, &write_fault, &close_fault};

    for (size_t w = 0; w < 2; w++) {
        for (size_t f = 0; f < 3; f++) {
            rh_error err = RH_ERROR_INIT;

            scratch_file("old", "old content");

            size_t entries = scratch_entries();

            *faults[f] = (fault){0, 1, EIO};
            assert_int_equal(writers[w]("old", &err), RH_EIO);
            assert_int_equal(err.os_errno, EIO);
            assert_non_null(strstr(err.text, "/old'"));
            assert_int_equal(faults[f]->times, 0);
            (void)no_faults(state);
            check_content("old", "old content");
            assert_int_equal(scratch_entries(), entries);
        }
    }
}

static void a_directory_that_cannot_be_synced_is_reported(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    fsync_fault = (fault){1, 1, EIO};
    assert_int_equal(write_stream("dirsync", &err), RH_EIO);
    assert_non_null(strstr(err.text, "sync"));
    fsync_fault = (fault){1, 1, EINVAL}; /* file systems that have no such thing */
    assert_int_equal(write_stream("dirsync", NULL), RH_OK);
}

static void interrupted_calls_are_repeated(void **state)
{
    (void)state;
    writes_are_short = true;
    for (int skip = 0; skip < 3; skip++) {
        write_fault = fsync_fault = read_fault = (fault){skip, 2, EINTR};
        assert_int_equal(write_stream("again", NULL), RH_OK);
        check_content("again", "new content");
        write_fault = fsync_fault = read_fault = (fault){skip, 2, EINTR};
        assert_int_equal(write_whole("again", NULL), RH_OK);
        check_content("again", "new content");
    }
}

static void failing_reads_are_reported(void **state)
{
    rh_buf text = RH_BUF_INIT;
    rh_reader *reader = NULL;
    rh_error err = RH_ERROR_INIT;
    char part[8];
    size_t got = 0;

    (void)state;
    scratch_file("r", "text");
    read_fault = (fault){1, 1, EIO};
    assert_int_equal(rh_fs_read(scratch("r"), 100, &text, &err), RH_EIO);
    assert_int_equal(text.len, 0);
    assert_int_equal(rh_reader_file(scratch("r"), &reader, NULL), RH_OK);
    read_fault = (fault){0, 2, EINTR};
    assert_int_equal(rh_reader_get(reader, part, 8, &got, NULL), RH_OK);
    assert_int_equal(got, 4);
    read_fault = (fault){0, 1, EIO};
    rh_error_clear(&err);
    assert_int_equal(rh_reader_get(reader, part, 8, &got, &err), RH_EIO);
    assert_non_null(strstr(err.text, "/r'"));
    rh_reader_free(reader);
    rh_buf_done(&text);
}

static void files_are_renamed_where_there_are_no_links(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    scratch_file("from", "moved");
    scratch_file("taken", "taken");
    link_fault = (fault){0, 1, EPERM};
    assert_int_equal(rh_fs_rename_new(scratch("from"), scratch("taken"), &err), RH_EEXISTS);
    link_fault = (fault){0, 1, EPERM};
    assert_int_equal(rh_fs_rename_new(scratch("from"), scratch("to"), NULL), RH_OK);
    check_content("to", "moved");
    link_fault = (fault){0, 1, EIO};
    rh_error_clear(&err);
    assert_int_equal(rh_fs_rename_new(scratch("to"), scratch("from"), &err), RH_EIO);
    check_content("to", "moved");
}

static void a_key_that_is_not_durable_is_not_there(void **state)
{
    rh_key key = {.kind = RH_KEY_MASK};
    rh_error err = RH_ERROR_INIT;
    size_t entries = scratch_entries();

    (void)state;
    fsync_fault = (fault){0, 1, EIO};
    assert_int_equal(rh_key_write(scratch("key"), &key, &err), RH_EIO);
    assert_int_equal(scratch_entries(), entries);
}

static void output_of_a_program_that_cannot_be_read_fails(void **state)
{
    static const char *const arguments[] = {"-c", "echo x; sleep 60", NULL};
    rh_process_options options = {"sh", arguments, NULL, NULL, NULL};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    read_fault = (fault){0, 1, EIO};
    assert_int_equal(rh_process_run(&options, &err), RH_EIO);
    assert_string_equal(err.text, "cannot read the output of 'sh': Input/output error");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(failing_steps_leave_the_old_file, no_faults),
        cmocka_unit_test_setup(a_directory_that_cannot_be_synced_is_reported, no_faults),
        cmocka_unit_test_setup(interrupted_calls_are_repeated, no_faults),
        cmocka_unit_test_setup(failing_reads_are_reported, no_faults),
        cmocka_unit_test_setup(files_are_renamed_where_there_are_no_links, no_faults),
        cmocka_unit_test_setup(a_key_that_is_not_durable_is_not_there, no_faults),
        cmocka_unit_test_setup(output_of_a_program_that_cannot_be_read_fails, no_faults),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
