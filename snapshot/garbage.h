/*
 * Files of a repository that no snapshot needs: unreferenced packs and dictionaries, and what
 * killed runs left half-written.
 *
 *   keep_pack, keep_dict, kept (as often as there are manifests) -> find -> delete -> done
 */
#ifndef SNAPSHOT_GARBAGE_H
#define SNAPSHOT_GARBAGE_H

#include <stdint.h>

#include <rehearse/repository.h>

#include "name_set.h"

/** One file, or one directory with all that is in it. */
typedef struct rh_garbage_file {
    char *path;
    uint64_t bytes;
} rh_garbage_file;

/** Start with all zeroes. */
typedef struct rh_garbage {
    rh_name_set packs; /* that stay */
    rh_name_set dicts;
    rh_garbage_file *files; /* that go */
    size_t count;
    size_t cap;
    uint64_t bytes; /* of those files */
    size_t packs_removed;
    size_t packs_waiting; /* unreferenced, but too young */
} rh_garbage;

/** A snapshot that stays needs this. */
rh_status rh_garbage_keep_pack(rh_garbage *garbage, const char *name, rh_error *err) RH_MUST_CHECK;
rh_status rh_garbage_keep_dict(rh_garbage *garbage, uint32_t id, rh_error *err) RH_MUST_CHECK;

/** After one manifest's: keeps the memory in bounds; needed before find. */
void rh_garbage_kept(rh_garbage *garbage);

/** Gather what goes; changes nothing on disk. Files younger than grace_us stay. */
rh_status rh_garbage_find(rh_garbage *garbage, rh_repo *repo, int64_t grace_us,
                          rh_error *err) RH_MUST_CHECK;

/** Delete what was found. The repository must be held alone. */
rh_status rh_garbage_delete(const rh_garbage *garbage, rh_repo *repo, rh_error *err) RH_MUST_CHECK;
void rh_garbage_done(rh_garbage *garbage);

#endif
