/*
 * Child processes. posix_spawn rather than fork: it is safe beside other threads, and says at once
 * why a program cannot run. The child is the leader of its own session, so that it cannot wait
 * for a password on our terminal, and so that a cancel reaches its children, too.
 */
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np, POSIX_SPAWN_SETSID */

#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "fs_internal.h"

extern char **environ;

enum {
    KEPT_STDERR_BYTES = 4096,
    PIECE_BYTES = 64 * 1024,
    POLL_MS = 50,            /* how long a cancel may go unseen */
    TERM_GRACE_US = 2000000, /* from SIGTERM to SIGKILL */
    LINE_BYTES = 300,
};

typedef struct child {
    const char *name;
    pid_t pid;
    int out_fd; /* our ends of its stdout and stderr; -1 once closed */
    int err_fd;
    bool reaped;
    int wait_status;
    size_t kept; /* bytes of the tail of stderr */
    bool cut;    /* the tail lacks its beginning */
    char tail[KEPT_STDERR_BYTES];
    unsigned char piece[PIECE_BYTES];
} child;

/* ---- finding ---- */

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Is program in the directory of len bytes? *out is fresh memory then. */
static rh_status look_in(const char *dir, size_t len, const char *program, char **out,
                         rh_error *err)
{
    char *path = len == 0 ? rh_mem_printf("./%s", program)
                          : rh_mem_printf("%.*s/%s", (int)len, dir, program);

    if (path == NULL)
        return rh_error_oom(err);
    if (!is_program(path)) {
        rh_mem_free(path);
        return RH_SKIPPED;
    }
    *out = path;
    return RH_OK;
}

rh_status rh_process_find(const char *program, const char *const *dirs, char **out, rh_error *err)
{
    rh_status status = RH_SKIPPED;
    const char *path = dirs != NULL ? NULL : getenv("PATH");

    if (strchr(program, '/') != NULL) {
        if (!is_program(program))
            return rh_error_set(err, RH_ENOTFOUND, "program '%s' does not exist", program);
        *out = rh_mem_strdup(program);
        return *out == NULL ? rh_error_oom(err) : RH_OK;
    }
    if (dirs == NULL && path == NULL)
        path = "/usr/local/bin:/usr/bin:/bin";
    for (size_t i = 0; dirs != NULL && dirs[i] != NULL && status == RH_SKIPPED; i++)
        status = look_in(dirs[i], strlen(dirs[i]), program, out, err);
    while (path != NULL && status == RH_SKIPPED) {
        size_t len = strcspn(path, ":");

        status = look_in(path, len, program, out, err);
        path = path[len] == ':' ? path + len + 1 : NULL;
    }
    if (status != RH_SKIPPED)
        return status;
    return rh_error_set(err, RH_ENOTFOUND, "program '%s' was not found", program);
}

/* ---- starting ---- */

static size_t count_of(char *const *list)
{
    size_t count = 0;

    while (list != NULL && list[count] != NULL)
        count++;
    return count;
}

/* exec wants char pointers where nothing is changed. */
static char *unconst(const char *text)
{
    char *same = NULL;

    memcpy(&same, &text, sizeof same);
    return same;
}

static char **arguments_of(const rh_process_options *options)
{
    size_t count = 0;
    char **list = NULL;

    while (options->arguments != NULL && options->arguments[count] != NULL)
        count++;
    list = rh_mem_array(count + 2, sizeof *list);
    if (list == NULL)
        return NULL;
    list[0] = unconst(options->program);
    for (size_t i = 0; i < count; i++)
        list[i + 1] = unconst(options->arguments[i]);
    return list;
}

/* Do both "NAME=value" texts set the same name? */
static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");

    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* Our environment with the additions, which win. */
static char **environment_of(const char *const *additions)
{
    size_t ours = count_of(environ);
    size_t added = 0;
    size_t at = 0;
    char **list = NULL;

    while (additions != NULL && additions[added] != NULL)
        added++;
    list = rh_mem_array(ours + added + 1, sizeof *list);
    if (list == NULL)
        return NULL;
    for (size_t i = 0; i < ours; i++) {
        bool replaced = false;

        for (size_t j = 0; j < added; j++)
            replaced = replaced || same_name(additions[j], environ[i]);
        if (!replaced)
            list[at++] = environ[i];
    }
    for (size_t j = 0; j < added; j++)
        list[at++] = unconst(additions[j]);
    return list;
}

/* A pipe whose ends no other child inherits. */
static rh_status make_pipe(int ends[2], rh_error *err)
{
    if (pipe2(ends, O_CLOEXEC) == 0)
        return RH_OK;
    ends[0] = ends[1] = -1;
    return rh_error_errno(err, errno, "cannot make a pipe");
}

