/*
 * Lines of a stream, in place in a buffer that grows to the longest line up to a maximum. Longer
 * lines are passed over, so that a line of a gigabyte costs time but no memory.
 */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stdbool.h>

#include "core/stream.h"

typedef struct log_lines {
    rh_reader *reader; /* owned */
    char *buffer;
    size_t cap;
    size_t at;  /* first byte that was not given out */
    size_t end; /* behind the last byte read */
    size_t max_line;
    uint64_t number;  /* of the line given out last */
    uint64_t bytes;   /* given out or passed over, line ends included */
    bool done;        /* the reader is at its end */
    bool crlf;        /* lines end with \r\n: take both off */
    rh_status broken; /* what the reader failed with after it had given data; RH_OK else */
    rh_error why;
} log_lines;

/** Takes the reader, also on failure. */
rh_status log_lines_init(log_lines *lines, rh_reader *reader, size_t max_line,
                         rh_error *err) RH_MUST_CHECK;
void log_lines_done(log_lines *lines);

/** Up to about 1 MiB from the present place on, without moving; fewer only at the end. */
rh_status log_lines_peek(log_lines *lines, const char **out, size_t *out_len,
                         rh_error *err) RH_MUST_CHECK;

/**
 * The next line without its end, writable, until the next call. RH_DONE at the end, RH_SKIPPED for
 * a line that was too long. When compressed data break in the middle, that is the end: `broken`.
 */
rh_status log_lines_next(log_lines *lines, char **out, size_t *out_len,
                         rh_error *err) RH_MUST_CHECK;

#endif
