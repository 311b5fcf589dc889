/*
 * The config file of a repository (docs/format.md §2), to and from memory.
 */
#ifndef SNAPSHOT_REPO_CONFIG_H
#define SNAPSHOT_REPO_CONFIG_H

#include "core/buf.h"
#include "core/key_file.h"
#include "repo.h"

enum {
    RH_CONFIG_MAX_BYTES = 64 * 1024,
    RH_CONFIG_CHECK_BYTES = 16,
};

typedef struct rh_config_reader {
    rh_repo_reader key;
    uint8_t wrapped_id_key[RH_SEAL_WRAPPED_BYTES];
} rh_config_reader;

typedef struct rh_repo_config {
    uint8_t id[RH_REPO_ID_BYTES];
    bool sealed;
    rh_chunk_limits chunk;
    uint8_t id_key[RH_ID_KEY_BYTES]; /* unsealed only, else zero */
    uint8_t key_check[RH_CONFIG_CHECK_BYTES];
    rh_config_reader readers[RH_SEAL_MAX_READERS];
    size_t reader_count;
    uint8_t mac[RH_ID_BYTES];
    char *text; /* what mac proves */
} rh_repo_config;

/** From the file's bytes. RH_EFORMAT (damaged, or newer). Free with rh_repo_config_done. */
rh_status rh_repo_config_parse(const char *text, size_t len, rh_repo_config *out,
                               rh_error *err) RH_MUST_CHECK;
void rh_repo_config_done(rh_repo_config *config); /* wipes */

/** True when this is the id key of the repository. */
bool rh_repo_config_knows(const rh_repo_config *config, const uint8_t id_key[RH_ID_KEY_BYTES]);

/** Compare mac under the id key. RH_EFORMAT: the file was changed. */
rh_status rh_repo_config_prove(const rh_repo_config *config, const uint8_t id_key[RH_ID_KEY_BYTES],
                               rh_error *err) RH_MUST_CHECK;

/** A fresh config as file text: keys are the readers' (writer key files; the first one's id key
 * is the repository's), key_count 0 means unsealed. */
rh_status rh_repo_config_make(const rh_key *keys, size_t key_count, rh_buf *out,
                              rh_error *err) RH_MUST_CHECK;

#endif
