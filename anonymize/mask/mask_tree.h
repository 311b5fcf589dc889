/*
 * Between mask.c (life and calls) and compile.c (from rules to nodes).
 */
#ifndef RH_MASK_TREE_H
#define RH_MASK_TREE_H

#include "mask_node.h"

/* Number the node and take note of it; its memory is the arena's. */
rh_status mask_tree_add(rh_mask *mask, mask_node *node, rh_error *err);
/* Note that the mask reads another column. */
rh_status mask_tree_read(rh_mask *mask, size_t column, rh_error *err);
/* The place that the request's column is; names are copied into the arena. */
rh_status mask_place_of_column(mask_compiler *c, mask_place *out, rh_error *err);

#endif
