/*
 * The state that the readers of one input share.
 */
#ifndef LOG_INPUT_H
#define LOG_INPUT_H

#include "core/buf.h"
#include "log_lines.h"
#include "log_prefix.h"
#include "log_text.h"

enum { LOG_PREFIXES_BEFORE = RH_LOG_PREFIXES - 1 };

/* Prefixes that were in use before the present one, and how to go on looking for the next. */
typedef struct log_follow {
    log_prefix others[LOG_PREFIXES_BEFORE];
    size_t count;
    uint64_t changes;
    uint64_t patience, wait; /* misfits to pass over: after each failure more, and still to go */
} log_follow;

typedef struct log_input {
    const char *name;
    const rh_log_options *options;
    const rh_log_sink *sink;
    log_lines lines;
    log_prefix prefix; /* that matched last */
    char first_prefix[RH_LOG_PREFIX_BYTES];
    log_follow follow;
    log_clock clock;
    rh_log_format format;
    rh_sql_dialect dialect;
    bool sqlite;            /* a trace that says so */
    bool open;              /* an event was handed on, to which more lines may belong */
    bool unread;            /* not open because a message was passed over */
    rh_buf pending;         /* pieces of a line or record that is not complete yet */
    uint64_t pending_line;  /* where it began */
    bool pending_pieces;    /* it holds pieces of Docker's text, not of an object */
    uint64_t last_sequence; /* heroku: n of the last [n-m] */
} log_input;

/* What a wrapper (syslog, JSON ...) says about the line inside it. */
typedef struct log_outer {
    int64_t time_us;  /* used when the prefix has none */
    uint64_t process; /* likewise; 0: not known */
    uint64_t piece;   /* of [n-m]; 0: not numbered */
    uint64_t line;
} log_outer;

/** Count a line that could not be read. */
rh_status log_skip(log_input *in, const char *reason, uint64_t line, rh_error *err) RH_MUST_CHECK;

/** A line of a text log, prefix included, or more of the message before. */
rh_status log_stderr_line(log_input *in, const char *line, size_t len, const log_outer *outer,
                          rh_error *err) RH_MUST_CHECK;

/* One line of the file each. The line is writable. */
rh_status log_csv_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status log_json_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status log_syslog_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status log_heroku_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status log_cri_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status log_trace_line(log_input *in, char *line, size_t len, rh_error *err) RH_MUST_CHECK;

/** The end of the input: what is still pending is counted. */
rh_status log_pending_end(log_input *in, rh_error *err) RH_MUST_CHECK;

/** All of a script. */
rh_status log_script_read(log_input *in, rh_error *err) RH_MUST_CHECK;

/**
 * Find out the format from the beginning of the input, and the prefix where there is one. Sets
 * in->format and in->prefix; RH_EFORMAT when nothing fits.
 */
rh_status log_detect(log_input *in, const char *sample, size_t len, rh_error *err) RH_MUST_CHECK;

/** Append the lines inside the wrapped lines (syslog, JSON ...) of sample to out. */
rh_status log_detect_inner(log_input *in, const char *sample, size_t len, rh_buf *out,
                           rh_error *err) RH_MUST_CHECK;

/** "LOG:  " and its like near the beginning: a line of a text log, whatever its prefix. */
bool log_has_severity(const char *line, size_t len);

/**
 * A line that in->prefix does not fit: was another prefix in use before, or does a new one begin
 * here? When it was or does, in->prefix is that one from now on. *out_matched: and *out holds the
 * line's event.
 */
rh_status log_follow_line(log_input *in, const char *line, size_t len, rh_log_event *out,
                          bool *out_matched, rh_error *err) RH_MUST_CHECK;

/* Heads of wrapped lines: true with the place of the line inside. Also used to detect. */
bool log_syslog_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                     uint64_t *out_sequence);
bool log_heroku_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                     uint64_t *out_sequence);
bool log_cri_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                  bool *out_partial);
bool log_csv_head(log_clock *clock, const char *line, size_t len);

/** Undo rsyslog's #ooo escapes of control characters, in place. Returns the new length. */
size_t log_syslog_unescape(char *text, size_t len);

#endif
