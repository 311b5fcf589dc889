/*
 * The parts of rh_repo_verify: what is known while it runs, and the steps in their order.
 *
 *   collect (manifests) -> packs (headers, tables, dictionaries) -> lists (references, counts)
 *                       -> data (every byte once, row hashes)
 *
 * Rows are never traced through a list one chunk at a time: each pack is read once, front to back,
 * and leaves one mark per chunk (good or bad, sum of its row hashes); then the lists are walked
 * over the marks. So a pack that thirty snapshots share is read once, and memory stays bounded: the
 * marks of at most VERIFY_GROUP_ENTRIES chunks exist at a time.
 */
#ifndef SNAPSHOT_VERIFY_H
#define SNAPSHOT_VERIFY_H

#include <stdatomic.h>
#include <stdbool.h>

#include <rehearse/repository.h>

#include "core/hash.h"
#include "damage.h"
#include "manifest.h"
#include "name_set.h"

/** One pack that some manifest names. */
typedef struct rh_verify_pack {
    bool bad;        /* missing or damaged as a whole; noted, and what it takes along */
    bool unread;     /* the same, found out only while its bytes were read */
    uint8_t engines; /* bit 1 << rh_engine_kind for each engine whose manifests name it */
    uint32_t entries;
    uint64_t bytes;    /* of the file */
    size_t first_mark; /* of its chunks among the marks, while its group is looked at */
} rh_verify_pack;

typedef enum rh_verify_state {
    RH_VERIFY_UNSEEN = 0,
    RH_VERIFY_GOOD,
    RH_VERIFY_FRAGMENT, /* content proved, but it is not whole rows */
    RH_VERIFY_BAD,
} rh_verify_state;

/** What the reading of one chunk gave. */
typedef struct rh_verify_mark {
    rh_u128 row_hash; /* sum over its rows; a long row counts at its last piece */
    atomic_uchar state;
    atomic_bool reported; /* bad, and named by the table that it belongs to */
} rh_verify_mark;

typedef struct rh_verify_table {
    rh_u128 row_hash; /* so far */
    bool incomplete;  /* something is missing; noted, so its hash is not compared */
    size_t first_range;
} rh_verify_table;

typedef struct rh_verify_snapshot {
    const char *id;
    bool bad; /* no manifest to work with; noted */
    rh_verify_table *tables;
    size_t table_count;
    uint8_t *odd; /* per range: its long rows lie scattered, so it is read on its own */
} rh_verify_snapshot;

typedef struct rh_verify {
    rh_repo *repo;
    rh_verify_level level;
    size_t jobs;
    bool can_read;
    bool all; /* every snapshot, not a chosen one */
    rh_damage *damage;
    char **ids;
    rh_verify_snapshot *snapshots;
    size_t snapshot_count;
    rh_name_set names;       /* of packs; sorted after collect, packs[i] belongs to names[i] */
    rh_name_set names_of[3]; /* by rh_engine_kind, while collecting */
    rh_name_set dicts;       /* "<id>:<hash>" */
    rh_verify_pack *packs;
    rh_verify_mark *marks; /* of the packs [group_from, group_to) */
    size_t group_from;
    size_t group_to;
    bool last_group;
    atomic_size_t next; /* work item of the step at hand */
    atomic_ullong chunks;
    atomic_ullong bytes;
    /* the walk over one manifest */
    rh_verify_snapshot *snapshot;
    const rh_manifest *manifest;
    size_t *pack_of; /* index in packs by the manifest's ordinal */
} rh_verify;

enum { VERIFY_GROUP_ENTRIES = 512 * 1024 };

/** Read all manifests, note the damaged ones, gather packs and dictionaries (verify_collect.c). */
rh_status rh_verify_collect(rh_verify *v, rh_error *err) RH_MUST_CHECK;

/** Packs and dictionaries: that they are there, and from level packs on that headers and tables
 * are whole (verify_packs.c). */
rh_status rh_verify_packs(rh_verify *v, rh_error *err) RH_MUST_CHECK;

/** Lists and sections: every reference stands, counts agree (verify_lists.c). */
rh_status rh_verify_lists(rh_verify *v, rh_error *err) RH_MUST_CHECK;

/** All bytes (verify_data.c). */
rh_status rh_verify_data(rh_verify *v, rh_error *err) RH_MUST_CHECK;

/** Run step for each manifest that can be read, with snapshot, manifest and pack_of set. */
typedef rh_status (*rh_verify_step)(rh_verify *v, rh_error *err);
rh_status rh_verify_each(rh_verify *v, rh_verify_step step, rh_error *err) RH_MUST_CHECK;

/** Threads for a step of count work items; at least 1. */
size_t rh_verify_threads(const rh_verify *v, size_t count);

#endif
