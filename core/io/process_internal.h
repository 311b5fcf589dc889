/*
 * The inside of a child process: starting it is apart from running it.
 */
#ifndef PROCESS_INTERNAL_H
#define PROCESS_INTERNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/process.h"

enum {
    KEPT_STDERR_BYTES = 4096,
    PIECE_BYTES = 64 * 1024,
};

typedef struct child {
    const char *name;
    pid_t pid;
    int in_fd; /* our ends of its stdin, stdout and stderr; -1: /dev/null, or closed */
    int out_fd;
    int err_fd;
    bool reaped;
    int wait_status;
    size_t kept; /* bytes of the tail of stderr */
    bool cut;    /* the tail lacks its beginning */
    char tail[KEPT_STDERR_BYTES];
    unsigned char piece[PIECE_BYTES];
} child;

/* Nothing started yet. name is borrowed. */
void process_child_init(child *c, const char *name);

/*
 * Start the program; sets pid and the descriptors. talk: we write its stdin, its stderr goes
 * nowhere, and its environment is options->environment alone. Else stdin is /dev/null, stderr is
 * ours to read, and the environment is ours with the additions. RH_ENOTFOUND, RH_EIO, RH_ENOMEM.
 */
rh_status process_start(child *c, const rh_process_options *options, bool talk, rh_error *err);

/* Look whether it has ended (flags WNOHANG), or wait for it (0). */
rh_status process_reap(child *c, int flags, rh_error *err);

/* Ask it and its children to end, then make them. */
void process_stop(child *c);

/* Close a descriptor unless it is -1 already, and make it that. */
void process_close(int *fd);

#endif
