/*
 * Dictionaries: trained from a table's rows, stored once, loaded once per handle. A prepared
 * dictionary is read-only and shared by all threads until the handle closes.
 */
#ifndef SNAPSHOT_DICTIONARY_H
#define SNAPSHOT_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>
#include <rehearse/repository.h>

#include "core/buf.h"
#include "core/hash.h"

typedef struct rh_dicts rh_dicts;
typedef struct rh_dict rh_dict;

struct ZSTD_CDict_s; /* zstd.h */
struct ZSTD_DDict_s;

enum {
    RH_DICT_TRAIN_BYTES = 112 * 1024,      /* size of a trained dictionary */
    RH_DICT_MAX_BYTES = 1024 * 1024,       /* a reader refuses larger ones */
    RH_DICT_HOLD_BYTES = 4 * 1024 * 1024,  /* rows that are held back for training */
    RH_DICT_MIN_TABLE_BYTES = 1024 * 1024, /* smaller tables never get one */
};

/* ---- the shared set of a handle ---- */

rh_dicts *rh_dicts_new(rh_repo *repo) RH_MUST_CHECK;
void rh_dicts_free(rh_dicts *dicts);

/**
 * The dictionary with this id, loaded on first use. expected: BLAKE2b-256 of the file (from the
 * manifest), or NULL to skip that check. RH_ENOTFOUND, RH_EFORMAT, RH_EKEY (sealed, no secret key).
 * Give it back with rh_dicts_put: the set keeps a few that nobody holds and forgets the others.
 */
rh_status rh_dicts_get(rh_dicts *dicts, uint32_t id, const rh_id *expected, const rh_dict **out,
                       rh_error *err) RH_MUST_CHECK;

/** The same, prepared for compressing as well. */
rh_status rh_dicts_get_writer(rh_dicts *dicts, uint32_t id, const rh_id *expected,
                              const rh_dict **out, rh_error *err) RH_MUST_CHECK;

/** Store trained bytes (with their zstd id inside) as a new, durable file and prepare them for
 * compressing. Give it back with rh_dicts_put. RH_EEXISTS: there is one with this id. */
rh_status rh_dicts_add(rh_dicts *dicts, const void *data, size_t len, const rh_dict **out,
                       rh_error *err) RH_MUST_CHECK;

/** Hold it once more; NULL is a no-op. */
void rh_dicts_hold(rh_dicts *dicts, const rh_dict *dict);
/** Done with it; NULL is a no-op. */
void rh_dicts_put(rh_dicts *dicts, const rh_dict *dict);

uint32_t rh_dict_id(const rh_dict *dict);
const rh_id *rh_dict_file_hash(const rh_dict *dict);
uint64_t rh_dict_file_bytes(const rh_dict *dict);
const struct ZSTD_DDict_s *rh_dict_reader(const rh_dict *dict);
/** For level 1; of dictionaries from rh_dicts_get_writer and rh_dicts_add only. */
const struct rh_pack_dict *rh_dict_writer(const rh_dict *dict);

/* ---- training ---- */

/**
 * Train on chunks (lengths[i] bytes each, back to back in data) and try the result on some that
 * were not trained on. RH_OK with the dictionary in out, RH_SKIPPED when it would not save more
 * than 2 % of table_bytes (plain bytes expected for the table), its own size counted.
 */
rh_status rh_dict_train(const uint8_t *data, const size_t *lengths, size_t count,
                        uint64_t table_bytes, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
