/*
 * Inside of a repository handle: what the other files of snapshot/ need of it.
 *
 * A handle is opened and closed by one thread. In between, everything declared here is read-only
 * or locks by itself, so that the workers of one operation share the handle.
 */
#ifndef SNAPSHOT_REPO_H
#define SNAPSHOT_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/repository.h>

#include "core/cancel.h"
#include "core/hash.h"
#include "core/progress.h"
#include "core/seal.h"
#include "dictionary.h"

enum {
    RH_REPO_VERSION = 1,
    RH_REPO_ID_BYTES = 16,
    RH_REPO_FINGERPRINT_BYTES = 8,
    RH_REPO_PACK_NAME_BYTES = 65,   /* 64 hex digits and a NUL */
    RH_REPO_DICT_NAME_BYTES = 9,    /* 8 hex digits and a NUL */
    RH_REPO_SNAPSHOT_ID_BYTES = 34, /* "20261120T091718Z-" and 16 hex digits and a NUL */
};

/** docs/format.md §3.3, from the config. */
typedef struct rh_chunk_limits {
    size_t min;
    size_t target;
    size_t max;
} rh_chunk_limits;

typedef struct rh_repo_reader {
    uint8_t public_key[RH_SEAL_PUBLIC_BYTES];
    uint8_t fingerprint[RH_REPO_FINGERPRINT_BYTES];
} rh_repo_reader;

/* ---- what it is ---- */

const char *rh_repo_dir(const rh_repo *repo);
const uint8_t *rh_repo_id(const rh_repo *repo); /* RH_REPO_ID_BYTES */
const char *rh_repo_id_hex(const rh_repo *repo);
const rh_chunk_limits *rh_repo_chunk_limits(const rh_repo *repo);
bool rh_repo_is_writable(const rh_repo *repo);  /* opened with options.write */
bool rh_repo_is_exclusive(const rh_repo *repo); /* opened with options.prune */

/* ---- keys ---- */

/** The id key, or NULL: sealed and opened without a key file. Never NULL when not sealed. */
const uint8_t *rh_repo_id_key(const rh_repo *repo);
/** Secret of the row hash (RH_ROW_SECRET_BYTES), or NULL like the id key. */
const uint8_t *rh_repo_row_secret(const rh_repo *repo);
/** The reader's key pair, or NULL: not sealed, or the secret key is not at hand. */
const rh_seal_pair *rh_repo_pair(const rh_repo *repo);
/** Keys that packs are wrapped for; *out_count is 0 when not sealed. */
const rh_repo_reader *rh_repo_readers(const rh_repo *repo, size_t *out_count);

/* ---- who waits ---- */

const rh_cancel *rh_repo_cancel(const rh_repo *repo); /* may be NULL */
rh_progress *rh_repo_progress(const rh_repo *repo);   /* may be NULL */

/* ---- names and paths; fresh memory in *out, free with rh_mem_free ---- */

/** RH_EFORMAT when the text is no such name: 64 lower-case hex digits, 8 of them, a full id. */
rh_status rh_repo_pack_path(const rh_repo *repo, const char *name, char **out,
                            rh_error *err) RH_MUST_CHECK;
rh_status rh_repo_dict_path(const rh_repo *repo, uint32_t id, char **out,
                            rh_error *err) RH_MUST_CHECK;
rh_status rh_repo_snapshot_path(const rh_repo *repo, const char *id, char **out,
                                rh_error *err) RH_MUST_CHECK;
/** "config", "packs", "dicts", "snapshots" or "tmp" below the directory. */
rh_status rh_repo_sub_path(const rh_repo *repo, const char *name, char **out,
                           rh_error *err) RH_MUST_CHECK;

bool rh_repo_is_pack_name(const char *text);
bool rh_repo_is_snapshot_id(const char *text);
/** 8 lower-case hex digits, not all 0. */
bool rh_repo_is_dict_name(const char *text, uint32_t *out_id);

/* ---- what is there ---- */

/** Full ids of all snapshots, oldest first; names that are none of ours are passed over. Free with
 * rh_fs_list_free. */
rh_status rh_repo_snapshot_ids(rh_repo *repo, char ***out, size_t *out_count,
                               rh_error *err) RH_MUST_CHECK;

/** Names of all packs on disk, in order. Free with rh_fs_list_free. */
rh_status rh_repo_pack_names(rh_repo *repo, char ***out, size_t *out_count,
                             rh_error *err) RH_MUST_CHECK;

/** Ids (8 hex digits) of all dictionaries on disk, in order. Free with rh_fs_list_free. */
rh_status rh_repo_dict_names(rh_repo *repo, char ***out, size_t *out_count,
                             rh_error *err) RH_MUST_CHECK;

/** The dictionaries of this handle, shared by all threads. */
rh_dicts *rh_repo_dicts(rh_repo *repo);

#endif
