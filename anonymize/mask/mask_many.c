/*
 * Many values of one column at a time: what a memo knows is answered from it, the rest goes through
 * the root's apply_many where its kind has one, else value by value. rh_mask_apply is the
 * definition; whatever is odd about a value (keep list, no room, not of the form) is left to it.
 */
#include <string.h>

#include "mask_lane.h"

/* Values that wait for their images. */
typedef struct waiting {
    rh_field *place[MASK_MANY];
    rh_field image[MASK_MANY];
    bool done[MASK_MANY];
    size_t count;
} waiting;

typedef struct many {
    const rh_mask *mask;
    mask_lane *lane;
    rh_arena *scratch;
    bool remembers;
    bool groups; /* the root has apply_many, and nothing stands in its way */
} many;

static void remember(const many *m, const rh_field *raw, const rh_field *image)
{
    if (m->remembers && raw->kind == RH_FIELD_TEXT && image->kind == RH_FIELD_TEXT)
        mask_memo_put(m->lane->memo, (const char *)raw->data, raw->len, (const char *)image->data,
                      image->len);
}

/* RH_SKIPPED: not known. */
static rh_status recall(const many *m, rh_field *value, rh_error *err)
{
    size_t len = 0;
    const char *image = NULL;
    char *copy;

    if (m->remembers && value->kind == RH_FIELD_TEXT)
        image = mask_memo_get(m->lane->memo, (const char *)value->data, value->len, &len);
    if (image == NULL)
        return RH_SKIPPED;
    copy = rh_arena_alloc(m->scratch, len);
    if (copy == NULL)
        return rh_error_oom(err);
    memcpy(copy, image, len);
    value->data = (const uint8_t *)copy;
    value->len = len;
    return RH_OK;
}

static rh_status apply_one(const many *m, rh_field *value, rh_error *err)
{
    mask_lane *lane = m->lane;
    mask_call call = {.scratch = m->scratch, .lane = lane};
    uint64_t odd = lane->invalid + lane->unmatched;
    const rh_field raw = *value;
    rh_status status = mask_node_apply(m->mask->root, &call, value, err);

    /* What is counted has to be counted again next time. */
    if (status == RH_OK && odd == lane->invalid + lane->unmatched)
        remember(m, &raw, value);
    return status;
}

static rh_status apply_group(const many *m, waiting *w, rh_error *err)
{
    const mask_node *root = m->mask->root;
    mask_call call = {.scratch = m->scratch, .lane = m->lane};
    rh_status status;

    for (size_t i = 0; i < w->count; i++) {
        w->image[i] = *w->place[i];
        w->done[i] = false;
    }
    status = root->ops->apply_many(root, m->lane->states[root->slot], &call, w->image, w->done,
                                   w->count, err);
    for (size_t i = 0; i < w->count && status == RH_OK; i++) {
        if (!w->done[i] || !mask_fits_width(root, &w->image[i])) {
            status = apply_one(m, w->place[i], err);
            continue;
        }
        remember(m, w->place[i], &w->image[i]);
        *w->place[i] = w->image[i];
    }
    w->count = 0;
    return status;
}

static rh_status apply_any(const many *m, rh_field *value, waiting *w, rh_error *err)
{
    rh_status status;

    if (value->kind == RH_FIELD_UNREAD)
        return RH_OK;
    if (value->kind == RH_FIELD_NULL)
        return apply_one(m, value, err);
    lane_count(&m->lane->values);
    status = recall(m, value, err);
    if (status != RH_SKIPPED)
        return status;
    if (!m->groups)
        return apply_one(m, value, err);
    w->place[w->count++] = value;
    return w->count == MASK_MANY ? apply_group(m, w, err) : RH_OK;
}

rh_status rh_mask_apply_many(const rh_mask *mask, rh_field *first, size_t stride, size_t count,
                             rh_arena *scratch, rh_error *err)
{
    const mask_node *root = mask->root;
    waiting w = {.count = 0};
    many m = {.mask = mask, .scratch = scratch};
    size_t index;
    rh_status status;

    if (mask->read_count > 0)
        return rh_error_set(err, RH_EUSAGE, "a mask that reads other columns takes single values");
    status = mask_lane_take(mask, &index, err);
    if (status != RH_OK)
        return status;
    m.lane = mask->lanes[index].lane;
    m.remembers = (root->ops->flags & OPS_WHOLE) == 0;
    m.groups = root->ops->apply_many != NULL && root->keep_count == 0 && !root->place.padded;
    if (m.remembers && m.lane->memo == NULL)
        status = mask_memo_new(&m.lane->memo, err);
    for (size_t i = 0; i < count && status == RH_OK; i++)
        status = apply_any(&m, first + i * stride, &w, err);
    if (status == RH_OK && w.count > 0)
        status = apply_group(&m, &w, err);
    mask_lane_give(mask, index);
    return status;
}
