/*
 * rehearse_bench_measure: run a command and say what it cost.
 *
 *   rehearse_bench_measure OUT SERVER_PID COMMAND [ARGUMENT...]
 *
 * Writes one line to OUT: wall time, CPU time of the command with its children, CPU time of the
 * server (SERVER_PID with its children; 0: none) meanwhile, CPU time of everything else on the
 * machine meanwhile (all in us), peak memory of the command's largest process and of all its
 * processes together (KiB, the latter sampled). Exits like the command.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/num.h"
#include "process_tree.h"

enum { SAMPLE_MS = 20, NOT_STARTED = 127 };

typedef struct figures {
    int64_t wall_us;
    int64_t client_us;
    int64_t server_us;
    int64_t busy_us;
    int64_t largest_kib;
    int64_t together_kib;
} figures;

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t timeval_us(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static pid_t start(char **command, const sigset_t *usual)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    sigprocmask(SIG_SETMASK, usual, NULL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(NOT_STARTED);
}

/* Wait for the command; SIGCHLD (blocked) ends the pause between two samples at once. */
static int watch(pid_t pid, const sigset_t *child_ended, figures *out)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = SAMPLE_MS * 1000000};
    int status = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        int64_t kib = process_tree_resident_kib(pid);

        if (kib > out->together_kib)
            out->together_kib = kib;
        sigtimedwait(child_ended, NULL, &pause);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int measure(char **command, pid_t server, figures *out)
{
    int64_t busy_us = machine_busy_us();
    int64_t server_us = server > 0 ? process_tree_cpu_us(server) : 0;
    int64_t begin_us = now_us();
    struct rusage usage;
    sigset_t child_ended;
    sigset_t usual;
    int code;
    pid_t pid;

    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, &usual);
    pid = start(command, &usual);
    if (pid < 0) {
        perror("fork");
        return NOT_STARTED;
    }
    code = watch(pid, &child_ended, out);
    out->wall_us = now_us() - begin_us;
    out->server_us = server > 0 ? process_tree_cpu_us(server) - server_us : 0;
    out->busy_us = machine_busy_us() - busy_us;
    getrusage(RUSAGE_CHILDREN, &usage);
    out->client_us = timeval_us(usage.ru_utime) + timeval_us(usage.ru_stime);
    out->largest_kib = usage.ru_maxrss;
    if (out->together_kib < out->largest_kib) /* shorter than a sample */
        out->together_kib = out->largest_kib;
    return code;
}

int main(int argc, char **argv)
{
    figures found = {0};
    rh_error err = RH_ERROR_INIT;
    int64_t server;
    int64_t other_us;
    FILE *out;
    int code;

    if (argc < 4) {
        fprintf(stderr, "usage: rehearse_bench_measure OUT SERVER_PID COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (rh_num_int64(argv[2], "SERVER_PID", 0, INT32_MAX, &server, &err) != RH_OK) {
        fprintf(stderr, "rehearse_bench_measure: %s\n", err.text);
        return 2;
    }
    code = measure(argv + 3, (pid_t)server, &found);
    other_us = found.busy_us - found.client_us - found.server_us;
    out = fopen(argv[1], "w");
    if (out == NULL) {
        perror(argv[1]);
        return 2;
    }
    fprintf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
            found.wall_us, found.client_us, found.server_us, other_us > 0 ? other_us : 0,
            found.largest_kib, found.together_kib);
    return fclose(out) == 0 ? code : 2;
}
