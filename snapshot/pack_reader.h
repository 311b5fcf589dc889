/*
 * One complete pack, open for reading. After rh_pack_open the pack never changes and may be shared
 * by threads; each thread brings a decoder of its own.
 */
#ifndef SNAPSHOT_PACK_READER_H
#define SNAPSHOT_PACK_READER_H

#include "pack_format.h"
#include "repo.h"

typedef struct rh_pack rh_pack;
typedef struct rh_pack_decoder rh_pack_decoder;

/**
 * Open by name, check header, table, name and repository id. RH_ENOTFOUND (no such file),
 * RH_EFORMAT (damaged, another repository's, not a regular file). No key is needed.
 */
rh_status rh_pack_open(rh_repo *repo, const char *name, rh_pack **out, rh_error *err) RH_MUST_CHECK;

/** The same for any file with a pack inside (sealed dictionaries); name is for messages, and is
 * compared only when prove_name. */
rh_status rh_pack_open_path(rh_repo *repo, const char *path, const char *name, bool prove_name,
                            rh_pack **out, rh_error *err) RH_MUST_CHECK;
void rh_pack_free(rh_pack *pack);

const char *rh_pack_get_name(const rh_pack *pack);
const rh_pack_header *rh_pack_get_header(const rh_pack *pack);
const rh_pack_table *rh_pack_get_table(const rh_pack *pack);
uint64_t rh_pack_get_bytes(const rh_pack *pack); /* of the file */

/**
 * Bytes as stored of entries [first, first+count) in one read, appended to out (cleared before).
 * The caller keeps the total below out->max.
 */
rh_status rh_pack_read_stored(const rh_pack *pack, size_t first, size_t count, rh_buf *out,
                              rh_error *err) RH_MUST_CHECK;

/** Compare the stored hash (needs no key). RH_OK at once for packs without stored hashes. */
rh_status rh_pack_check_stored(const rh_pack *pack, size_t entry, const uint8_t *stored,
                               rh_error *err) RH_MUST_CHECK;

/** Scratch space of one thread. NULL when memory is out. */
rh_pack_decoder *rh_pack_decoder_new(void) RH_MUST_CHECK;
void rh_pack_decoder_free(rh_pack_decoder *decoder);

/**
 * Plain bytes of one entry from its stored bytes, proved against its id. dict: the pack's
 * dictionary, NULL when it has none. RH_EFORMAT; RH_EKEY without the secret key. *out is borrowed
 * from the decoder until its next use; its length is the entry's plain_bytes.
 */
rh_status rh_pack_decode(const rh_pack *pack, size_t entry, const uint8_t *stored,
                         const rh_dict *dict, rh_pack_decoder *decoder, const uint8_t **out,
                         rh_error *err) RH_MUST_CHECK;

#endif
