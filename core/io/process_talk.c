/*
 * See process_talk.h. A child's stdin is a pipe: writing to one that nobody reads raises SIGPIPE,
 * which is kept from the thread for the time of the write.
 */
#include "core/process_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/mem.h"
#include "process_internal.h"

enum { POLL_MS = 50 };

struct rh_talk {
    rh_talk_options options;
    child child;
};

/* One exchange on its way. */
typedef struct exchange {
    rh_talk *talk;
    const uint8_t *data; /* still to be sent */
    size_t left;
    size_t wanted; /* answers; SIZE_MAX: none, only the end */
    size_t got;
    rh_buf *out;
    int64_t moved_us; /* when a byte went last */
} exchange;

static rh_status set_nonblocking(int fd, const char *name, rh_error *err)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        return rh_error_errno(err, errno, "cannot prepare the pipes of '%s'", name);
    return RH_OK;
}

rh_status rh_talk_open(const rh_talk_options *options, rh_talk **out, rh_error *err)
{
    const rh_process_options process = {
        .program = options->program,
        .arguments = options->arguments,
        .environment = options->environment,
    };
    rh_talk *talk = rh_mem_alloc(sizeof *talk);
    rh_status status;

    if (talk == NULL)
        return rh_error_oom(err);
    talk->options = *options;
    process_child_init(&talk->child, options->program);
    status = process_start(&talk->child, &process, true, err);
    if (status == RH_OK)
        status = set_nonblocking(talk->child.in_fd, options->program, err);
    if (status == RH_OK)
        status = set_nonblocking(talk->child.out_fd, options->program, err);
    if (status != RH_OK) {
        rh_talk_free(talk);
        return status;
    }
    *out = talk;
    return RH_OK;
}

void rh_talk_free(rh_talk *talk)
{
    if (talk == NULL)
        return;
    process_stop(&talk->child);
    rh_mem_wipe_free(talk, sizeof *talk);
}

/* As write(), but a closed pipe is an error and no signal. */
static ssize_t write_quietly(int fd, const void *data, size_t len)
{
    const struct timespec now = {0, 0};
    sigset_t broken;
    sigset_t before;
    ssize_t put;
    int failed;

    (void)sigemptyset(&broken);
    (void)sigaddset(&broken, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &broken, &before);
    put = write(fd, data, len);
    failed = errno;
    if (put < 0 && failed == EPIPE)
        (void)sigtimedwait(&broken, NULL, &now);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failed;
    return put;
}

static rh_status ended(const exchange *x, rh_error *err)
{
    return rh_error_set(err, RH_EDB, "'%s' ended after %zu of %zu answers", x->talk->child.name,
                        x->got, x->wanted);
}

static rh_status send_piece(exchange *x, rh_error *err)
{
    ssize_t put = write_quietly(x->talk->child.in_fd, x->data, x->left);

    if (put < 0 && (errno == EAGAIN || errno == EINTR))
        return RH_OK;
    if (put < 0 && errno == EPIPE)
        return ended(x, err);
    if (put < 0)
        return rh_error_errno(err, errno, "cannot write to '%s'", x->talk->child.name);
    x->data += put;
    x->left -= (size_t)put;
    x->moved_us = rh_clock_mono_us();
    return RH_OK;
}

static size_t count_lines(const unsigned char *data, size_t len)
{
    size_t count = 0;

    for (const unsigned char *at = data, *end = data + len;
         (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        count++;
    return count;
}

/* RH_DONE at the end of its output. */
static rh_status take_piece(exchange *x, rh_error *err)
{
    child *c = &x->talk->child;
    ssize_t got = read(c->out_fd, c->piece, sizeof c->piece);
    rh_status status;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return RH_OK;
    if (got < 0)
        return rh_error_errno(err, errno, "cannot read the output of '%s'", c->name);
    if (got == 0)
        return RH_DONE;
    x->moved_us = rh_clock_mono_us();
    x->got += count_lines(c->piece, (size_t)got);
    if (x->got > x->wanted || (x->got == x->wanted && c->piece[got - 1] != '\n'))
        return rh_error_set(err, RH_EDB, "'%s' gave more answers than it was asked for", c->name);
    status = rh_buf_append(x->out, c->piece, (size_t)got, err);
    if (status == RH_ELIMIT)
        rh_error_where(err, "answers of '%s'", c->name);
    return status;
}

static rh_status one_step(exchange *x, rh_error *err)
{
    child *c = &x->talk->child;
    struct pollfd polled[2] = {{x->left > 0 ? c->in_fd : -1, POLLOUT, 0}, {c->out_fd, POLLIN, 0}};
    int ready = poll(polled, 2, POLL_MS);
    rh_status status = rh_cancel_check(x->talk->options.cancel, err);

    if (status == RH_OK && ready < 0 && errno != EINTR)
        status = rh_error_errno(err, errno, "cannot wait for '%s'", c->name);
    if (status == RH_OK && ready > 0 && polled[1].revents != 0)
        status = take_piece(x, err);
    if (status == RH_OK && ready > 0 && polled[0].revents != 0)
        status = send_piece(x, err);
    if (status == RH_OK && rh_clock_mono_us() - x->moved_us > x->talk->options.silence_us)
        status = rh_error_set(err, RH_EDB, "'%s' is silent after %zu of %zu answers", c->name,
                              x->got, x->wanted);
    return status;
}

rh_status rh_talk_lines(rh_talk *talk, const rh_buf *lines, size_t count, rh_buf *out,
                        rh_error *err)
{
    exchange x = {talk, lines->data, lines->len, count, 0, out, rh_clock_mono_us()};
    rh_status status = RH_OK;

    while (status == RH_OK && (x.left > 0 || x.got < x.wanted))
        status = one_step(&x, err);
    return status == RH_DONE ? ended(&x, err) : status;
}

rh_status rh_talk_end(rh_talk *talk, rh_error *err)
{
    child *c = &talk->child;
    rh_buf nothing = RH_BUF_INIT;
    exchange x = {talk, NULL, 0, 0, 0, &nothing, rh_clock_mono_us()};
    rh_status status = RH_OK;

    process_close(&c->in_fd);
    while (status == RH_OK)
        status = one_step(&x, err);
    rh_buf_wipe_done(&nothing);
    if (status != RH_DONE)
        return status;
    status = process_reap(c, WNOHANG, err);
    while (status == RH_OK && !c->reaped) {
        if (rh_clock_mono_us() - x.moved_us > talk->options.silence_us)
            return rh_error_set(err, RH_EDB, "'%s' closed its output and does not end", c->name);
        status = rh_clock_sleep_us(500, talk->options.cancel, err);
        if (status == RH_OK)
            status = process_reap(c, WNOHANG, err);
    }
    if (status == RH_OK && !(WIFEXITED(c->wait_status) && WEXITSTATUS(c->wait_status) == 0))
        status = rh_error_set(err, RH_EDB, "'%s' failed: %s %d", c->name,
                              WIFSIGNALED(c->wait_status) ? "ended by signal" : "exit code",
                              WIFSIGNALED(c->wait_status) ? WTERMSIG(c->wait_status)
                                                          : WEXITSTATUS(c->wait_status));
    return status;
}
