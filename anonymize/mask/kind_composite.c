/* Composites of PostgreSQL: (a,"b c",), fields by position. */
#include <string.h>

#include "inner.h"
#include "kinds.h"
#include "pgtext_parts.h"

enum { MAX_FIELDS = 1600 };

typedef struct composite_data {
    const mask_node **fields; /* by position; NULL: copied */
    size_t count;
} composite_data;

static rh_status compile_composite(mask_compiler *c, mask_node *node, rh_error *err)
{
    json_t *fields = json_object_get(node->parameters, "fields");
    const mask_place inside = mask_place_inside(&node->place);
    composite_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    const char *key;
    json_t *value;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    node->passes = true;
    if (!json_is_object(fields) || json_object_size(fields) == 0)
        return param_error(c, node->parameters, "fields", err,
                           "mask 'composite' needs 'fields': positions from 1 on and their masks");
    json_object_foreach(fields, key, value)
    {
        const inner_mask inner = {fields, key, key, &inside};
        mask_node *mask = NULL;
        size_t position = 0;
        rh_status status;

        for (const char *p = key; is_digit(*p) && position <= MAX_FIELDS; p++)
            position = position * 10 + (size_t)(*p - '0');
        if (position < 1 || position > MAX_FIELDS || strspn(key, "0123456789") != strlen(key))
            return param_error(c, fields, key, err, "'%s' is no position of a field", key);
        if (position > data->count) {
            const mask_node **grown = rh_arena_array(c->arena, position, sizeof *grown);

            if (grown == NULL)
                return rh_error_oom(err);
            if (data->count > 0)
                memcpy(grown, data->fields, data->count * sizeof *grown);
            data->fields = grown;
            data->count = position;
        }
        status = mask_compile_inner(c, node, &inner, &mask, err);
        if (status != RH_OK)
            return status;
        inner_limits_outer(node, mask);
        data->fields[position - 1] = mask;
    }
    return RH_OK;
}

static rh_status apply_composite(const mask_node *node, void *state, mask_call *call,
                                 rh_field *value, rh_error *err)
{
    const composite_data *data = node->data;
    pgtext_reader r;
    rh_status status;

    (void)state;
    if (!pgtext_begin(&r, value, call, err) || !pgtext_at(&r, '('))
        return RH_SKIPPED;
    status = pgtext_pass(&r);
    for (size_t i = 0; status == RH_OK; i++) {
        const mask_node *mask = i < data->count ? data->fields[i] : NULL;
        pgtext_part p;
        rh_field field;

        status = pgtext_read_part(&r, ",)", &p);
        if (status == RH_OK && (p.len > 0 || p.quoted)) { /* nothing at all is NULL */
            status = pgtext_mask_part(&r, mask, &p, &field);
            if (status == RH_OK && field.kind != RH_FIELD_NULL)
                status = field.len == 0 ? pgtext_put_quoted(&r, "", 0)
                                        : pgtext_put_plain(&r, (const char *)field.data, field.len,
                                                           "(),\"\\ \t\n\r\v\f");
        }
        if (status != RH_OK || pgtext_at(&r, ')'))
            break;
        status = pgtext_pass(&r);
    }
    if (status == RH_OK)
        status = pgtext_pass(&r);
    return pgtext_end(&r, status, value);
}

static const char *const composite_parameters[] = {"fields", NULL};

const mask_ops mask_ops_composite = {
    .kind = {"composite", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "the fields that are not named, and what the masks of the others leak",
             composite_parameters},
    .fits = FITS_TEXT | FIT(OTHER),
    .flags = OPS_CONTAINER,
    .compile = compile_composite,
    .apply = apply_composite,
};
