/*
 * A compiled mask: its tree, its lanes, and one call.
 *
 * Invariants: after rh_mask_compile nothing but lanes and counters changes. A lane is used by the
 * thread that set its `busy`. A lane's states are made when it is used first.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "field_text.h"
#include "kinds.h"
#include "mask_lane.h"
#include "mask_tree.h"
#include "shape.h"

enum { MAX_STEPS = 100000 };

/* ---- tree ---- */

rh_status mask_tree_add(rh_mask *mask, mask_node *node, rh_error *err)
{
    mask_node **grown = rh_mem_rearray(mask->nodes, mask->node_count + 1, sizeof(mask_node *));

    if (grown == NULL)
        return rh_error_oom(err);
    mask->nodes = grown;
    node->slot = mask->node_count;
    mask->nodes[mask->node_count++] = node;
    return RH_OK;
}

rh_status mask_tree_read(rh_mask *mask, size_t column, rh_error *err)
{
    for (size_t i = 0; i < mask->read_count; i++) {
        if (mask->reads[i] == column)
            return RH_OK;
    }

    size_t *grown = rh_mem_rearray(mask->reads, mask->read_count + 1, sizeof(size_t));

    if (grown == NULL)
        return rh_error_oom(err);
    mask->reads = grown;
    mask->reads[mask->read_count++] = column;
    return RH_OK;
}

/* ---- life ---- */

void rh_mask_free(rh_mask *mask)
{
    if (mask == NULL)
        return;
    for (size_t i = 0; mask->lanes != NULL && i < LANES; i++)
        mask_lane_free(mask->lanes[i].lane);
    rh_mem_free(mask->lanes);
    for (size_t i = 0; i < mask->node_count; i++) {
        if (mask->nodes[i]->ops->release != NULL)
            mask->nodes[i]->ops->release(mask->nodes[i]);
    }
    rh_mem_free(mask->nodes);
    rh_mem_free(mask->reads);
    rh_arena_free(mask->arena);
    rh_mem_wipe_free(mask, sizeof *mask);
}

static rh_status compile_root(mask_compiler *c, rh_mask *mask, rh_error *err)
{
    const rh_mask_request *request = c->request;
    mask_place place;
    const char *domain = request->domain;
    rh_status status = mask_place_of_column(c, &place, err);

    if (status != RH_OK)
        return status;
    if (domain == NULL)
        domain = place.name;
    return mask_compile_node(c, request->kind, request->parameters, domain, &place, &mask->root,
                             err);
}

rh_status rh_mask_compile(const rh_mask_request *request, rh_mask **out, rh_error *err)
{
    rh_mask *mask = rh_mem_zalloc(sizeof *mask);
    mask_compiler c = {.request = request, .mask = mask};
    rh_status status = RH_OK;

    if (mask == NULL)
        return rh_error_oom(err);
    mask->key = *request->key;
    mask->arena = rh_arena_new_wiping(1024);
    mask->lanes = rh_mem_array(LANES, sizeof(lane_slot));
    if (mask->arena == NULL || mask->lanes == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    for (size_t i = 0; i < LANES; i++)
        atomic_flag_clear(&mask->lanes[i].busy);
    c.arena = mask->arena;
    status = compile_root(&c, mask, err);
    if (status != RH_OK)
        goto out;
    for (size_t i = 0; i < mask->node_count; i++)
        mask->nodes[i]->parameters = NULL;

    size_t lane;

    status = mask_lane_take(mask, &lane, err); /* so that keys and options are tried out now */
    if (status != RH_OK)
        goto out;
    mask_lane_give(mask, lane);
    *out = mask;
    mask = NULL;
out:
    rh_mask_free(mask);
    return status;
}

const char *rh_mask_keeps_word(size_t bit)
{
    static const char *const WORDS[RH_KEEPS_COUNT] = {"equality", "unique", "frequency", "order",
                                                      "prefix",   "width",  "nulls",     "class",
                                                      "shape",    "value"};

    return WORDS[bit];
}

unsigned rh_mask_keeps(const rh_mask *mask)
{
    return mask->root->keeps;
}

const char *rh_mask_leaks(const rh_mask *mask)
{
    return mask->root->leaks;
}

bool rh_mask_may_pass(const rh_mask *mask)
{
    for (size_t i = 0; i < mask->node_count; i++) {
        if (mask->nodes[i]->passes || mask->nodes[i]->invalid == INVALID_KEEP)
            return true;
    }
    return false;
}

rh_status rh_mask_each_kept(const rh_mask *mask,
                            rh_status (*visit)(void *ctx, const char *value, rh_error *err),
                            void *ctx, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < mask->node_count; i++) {
        const mask_node *node = mask->nodes[i];

        for (size_t k = 0; status == RH_OK && k < node->keep_count; k++)
            status = visit(ctx, node->keep[k], err);
    }
    return status;
}

