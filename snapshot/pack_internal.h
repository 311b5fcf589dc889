/*
 * The open pack as its reader and its decoder see it.
 */
#ifndef SNAPSHOT_PACK_INTERNAL_H
#define SNAPSHOT_PACK_INTERNAL_H

#include "pack_reader.h"

struct rh_pack {
    const rh_repo *repo;
    char *name;
    int fd;
    uint64_t bytes;
    rh_pack_header header;
    rh_pack_table table;
    bool has_key;
    uint8_t key[RH_SEAL_KEY_BYTES]; /* of a sealed pack, when the secret key is at hand */
};

#endif
