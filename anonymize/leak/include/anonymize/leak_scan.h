/*
 * The leak scan: is a value that masking took away still somewhere in the copy? Shares no code and
 * no list with the masks.
 *
 * Whole databases: rh_leak_scan. Rows from elsewhere (a repository, a stream):
 *   rh_leak_new -> rh_leak_table_open, _rows or _text, _close (one per thread and table)
 *   -> rh_leak_section, rh_leak_file -> rh_leak_report -> rh_leak_free
 *
 * Reports name table, column, place, detector and count; never a value.
 */
#ifndef ANONYMIZE_LEAK_SCAN_H
#define ANONYMIZE_LEAK_SCAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/seen.h"
#include "core/cancel.h"
#include "core/catalog.h"
#include "core/engine.h"
#include "core/progress.h"
#include "core/rows.h"

typedef enum rh_leak_detectors {
    RH_LEAK_DETECTORS_ON,     /* secrets are leaks, look-alikes are notes */
    RH_LEAK_DETECTORS_OFF,    /* only what was seen while masking */
    RH_LEAK_DETECTORS_STRICT, /* look-alikes and weak matches are leaks */
} rh_leak_detectors;

typedef struct rh_leak_options {
    const rh_seen_set *seen;    /* NULL: detectors only */
    const char *const *include; /* globs of tables, NULL-terminated; NULL = everything */
    const char *const *exclude;
    size_t jobs;   /* readers; default 1 */
    double sample; /* share of the batches of rows that are looked at, 0 < sample <= 1; default 1 */
    bool skip_file; /* SQLite: do not look at the bytes of the file that SQL does not reach */
    rh_leak_detectors detectors;
    rh_progress *progress;   /* may be NULL */
    const rh_cancel *cancel; /* may be NULL */
} rh_leak_options;

#define RH_LEAK_OPTIONS_INIT                                                                       \
    {                                                                                              \
        NULL, NULL, NULL, 1, 1.0, false, RH_LEAK_DETECTORS_ON, NULL, NULL                          \
    }

/**
 * Scan a whole database: rows of all tables, schema, statistics, settings, for SQLite the file's
 * free space and the files beside it. Read-only. *out as rh_leak_report makes it, new reference.
 * *out_leaks: true when there are leaks. Codes as for rh_source_open and sessions.
 */
rh_status rh_leak_scan(const char *target, const rh_leak_options *options, json_t **out,
                       bool *out_leaks, rh_error *err) RH_MUST_CHECK;

/* ---- piece by piece ---- */

typedef struct rh_leak rh_leak;
typedef struct rh_leak_table rh_leak_table;

/** options are copied, what they point to is borrowed until rh_leak_free. RH_ENOMEM, RH_EUSAGE. */
rh_status rh_leak_new(const rh_leak_options *options, rh_leak **out, rh_error *err) RH_MUST_CHECK;
void rh_leak_free(rh_leak *leak);

/** A reader of one table for the calling thread; the table is borrowed until close. */
rh_status rh_leak_table_open(rh_leak *leak, const rh_table *table, rh_leak_table **out,
                             rh_error *err) RH_MUST_CHECK;
/** Whole rows. RH_EFORMAT for damaged ones, RH_ECANCELED. */
rh_status rh_leak_table_rows(rh_leak_table *reader, rh_rows_format format, const rh_batch *batch,
                             rh_error *err) RH_MUST_CHECK;
/** Whole lines as rh_rows_render makes them; len 0 is fine. */
rh_status rh_leak_table_text(rh_leak_table *reader, rh_engine_kind engine, const void *text,
                             size_t len, rh_error *err) RH_MUST_CHECK;
/** Add what was found to the scan (thread-safe) and free the reader, also on failure. NULL is a
 * no-op. RH_ENOMEM. */
rh_status rh_leak_table_close(rh_leak_table *reader, rh_error *err) RH_MUST_CHECK;

/** A section (rh_engine_sections) as its engine writes it. Thread-safe. */
rh_status rh_leak_section(rh_leak *leak, rh_engine_kind engine, const char *name, const void *text,
                          size_t len, rh_error *err) RH_MUST_CHECK;

/** A JSON document of settings (the source's facts): its strings and numbers. */
rh_status rh_leak_facts(rh_leak *leak, const json_t *facts, rh_error *err) RH_MUST_CHECK;

/**
 * The bytes of an SQLite file that SQL does not reach: free pages, gaps in pages, what is behind
 * the last page; and the -wal and -journal files beside it. RH_ENOTFOUND, RH_EIO. A file that is
 * not SQLite's is looked at as a whole.
 */
rh_status rh_leak_file(rh_leak *leak, const char *path, rh_error *err) RH_MUST_CHECK;

/**
 * {"ok", "leaks": [{"table", "column", "place", "detector", "count", "seen"}], "notes": [the same
 * with "why"], "scanned": {"tables", "rows", "bytes", "tokens"}, "seen": {"added", "remembered",
 * "excused", "share"} or null, "false_positive_bound"}. New reference.
 */
rh_status rh_leak_report(rh_leak *leak, json_t **out, bool *out_leaks, rh_error *err) RH_MUST_CHECK;

#endif
