/*
 * Read one log, trace or script: decompress, find out its format, hand its content to a sink.
 * Memory is bounded whatever the input is: about 1 MiB, and up to max_line_bytes for a long line.
 */
#ifndef PROFILER_LOG_READ_H
#define PROFILER_LOG_READ_H

#include "core/cancel.h"
#include "core/progress.h"
#include "core/sql_scan.h"
#include "core/stream.h"
#include "profiler/log_event.h"

typedef enum rh_log_format {
    RH_LOG_FORMAT_AUTO,
    RH_LOG_FORMAT_STDERR,
    RH_LOG_FORMAT_CSV,
    RH_LOG_FORMAT_JSON, /* jsonlog, Cloud SQL, CloudNativePG, Docker, any JSON around log lines */
    RH_LOG_FORMAT_SYSLOG,
    RH_LOG_FORMAT_CRI,    /* Kubernetes' files: time, stream, P or F, line */
    RH_LOG_FORMAT_HEROKU, /* logplex */
    RH_LOG_FORMAT_TRACE,  /* ours, docs/capture.md */
    RH_LOG_FORMAT_SCRIPT, /* SQL text; also what the sqlite3 shell's .trace writes */
} rh_log_format;

enum { RH_LOG_PREFIX_BYTES = 256, RH_LOG_PREFIXES = 8, RH_LOG_MAX_LINE_BYTES = 64 << 20 };

/** Zero-initialised: everything by itself. */
typedef struct rh_log_options {
    rh_log_format format;
    const char *prefix;      /* log_line_prefix; NULL: inferred */
    rh_sql_dialect dialect;  /* of scripts */
    int64_t now_us;          /* of syslog's times, which lack the year: not after; 0: the clock */
    size_t max_line_bytes;   /* longer lines are skipped; 0: RH_LOG_MAX_LINE_BYTES */
    rh_progress *progress;   /* bytes of content are added; may be NULL */
    const rh_cancel *cancel; /* may be NULL */
} rh_log_options;

/** What was found out, for the report. */
typedef struct rh_log_summary {
    rh_log_format format;
    const char *compression;          /* "plain", "gzip", "bzip2", "zstd" */
    char prefix[RH_LOG_PREFIX_BYTES]; /* the first one used; "" where the format has none */
    bool prefix_inferred;
    char later_prefixes[RH_LOG_PREFIXES][RH_LOG_PREFIX_BYTES]; /* found in mid-log; the last ones */
    size_t later_count;
    uint64_t lines;
    uint64_t bytes;        /* of content, after decompression */
    uint64_t unknown_zone; /* lines whose time zone is no known name: taken as UTC */
    bool sqlite;           /* a trace that says so */
    bool damaged;          /* the input ended in damaged or cut compressed data; counted, too */
} rh_log_summary;

/**
 * Read reader (taken, also on failure) to its end. name is used in errors.
 *
 * RH_EFORMAT: no known format, the prefix matches nothing, or damaged from the start; RH_EIO,
 * RH_ENOMEM, RH_ECANCELED, or what the sink returned. *out is filled on success.
 */
rh_status rh_log_read(const char *name, rh_reader *reader, const rh_log_options *options,
                      const rh_log_sink *sink, rh_log_summary *out, rh_error *err) RH_MUST_CHECK;

const char *rh_log_format_name(rh_log_format format); /* "stderr", "csvlog", "jsonlog" ... */

#endif