static int add_actions(posix_spawn_file_actions_t *actions, int out_fd, int err_fd)
{
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(actions, out_fd, 1);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(actions, err_fd, 2);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    if (failed == 0)
        failed = posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
    return failed; /* elsewhere O_CLOEXEC, which we set everywhere, has to do */
}

/* Default handlers and nothing blocked, whatever this thread has set for itself. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
    int failed = posix_spawnattr_setflags(attributes, flags);

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    if (failed == 0)
        failed = posix_spawnattr_setsigmask(attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    return failed;
}

static int spawn(const char *path, char *const *arguments, char *const *environment,
                 const int fds[2], pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = add_actions(&actions, fds[0], fds[1]);
        if (failed == 0)
            failed = set_attributes(&attributes);
        if (failed == 0)
            failed = posix_spawn(out_pid, path, &actions, &attributes, arguments, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static rh_status start(child *c, const rh_process_options *options, rh_error *err)
{
    int out_pipe[2] = {-1, -1};
    int err_pipe[2] = {-1, -1};
    char *path = NULL;
    char **arguments = arguments_of(options);
    char **environment = environment_of(options->environment);
    rh_status status = arguments == NULL || environment == NULL
                           ? rh_error_oom(err)
                           : rh_process_find(options->program, NULL, &path, err);

    if (status == RH_OK)
        status = make_pipe(out_pipe, err);
    if (status == RH_OK)
        status = make_pipe(err_pipe, err);
    if (status == RH_OK) {
        int fds[2] = {out_pipe[1], err_pipe[1]};
        int failed = spawn(path, arguments, environment, fds, &c->pid);

        if (failed != 0)
            status = rh_error_errno(err, failed, "cannot run '%s'", path);
    }
    if (status == RH_OK) {
        c->out_fd = out_pipe[0];
        c->err_fd = err_pipe[0];
        out_pipe[0] = err_pipe[0] = -1;
    }
    close_end(&out_pipe[0]);
    close_end(&out_pipe[1]);
    close_end(&err_pipe[0]);
    close_end(&err_pipe[1]);
    rh_mem_free(environment);
    rh_mem_free(arguments);
    rh_mem_free(path);
    return status;
}

/* ---- running ---- */

/* Keep the end of stderr. */
static void keep(child *c, const unsigned char *data, size_t len)
{
    if (len >= sizeof c->tail) {
        c->cut = c->cut || c->kept > 0 || len > sizeof c->tail;
        memcpy(c->tail, data + len - sizeof c->tail, sizeof c->tail);
        c->kept = sizeof c->tail;
        return;
    }
    if (len > sizeof c->tail - c->kept) {
        size_t drop = len - (sizeof c->tail - c->kept);

        memmove(c->tail, c->tail + drop, c->kept - drop);
        c->kept -= drop;
        c->cut = true;
    }
    memcpy(c->tail + c->kept, data, len);
    c->kept += len;
}

/* Read one piece of a pipe that poll found ready. Closes it at its end. */
static rh_status take_piece(child *c, int *fd, rh_writer *output, rh_error *err)
{
    ssize_t got = read(*fd, c->piece, sizeof c->piece);

    if (got < 0 && errno == EINTR)
        return RH_OK;
    if (got < 0)
        return rh_error_errno(err, errno, "cannot read the output of '%s'", c->name);
    if (got == 0) {
        close_end(fd);
        return RH_OK;
    }
    if (fd == &c->err_fd)
        keep(c, c->piece, (size_t)got);
    else if (output != NULL)
        return rh_writer_put(output, c->piece, (size_t)got, err);
    return RH_OK;
}

/* Has it ended? */
static rh_status reap(child *c, int flags, rh_error *err)
{
    while (!c->reaped) {
        pid_t got = waitpid(c->pid, &c->wait_status, flags);

        if (got == 0)
            return RH_OK;
        if (got == c->pid)
            c->reaped = true;
        else if (errno != EINTR)
            return rh_error_errno(err, errno, "cannot wait for '%s'", c->name);
    }
    return RH_OK;
}

