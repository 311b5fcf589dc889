/*
 * Descriptor-level helpers that the files of this module share.
 */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/fs.h"

/* Write all bytes, whatever signals and short writes come. name is for the error. */
rh_status fs_write_all(int fd, const char *name, const void *data, size_t len, rh_error *err);

/* Open a regular file for reading; a FIFO or device is refused without blocking on it. */
rh_status fs_open_regular(const char *path, bool follow_symlink, int *out_fd, struct stat *out_stat,
                          rh_error *err);

/* Append at most max bytes of fd to out (RH_ELIMIT when there are more); all or nothing. */
rh_status fs_read_all(int fd, const char *path, size_t max, rh_buf *out, rh_error *err);

/* fsync the directory that holds path. */
rh_status fs_sync_parent(const char *path, rh_error *err);

/*
 * Create a file of a new name beside path: "<dir>/.<name>.tmp-<pid>-<n>". *out_name is fresh
 * memory.
 */
rh_status fs_create_temporary(const char *path, unsigned mode, char **out_name, int *out_fd,
                              rh_error *err);

#endif
