/*
 * Run another program (pg_dump) with its output in our hands. No shell is involved.
 */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <rehearse/error.h>

#include "core/cancel.h"
#include "core/stream.h"

typedef struct rh_process_options {
    const char *program;            /* path, or a name to look up in PATH */
    const char *const *arguments;   /* NULL-terminated, without the program's name */
    const char *const *environment; /* "NAME=value" additions, NULL-terminated, or NULL */
    rh_writer *output;              /* receives stdout; borrowed, not finished. NULL: dropped */
    const rh_cancel *cancel; /* may be NULL; cancel kills the child (SIGTERM, then SIGKILL) */
} rh_process_options;

/**
 * Run and wait. stdin is /dev/null; the last 4 KiB of stderr are kept and the first line of them
 * becomes part of the error. The child gets none of our descriptors.
 *
 * Returns RH_OK for exit code 0, RH_ENOTFOUND when the program does not exist, RH_EDB "program
 * failed: <line>" for any other exit code or a signal, RH_ECANCELED, RH_EIO.
 */
rh_status rh_process_run(const rh_process_options *options, rh_error *err) RH_MUST_CHECK;

/** First of the NULL-terminated directories (or PATH when dirs is NULL) that has the program;
 * fresh memory in *out. RH_ENOTFOUND. */
rh_status rh_process_find(const char *program, const char *const *dirs, char **out,
                          rh_error *err) RH_MUST_CHECK;

#endif
