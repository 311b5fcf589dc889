/*
 * Finding and starting programs. posix_spawn rather than fork: it is safe beside other threads, and
 * says at once why a program cannot run. The child is the leader of its own session, so that it
 * cannot wait for a password on our terminal, and so that a cancel reaches its children, too.
 */
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np, POSIX_SPAWN_SETSID, pipe2 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "process_internal.h"

extern char **environ;

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

/* Our environment (unless alone) with the additions, which win. */
static char **environment_of(const char *const *additions, bool alone)
{
    size_t ours = alone ? 0 : count_of(environ);
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

/* fds: what becomes its 0, 1 and 2; -1: /dev/null. */
static int add_actions(posix_spawn_file_actions_t *actions, const int fds[3])
{
    int failed = 0;

    for (int i = 0; failed == 0 && i < 3; i++) {
        if (fds[i] >= 0)
            failed = posix_spawn_file_actions_adddup2(actions, fds[i], i);
        else
            failed = posix_spawn_file_actions_addopen(actions, i, "/dev/null",
                                                      i == 0 ? O_RDONLY : O_WRONLY, 0);
    }
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
                 const int fds[3], pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = add_actions(&actions, fds);
        if (failed == 0)
            failed = set_attributes(&attributes);
        if (failed == 0)
            failed = posix_spawn(out_pid, path, &actions, &attributes, arguments, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

void process_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void process_child_init(child *c, const char *name)
{
    c->name = name;
    c->pid = -1;
    c->in_fd = c->out_fd = c->err_fd = -1;
    c->reaped = c->cut = false;
    c->kept = 0;
    c->wait_status = 0;
}

static rh_status start_with(child *c, const char *path, char *const *arguments,
                            char *const *environment, bool talk, rh_error *err)
{
    int in_pipe[2] = {-1, -1};
    int out_pipe[2] = {-1, -1};
    int err_pipe[2] = {-1, -1};
    rh_status status = make_pipe(out_pipe, err);

    if (status == RH_OK)
        status = talk ? make_pipe(in_pipe, err) : make_pipe(err_pipe, err);
    if (status == RH_OK) {
        const int fds[3] = {in_pipe[0], out_pipe[1], err_pipe[1]};
        int failed = spawn(path, arguments, environment, fds, &c->pid);

        if (failed != 0)
            status = rh_error_errno(err, failed, "cannot run '%s'", path);
    }
    if (status == RH_OK) {
        c->in_fd = in_pipe[1];
        c->out_fd = out_pipe[0];
        c->err_fd = err_pipe[0];
        in_pipe[1] = out_pipe[0] = err_pipe[0] = -1;
    }
    for (int i = 0; i < 2; i++) {
        process_close(&in_pipe[i]);
        process_close(&out_pipe[i]);
        process_close(&err_pipe[i]);
    }
    return status;
}

rh_status process_start(child *c, const rh_process_options *options, bool talk, rh_error *err)
{
    char *path = NULL;
    char **arguments = arguments_of(options);
    char **environment = environment_of(options->environment, talk);
    rh_status status = rh_process_find(options->program, NULL, &path, err);

    if (status == RH_OK && (arguments == NULL || environment == NULL || path == NULL))
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = start_with(c, path, arguments, environment, talk, err);
    rh_mem_free(environment);
    rh_mem_free(arguments);
    rh_mem_free(path);
    return status;
}
