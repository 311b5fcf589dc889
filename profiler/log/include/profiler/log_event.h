/*
 * What log readers hand on. A database's log comes as events, line by line as it was written:
 * who puts the lines of one message together is profiler/capture. Traces and scripts come as whole
 * statements.
 */
#ifndef PROFILER_LOG_EVENT_H
#define PROFILER_LOG_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/sql_scan.h"
#include "core/workload.h"

/** Borrowed bytes, not terminated. data may be NULL when len is 0. */
typedef struct rh_log_text {
    const char *data;
    size_t len;
} rh_log_text;

typedef enum rh_log_part {
    RH_LOG_MESSAGE, /* a new message; formats that have all parts at once set detail ... too */
    RH_LOG_DETAIL,  /* the others belong to the message before, of the same process */
    RH_LOG_HINT,
    RH_LOG_CONTEXT,
    RH_LOG_STATEMENT,
    RH_LOG_QUERY, /* QUERY and LOCATION: nothing that a workload needs */
    RH_LOG_MORE,  /* one more line of the part before; `process` 0: of the last event at all */
    RH_LOG_GLUE,  /* as RH_LOG_MORE, but the same line goes on (cut by a log shipper) */
} rh_log_part;

typedef enum rh_log_severity {
    RH_LOG_SEVERITY_LOG, /* LOG, INFO, NOTICE, WARNING, DEBUG */
    RH_LOG_SEVERITY_ERROR,
    RH_LOG_SEVERITY_FATAL, /* FATAL and PANIC: the session ends */
} rh_log_severity;

/** Everything is borrowed for the call. Texts have len 0, numbers 0 where the log does not say. */
typedef struct rh_log_event {
    rh_log_part part;
    rh_log_severity severity;
    uint64_t line;        /* from 1 */
    int64_t time_us;      /* when it was written, since 1970 UTC */
    uint64_t process;     /* process id, or a hash of what tells processes apart; 0: not known */
    rh_log_text session;  /* %c */
    rh_log_text user;     /* %u */
    rh_log_text database; /* %d */
    rh_log_text application;
    rh_log_text client;
    rh_log_text vxid;
    rh_log_text sqlstate;
    bool complete;    /* nothing can follow: detail, context and statement are set */
    uint64_t piece;   /* syslog's m of [n-m], from 1; 0: not numbered */
    rh_log_text text; /* of the message, or of the part */
    rh_log_text detail;
    rh_log_text context;
    rh_log_text statement;
} rh_log_event;

/** A statement of a trace or script. Everything is borrowed for the call. */
typedef struct rh_log_statement {
    rh_sql_dialect dialect;
    uint64_t line;
    int64_t time_us;     /* start; 0: not known */
    int64_t duration_us; /* -1: not known */
    rh_log_text session; /* a name; "" = the input itself */
    rh_log_text database;
    rh_log_text user;
    rh_log_text application;
    rh_log_text sql;
    const rh_parameter *parameters;
    size_t parameter_count;
    bool prepared;            /* the text was prepared, values came apart */
    rh_log_text sqlstate;     /* of the error it ended with */
    const char *unreplayable; /* NULL, or why it cannot be executed again (static) */
} rh_log_statement;

/** Receives what a reader finds. A status other than RH_OK ends the reading and is returned. */
typedef struct rh_log_sink {
    rh_status (*event)(void *ctx, const rh_log_event *event, rh_error *err);
    rh_status (*statement)(void *ctx, const rh_log_statement *statement, rh_error *err);
    /** Something could not be read; reason is static text. */
    rh_status (*skipped)(void *ctx, const char *reason, uint64_t line, rh_error *err);
    void *ctx;
} rh_log_sink;

#endif
