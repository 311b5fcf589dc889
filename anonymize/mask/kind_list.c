/*
 * list: texts with separators between items, each masked by an inner mask; and how all masks read
 * their inner one.
 */
#include <string.h>

#include "field_text.h"
#include "inner.h"
#include "kinds.h"

rh_status inner_read(mask_compiler *c, mask_node *outer, const char *key, const char *by_default,
                     const mask_place *place, mask_node **out, rh_error *err)
{
    const inner_mask inner = {outer->parameters, key, NULL, place};
    rh_status status;

    if (json_object_get(outer->parameters, key) != NULL)
        status = mask_compile_inner(c, outer, &inner, out, err);
    else if (by_default != NULL)
        status = mask_compile_node(c, by_default, NULL, outer->domain, place, out, err);
    else
        return param_error(c, outer->parameters, "mask", err, "mask '%s' needs '%s'",
                           outer->ops->kind.name, key);
    if (status == RH_OK)
        inner_limits_outer(outer, *out);
    return status;
}

typedef struct list_data {
    const char *separator;
    size_t len;
    mask_node *item;
} list_data;

static rh_status compile_list(mask_compiler *c, mask_node *node, rh_error *err)
{
    list_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    const mask_place inside = mask_place_inside(&node->place);
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->separator = " ";
    status = param_text(c, node, "separator", &data->separator, err);
    if (status != RH_OK)
        return status;
    data->len = strlen(data->separator);
    if (data->len == 0)
        return param_error(c, node->parameters, "separator", err, "'separator' must not be empty");
    return inner_read(c, node, "item", NULL, &inside, &data->item, err);
}

static rh_status append_item(const list_data *data, mask_call *call, const char *text, size_t len,
                             arena_text *out, rh_error *err)
{
    rh_field item;
    rh_status status;
    char number[FIELD_NUMBER_BYTES];

    if (len == 0)
        return RH_OK;
    field_set_text(&item, text, len);
    status = mask_node_apply(data->item, call, &item, err);
    if (status != RH_OK || !field_text(&item, number, &text, &len)) /* NULL: an empty item */
        return status;
    return arena_text_add(out, text, len, err);
}

static rh_status apply_list(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    const list_data *data = node->data;
    const char *text = (const char *)value->data;
    arena_text out = {.arena = call->scratch};
    size_t from = 0;
    rh_status status = RH_OK;

    (void)state;
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    for (size_t at = 0; at < value->len && status == RH_OK;) {
        if (value->len - at < data->len || memcmp(text + at, data->separator, data->len) != 0) {
            at++;
            continue;
        }
        status = append_item(data, call, text + from, at - from, &out, err);
        if (status == RH_OK)
            status = arena_text_add(&out, data->separator, data->len, err);
        at += data->len;
        from = at;
    }
    if (status == RH_OK)
        status = append_item(data, call, text + from, value->len - from, &out, err);
    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

static const char *const list_parameters[] = {"separator", "item", NULL};

const mask_ops mask_ops_list = {
    .kind = {"list", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "number and order of the items, and what the mask of the items leaks",
             list_parameters},
    .fits = FITS_TEXT,
    .flags = OPS_CONTAINER,
    .compile = compile_list,
    .apply = apply_list,
};
