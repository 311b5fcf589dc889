/*
 * Advisory locks by flock(2): they belong to the open file, so a killed process leaves none behind.
 * The holder of the exclusive lock writes its pid into the file, for the others' error message.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/num.h"
#include "fs_internal.h"

/* The pid in the file if such a process lives; 0 when the file does not tell. */
static int64_t holder_of(int fd)
{
    char text[24];
    int64_t pid = 0;
    ssize_t got = pread(fd, text, sizeof text, 0);
    size_t len = 0;

    while (got > 0 && len < (size_t)got && text[len] != '\n')
        len++;
    if (!rh_num_scan_int64(text, len, &pid) || pid <= 1 || pid > INT32_MAX)
        return 0;
    return kill((pid_t)pid, 0) == 0 || errno == EPERM ? pid : 0;
}

static rh_status busy(int fd, const char *path, rh_error *err)
{
    int64_t pid = holder_of(fd);

    if (pid > 0)
        (void)rh_error_set(err, RH_EBUSY, "'%s' is locked by process %lld", path, (long long)pid);
    else
        (void)rh_error_set(err, RH_EBUSY, "'%s' is locked by another process", path);
    rh_error_hint(err, "wait until it has finished, then try again");
    return RH_EBUSY;
}

/* A note for humans only: its failure does not matter. */
static void write_holder(int fd)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) == 0 && len > 0 && pwrite(fd, text, (size_t)len, 0) != len)
        errno = 0;
}

static rh_status lock(const char *path, int operation, int *out_fd, rh_error *err)
{
    rh_status status = RH_OK;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

    /* a reader may have no right to write: an existing file is enough for its lock */
    if (fd < 0 && operation == LOCK_SH && (errno == EACCES || errno == EROFS))
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return rh_error_errno(err, errno, "cannot open lock file '%s'", path);

    while (flock(fd, operation | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        status = errno == EWOULDBLOCK ? busy(fd, path, err)
                                      : rh_error_errno(err, errno, "cannot lock '%s'", path);
        (void)close(fd);
        return status;
    }
    if (operation == LOCK_EX)
        write_holder(fd);
    else if (ftruncate(fd, 0) != 0) /* the pid of a killed writer would mislead */
        errno = 0;
    *out_fd = fd;
    return RH_OK;
}

rh_status rh_fs_lock(const char *path, int *out_fd, rh_error *err)
{
    return lock(path, LOCK_EX, out_fd, err);
}

rh_status rh_fs_lock_shared(const char *path, int *out_fd, rh_error *err)
{
    return lock(path, LOCK_SH, out_fd, err);
}

void rh_fs_unlock(int fd)
{
    if (fd < 0)
        return;
    if (ftruncate(fd, 0) != 0) /* read-only descriptor of a shared lock: nothing to forget */
        errno = 0;
    (void)close(fd);
}
