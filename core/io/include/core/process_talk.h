/*
 * Talk to a program in lines: some go in, as many come back, and the program stays for the next
 * ones. Both directions move at once, so neither side waits for the other's pipe to drain.
 */
#ifndef CORE_PROCESS_TALK_H
#define CORE_PROCESS_TALK_H

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/cancel.h"

typedef struct rh_talk rh_talk;

typedef struct rh_talk_options {
    const char *program;            /* path, or a name to look up in PATH */
    const char *const *arguments;   /* NULL-terminated, without the program's name */
    const char *const *environment; /* "NAME=value", NULL-terminated: all that it gets */
    int64_t silence_us;             /* without a byte in either direction it has failed; > 0 */
    const rh_cancel *cancel;        /* may be NULL; looked at every 50 ms */
} rh_talk_options;

/** Start it. stderr goes nowhere: it could quote what it was told. RH_ENOTFOUND, RH_EIO. All that
 * options point to is borrowed until free. */
rh_status rh_talk_open(const rh_talk_options *options, rh_talk **out, rh_error *err) RH_MUST_CHECK;

/**
 * Send whole lines, and take exactly as many back, appended to out with their '\n'. RH_EDB where it
 * ends before, answers more than it was asked, or is silent for too long; out then holds what came.
 */
rh_status rh_talk_lines(rh_talk *talk, const rh_buf *lines, size_t count, rh_buf *out,
                        rh_error *err) RH_MUST_CHECK;

/** Nothing more will be asked: it has to end with exit code 0 and without another byte. RH_EDB. */
rh_status rh_talk_end(rh_talk *talk, rh_error *err) RH_MUST_CHECK;

/** Ends it where rh_talk_end did not. NULL is a no-op. Wipes its buffers. */
void rh_talk_free(rh_talk *talk);

#endif
