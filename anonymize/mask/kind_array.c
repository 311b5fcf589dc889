/* Arrays of PostgreSQL: {a,"b c",NULL}, nested, with bounds or without. */
#include <string.h>

#include "inner.h"
#include "kinds.h"
#include "pgtext_parts.h"

enum { MAX_DIMENSIONS = 16 };

static rh_status put_element(pgtext_reader *r, const rh_field *value)
{
    const char *text = (const char *)value->data;

    if (value->kind == RH_FIELD_NULL)
        return arena_text_add(&r->out, "NULL", 4, r->err);
    if (value->len == 0 || pgtext_is_word(text, value->len, "null"))
        return pgtext_put_quoted(r, text, value->len);
    return pgtext_put_plain(r, text, value->len, "{},\"\\ \t\n\r\v\f");
}

static rh_status read_elements(pgtext_reader *r, const mask_node *mask, unsigned depth)
{
    rh_status status = pgtext_pass(r); /* the brace */

    if (depth == MAX_DIMENSIONS)
        return RH_SKIPPED;
    if (status == RH_OK && pgtext_at(r, '}'))
        return pgtext_pass(r);
    while (status == RH_OK) {
        pgtext_part p;
        rh_field value = {.kind = RH_FIELD_NULL};

        if (pgtext_at(r, '{')) {
            status = read_elements(r, mask, depth + 1);
        } else {
            status = pgtext_read_part(r, ",}", &p);
            if (status == RH_OK && (p.quoted || !pgtext_is_word(p.text, p.len, "null")))
                status = pgtext_mask_part(r, mask, &p, &value);
            if (status == RH_OK)
                status = put_element(r, &value);
        }
        if (status != RH_OK || pgtext_at(r, '}'))
            break;
        if (!pgtext_at(r, ','))
            return RH_SKIPPED;
        status = pgtext_pass(r);
    }
    return status == RH_OK ? pgtext_pass(r) : status;
}

static rh_status compile_array(mask_compiler *c, mask_node *node, rh_error *err)
{
    mask_place inside;
    mask_node *inner = node->data; /* set when a mask of single values was put on an array */

    if (inner == NULL) {
        inside = node->place.element == NULL
                     ? mask_place_inside(&node->place)
                     : mask_place_of_type(&node->place, node->place.element);
        rh_status status = inner_read(c, node, "element", NULL, &inside, &inner, err);

        if (status != RH_OK)
            return status;
        node->data = inner;
    }
    inner_limits_outer(node, inner);
    return RH_OK;
}

static rh_status apply_array(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    pgtext_reader r;
    rh_status status = RH_OK;

    (void)state;
    if (!pgtext_begin(&r, value, call, err))
        return RH_SKIPPED;
    if (pgtext_at(&r, '[')) { /* bounds: [0:2]={...} */
        while (r.at < r.len && r.text[r.at] != '{' && status == RH_OK)
            status = is_digit(r.text[r.at]) || strchr("[]:-=+", r.text[r.at]) != NULL
                         ? pgtext_pass(&r)
                         : RH_SKIPPED;
    }
    if (status == RH_OK)
        status = pgtext_at(&r, '{') ? read_elements(&r, node->data, 0) : RH_SKIPPED;
    return pgtext_end(&r, status, value);
}

static const char *const array_parameters[] = {"element", NULL};

const mask_ops mask_ops_array = {
    .kind = {"array", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "number, order and nulls of the elements, and what the mask of the elements leaks",
             array_parameters},
    .fits = FITS_TEXT | FIT(ARRAY),
    .flags = OPS_CONTAINER,
    .compile = compile_array,
    .apply = apply_array,
};
