/*
 * The plain directory that `rehearse export` makes (docs/format.md §10), while it is made.
 *
 * Files are written through rh_export_file, which counts and hashes them and keeps their entry for
 * manifest.json and SHA256SUMS.
 */
#ifndef SNAPSHOT_EXPORT_H
#define SNAPSHOT_EXPORT_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <rehearse/repository.h>

#include "core/buf.h"
#include "core/stream.h"
#include "manifest.h"

typedef struct rh_export {
    rh_repo *repo;
    const rh_manifest *manifest;
    char *dir; /* built aside, renamed at the end */
    pthread_mutex_t lock;
    json_t *files; /* entries of manifest.json; under lock */
    uint64_t file_bytes;
    size_t file_count;
    atomic_size_t next; /* table to export */
} rh_export;

typedef struct rh_export_file {
    rh_export *x;
    char *name;
    rh_writer *top;
    rh_writer *hash; /* below top; owned by it */
} rh_export_file;

enum { RH_EXPORT_NAME_BYTES = 220 };

/** Start a file in the directory. compressed: what is put becomes a zstd frame. */
rh_status rh_export_file_open(rh_export *x, const char *name, bool compressed, rh_export_file *out,
                              rh_error *err) RH_MUST_CHECK;

/** Complete it and add its entry: about's members (a new reference, taken; NULL is out of memory),
 * "file", "bytes" and "sha256". The file is done afterwards, also on failure. */
rh_status rh_export_file_end(rh_export_file *file, json_t *about, rh_error *err) RH_MUST_CHECK;

/** Drop what was not completed; a file that was is left alone. */
void rh_export_file_done(rh_export_file *file);

/** A whole small file. about as above. */
rh_status rh_export_put(rh_export *x, const char *name, const void *data, size_t len, json_t *about,
                        rh_error *err) RH_MUST_CHECK;

/** Entry for a file that somebody else put into the directory. about as above. */
rh_status rh_export_adopt(rh_export *x, const char *name, json_t *about,
                          rh_error *err) RH_MUST_CHECK;

/** manifest.json and SHA256SUMS, last of all. */
rh_status rh_export_seal(rh_export *x, rh_error *err) RH_MUST_CHECK;

/**
 * A name as a file name: bytes other than [A-Za-z0-9_.-], and a '.' or '-' at the start, become
 * %XX; longer than 200 bytes: cut, with a hash of the whole name behind.
 */
void rh_export_name(const char *name, char out[RH_EXPORT_NAME_BYTES]);

/** What each engine adds (export_postgres.c, export_sqlite.c). */
rh_status rh_export_postgres(rh_export *x, rh_error *err) RH_MUST_CHECK;
rh_status rh_export_sqlite(rh_export *x, rh_error *err) RH_MUST_CHECK;

/** restore.sh and README.txt for PostgreSQL (export_text.c). files: entries, sorted. */
rh_status rh_export_restore_script(rh_export *x, rh_error *err) RH_MUST_CHECK;

#endif
