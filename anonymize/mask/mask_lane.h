/*
 * What a mask is made of, for the files that apply it: the tree of nodes, and lanes with what nodes
 * need to compute. A lane belongs to the thread that took it, until it is given back.
 */
#ifndef RH_MASK_LANE_H
#define RH_MASK_LANE_H

#include <stdatomic.h>

#include "mask_memo.h"
#include "mask_node.h"
#include "shape.h"

enum { LANES = 32, LANE_BYTES = 64 };

struct mask_lane {
    const rh_mask *mask;
    void **states;         /* by slot */
    shape_engine **shapes; /* by slot; NULL until a value needs it */
    mask_memo *memo;       /* of the root; NULL until many values come */
    _Atomic uint64_t values;
    _Atomic uint64_t invalid;
    _Atomic uint64_t unmatched;
};

typedef struct lane_slot {
    atomic_flag busy;
    mask_lane *lane;
    char apart[LANE_BYTES - 2 * sizeof(void *)]; /* a cache line each */
} lane_slot;

struct rh_mask {
    rh_arena *arena;
    rh_mask_key key;
    mask_node **nodes;
    size_t node_count;
    mask_node *root;
    size_t *reads;
    size_t read_count;
    lane_slot *lanes; /* LANES; what calls change, each locked by its user */
};

/* A free lane's index; at worst wait for one. RH_ENOMEM and what opening a node may say. */
rh_status mask_lane_take(const rh_mask *mask, size_t *out, rh_error *err);
void mask_lane_give(const rh_mask *mask, size_t index);
void mask_lane_free(mask_lane *lane);

/* Only the lane's owner writes: no read-modify-write is needed. */
static inline void lane_count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* False: the image is too wide for the column. */
bool mask_fits_width(const mask_node *node, const rh_field *value);

#endif
