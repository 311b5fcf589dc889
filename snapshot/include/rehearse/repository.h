/*
 * A repository of snapshots: open or create, look, prove, thin out, hand out.
 *
 * On-disk format: docs/format.md. All functions are safe to call from one thread per handle.
 */
#ifndef REHEARSE_REPOSITORY_H
#define REHEARSE_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rh_repo rh_repo;
struct json_t; /* jansson */
struct rh_cancel;
struct rh_progress;
struct rh_writer;

typedef struct rh_repo_options {
    const char *key_file; /* reader (secret) or writer key file; NULL = none */
    const char *const
        *seal_to;     /* creation only: writer key files, NULL-terminated; NULL = unsealed */
    bool create;      /* create the directory when it does not exist or is empty */
    bool sealed_only; /* do not create one that is not sealed: raw rows are to be written */
    bool write;       /* a snapshot will be taken: lock against other writers */
    bool prune;       /* exclusive: nobody reads or writes meanwhile */
    const struct rh_cancel *cancel; /* may be NULL */
    struct rh_progress *progress;   /* may be NULL */
} rh_repo_options;

#define RH_REPO_OPTIONS_INIT                                                                       \
    {                                                                                              \
        NULL, NULL, false, false, false, false, NULL, NULL                                         \
    }

/**
 * Open (or create) a repository. seal_to given for an existing repository must match its readers.
 *
 * RH_ENOTFOUND (no repository there), RH_EFORMAT (damaged, or newer than this version), RH_EKEY
 * (key file is not of this repository), RH_EBUSY (another run holds the lock; text says which
 * process), RH_EUSAGE (create in a directory that is not empty). Free with rh_repo_close, which
 * releases the lock. A sealed repository opens without a key: then only stored bytes can be proved.
 */
RH_API rh_status rh_repo_open(const char *dir, const rh_repo_options *options, rh_repo **out,
                              rh_error *err) RH_MUST_CHECK;
RH_API void rh_repo_close(rh_repo *repo);

RH_API bool rh_repo_is_sealed(const rh_repo *repo);
/** Can chunk contents be read with the key at hand? Always true when not sealed. */
RH_API bool rh_repo_can_read(const rh_repo *repo);

/**
 * Full snapshot id ("<time>-<hex>", fresh memory in *out, free with rh_string_free) from what a
 * user typed: "latest", "latest~N", the full id, or a unique prefix of it or of its hex part.
 * RH_ENOTFOUND, RH_EUSAGE (ambiguous; the text lists two of them).
 */
RH_API rh_status rh_repo_resolve(rh_repo *repo, const char *text, char **out,
                                 rh_error *err) RH_MUST_CHECK;
RH_API void rh_string_free(char *text);

/** All snapshots, oldest first: array of {"id","time","label","engine","database","raw","tables",
 * "rows","bytes","new_bytes","held_us","damaged"}. A damaged manifest is listed as such, never an
 * error. New reference in *out. */
RH_API rh_status rh_repo_list(rh_repo *repo, struct json_t **out, rh_error *err) RH_MUST_CHECK;

/** The manifest of one snapshot, checked; new reference. RH_EFORMAT names what is wrong. */
RH_API rh_status rh_repo_show(rh_repo *repo, const char *snapshot_id, struct json_t **out,
                              rh_error *err) RH_MUST_CHECK;

/**
 * Differences of two snapshots: {"tables": [{"table","change":"added|removed|changed|same",
 * "rows_a","rows_b","bytes_a","bytes_b","chunks_shared","chunks_a","chunks_b",
 * "columns": [{"column","change":"added|removed|changed","a","b"}]}],
 * "sections": [{"name","changed", "diff": unified diff text or null}]}. Sorted by name; null for
 * the side that does not have it; "chunks_shared" and "diff" are null without the key of a sealed
 * repository. New reference.
 */
RH_API rh_status rh_repo_diff(rh_repo *repo, const char *id_a, const char *id_b,
                              struct json_t **out, rh_error *err) RH_MUST_CHECK;

/** Rows of one table as text to out (borrowed, not finished); limit rows, 0 = all. RH_ENOTFOUND. */
RH_API rh_status rh_repo_cat(rh_repo *repo, const char *snapshot_id, const char *table,
                             uint64_t limit, struct rh_writer *out, rh_error *err) RH_MUST_CHECK;

/** A section (schema text ...) as stored, to out. RH_ENOTFOUND lists the names that exist. */
RH_API rh_status rh_repo_cat_section(rh_repo *repo, const char *snapshot_id, const char *section,
                                     struct rh_writer *out, rh_error *err) RH_MUST_CHECK;

typedef enum rh_verify_level {
    RH_VERIFY_MANIFEST = 1, /* manifests, config, names, references */
    RH_VERIFY_PACKS = 2,    /* and every pack's table, every list */
    RH_VERIFY_DATA = 3, /* and all bytes: stored hash; content id, counts, row hash with a key */
} rh_verify_level;

/**
 * Prove one snapshot (id) or all (NULL). *out: {"ok","level","snapshots","packs","chunks","bytes",
 * "content_checked", "damage": [{"snapshot","table","chunk","pack","what"}], "damage_omitted"}.
 * RH_OK also when damage was found: look at "ok". "damage" holds the first 1000 findings,
 * "damage_omitted" counts the others. "chunk" is its number in the table from 0, or, where "table"
 * is null, the entry of the pack. "bytes" counts chunks as stored, at level data. Uses restore's
 * reader; reads each pack once. RH_ENOTFOUND (no such snapshot). New reference.
 */
RH_API rh_status rh_repo_verify(rh_repo *repo, const char *snapshot_id, rh_verify_level level,
                                size_t jobs, struct json_t **out, rh_error *err) RH_MUST_CHECK;

typedef struct rh_prune_options {
    size_t keep_last;  /* newest N of each lineage; 0 = rule not given */
    size_t keep_daily; /* newest of each of the last N days that have one */
    size_t keep_weekly;
    size_t keep_monthly;
    const char *const *remove; /* ids to remove by name, NULL-terminated, or NULL */
    int64_t grace_us;          /* unreferenced files younger than this stay; default 24 h */
    bool dry_run;
} rh_prune_options;

#define RH_PRUNE_OPTIONS_INIT                                                                      \
    {                                                                                              \
        0, 0, 0, 0, NULL, INT64_C(86400000000), false                                              \
    }

/** Thin out. Without any rule only garbage is collected. *out: {"removed": [ids], "kept": n,
 * "packs_removed", "bytes_freed", "packs_waiting"}. A damaged manifest stops it (RH_EFORMAT):
 * what it references is not known. New reference. */
RH_API rh_status rh_repo_prune(rh_repo *repo, const rh_prune_options *options, struct json_t **out,
                               rh_error *err) RH_MUST_CHECK;

/**
 * Write a snapshot as a plain directory (docs/format.md §10); dir must not exist. Built aside and
 * renamed. *out: {"files": n, "bytes": n}. New reference.
 */
RH_API rh_status rh_repo_export(rh_repo *repo, const char *snapshot_id, const char *dir,
                                struct json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
