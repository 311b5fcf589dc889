#include "lite_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/num.h"
#include "lite_target.h"

enum { RANDOM_DIGITS = 12 };

/* Is this the name of a file that a process built which is no more? prefix: ".<name>.rehearse-". */
static bool is_orphan(const char *name, const char *prefix)
{
    size_t len = strlen(prefix);
    size_t digits;
    int64_t pid = 0;

    if (strncmp(name, prefix, len) != 0)
        return false;
    digits = strspn(name + len, "0123456789");
    if (digits == 0 || name[len + digits] != '-' ||
        strlen(name + len + digits) != 1 + RANDOM_DIGITS ||
        !rh_num_scan_int64(name + len, digits, &pid) || pid <= 0 || pid > INT32_MAX)
        return false;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* What a killed run left behind may fill the disk for this one. Best effort, but for memory. */
static rh_status remove_orphans(const char *dir, const char *prefix, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_list(dir, &names, &count, NULL);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *path;

        if (!is_orphan(names[i], prefix))
            continue;
        path = rh_fs_join(dir, names[i]);
        if (path != NULL)
            rh_lite_remove(path);
        else
            status = RH_ENOMEM;
        rh_mem_free(path);
    }
    rh_fs_list_free(names);
    return status == RH_ENOMEM ? rh_error_oom(err) : RH_OK;
}

static rh_status create_exclusive(const char *build, const char *path, rh_error *err)
{
    int fd = open(build, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        return rh_error_errno(err, errno, "cannot create a file beside '%s'", path);
    close(fd);
    return RH_OK;
}

rh_status rh_lite_create_aside(const char *path, char **out, rh_error *err)
{
    const char *slash = strrchr(path, '/');
    char *dir = rh_mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
    char *prefix = rh_mem_printf(".%s.rehearse-", slash + 1);
    char *build = NULL;
    uint8_t random[RANDOM_DIGITS / 2];
    char hex[RANDOM_DIGITS + 1];
    rh_status status = RH_OK;

    rh_random(random, sizeof random);
    rh_hex_encode(random, sizeof random, hex);
    if (dir == NULL || prefix == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = remove_orphans(dir, prefix, err);
    if (status == RH_OK) {
        build = rh_mem_printf("%s/%s%ld-%s", strcmp(dir, "/") == 0 ? "" : dir, prefix,
                              (long)getpid(), hex);
        status = build != NULL ? create_exclusive(build, path, err) : rh_error_oom(err);
    }
    if (status == RH_OK) {
        *out = build;
        build = NULL;
    }
    rh_mem_free(build);
    rh_mem_free(prefix);
    rh_mem_free(dir);
    return status;
}
