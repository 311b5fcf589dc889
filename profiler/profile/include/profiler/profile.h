/*
 * One statement profiled: run, planned, its subqueries placed in the text, findings with proved
 * advice, as one JSON document (docs/profile.md). `profile` prints it; check keeps parts of it.
 */
#ifndef PROFILER_PROFILE_H
#define PROFILER_PROFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/profile_session.h"
#include "profiler/findings.h"

/** A statement and the text that it was cut from. All borrowed for the call. */
typedef struct rh_profile_text {
    const char *file; /* as named in spans; NULL: given on the command line */
    const char *text; /* the whole file */
    size_t len;
    size_t offset; /* of the statement in it */
    size_t length;
    const char *name; /* of the query; NULL = none */
} rh_profile_text;

/** One set of parameters. */
typedef struct rh_profile_case {
    const char *name; /* "given", "typical", "worst" ..; NULL with no parameters */
    const rh_parameter *parameters;
    size_t count;
} rh_profile_case;

typedef struct rh_profile_request {
    const rh_profile_text *text;
    const rh_profile_case *cases; /* at least one; the costliest is reported, others compared */
    size_t case_count;
    const rh_finding_config *config;
    bool execute;
    bool warm;
    bool prove;                  /* try indexes */
    bool guess;                  /* take values from statistics when no case has any */
    bool show_values;            /* show these values in the report */
    const char *library_version; /* SQLite of production, "3.45.1"; NULL = the same */
} rh_profile_request;

/** What the answer is good for. */
typedef struct rh_profile_outcome {
    json_t *report;      /* new reference */
    rh_severity worst;   /* of the findings */
    bool stopped;        /* a limit ended the run */
    size_t error_offset; /* in the file's text, after the database refused; else NO_OFFSET */
} rh_profile_outcome;

/**
 * RH_OK, or what the database said; then outcome->error_offset is where in the text, report is
 * NULL.
 */
rh_status rh_profile_make(rh_profile_session *session, const rh_profile_request *request,
                          rh_profile_outcome *outcome, rh_error *err) RH_MUST_CHECK;

/**
 * Lines of a text around a place, for a message: the line with its number and below it the span
 * underlined. Appended to out, at most `width` columns.
 */
rh_status rh_profile_underline(const char *text, size_t len, size_t offset, size_t length,
                               size_t width, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
