/*
 * Lists of chunk references (docs/format.md §6): runs of entries in packs, and the text form of a
 * reference to a list. Decoding trusts nothing.
 */
#ifndef SNAPSHOT_CHUNK_LIST_H
#define SNAPSHOT_CHUNK_LIST_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** Entries [first, first+count) of the pack with this ordinal. */
typedef struct rh_chunk_run {
    uint32_t pack;
    uint32_t first;
    uint32_t count;
} rh_chunk_run;

enum { RH_CHUNK_REF_BYTES = 40 };

/** A list while it is written: references are joined into runs. */
typedef struct rh_chunk_list {
    rh_buf bytes; /* complete runs */
    rh_chunk_run open;
    uint64_t chunks;
} rh_chunk_list;

void rh_chunk_list_init(rh_chunk_list *list);
void rh_chunk_list_done(rh_chunk_list *list);
void rh_chunk_list_clear(rh_chunk_list *list);
rh_status rh_chunk_list_add(rh_chunk_list *list, uint32_t pack, uint32_t entry,
                            rh_error *err) RH_MUST_CHECK;
/** Flush the open run; list->bytes is complete then. */
rh_status rh_chunk_list_end(rh_chunk_list *list, rh_error *err) RH_MUST_CHECK;

/**
 * Next run at *at of a list of len bytes; advances *at. RH_DONE at the end, RH_EFORMAT for
 * impossible numbers or a pack ordinal not below packs.
 */
rh_status rh_chunk_list_next(const uint8_t *data, size_t len, size_t *at, size_t packs,
                             rh_chunk_run *out, rh_error *err) RH_MUST_CHECK;

/** "ordinal:first+count"; count 0 is the empty list "". */
void rh_chunk_ref_format(const rh_chunk_run *run, char out[RH_CHUNK_REF_BYTES]);
rh_status rh_chunk_ref_parse(const char *text, size_t packs, rh_chunk_run *out,
                             rh_error *err) RH_MUST_CHECK;

#endif
