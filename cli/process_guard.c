/*
 * See process_guard.h.
 */
/* prctl(2) is Linux's own; everything else here is POSIX. */
#ifdef __linux__
#define _DEFAULT_SOURCE
#include <sys/prctl.h>
#endif

#include "process_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static rh_cancel interrupted;

static void on_signal(int number)
{
    struct sigaction standard;

    rh_cancel_request(&interrupted);
    /* The second signal of a kind is for users whose patience is at an end. */
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, NULL);
}

static void catch_signal(int number)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void forbid_core_files(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    /* A core_pattern that is a pipe ignores the limit; an undumpable process it does not get. The
     * leak checker needs to trace its own process, so sanitized builds stay dumpable. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* A descriptor that was closed by whoever started us would go to the first file that is opened, and
 * rows or messages meant for the terminal into that file. /dev/null, opened the wrong way round,
 * keeps the place and makes each use of it the error that it is. */
static bool keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}

bool process_guard_start(void)
{
    struct sigaction ignore;

    if (!keep_standard_descriptors())
        return false;
    forbid_core_files();
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a limit on file sizes is an error of the write, too */
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    catch_signal(SIGHUP);
    return true;
}

const rh_cancel *process_guard_cancel(void)
{
    return &interrupted;
}
