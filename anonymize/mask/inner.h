/*
 * What masks that look inside of values share: inner masks and what they keep together.
 */
#ifndef RH_INNER_H
#define RH_INNER_H

#include "mask_node.h"

/** The outer mask keeps equality, uniqueness and frequency as far as the inner one does. */
static inline void inner_limits_outer(mask_node *outer, const mask_node *inner)
{
    const unsigned shared =
        RH_KEEPS_UNIQUE | RH_KEEPS_EQUALITY | RH_KEEPS_FREQUENCY | RH_KEEPS_WIDTH | RH_KEEPS_CLASS;

    outer->keeps &= ~shared | inner->keeps;
}

/** The inner mask of one parameter (kind by default when it is not there; NULL default: needed). */
rh_status inner_read(mask_compiler *c, mask_node *outer, const char *key, const char *by_default,
                     const mask_place *place, mask_node **out, rh_error *err);

#endif
