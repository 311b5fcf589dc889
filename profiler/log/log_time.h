/*
 * Timestamps as logs write them.
 */
#ifndef LOG_TIME_H
#define LOG_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Remembers the last minute and zone, since a log's lines share them. Zero-initialised. */
typedef struct log_clock {
    char minute[16]; /* "2021-12-03 07:14" */
    int64_t minute_us;
    char zone[8];
    size_t zone_len;
    int64_t zone_us;       /* to be taken off */
    bool zone_known;       /* zone is one that we know */
    uint64_t unknown_zone; /* times whose zone was not, taken as UTC */
    int64_t now_us;        /* syslog without a year: not later than this */
} log_clock;

/**
 * "2021-12-03 07:14:48[.591] UTC", with T for the space, any fraction, and a zone of letters, as
 * +01, -0330, +05:30, Z, or none. Returns the bytes read, 0 when it is no time.
 */
size_t log_time_iso(log_clock *clock, const char *text, size_t len, int64_t *out_us);

/** "Feb 11 13:15:39", local time of an unknown zone and year: taken as UTC, in the last year before
 * now_us. Returns 15, or 0. */
size_t log_time_syslog(const log_clock *clock, const char *text, size_t len, int64_t *out_us);

/** "1638515688.591": seconds and milliseconds. Returns the bytes read or 0. */
size_t log_time_epoch(const char *text, size_t len, int64_t *out_us);

#endif
