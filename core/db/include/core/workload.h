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

/** One execution. All pointers are borrowed until the next call on the same workload. */
typedef struct rh_workload_item {
    int64_t time_us;      /* since 1970 UTC; 0 when not known */
    int64_t duration_us;  /* as captured; -1 when not known */
    uint64_t session;     /* numbers from 1 */
    uint64_t transaction; /* 0 outside one */
    const char *sql;
    const rh_parameter *parameters;
    size_t parameter_count;
    const char *source_file; /* where it was read, or NULL */
    uint64_t source_line;
} rh_workload_item;

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
