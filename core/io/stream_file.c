/*
 * Streams of descriptors. Writers collect small pieces in a buffer of 64 KiB; readers do not buffer
 * (their users ask for large pieces).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "fs_internal.h"
#include "stream_internal.h"

typedef struct fd_writer {
    rh_writer base;
    int fd;
    char *path;      /* target, or a name for errors */
    char *temporary; /* NULL: a borrowed descriptor */
    size_t used;
    unsigned char buffer[STREAM_BUFFER_BYTES];
} fd_writer;

typedef struct fd_reader {
    rh_reader base;
    int fd;
    bool owned;
    bool waits;              /* a pipe or a terminal: look for an end while nothing comes */
    const rh_cancel *cancel; /* borrowed, may be NULL */
    char *name;
} fd_reader;

enum { LOOK_EVERY_MS = 200 };

/* ---- writers ---- */

static rh_status flush(fd_writer *w, rh_error *err)
{
    rh_status status = fs_write_all(w->fd, w->path, w->buffer, w->used, err);

    w->used = 0;
    return status;
}

static rh_status fd_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    fd_writer *w = (fd_writer *)writer;

    if (len > sizeof w->buffer - w->used) {
        rh_status status = flush(w, err);

        if (status != RH_OK)
            return status;
    }
    if (len >= sizeof w->buffer)
        return fs_write_all(w->fd, w->path, data, len, err);
    memcpy(w->buffer + w->used, data, len);
    w->used += len;
    return RH_OK;
}

static rh_status fd_finish(rh_writer *writer, rh_error *err)
{
    return flush((fd_writer *)writer, err);
}

/* Flush, sync, close, rename: in this order, so that a crash leaves the old file or the new one. */
static rh_status file_finish(rh_writer *writer, rh_error *err)
{
    fd_writer *w = (fd_writer *)writer;
    rh_status status = flush(w, err);

    if (status != RH_OK)
        return status;
    while (fsync(w->fd) != 0) {
        if (errno != EINTR)
            return rh_error_errno(err, errno, "cannot sync '%s' to disk", w->path);
    }

    int fd = w->fd;

    w->fd = -1;
    if (close(fd) != 0)
        return rh_error_errno(err, errno, "cannot write '%s'", w->path);
    status = rh_fs_rename(w->temporary, w->path, err);
    if (status != RH_OK)
        return status;
    rh_mem_free(w->temporary);
    w->temporary = NULL;
    return RH_OK;
}

static void fd_free(rh_writer *writer)
{
    fd_writer *w = (fd_writer *)writer;

    rh_mem_free(w->path);
    rh_mem_free(w);
}

static void file_free(rh_writer *writer)
{
    fd_writer *w = (fd_writer *)writer;

    if (w->fd >= 0)
        (void)close(w->fd);
    if (w->temporary != NULL)
        (void)unlink(w->temporary);
    rh_mem_free(w->temporary);
    fd_free(writer);
}

static const writer_ops fd_ops = {fd_put, fd_finish, fd_free};
static const writer_ops file_ops = {fd_put, file_finish, file_free};

static fd_writer *fd_writer_new(const writer_ops *ops, int fd, const char *path)
{
    fd_writer *w = rh_mem_alloc(sizeof *w); /* not zeroed: the buffer is large */

    if (w == NULL)
        return NULL;
    w->base = (rh_writer){.ops = ops};
    w->fd = fd;
    w->temporary = NULL;
    w->used = 0;
    w->path = rh_mem_strdup(path);
    if (w->path == NULL) {
        rh_mem_free(w);
        return NULL;
    }
    return w;
}

rh_status rh_writer_file(const char *path, unsigned mode, rh_writer **out, rh_error *err)
{
    fd_writer *w = fd_writer_new(&file_ops, -1, path);

    if (w == NULL)
        return rh_error_oom(err);

    rh_status status = fs_create_temporary(path, mode, &w->temporary, &w->fd, err);

    if (status != RH_OK) {
        file_free(&w->base);
        return status;
    }
    *out = &w->base;
    return RH_OK;
}

