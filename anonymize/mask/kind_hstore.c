/* hstore of PostgreSQL: "key"=>"value", "other"=>NULL. */
#include <string.h>

#include "inner.h"
#include "kinds.h"
#include "pgtext_parts.h"

typedef struct hstore_key {
    const char *name;
    mask_node *mask;
} hstore_key;

typedef struct hstore_data {
    hstore_key *keys;
    size_t count;
    mask_node *others; /* NULL: copied */
    mask_node *names;  /* of the keys themselves; NULL: copied */
} hstore_data;

static rh_status compile_hstore(mask_compiler *c, mask_node *node, rh_error *err)
{
    json_t *keys = json_object_get(node->parameters, "keys");
    const mask_place inside = mask_place_inside(&node->place);
    hstore_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    rh_status status = RH_OK;
    const char *key;
    json_t *value;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    node->passes = true;
    if (keys != NULL && !json_is_object(keys))
        return param_error(c, node->parameters, "keys", err, "'keys' must map keys to masks");
    data->keys = rh_arena_array(c->arena, json_object_size(keys) + 1, sizeof *data->keys);
    if (data->keys == NULL)
        return rh_error_oom(err);
    json_object_foreach(keys, key, value)
    {
        const inner_mask inner = {keys, key, key, &inside};
        hstore_key *item = &data->keys[data->count];

        item->name = rh_arena_strdup(c->arena, key);
        if (item->name == NULL)
            return rh_error_oom(err);
        status = mask_compile_inner(c, node, &inner, &item->mask, err);
        if (status != RH_OK)
            return status;
        inner_limits_outer(node, item->mask);
        data->count++;
    }
    if (json_object_get(node->parameters, "others") != NULL)
        status = inner_read(c, node, "others", NULL, &inside, &data->others, err);
    if (status == RH_OK && json_object_get(node->parameters, "names") != NULL)
        status = inner_read(c, node, "names", NULL, &inside, &data->names, err);
    if (status == RH_OK && data->count == 0 && data->others == NULL && data->names == NULL)
        return param_error(c, node->parameters, "keys", err,
                           "mask 'hstore' needs 'keys', 'others' or 'names'");
    return status;
}

static const mask_node *mask_of_key(const hstore_data *data, const pgtext_part *key)
{
    for (size_t i = 0; i < data->count; i++) {
        if (strlen(data->keys[i].name) == key->len &&
            memcmp(data->keys[i].name, key->text, key->len) == 0)
            return data->keys[i].mask;
    }
    return data->others;
}

/* "key"=>"value" or "key"=>NULL */
static rh_status read_pair(pgtext_reader *r, const hstore_data *data)
{
    pgtext_part key;
    pgtext_part item;
    rh_field field;
    rh_field value = {.kind = RH_FIELD_NULL};
    rh_status status = pgtext_read_part(r, "=", &key);

    if (status == RH_OK)
        status = pgtext_mask_part(r, data->names, &key, &field);
    if (status != RH_OK)
        return status;
    if (field.kind == RH_FIELD_NULL)
        return RH_SKIPPED; /* a key cannot be NULL */
    status = pgtext_put_quoted(r, (const char *)field.data, field.len);
    if (r->len - r->at < 2 || r->text[r->at + 1] != '>')
        return RH_SKIPPED;
    if (status == RH_OK)
        status = pgtext_pass(r);
    if (status == RH_OK)
        status = pgtext_pass(r);
    if (status == RH_OK && r->len - r->at >= 4 && pgtext_is_word(r->text + r->at, 4, "null")) {
        r->at += 4;
    } else if (status == RH_OK) {
        if (!pgtext_at(r, '"'))
            return RH_SKIPPED;
        /* hstore writes no quote twice: one pair of quotes, then a comma or the end. */
        size_t end = r->at + 1;

        while (end < r->len && r->text[end] != '"')
            end += r->text[end] == '\\' ? 2 : 1;
        if (end >= r->len)
            return RH_SKIPPED;

        pgtext_reader inside = *r;

        inside.len = end + 1;
        item = (pgtext_part){NULL, 0, true};
        status = pgtext_read_part(&inside, "", &item);
        r->at = end + 1;
        if (status == RH_SKIPPED) /* the end of its text is the end of the part */
            status = pgtext_mask_part(r, mask_of_key(data, &key), &item, &value);
    }
    if (status != RH_OK)
        return status;
    if (value.kind == RH_FIELD_NULL)
        return arena_text_add(&r->out, "NULL", 4, r->err);
    return pgtext_put_quoted(r, (const char *)value.data, value.len);
}

static rh_status apply_hstore(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    pgtext_reader r;
    rh_status status = RH_OK;

    (void)state;
    if (!pgtext_begin(&r, value, call, err))
        return RH_SKIPPED;
    while (status == RH_OK && r.at < r.len) {
        status = pgtext_at(&r, '"') ? read_pair(&r, node->data) : RH_SKIPPED;
        if (status != RH_OK || r.at == r.len)
            break;
        if (r.len - r.at < 3 || memcmp(r.text + r.at, ", ", 2) != 0)
            return RH_SKIPPED;
        status = pgtext_pass(&r);
        if (status == RH_OK)
            status = pgtext_pass(&r);
    }
    return pgtext_end(&r, status, value);
}

static const char *const hstore_parameters[] = {"keys", "others", "names", NULL};

const mask_ops mask_ops_hstore = {
    .kind = {"hstore", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "the keys unless they are masked, values that no mask is named for, and what the "
             "masks leak",
             hstore_parameters},
    .fits = FITS_TEXT | FIT(HSTORE),
    .flags = OPS_CONTAINER,
    .compile = compile_hstore,
    .apply = apply_hstore,
};
