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
    int out_fd; /* our ends of its stdout and stderr; -1 once closed */
    int err_fd;
    bool reaped;
    int wait_status;
    size_t kept; /* bytes of the tail of stderr */
    bool cut;    /* the tail lacks its beginning */
    char tail[KEPT_STDERR_BYTES];
    unsigned char piece[PIECE_BYTES];
} child;

/* Start the program; sets pid, out_fd and err_fd. RH_ENOTFOUND, RH_EIO, RH_ENOMEM. */
rh_status process_start(child *c, const rh_process_options *options, rh_error *err);

/* Close a descriptor unless it is -1 already, and make it that. */
void process_close(int *fd);

#endif
