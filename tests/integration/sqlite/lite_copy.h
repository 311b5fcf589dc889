/*
 * Source -> memory -> target through engine.h, and strict comparison of two SQLite files.
 */
#ifndef LITE_COPY_H
#define LITE_COPY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/engine.h"

/* A snapshot held in memory. */
typedef struct lite_snapshot {
    json_t *facts;
    rh_buf schema;
    rh_catalog *catalog; /* as read back from its JSON */
    rh_buf *rows;        /* one per table */
    int64_t *counts;     /* one per table */
    size_t ranges;       /* of all tables */
    size_t sessions;     /* that were to be had */
} lite_snapshot;

void lite_snapshot_free(lite_snapshot *snapshot);

/** Read path with options->jobs threads. */
rh_status lite_snapshot_take(const char *path, const rh_source_options *options, lite_snapshot *out,
                             rh_error *err) RH_MUST_CHECK;

/**
 * Build target. piece: the rows arrive in pieces of about so many bytes (0: whole tables), cut
 * anywhere. out: as rh_target_commit, may be NULL.
 */
rh_status lite_snapshot_restore(const lite_snapshot *snapshot, const char *target,
                                const rh_target_options *options, size_t piece, json_t **out,
                                rh_error *err) RH_MUST_CHECK;

/** Run a script on a (new) file; a cmocka failure names what SQLite said. */
void lite_script(const char *path, const char *sql);

/** As lite_script with the text of a file below tests/integration/sqlite. */
void lite_script_file(const char *path, const char *name);

/** First column of the first row as an integer. */
long long lite_int(const char *path, const char *sql);

/** First column of the first row as fresh text (free with rh_mem_free). */
char *lite_text(const char *path, const char *sql);

/** cmocka failure unless both hold the same, to the last storage class, rowid and schema text. */
void lite_assert_same(const char *a, const char *b);

/** A fresh directory; its name is valid until the next call. Removed by lite_dir_done. */
const char *lite_dir(void);
void lite_dir_done(void);

/** "<dir>/<name>" in fresh memory. */
char *lite_path(const char *name);

#endif
