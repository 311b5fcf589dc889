/*
 * What happens to values that do not have the form that their mask needs: an injective replacement
 * of the same kind, length and character classes, so that nothing raw passes.
 */
#ifndef RH_SHAPE_H
#define RH_SHAPE_H

#include "byte_engine.h"
#include "mask_node.h"
#include "text_engine.h"

/** Parts are opened when they are needed first. */
typedef struct shape_engine {
    text_engine *text;
    byte_engine *bytes;
    struct rh_int_perm *mantissa;
} shape_engine;

rh_status shape_open(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err);
void shape_close(void *shape);

/** Replace any value but NULL; same status codes as rh_mask_apply. */
rh_status shape_apply(const mask_node *node, const rh_mask_key *key, shape_engine *shape,
                      mask_call *call, rh_field *value, rh_error *err);

#endif