const size_t *rh_mask_reads(const rh_mask *mask, size_t *out_count)
{
    *out_count = mask->read_count;
    return mask->reads;
}

void rh_mask_count(const rh_mask *mask, rh_mask_counts *out)
{
    *out = (rh_mask_counts){0, 0, 0};
    for (size_t i = 0; i < LANES; i++) {
        mask_lane *lane = mask->lanes[i].lane;

        if (lane == NULL)
            continue;
        out->values += atomic_load_explicit(&lane->values, memory_order_relaxed);
        out->invalid += atomic_load_explicit(&lane->invalid, memory_order_relaxed);
        out->unmatched += atomic_load_explicit(&lane->unmatched, memory_order_relaxed);
    }
}

/* ---- apply ---- */

void mask_count_unmatched(mask_call *call)
{
    lane_count(&call->lane->unmatched);
}

static bool is_kept(const mask_node *node, const rh_field *value)
{
    char number[FIELD_NUMBER_BYTES];
    const char *text;
    size_t len;
    size_t low = 0;
    size_t high = node->keep_count;

    if (high == 0 || !field_text(value, number, &text, &len))
        return false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *kept = node->keep[middle];
        int order = strncmp(text, kept, len);

        if (order == 0 && kept[len] == '\0')
            return true;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool mask_fits_width(const mask_node *node, const rh_field *value)
{
    return value->kind != RH_FIELD_TEXT || node->place.max_chars < 0 ||
           (int64_t)value->len <= node->place.max_chars ||
           (int64_t)utf8_count((const char *)value->data, value->len) <= node->place.max_chars;
}

/* One application; RH_SKIPPED when the value does not have the form, or its image no room. */
static rh_status run_ops(const mask_node *node, mask_call *call, rh_field *value, rh_error *err)
{
    rh_field image = *value;
    rh_status status = node->ops->apply(node, call->lane->states[node->slot], call, &image, err);

    if (status != RH_OK)
        return status;
    if (!mask_fits_width(node, &image))
        return RH_SKIPPED;
    *value = image;
    return RH_OK;
}

/* Replace by its like, until that does not have the form either: so no two values meet. */
static rh_status run_shape(const mask_node *node, mask_call *call, rh_field *value, rh_error *err)
{
    mask_lane *lane = call->lane;
    shape_engine **shape = &lane->shapes[node->slot];
    rh_status status = RH_OK;

    if (*shape == NULL) {
        void *opened = NULL;

        status = shape_open(node, &lane->mask->key, &opened, err);
        *shape = opened;
    }
    for (int steps = 0; status == RH_OK; steps++) {
        rh_field probe;

        if (steps == MAX_STEPS)
            return rh_error_set(err, RH_ELIMIT, "mask '%s' finds no like of a value of '%s'",
                                node->ops->kind.name, node->place.name);

        status = shape_apply(node, &lane->mask->key, *shape, call, value, err);
        probe = *value;
        if (status != RH_OK || is_kept(node, value) ||
            (node->ops->flags & (OPS_CONTAINER | OPS_WHOLE)) != 0)
            break;
        status = run_ops(node, call, &probe, err);
        if (status == RH_SKIPPED)
            return RH_OK;
    }
    return status;
}

static rh_status run_invalid(const mask_node *node, mask_call *call, rh_field *value, rh_error *err)
{
    /* A changed text would no longer be of the type; digits still make a number. */
    bool number =
        (node->ops->flags & OPS_CONTAINER) == 0 &&
        ((FITS_INTEGERS | FIT(NUMERIC) | FIT(FLOAT)) & (UINT32_C(1) << node->place.type)) != 0;
    bool typed = !number && (FITS_TEXT & (UINT32_C(1) << node->place.type)) == 0 &&
                 node->place.type != PLACE_BYTEA;

    lane_count(&call->lane->invalid);
    switch (typed && node->invalid == INVALID_SHAPE ? INVALID_ERROR : node->invalid) {
    case INVALID_KEEP:
        return RH_OK;
    case INVALID_NULL:
        value->kind = RH_FIELD_NULL;
        value->len = 0;
        return RH_OK;
    case INVALID_ERROR:
        (void)rh_error_set(err, RH_EFORMAT,
                           "a value of '%s' does not have the form that mask '%s' needs, or its "
                           "image no room there",
                           node->place.name, node->ops->kind.name);
        rh_error_hint(err,
                      "'invalid: keep-shape' or 'invalid: null' says what to do with such values");
        return RH_EFORMAT;
    default:
        return run_shape(node, call, value, err);
    }
}

rh_status mask_node_apply(const mask_node *node, mask_call *call, rh_field *value, rh_error *err)
{
    rh_status status = RH_OK;

    if (value->kind == RH_FIELD_UNREAD ||
        (value->kind == RH_FIELD_NULL && (node->ops->flags & OPS_NULLS) == 0))
        return RH_OK;
    if (value->kind == RH_FIELD_TEXT && node->place.padded) {
        while (value->len > 0 && value->data[value->len - 1] == ' ')
            value->len--;
    }
    if (is_kept(node, value))
        return RH_OK;
    do {
        status = run_ops(node, call, value, err);
        /* A permutation walks on; whole values have only one image. */
    } while (status == RH_OK && (node->ops->flags & OPS_WHOLE) == 0 && is_kept(node, value));
    return status == RH_SKIPPED ? run_invalid(node, call, value, err) : status;
}

const rh_mask_custom *rh_mask_custom_of(const rh_mask *mask)
{
    return mask->root->ops == &mask_ops_custom ? mask->root->data : NULL;
}

static rh_status apply_with(const rh_mask *mask, mask_call call, const rh_field *in, rh_field *out,
                            rh_error *err)
{
    rh_field value = *in;
    size_t index;
    rh_status status = mask_lane_take(mask, &index, err);

    if (status != RH_OK)
        return status;
    call.lane = mask->lanes[index].lane;
    if (value.kind != RH_FIELD_NULL && value.kind != RH_FIELD_UNREAD)
        lane_count(&call.lane->values);
    status = mask_node_apply(mask->root, &call, &value, err);
    mask_lane_give(mask, index);
    if (status == RH_OK)
        *out = value;
    return status;
}

rh_status rh_mask_apply(const rh_mask *mask, const rh_field *in, const rh_field *fields,
                        rh_arena *scratch, rh_field *out, rh_error *err)
{
    return apply_with(mask, (mask_call){.fields = fields, .scratch = scratch}, in, out, err);
}

rh_status rh_mask_answer(const rh_mask *mask, const rh_field *in, const rh_field *answer,
                         rh_arena *scratch, rh_field *out, rh_error *err)
{
    return apply_with(mask, (mask_call){.scratch = scratch, .answer = answer}, in, out, err);
}
