/*
 * The parts of a scan: eyes look at values and count, findings gather the counts.
 */
#ifndef LEAK_INTERNAL_H
#define LEAK_INTERNAL_H

#include <pthread.h>

#include "anonymize/leak_scan.h"
#include "core/arena.h"
#include "detect.h"
#include "seen_hash.h"

/* ---- counts of one place ---- */

typedef struct leak_tally {
    uint64_t values;
    uint64_t last; /* number of the value that was counted last: each counts once */
} leak_tally;

typedef struct leak_count {
    leak_tally seen; /* values with a token that masking saw */
    leak_tally weak; /* the same, where it may be chance */
    leak_tally look; /* values that look like it; for secrets: that are it */
} leak_count;

typedef struct leak_counts {
    leak_count by[DETECTORS];
    uint32_t looked; /* tokens that the slower detectors were asked about */
    bool any;
} leak_counts;

enum { LEAK_LOOK_BUDGET = 4000 };

/* ---- an eye: one thread's view ---- */

typedef struct leak_eye {
    const rh_seen_set *seen;
    rh_leak_detectors detectors;
    leak_counts *counts; /* of the place that is looked at */
    uint64_t value;      /* number of the value that is looked at, from 1 */
    uint64_t tokens;     /* hashes that were looked up */
    unsigned depth;      /* 1 inside something decoded */
    rh_buf plain;        /* escapes undone */
    rh_buf decoded;      /* hex and base64 undone */
    rh_status status;    /* RH_ENOMEM: memory was out */
} leak_eye;

void leak_eye_init(leak_eye *eye, const rh_leak_options *options);
void leak_eye_done(leak_eye *eye); /* wipes */

/** One value. whole: it stands alone (a field), not in a longer text. */
void leak_eye_text(leak_eye *eye, const uint8_t *data, size_t len, bool whole);
/** SQL: a text whose literals stand alone. */
void leak_eye_sql(leak_eye *eye, const uint8_t *data, size_t len);
void leak_eye_bytes(leak_eye *eye, const uint8_t *data, size_t len);
void leak_eye_integer(leak_eye *eye, int64_t value);
/** RH_ENOMEM when some value could not be looked at. */
rh_status leak_eye_status(const leak_eye *eye, rh_error *err) RH_MUST_CHECK;

/* ---- the scan ---- */

typedef struct leak_finding {
    const char *table;  /* NULL: none */
    const char *column; /* NULL: none */
    const char *place;
    leak_counts counts;
} leak_finding;

struct rh_leak {
    rh_leak_options options;
    pthread_mutex_t lock;
    bool has_lock;
    rh_arena *names;
    leak_finding *findings;
    size_t count;
    size_t cap;
    uint64_t tables, rows, bytes, tokens;
};

/** Add counts (if they hold anything) under a name; strings are copied. Thread-safe. */
rh_status leak_add(rh_leak *leak, const char *table, const char *column, const char *place,
                   const leak_counts *counts, rh_error *err) RH_MUST_CHECK;
void leak_add_totals(rh_leak *leak, uint64_t tables, uint64_t rows, uint64_t bytes,
                     uint64_t tokens);

/* ---- rows ---- */

struct rh_leak_table {
    rh_leak *leak;
    const rh_table *table;
    leak_eye eye;
    leak_counts *counts; /* by column, and one more for what belongs to none */
    size_t *stored;      /* stored position -> column: generated ones are not there */
    size_t stored_count;
    bool has_rowid;
    long ipk;
    bool utf16;
    bool big_endian;
    bool samples; /* sqlite_stat4: values are records themselves */
    rh_buf scratch;
    uint64_t batches;
    uint64_t rows;
    uint64_t bytes;
};

/** All fields of one row; RH_EFORMAT. */
rh_status leak_walk_pgcopy(rh_leak_table *reader, const uint8_t *row, size_t len,
                           rh_error *err) RH_MUST_CHECK;
rh_status leak_walk_sqlite(rh_leak_table *reader, const uint8_t *row, size_t len,
                           rh_error *err) RH_MUST_CHECK;
/** One line of SQL literals with tabs between them. */
rh_status leak_walk_literals(rh_leak_table *reader, const uint8_t *row, size_t len,
                             rh_error *err) RH_MUST_CHECK;

/* ---- SQLite bytes ---- */

/** Look for records anywhere in data, for text and blobs in them, and for readable runs. */
void leak_carve(leak_eye *eye, const uint8_t *data, size_t len);

/** An SQLite record at data: its texts and blobs go to the eye. Returns its length, 0 when there
 * is none. */
size_t leak_carve_record(leak_eye *eye, const uint8_t *data, size_t len);

#endif
