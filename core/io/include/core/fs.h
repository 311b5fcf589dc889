/*
 * Files and directories, the durable and the distrustful way.
 */
#ifndef CORE_FS_H
#define CORE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** "a/b" in fresh memory (free with rh_mem_free); NULL when memory is out. */
char *rh_fs_join(const char *dir, const char *name) RH_MUST_CHECK;

bool rh_fs_exists(const char *path); /* follows symlinks */
bool rh_fs_is_dir(const char *path);

/** Create one directory (mode 0700); an existing real directory is RH_OK. */
rh_status rh_fs_mkdir(const char *path, rh_error *err) RH_MUST_CHECK;

/** fsync a file or directory by name. */
rh_status rh_fs_sync(const char *path, rh_error *err) RH_MUST_CHECK;

/** rename(2), then fsync of the target's directory. */
rh_status rh_fs_rename(const char *from, const char *to, rh_error *err) RH_MUST_CHECK;

/** link-less create: as rh_fs_rename, but RH_EEXISTS when `to` exists. */
rh_status rh_fs_rename_new(const char *from, const char *to, rh_error *err) RH_MUST_CHECK;

/** Remove a file; a missing one is RH_OK. */
rh_status rh_fs_remove(const char *path, rh_error *err) RH_MUST_CHECK;

/** Remove a directory tree; never follows a symlink out of it. Missing is RH_OK. */
rh_status rh_fs_remove_tree(const char *path, rh_error *err) RH_MUST_CHECK;

/** A whole small regular file (symlink refused), at most max bytes: RH_ELIMIT, RH_ENOTFOUND. */
rh_status rh_fs_read(const char *path, size_t max, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** Write a whole small file durably: temporary, fsync, rename, fsync of the directory. */
rh_status rh_fs_write(const char *path, unsigned mode, const void *data, size_t len,
                      rh_error *err) RH_MUST_CHECK;

/** Entry names of a directory in byte order, without "." and "..". NULL-terminated array, one
 * block per name; free with rh_fs_list_free. */
rh_status rh_fs_list(const char *dir, char ***out, size_t *out_count, rh_error *err) RH_MUST_CHECK;
void rh_fs_list_free(char **names);

/**
 * One exclusive advisory lock (flock) on a file, created if missing. RH_EBUSY at once when another
 * process holds it; the text then names that process's pid when the file tells it.
 */
rh_status rh_fs_lock(const char *path, int *out_fd, rh_error *err) RH_MUST_CHECK;

/** Shared lock: many readers, RH_EBUSY while a writer holds the exclusive one. */
rh_status rh_fs_lock_shared(const char *path, int *out_fd, rh_error *err) RH_MUST_CHECK;
void rh_fs_unlock(int fd); /* negative is a no-op */

/** True for one plain path component: not empty, no '/', not "." or "..", printable ASCII. */
bool rh_fs_is_plain_name(const char *name);

/** Bytes free for us on the file system of path. */
rh_status rh_fs_free_bytes(const char *path, uint64_t *out, rh_error *err) RH_MUST_CHECK;

/** Size and mtime (microseconds) of a regular file; symlinks refused. */
rh_status rh_fs_stat(const char *path, uint64_t *out_bytes, int64_t *out_mtime_us,
                     rh_error *err) RH_MUST_CHECK;

#endif
