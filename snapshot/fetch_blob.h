/*
 * Byte strings that are stored as chunks: lists and sections. Also the dictionary of a pack as a
 * manifest names it.
 */
#ifndef SNAPSHOT_FETCH_BLOB_H
#define SNAPSHOT_FETCH_BLOB_H

#include "chunk_list.h"
#include "manifest.h"
#include "pack_reader.h"

enum {
    RH_FETCH_LIST_MAX_BYTES = 256 * 1024 * 1024,    /* of one range's list */
    RH_FETCH_SECTION_MAX_BYTES = 256 * 1024 * 1024, /* of one section */
};

/**
 * Plain bytes of the run's entries, all of this kind, appended to out. Proved. Needs to read:
 * RH_EKEY in a sealed repository without the secret key.
 */
rh_status rh_fetch_blob(rh_repo *repo, const rh_manifest *manifest, const rh_chunk_run *run,
                        rh_chunk_kind kind, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** The list of one range. */
rh_status rh_fetch_list(rh_repo *repo, const rh_manifest *manifest, const rh_stored_range *range,
                        rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** Dictionary of an open pack, checked against the manifest; *out NULL when it has none. */
rh_status rh_fetch_dict(rh_repo *repo, const rh_manifest *manifest, const rh_pack *pack,
                        const rh_dict **out, rh_error *err) RH_MUST_CHECK;

#endif