rh_status rh_writer_fd(int fd, const char *name, rh_writer **out, rh_error *err)
{
    fd_writer *w = fd_writer_new(&fd_ops, fd, name);

    if (w == NULL)
        return rh_error_oom(err);
    *out = &w->base;
    return RH_OK;
}

/* ---- readers ---- */

/* Until there is something to read, or the other end was closed. A signal that comes between the
 * look and the wait is seen at the next look. */
static rh_status await(const fd_reader *r, rh_error *err)
{
    struct pollfd wanted = {.fd = r->fd, .events = POLLIN};

    for (;;) {
        rh_status status = rh_cancel_check(r->cancel, err);
        int ready;

        if (status != RH_OK)
            return status;
        ready = poll(&wanted, 1, LOOK_EVERY_MS);
        if (ready > 0)
            return RH_OK;
        if (ready < 0 && errno != EINTR)
            return rh_error_errno(err, errno, "cannot wait for '%s'", r->name);
    }
}

static rh_status fd_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    fd_reader *r = (fd_reader *)reader;

    for (;;) {
        rh_status status = r->waits ? await(r, err) : RH_OK;
        ssize_t got = status == RH_OK ? read(r->fd, out, max) : -1;

        if (status != RH_OK)
            return status;

        if (got > 0) {
            *out_len = (size_t)got;
            return RH_OK;
        }
        if (got == 0)
            return RH_DONE;
        if (errno != EINTR && errno != EAGAIN)
            return rh_error_errno(err, errno, "cannot read '%s'", r->name);
    }
}

static void fd_reader_free(rh_reader *reader)
{
    fd_reader *r = (fd_reader *)reader;

    if (r->owned)
        (void)close(r->fd);
    rh_mem_free(r->name);
    rh_mem_free(r);
}

static const reader_ops fd_reader_ops = {fd_get, fd_reader_free};

rh_status rh_reader_fd(int fd, const char *name, rh_reader **out, rh_error *err)
{
    fd_reader *r = rh_mem_zalloc(sizeof *r);

    if (r == NULL)
        return rh_error_oom(err);
    r->base.ops = &fd_reader_ops;
    r->fd = fd;
    r->name = rh_mem_strdup(name);
    if (r->name == NULL) {
        fd_reader_free(&r->base);
        return rh_error_oom(err);
    }
    *out = &r->base;
    return RH_OK;
}

rh_status rh_reader_file(const char *path, rh_reader **out, rh_error *err)
{
    int fd = -1;
    struct stat st;
    rh_reader *reader = NULL;
    rh_status status = fs_open_regular(path, false, &fd, &st, err);

    if (status != RH_OK)
        return status;
    status = rh_reader_fd(fd, path, &reader, err);
    if (reader == NULL) {
        (void)close(fd);
        return status;
    }
    ((fd_reader *)reader)->owned = true;
    *out = reader;
    return RH_OK;
}

/* Sets *out_waits when it is no regular file. */
static rh_status open_input(const char *path, int *out_fd, bool *out_waits, rh_error *err)
{
    /* Without O_NONBLOCK this would hang until somebody writes to a FIFO, deaf to signals. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    if (fd < 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
        (void)close(fd);
        return rh_error_set(err, RH_EIO, "'%s' is neither a file nor a pipe", path);
    }
    *out_fd = fd;
    *out_waits = !S_ISREG(st.st_mode);
    return RH_OK;
}

rh_status rh_reader_input(const char *path, const rh_cancel *cancel, rh_reader **out, rh_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    bool waits = true;
    int fd = STDIN_FILENO;
    rh_reader *reader = NULL;
    rh_status status = standard ? RH_OK : open_input(path, &fd, &waits, err);

    if (status != RH_OK)
        return status;
    status = rh_reader_fd(fd, standard ? "standard input" : path, &reader, err);
    if (reader == NULL) {
        if (!standard)
            (void)close(fd);
        return status;
    }
    ((fd_reader *)reader)->owned = !standard;
    ((fd_reader *)reader)->waits = waits;
    ((fd_reader *)reader)->cancel = cancel;
    *out = reader;
    return RH_OK;
}
