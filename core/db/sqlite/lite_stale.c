/*
 * See lite_stale.h. A killed restore cannot remove its half-built file, which holds production's
 * rows: the next one does. The process id in the name tells whether its maker still works; one that
 * was reused by now keeps the file for another night.
 */
#include "lite_stale.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"

static bool is_alive(int64_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

/* Is entry such a file of a process that is gone? */
static bool is_stale(const char *entry, const char *prefix)
{
    const char *pid_text = entry + strlen(prefix);
    int64_t pid = 0;

    if (!rh_str_starts_with(entry, prefix))
        return false;
    if (!rh_num_scan_int64(pid_text, strcspn(pid_text, "-"), &pid))
        return false;
    return pid > 0 && pid <= INT32_MAX && pid != getpid() && !is_alive(pid);
}

void rh_lite_remove_stale(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = rh_mem_strndup(path, (size_t)(slash - path) + 1);
    char *prefix = rh_mem_printf(".%s.rehearse-", slash + 1);
    char **names = NULL;
    size_t count = 0;
    rh_error ignored = RH_ERROR_INIT;

    if (dir != NULL && prefix != NULL && rh_fs_list(dir, &names, &count, &ignored) == RH_OK) {
        for (size_t i = 0; i < count; i++) {
            char *file = is_stale(names[i], prefix) ? rh_mem_printf("%s%s", dir, names[i]) : NULL;

            if (file != NULL)
                (void)unlink(file);
            rh_mem_free(file);
        }
        rh_fs_list_free(names);
    }
    rh_mem_free(dir);
    rh_mem_free(prefix);
}
