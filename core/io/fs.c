/*
 * Files and directories. Durable: what is reported written has been fsynced together with the
 * directory that names it. Distrustful: no symlink is followed where a hostile repository could
 * have put one.
 */
#include "core/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/mem.h"
#include "fs_internal.h"

enum {
    MAX_NAME_BYTES = 255,
    MAX_TEMPORARY_NAME = 200, /* of the target's name, so that prefix and suffix fit in 255 */
    TEMPORARY_TRIES = 100,
    READ_STEP_BYTES = 64 * 1024,
};

char *rh_fs_join(const char *dir, const char *name)
{
    size_t len = strlen(dir);

    if (len == 0)
        return rh_mem_strdup(name);
    return rh_mem_printf("%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

bool rh_fs_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool rh_fs_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool rh_fs_is_plain_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > MAX_NAME_BYTES || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (; *name != '\0'; name++) {
        if (*name < 0x20 || *name > 0x7E || *name == '/')
            return false;
    }
    return true;
}

rh_status rh_fs_mkdir(const char *path, rh_error *err)
{
    struct stat st;

    if (mkdir(path, 0700) == 0)
        return fs_sync_parent(path, err);

    int failed = errno;

    if (failed == EEXIST && lstat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return RH_OK;
        return rh_error_set(err, RH_EEXISTS, "'%s' exists and is not a directory", path);
    }
    return rh_error_errno(err, failed, "cannot create directory '%s'", path);
}

/* ---- durability ---- */

static rh_status sync_fd(int fd, const char *path, rh_error *err)
{
    /* some file systems cannot sync a directory and say EINVAL: nothing more can be done there */
    while (fsync(fd) != 0) {
        if (errno == EINVAL || errno == EROFS)
            return RH_OK;
        if (errno != EINTR)
            return rh_error_errno(err, errno, "cannot sync '%s' to disk", path);
    }
    return RH_OK;
}

rh_status rh_fs_sync(const char *path, rh_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);

    rh_status status = sync_fd(fd, path, err);

    (void)close(fd);
    return status;
}

/* The directory part of path in fresh memory: "." for a bare name. */
static char *parent_of(const char *path)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    if (len == 0)
        return rh_mem_strdup(".");
    while (len > 1 && path[len - 1] == '/')
        len--;
    return rh_mem_strndup(path, len);
}

rh_status fs_sync_parent(const char *path, rh_error *err)
{
    char *dir = parent_of(path);

    if (dir == NULL)
        return rh_error_oom(err);

    rh_status status = rh_fs_sync(dir, err);

    rh_mem_free(dir);
    return status;
}

static rh_status rename_error(rh_error *err, int os_errno, const char *from, const char *to)
{
    if (os_errno == ENOENT)
        return rh_error_set(err, RH_ENOTFOUND, "cannot rename '%s' to '%s': no such file", from,
                            to);
    return rh_error_errno(err, os_errno, "cannot rename '%s' to '%s'", from, to);
}

rh_status rh_fs_rename(const char *from, const char *to, rh_error *err)
{
    if (rename(from, to) != 0)
        return rename_error(err, errno, from, to);
    return fs_sync_parent(to, err);
}

/* File systems without hard links say one of these. */
static bool is_no_link(int os_errno)
{
    return os_errno == EPERM || os_errno == ENOTSUP || os_errno == EOPNOTSUPP ||
           os_errno == ENOSYS || os_errno == EMLINK;
}

rh_status rh_fs_rename_new(const char *from, const char *to, rh_error *err)
{
    struct stat st;

    if (lstat(from, &st) != 0)
        return rename_error(err, errno, from, to);
    if (!S_ISDIR(st.st_mode)) {
        if (link(from, to) == 0) {
            if (unlink(from) != 0)
                return rh_error_errno(err, errno, "cannot remove '%s'", from);
            return fs_sync_parent(to, err);
        }
        if (errno == EEXIST)
            return rh_error_set(err, RH_EEXISTS, "'%s' exists", to);
        if (!is_no_link(errno))
            return rename_error(err, errno, from, to);
    }
    /* directories, and files where there are no links: a small window is left between the two */
    if (lstat(to, &st) == 0)
        return rh_error_set(err, RH_EEXISTS, "'%s' exists", to);
    return rh_fs_rename(from, to, err);
}

/* ---- whole files ---- */

