/*
 * Directories: what is in them, and removing it all. Removal works relative to open directories, so
 * that nobody can redirect it by putting a symlink in the way.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"

/* ---- listing ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Add a copy of name; the array always ends with NULL. */
static rh_status list_add(char ***names, size_t *count, size_t *cap, const char *name,
                          rh_error *err)
{
    if (*count + 1 >= *cap) {
        size_t wanted = *cap == 0 ? 16 : *cap * 2;
        char **grown = rh_mem_rearray(*names, wanted, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        grown[*count] = NULL;
        *names = grown;
        *cap = wanted;
    }
    if (name == NULL)
        return RH_OK;
    (*names)[*count] = rh_mem_strdup(name);
    if ((*names)[*count] == NULL)
        return rh_error_oom(err);
    (*names)[++*count] = NULL;
    return RH_OK;
}

rh_status rh_fs_list(const char *dir, char ***out, size_t *out_count, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    size_t cap = 0;
    DIR *open_dir = opendir(dir);

    if (open_dir == NULL && errno == ENOENT)
        return rh_error_set(err, RH_ENOTFOUND, "directory '%s' does not exist", dir);
    if (open_dir == NULL)
        return rh_error_errno(err, errno, "cannot list '%s'", dir);

    rh_status status = list_add(&names, &count, &cap, NULL, err);

    while (status == RH_OK) {
        errno = 0;

        const struct dirent *entry = readdir(open_dir);

        if (entry == NULL) {
            if (errno != 0)
                status = rh_error_errno(err, errno, "cannot list '%s'", dir);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = list_add(&names, &count, &cap, entry->d_name, err);
    }
    (void)closedir(open_dir);
    if (status != RH_OK || names == NULL) {
        rh_fs_list_free(names);
        return status;
    }
    qsort(names, count, sizeof *names, compare_names);
    *out = names;
    *out_count = count;
    return RH_OK;
}

void rh_fs_list_free(char **names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        rh_mem_free(names[i]);
    rh_mem_free(names);
}

/* ---- removal ---- */

rh_status rh_fs_remove(const char *path, rh_error *err)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return rh_error_errno(err, errno, "cannot remove '%s'", path);
    return RH_OK;
}

static rh_status remove_at(int dir_fd, const char *name, const char *shown, rh_error *err);

/* Remove what is in an open directory. Takes fd. */
static rh_status remove_content(int fd, const char *shown, rh_error *err)
{
    rh_status status = RH_OK;
    DIR *dir = fdopendir(fd);

    if (dir == NULL) {
        status = rh_error_errno(err, errno, "cannot list '%s'", shown);
        (void)close(fd);
        return status;
    }
    while (status == RH_OK) {
        errno = 0;

        const struct dirent *entry = readdir(dir);

        if (entry == NULL) {
            if (errno != 0)
                status = rh_error_errno(err, errno, "cannot list '%s'", shown);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = remove_at(dirfd(dir), entry->d_name, shown, err);
    }
    (void)closedir(dir);
    return status;
}

/*
 * Remove one entry, whatever it is. A symlink is removed itself: unlinkat does not follow it, and
 * openat with O_NOFOLLOW refuses one that took a directory's place in between.
 */
static rh_status remove_at(int dir_fd, const char *name, const char *shown, rh_error *err)
{
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return RH_OK;
    if (errno != EISDIR && errno != EPERM) /* POSIX says EPERM, Linux EISDIR for a directory */
        return rh_error_errno(err, errno, "cannot remove '%s' in '%s'", name, shown);

    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return rh_error_errno(err, errno, "cannot remove '%s' in '%s'", name, shown);

    rh_status status = remove_content(fd, shown, err);

    if (status == RH_OK && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        status = rh_error_errno(err, errno, "cannot remove '%s' in '%s'", name, shown);
    return status;
}

rh_status rh_fs_remove_tree(const char *path, rh_error *err)
{
    return remove_at(AT_FDCWD, path, path, err);
}
