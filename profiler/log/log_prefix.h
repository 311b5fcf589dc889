/*
 * log_line_prefix: the pattern that PostgreSQL puts before each message of a text log, turned
 * round: from a line to its fields. Also finds out which pattern a log was written with.
 */
#ifndef LOG_PREFIX_H
#define LOG_PREFIX_H

#include "log_time.h"
#include "profiler/log_event.h"
#include "profiler/log_read.h"

enum { LOG_PREFIX_ELEMENTS = 64 };

typedef struct log_prefix_element {
    char escape;            /* the letter behind '%', 0 for literal text */
    bool padded;            /* %-10u: spaces around the value are no part of it */
    unsigned short at, len; /* literal text, in `text` */
} log_prefix_element;

typedef struct log_prefix {
    char text[RH_LOG_PREFIX_BYTES];
    log_prefix_element elements[LOG_PREFIX_ELEMENTS];
    size_t count;
} log_prefix;

/** Compile text. RH_EUSAGE for an escape that PostgreSQL does not know or a text too long. */
rh_status log_prefix_compile(const char *text, log_prefix *out, rh_error *err) RH_MUST_CHECK;

/**
 * Match a line: prefix, then a severity or part ("LOG:  "). Fills out's fields, part, severity and
 * text; false (out undefined) when the line was not written with this prefix.
 */
bool log_prefix_match(const log_prefix *prefix, log_clock *clock, const char *line, size_t len,
                      rh_log_event *out);

/** Find the severity or part that stands at line: bytes up to the message behind it, 0 for none. */
size_t log_severity_at(const char *line, size_t len, rh_log_part *out_part,
                       rh_log_severity *out_severity);

/** The prefix that one line alone looks like. False when it has nothing like a severity. */
bool log_prefix_look(const char *line, size_t len, log_prefix *out);

/**
 * Choose the prefix that fits most lines of a sample: a known one, or one put together from what
 * the lines look like. False when no line has anything like a severity.
 */
bool log_prefix_guess(const char *sample, size_t len, log_prefix *out);

#endif