rh_status fs_write_all(int fd, const char *name, const void *data, size_t len, rh_error *err)
{
    const char *at = data;

    while (len > 0) {
        ssize_t done = write(fd, at, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return rh_error_errno(err, errno, "cannot write '%s'", name);
        at += done;
        len -= (size_t)done;
    }
    return RH_OK;
}

rh_status fs_open_regular(const char *path, bool follow_symlink, int *out_fd, struct stat *out_stat,
                          rh_error *err)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow_symlink ? 0 : O_NOFOLLOW);
    int fd = open(path, flags);
    struct stat st;

    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
        if (errno == ELOOP && !follow_symlink)
            return rh_error_set(err, RH_EIO, "'%s' is a symbolic link, which is refused", path);
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return rh_error_set(err, RH_EIO, "'%s' is not a regular file", path);
    }
    *out_fd = fd;
    *out_stat = st;
    return RH_OK;
}

rh_status fs_read_all(int fd, const char *path, size_t max, rh_buf *out, rh_error *err)
{
    size_t before = out->len;
    rh_status status = RH_OK;

    for (;;) {
        size_t left = max - (out->len - before);
        size_t want = left < READ_STEP_BYTES ? left + 1 : READ_STEP_BYTES;

        status = rh_buf_reserve(out, want, err);
        if (status != RH_OK)
            break;

        ssize_t got = read(fd, out->data + out->len, want);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = rh_error_errno(err, errno, "cannot read '%s'", path);
        else if ((size_t)got > left)
            status = rh_error_set(err, RH_ELIMIT, "'%s' is longer than %zu bytes", path, max);
        if (got <= 0 || status != RH_OK)
            break;
        out->len += (size_t)got;
    }
    if (status != RH_OK)
        out->len = before;
    if (out->data != NULL)
        out->data[out->len] = '\0';
    return status;
}

rh_status rh_fs_read(const char *path, size_t max, rh_buf *out, rh_error *err)
{
    int fd = -1;
    struct stat st;
    rh_status status = fs_open_regular(path, false, &fd, &st, err);

    if (status != RH_OK)
        return status;
    status = fs_read_all(fd, path, max, out, err);
    (void)close(fd);
    return status;
}

rh_status fs_create_temporary(const char *path, unsigned mode, char **out_name, int *out_fd,
                              rh_error *err)
{
    static atomic_ulong counter;
    const char *slash = strrchr(path, '/');
    int dir_len = slash == NULL ? 0 : (int)(slash - path) + 1;
    const char *name = slash == NULL ? path : slash + 1;
    int failed = EEXIST;

    for (int i = 0; i < TEMPORARY_TRIES && failed == EEXIST; i++) {
        char *temporary = rh_mem_printf("%.*s.%.*s.tmp-%ld-%lu", dir_len, path, MAX_TEMPORARY_NAME,
                                        name, (long)getpid(), atomic_fetch_add(&counter, 1));

        if (temporary == NULL)
            return rh_error_oom(err);

        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

        if (fd >= 0) {
            *out_name = temporary;
            *out_fd = fd;
            return RH_OK;
        }
        failed = errno;
        rh_mem_free(temporary);
    }
    return rh_error_errno(err, failed, "cannot create a file beside '%s'", path);
}

rh_status rh_fs_write(const char *path, unsigned mode, const void *data, size_t len, rh_error *err)
{
    char *temporary = NULL;
    int fd = -1;
    rh_status status = fs_create_temporary(path, mode, &temporary, &fd, err);

    if (temporary == NULL)
        return status;
    status = fs_write_all(fd, path, data, len, err);
    if (status == RH_OK)
        status = sync_fd(fd, path, err);
    if (close(fd) != 0 && status == RH_OK)
        status = rh_error_errno(err, errno, "cannot write '%s'", path);
    if (status == RH_OK)
        status = rh_fs_rename(temporary, path, err);
    if (status != RH_OK)
        (void)unlink(temporary);
    rh_mem_free(temporary);
    return status;
}

/* ---- facts ---- */

rh_status rh_fs_free_bytes(const char *path, uint64_t *out, rh_error *err)
{
    struct statvfs vfs;

    if (statvfs(path, &vfs) != 0)
        return rh_error_errno(err, errno, "cannot ask for the free space of '%s'", path);
    *out = (uint64_t)vfs.f_bavail * (uint64_t)vfs.f_frsize;
    return RH_OK;
}

rh_status rh_fs_stat(const char *path, uint64_t *out_bytes, int64_t *out_mtime_us, rh_error *err)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
        return rh_error_errno(err, errno, "cannot look at '%s'", path);
    }
    if (!S_ISREG(st.st_mode))
        return rh_error_set(err, RH_EIO, "'%s' is not a regular file", path);
    *out_bytes = (uint64_t)st.st_size;
    *out_mtime_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
    return RH_OK;
}
