/* Ranges and multiranges of PostgreSQL: [a,b), {[a,b),(c,)}. */
#include <string.h>

#include "inner.h"
#include "kinds.h"
#include "pgtext_parts.h"

static rh_status compile_range(mask_compiler *c, mask_node *node, rh_error *err)
{
    mask_node *inner = node->data;
    rh_status status = RH_OK;

    if (inner == NULL) {
        const mask_place inside = node->place.element == NULL
                                      ? mask_place_inside(&node->place)
                                      : mask_place_of_type(&node->place, node->place.element);

        status = inner_read(c, node, "bound", NULL, &inside, &inner, err);
        node->data = inner;
    }
    if (status != RH_OK)
        return status;
    inner_limits_outer(node, inner);
    if ((inner->keeps & RH_KEEPS_ORDER) != 0)
        return RH_OK;
    return param_error(c, node->parameters, "bound", err,
                       "mask '%s' does not fit '%s' of type '%s': the bounds of a range need a "
                       "mask that keeps their order",
                       inner->ops->kind.name, node->place.name, node->place.type_name);
}

static rh_status read_bound(pgtext_reader *r, const mask_node *mask, const char *ends)
{
    pgtext_part p;
    rh_field value;
    rh_status status = pgtext_read_part(r, ends, &p);

    if (status != RH_OK || (p.len == 0 && !p.quoted)) /* no bound */
        return status;
    status = pgtext_mask_part(r, mask, &p, &value);
    if (status != RH_OK || value.kind == RH_FIELD_NULL)
        return status;
    return pgtext_put_plain(r, (const char *)value.data, value.len, "()[],\"\\ \t\n\r\v\f");
}

static rh_status read_range(pgtext_reader *r, const mask_node *mask)
{
    rh_status status = RH_OK;

    if (r->len - r->at >= 5 && memcmp(r->text + r->at, "empty", 5) == 0) {
        for (int i = 0; i < 5 && status == RH_OK; i++)
            status = pgtext_pass(r);
        return status;
    }
    if (!pgtext_at(r, '[') && !pgtext_at(r, '('))
        return RH_SKIPPED;
    status = pgtext_pass(r);
    if (status == RH_OK)
        status = read_bound(r, mask, ",");
    if (status == RH_OK)
        status = pgtext_pass(r);
    if (status == RH_OK)
        status = read_bound(r, mask, ")]");
    return status == RH_OK ? pgtext_pass(r) : status;
}

static rh_status apply_range(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    pgtext_reader r;

    (void)state;
    if (!pgtext_begin(&r, value, call, err))
        return RH_SKIPPED;
    return pgtext_end(&r, read_range(&r, node->data), value);
}

static rh_status apply_multirange(const mask_node *node, void *state, mask_call *call,
                                  rh_field *value, rh_error *err)
{
    pgtext_reader r;
    rh_status status;

    (void)state;
    if (!pgtext_begin(&r, value, call, err) || !pgtext_at(&r, '{'))
        return RH_SKIPPED;
    status = pgtext_pass(&r);
    while (status == RH_OK && !pgtext_at(&r, '}')) {
        status = read_range(&r, node->data);
        if (status == RH_OK && !pgtext_at(&r, '}'))
            status = pgtext_at(&r, ',') ? pgtext_pass(&r) : RH_SKIPPED;
    }
    if (status == RH_OK)
        status = pgtext_pass(&r);
    return pgtext_end(&r, status, value);
}

static const char *const range_parameters[] = {"bound", NULL};

const mask_ops mask_ops_range = {
    .kind = {"range", KEEPS_PERMUTED,
             "which bounds are missing or belong to the range, and what the mask of the bounds "
             "leaks",
             range_parameters},
    .fits = FITS_TEXT | FIT(RANGE),
    .flags = OPS_CONTAINER,
    .compile = compile_range,
    .apply = apply_range,
};

const mask_ops mask_ops_multirange = {
    .kind = {"multirange", KEEPS_PERMUTED,
             "number of ranges, which bounds are missing or belong to them, and what the mask of "
             "the bounds leaks",
             range_parameters},
    .fits = FITS_TEXT | FIT(MULTIRANGE),
    .flags = OPS_CONTAINER,
    .compile = compile_range,
    .apply = apply_multirange,
};