/* Pass on what comes until both pipes are at their end. */
static rh_status pump(child *c, const rh_process_options *options, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && (c->out_fd >= 0 || c->err_fd >= 0)) {
        struct pollfd polled[2] = {{c->out_fd, POLLIN, 0}, {c->err_fd, POLLIN, 0}};
        int ready = poll(polled, 2, POLL_MS);

        status = rh_cancel_check(options->cancel, err);
        if (status != RH_OK)
            break;
        if (ready < 0 && errno != EINTR)
            status = rh_error_errno(err, errno, "cannot wait for '%s'", c->name);
        if (ready > 0 && polled[0].revents != 0)
            status = take_piece(c, &c->out_fd, options->output, err);
        if (ready > 0 && status == RH_OK && polled[1].revents != 0)
            status = take_piece(c, &c->err_fd, NULL, err);
        if (ready == 0 && status == RH_OK) {
            /* silent: when it has ended, somebody else holds the pipes, and nothing of ours comes
             */
            if (c->reaped)
                break;
            status = reap(c, WNOHANG, err);
        }
    }
    return status;
}

/* Wait for the end of a child that has closed its output, still listening to cancel. */
static rh_status wait_end(child *c, const rh_cancel *cancel, rh_error *err)
{
    rh_status status = reap(c, WNOHANG, err);
    int64_t nap_us = 500;

    while (status == RH_OK && !c->reaped) {
        status = rh_clock_sleep_us(nap_us, cancel, err);
        nap_us = nap_us < 20000 ? nap_us * 2 : nap_us;
        if (status == RH_OK)
            status = reap(c, WNOHANG, err);
    }
    return status;
}

/* Ask it and its children to end, then make them. */
static void stop(child *c)
{
    int64_t start_us = rh_clock_mono_us();
    rh_error ignored = RH_ERROR_INIT;
    rh_status status = RH_OK;

    close_end(&c->out_fd); /* a writer that is blocked on us wakes up with EPIPE */
    close_end(&c->err_fd);
    if (c->reaped)
        return;
    (void)kill(-c->pid, SIGTERM);
    while (status == RH_OK && !c->reaped && rh_clock_mono_us() - start_us < TERM_GRACE_US) {
        status = reap(c, WNOHANG, &ignored);
        if (status == RH_OK && !c->reaped)
            status = rh_clock_sleep_us(2000, NULL, &ignored);
    }
    if (!c->reaped) {
        (void)kill(-c->pid, SIGKILL);
        (void)reap(c, 0, &ignored);
    }
}

/* ---- the answer ---- */

/* The first whole, printable line of the kept stderr; "" when there is none. */
static void first_line(const child *c, char out[LINE_BYTES])
{
    const char *at = c->tail;
    const char *end = c->tail + c->kept;
    size_t len = 0;

    if (c->cut) {
        while (at < end && *at != '\n')
            at++;
    }
    while (at < end && (*at == '\n' || *at == '\r' || *at == ' '))
        at++;
    while (at + len < end && at[len] != '\n' && at[len] != '\r' && len < LINE_BYTES - 1) {
        out[len] = (unsigned char)at[len] < 0x20u || at[len] == 0x7F ? ' ' : at[len];
        len++;
    }
    while (len > 0 && !rh_str_is_utf8(out, len)) /* cut, or not in our encoding */
        len--;
    out[len] = '\0';
}

static rh_status verdict(const child *c, rh_error *err)
{
    char line[LINE_BYTES];

    if (WIFEXITED(c->wait_status) && WEXITSTATUS(c->wait_status) == 0)
        return RH_OK;
    first_line(c, line);
    if (line[0] != '\0')
        return rh_error_set(err, RH_EDB, "'%s' failed: %s", c->name, line);
    if (WIFSIGNALED(c->wait_status))
        return rh_error_set(err, RH_EDB, "'%s' failed: ended by signal %d", c->name,
                            WTERMSIG(c->wait_status));
    return rh_error_set(err, RH_EDB, "'%s' failed: exit code %d", c->name,
                        WEXITSTATUS(c->wait_status));
}

rh_status rh_process_run(const rh_process_options *options, rh_error *err)
{
    rh_status status = rh_cancel_check(options->cancel, err);
    child *c = NULL;

    if (status != RH_OK)
        return status;
    c = rh_mem_alloc(sizeof *c); /* not zeroed: the buffers are large */
    if (c == NULL)
        return rh_error_oom(err);
    c->name = options->program;
    c->pid = -1;
    c->out_fd = c->err_fd = -1;
    c->reaped = c->cut = false;
    c->kept = 0;
    c->wait_status = 0;

    status = start(c, options, err);
    if (status != RH_OK)
        goto out;
    status = pump(c, options, err);
    if (status == RH_OK)
        status = wait_end(c, options->cancel, err);
    stop(c);
    if (status == RH_OK)
        status = verdict(c, err);
out:
    rh_mem_free(c);
    return status;
}
