/*
 * Inside of a snapshot run's write side, shared by the store_*.c files.
 *
 * Locking: `lock` guards the growing arrays and the tables' dictionaries; everything else is either
 * set up by rh_store_begin and constant, or belongs to one stream.
 */
#ifndef SNAPSHOT_STORE_INTERNAL_H
#define SNAPSHOT_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "chunk_list.h"
#include "dictionary.h"
#include "manifest.h"
#include "pack_format.h"
#include "pack_writer.h"
#include "repo.h"
#include "store.h"
#include "syncer.h"

enum {
    RH_PACK_TARGET_BYTES = 32 * 1024 * 1024, /* a pack is closed when it is that long */
    RH_STORE_PIECE_BYTES = 64 * 1024,        /* of lists and sections */
};

/* ---- packs of the new manifest ---- */

/** One pack that the new manifest references; its position is its ordinal. */
typedef struct store_pack {
    char name[RH_REPO_PACK_NAME_BYTES]; /* "" while it is being written */
    uint64_t bytes;
} store_pack;

typedef struct store_packs {
    store_pack *items;
    size_t count;
    size_t cap;
    uint32_t *index; /* open addressing by name: ordinal + 1, 0 = free */
    size_t index_size;
} store_packs;

/* ---- chunks of killed runs ---- */

typedef struct store_orphan {
    rh_pack_span span;
    uint32_t pack; /* into orphan_names */
} store_orphan;

/* ---- dictionaries ---- */

enum store_dict_state {
    STORE_DICT_OPEN,     /* nobody decided yet */
    STORE_DICT_TRAINING, /* one stream collects rows */
    STORE_DICT_DECIDED,  /* id says which; 0 = none */
};

/** What the run knows about one table. */
typedef struct store_table {
    atomic_int state;            /* enum store_dict_state; written under lock */
    uint32_t dictionary;         /* valid once decided */
    const rh_stored_table *last; /* last night's, or NULL */
    uint8_t key[RH_PACK_SPAN_KEY_BYTES];
} store_table;

typedef struct open_pack open_pack;

/** A dictionary that some referenced pack uses. */
typedef struct store_used_dict {
    uint32_t id;
    rh_id hash;
    uint64_t bytes;
} store_used_dict;

struct rh_store {
    rh_repo *repo;
    rh_rows_format format;
    char lineage[33];
    uint8_t span_key[RH_ID_KEY_BYTES];
    char *run_dir; /* tmp/<run> */
    rh_manifest *last;
    char (*orphan_names)[RH_REPO_PACK_NAME_BYTES];
    size_t orphan_name_count;
    store_orphan *orphans; /* sorted by table key */
    size_t orphan_count;
    size_t orphan_cap;
    rh_syncer *syncer;
    atomic_ullong new_bytes;
    atomic_uint next_file; /* names in run_dir */
    pthread_mutex_t lock;
    bool lock_made;
    store_packs packs;
    store_table **tables; /* by rh_table.index; NULL until first used */
    size_t table_count;
    store_used_dict *dicts;
    size_t dict_count;
    size_t dict_cap;
    rh_pack_encoder *encoder; /* of rh_store_object */
    open_pack *objects;
    open_pack *lists;
};

/** A pack that some stream is writing. */
struct open_pack {
    rh_pack_writer *writer; /* NULL: slot is free */
    uint32_t ordinal;
    const rh_dict *dict; /* held */
    uint64_t used;       /* clock of the last use */
};

/** Where a chunk stands. */
typedef struct chunk_ref {
    uint32_t pack; /* ordinal in the new manifest */
    uint32_t entry;
} chunk_ref;

/* store.c */
rh_status rh_store_reserve_pack(rh_store *store, uint32_t *out_ordinal,
                                rh_error *err) RH_MUST_CHECK;
/** Ordinal of a pack that stands in the repository already; its dictionary is noted too.
 * RH_SKIPPED: it cannot be used. */
rh_status rh_store_refer_pack(rh_store *store, const char *name, uint32_t *out_ordinal,
                              rh_error *err) RH_MUST_CHECK;
rh_status rh_store_note_dict(rh_store *store, const rh_dict *dict, rh_error *err) RH_MUST_CHECK;

/** The same by id, for dictionaries of earlier runs. */
rh_status rh_store_note_old_dict(rh_store *store, uint32_t id, rh_error *err) RH_MUST_CHECK;

/* store_orphans.c */
rh_status rh_store_find_orphans(rh_store *store, rh_error *err) RH_MUST_CHECK;

/* store_table.c */
rh_status rh_store_table(rh_store *store, const rh_table *table, store_table **out,
                         rh_error *err) RH_MUST_CHECK;
/** True when the caller became the one who trains. */
bool rh_store_table_claim(rh_store *store, store_table *table);
void rh_store_table_decide(rh_store *store, store_table *table, uint32_t dictionary);
void rh_store_table_release(rh_store *store, store_table *table);

/* store_pack.c */
rh_status rh_open_pack_begin(rh_store *store, open_pack *pack, const rh_dict *dict, bool in_clear,
                             rh_error *err) RH_MUST_CHECK;
bool rh_open_pack_full(const open_pack *pack);
/** Complete it and hand it to the syncer; the slot is free afterwards, also on failure. */
rh_status rh_open_pack_end(rh_store *store, open_pack *pack, rh_error *err) RH_MUST_CHECK;
void rh_open_pack_discard(rh_store *store, open_pack *pack);
/** A list's bytes as consecutive list chunks of pack (opened when free). */
rh_status rh_open_pack_list(rh_store *store, open_pack *pack, rh_pack_encoder *encoder,
                            const rh_buf *list, rh_chunk_run *out, rh_error *err) RH_MUST_CHECK;

#endif
