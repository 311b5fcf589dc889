/*
 * Running a child process: its output, its end, and its end before time.
 */
#include "core/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "process_internal.h"

enum {
    POLL_MS = 50,            /* how long a cancel may go unseen */
    TERM_GRACE_US = 2000000, /* from SIGTERM to SIGKILL */
    LINE_BYTES = 300,
};

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
        process_close(fd);
        return RH_OK;
    }
    if (fd == &c->err_fd)
        keep(c, c->piece, (size_t)got);
    else if (output != NULL)
        return rh_writer_put(output, c->piece, (size_t)got, err);
    return RH_OK;
}

rh_status process_reap(child *c, int flags, rh_error *err)
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
            status = process_reap(c, WNOHANG, err);
        }
    }
    return status;
}

/* Wait for the end of a child that has closed its output, still listening to cancel. */
static rh_status wait_end(child *c, const rh_cancel *cancel, rh_error *err)
{
    rh_status status = process_reap(c, WNOHANG, err);
    int64_t nap_us = 500;

    while (status == RH_OK && !c->reaped) {
        status = rh_clock_sleep_us(nap_us, cancel, err);
        nap_us = nap_us < 20000 ? nap_us * 2 : nap_us;
        if (status == RH_OK)
            status = process_reap(c, WNOHANG, err);
    }
    return status;
}

void process_stop(child *c)
{
    int64_t start_us = rh_clock_mono_us();
    rh_error ignored = RH_ERROR_INIT;
    rh_status status = RH_OK;

    process_close(&c->in_fd);
    process_close(&c->out_fd); /* a writer that is blocked on us wakes up with EPIPE */
    process_close(&c->err_fd);
    if (c->reaped || c->pid < 0)
        return;
    (void)kill(-c->pid, SIGTERM);
    while (status == RH_OK && !c->reaped && rh_clock_mono_us() - start_us < TERM_GRACE_US) {
        status = process_reap(c, WNOHANG, &ignored);
        if (status == RH_OK && !c->reaped)
            status = rh_clock_sleep_us(2000, NULL, &ignored);
    }
    if (!c->reaped) {
        (void)kill(-c->pid, SIGKILL);
        (void)process_reap(c, 0, &ignored);
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
    process_child_init(c, options->program);
    status = process_start(c, options, false, err);
    if (status != RH_OK)
        goto out;
    status = pump(c, options, err);
    if (status == RH_OK)
        status = wait_end(c, options->cancel, err);
    process_stop(c);
    if (status == RH_OK)
        status = verdict(c, err);
out:
    rh_mem_free(c);
    return status;
}
