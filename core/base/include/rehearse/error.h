/*
 * Status codes and the caller-owned error record that every fallible call fills.
 *
 * Part of the installed API. Exit codes of the program are derived from these in cli/.
 */
#ifndef REHEARSE_ERROR_H
#define REHEARSE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/visibility.h>

/** 0 is success, negatives are errors, positives are news that is not an error. */
typedef enum rh_status {
    RH_OK = 0,
    RH_DONE = 1,           /* nothing more to come */
    RH_SKIPPED = 2,        /* there was nothing to do */
    RH_ENOMEM = -1,        /* allocation failed */
    RH_EUSAGE = -2,        /* an argument or option makes no sense */
    RH_ECONFIG = -3,       /* a configuration file is wrong */
    RH_EIO = -4,           /* the operating system refused; os_errno says why */
    RH_EFORMAT = -5,       /* damaged bytes, or written by a newer version */
    RH_ENOTFOUND = -6,     /* the named thing does not exist */
    RH_EEXISTS = -7,       /* the named thing exists and must not */
    RH_EDB = -8,           /* the database refused; sqlstate says why */
    RH_ECONNECT = -9,      /* no connection, or it was lost */
    RH_EPRIVILEGE = -10,   /* the database role lacks a right */
    RH_EBUSY = -11,        /* locked by somebody else; trying again may help */
    RH_ELIMIT = -12,       /* a stated maximum was reached */
    RH_ECANCELED = -13,    /* interrupted by the user */
    RH_EKEY = -14,         /* key missing, unreadable or wrong */
    RH_EUNSUPPORTED = -15, /* this build, server or library cannot do it */
    RH_EMISMATCH = -16,    /* the answer is bad: verification or comparison failed */
} rh_status;

enum {
    RH_ERROR_TEXT_BYTES = 512,
    RH_ERROR_HINT_BYTES = 256,
};

/**
 * What went wrong. Owned by the caller, fixed size, never allocates.
 *
 * text is lower case without a full stop, names what failed first and quotes its subject; hint is
 * advice. Neither ever holds a row value or a password.
 */
typedef struct rh_error {
    rh_status code;   /* RH_OK while nothing failed */
    int os_errno;     /* 0 when the operating system was not involved */
    char sqlstate[6]; /* "" when no SQL state is known */
    char text[RH_ERROR_TEXT_BYTES];
    char hint[RH_ERROR_HINT_BYTES];
} rh_error;

#define RH_ERROR_INIT                                                                              \
    {                                                                                              \
        RH_OK, 0, "", "", ""                                                                       \
    }

/** Record an error unless err is NULL or holds one already (first error wins). Returns code. */
RH_API rh_status rh_error_set(rh_error *err, rh_status code, const char *format, ...)
    RH_PRINTF(3, 4);

/**
 * Record an operating system error: "<text>: <strerror>". Returns RH_EIO, or RH_ENOMEM for ENOMEM.
 * A full disk (ENOSPC, EDQUOT) gets a hint of its own.
 */
RH_API rh_status rh_error_errno(rh_error *err, int os_errno, const char *format, ...)
    RH_PRINTF(3, 4);

/** Record RH_ENOMEM. Returns it. */
RH_API rh_status rh_error_oom(rh_error *err);

/** Set the advice of the recorded error, replacing an earlier one. No effect without an error. */
RH_API void rh_error_hint(rh_error *err, const char *format, ...) RH_PRINTF(2, 3);

/** Record the SQL state (five characters) of the recorded error; longer text is cut. */
RH_API void rh_error_sqlstate(rh_error *err, const char *sqlstate);

/** Put "<where>: " before the recorded text, keeping the lower message. Cuts at the end. */
RH_API void rh_error_where(rh_error *err, const char *format, ...) RH_PRINTF(2, 3);

/** Forget the recorded error so that the record can be used again. */
RH_API void rh_error_clear(rh_error *err);

/** Short stable name of a status for JSON output, e.g. "format" for RH_EFORMAT. Never NULL. */
RH_API const char *rh_status_name(rh_status status);

#endif
