/*
 * The workload seam: a stream of statements with their time, session, transaction and parameters.
 *
 * Log readers and the ledger produce it; replay, check and scale consume it; neither knows the
 * other. rh_workload_list is the in-memory producer (tests, single statements).
 */
#ifndef CORE_WORKLOAD_H
#define CORE_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef enum rh_parameter_kind {
    RH_PARAMETER_NULL,
    RH_PARAMETER_TEXT, /* text form; the database decides the type */
    RH_PARAMETER_INTEGER,
    RH_PARAMETER_REAL,
    RH_PARAMETER_BLOB,
} rh_parameter_kind;

typedef struct rh_parameter {
    rh_parameter_kind kind;
    const char *name; /* ":outpoint", or NULL for positional ones */
    const void *data; /* TEXT, BLOB: bytes, borrowed */
    size_t len;
    int64_t integer;
    double real;
} rh_parameter;

typedef enum rh_workload_protocol {
    RH_WORKLOAD_SIMPLE,   /* one text, values inside; may hold several statements */
    RH_WORKLOAD_EXTENDED, /* unnamed prepared statement */
    RH_WORKLOAD_PREPARED, /* named one: prepared once, executed often */
} rh_workload_protocol;

/** What executions of one shape share: texts that differ only in their values. */
typedef struct rh_workload_statement {
    uint64_t id; /* from 1; set by the reader, ignored by the writer */
    uint64_t fingerprint;
    const char *by;         /* "parser" or "scanner": who made the fingerprint */
    const char *command;    /* "read", "write", "ddl", "transaction", "utility", "unknown": a hint
                               for people; whoever executes judges the text again */
    const char *normalized; /* the text without values */
} rh_workload_statement;

/** One execution. All pointers are borrowed until the next call on the same workload. Zero is
 * "not known" where nothing else is said; RH_WORKLOAD_ITEM_INIT sets the others. */
typedef struct rh_workload_item {
    int64_t time_us;      /* start, since 1970 UTC; 0 when not known */
    int64_t duration_us;  /* as captured; -1 when not known */
    uint64_t session;     /* numbers from 1 */
    uint64_t transaction; /* numbers from 1, unique in the workload; 0 outside one */
    const char *sql;
    const rh_parameter *parameters;
    size_t parameter_count;
    const char *source_file; /* where it was read, or NULL */
    uint64_t source_line;

    uint64_t execution;                     /* number in the file; 0 from elsewhere */
    const rh_workload_statement *statement; /* NULL when nobody has looked */
    uint64_t text;                          /* equal texts, equal number; 0: not known */
    rh_workload_protocol protocol;
    const char *prepared_name; /* of RH_WORKLOAD_PREPARED */
    int64_t rows;              /* as captured; -1 when not known */
    const char *sqlstate;      /* of the error it ended with when captured, or NULL */
    const char *unreplayable;  /* why it cannot be executed again, or NULL */
    uint64_t source;           /* file's own number of source_file; 0: none */
    uint64_t unit;             /* of a ledger; 0: none */

    /* An entry of pg_stat_statements stands for many executions: their number (0: this is one),
     * what they took and gave together (-1: not known). duration_us and rows are their means. */
    int64_t calls;
    int64_t total_us;
    int64_t total_rows;
} rh_workload_item;

#define RH_WORKLOAD_ITEM_INIT                                                                      \
    {                                                                                              \
        .duration_us = -1, .rows = -1, .total_us = -1, .total_rows = -1                            \
    }

typedef struct rh_workload {
    /** RH_OK with an item, RH_DONE at the end, or an error. */
    rh_status (*next)(void *ctx, rh_workload_item *out, rh_error *err);
    /** Start again; NULL when it can be read only once. */
    rh_status (*rewind)(void *ctx, rh_error *err);
    void *ctx;
} rh_workload;

/** A workload over an array that the caller keeps. */
typedef struct rh_workload_list {
    const rh_workload_item *items;
    size_t count;
    size_t at;
} rh_workload_list;

rh_workload rh_workload_from_list(rh_workload_list *list);

#endif
