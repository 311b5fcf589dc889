/*
 * PostgreSQL's texts of values with parts: array, composite, range, multirange, hstore.
 *
 * All of them quote alike: "..." with \" and \\ (and "" in composites and ranges); each is read
 * part by part, parts go through the inner mask, and are quoted again where they have to be.
 */
#include <string.h>

#include "field_text.h"
#include "inner.h"
#include "kinds.h"

enum { MAX_DIMENSIONS = 16, MAX_FIELDS = 1600 };

typedef struct reader {
    const char *text;
    size_t len;
    size_t at;
    mask_call *call;
    arena_text out;
    rh_error *err;
} reader;

typedef struct part {
    char *text;
    size_t len;
    bool quoted;
} part;

static bool at_char(const reader *r, char c)
{
    return r->at < r->len && r->text[r->at] == c;
}

/* Copy the character here to out. */
static rh_status pass(reader *r)
{
    return arena_text_byte(&r->out, r->text[r->at++], r->err);
}

/* A part up to one of the signs in `ends` that is not quoted. RH_SKIPPED: it does not end. */
static rh_status read_part(reader *r, const char *ends, part *out)
{
    bool inside = false;

    out->text = rh_arena_alloc(r->call->scratch, r->len - r->at);
    out->len = 0;
    out->quoted = false;
    if (out->text == NULL)
        return rh_error_oom(r->err);
    for (; r->at < r->len; r->at++) {
        char c = r->text[r->at];

        if (c == '"') {
            if (inside && r->at + 1 < r->len && r->text[r->at + 1] == '"') {
                out->text[out->len++] = '"'; /* doubled: a quote by itself */
                r->at++;
                continue;
            }
            inside = !inside;
            out->quoted = true;
            continue;
        }
        if (c == '\\') {
            if (++r->at == r->len)
                return RH_SKIPPED;
            out->quoted = true;
            out->text[out->len++] = r->text[r->at];
            continue;
        }
        if (!inside && c != '\0' && strchr(ends, c) != NULL)
            return RH_OK;
        out->text[out->len++] = c;
    }
    return RH_SKIPPED;
}

static rh_status put_quoted(reader *r, const char *text, size_t len)
{
    rh_status status = arena_text_byte(&r->out, '"', r->err);

    for (size_t i = 0; i < len && status == RH_OK; i++) {
        if (text[i] == '"' || text[i] == '\\')
            status = arena_text_byte(&r->out, '\\', r->err);
        if (status == RH_OK)
            status = arena_text_byte(&r->out, text[i], r->err);
    }
    return status == RH_OK ? arena_text_byte(&r->out, '"', r->err) : status;
}

static bool has_any(const char *text, size_t len, const char *signs)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' || strchr(signs, text[i]) != NULL)
            return true;
    }
    return false;
}

static rh_status put_plain(reader *r, const char *text, size_t len, const char *special)
{
    return has_any(text, len, special) ? put_quoted(r, text, len)
                                       : arena_text_add(&r->out, text, len, r->err);
}

static rh_status mask_part(reader *r, const mask_node *mask, const part *p, rh_field *out)
{
    field_set_text(out, p->text, p->len);
    return mask == NULL ? RH_OK : mask_node_apply(mask, r->call, out, r->err);
}

static bool reader_begin(reader *r, const rh_field *value, mask_call *call, rh_error *err)
{
    *r = (reader){.text = (const char *)value->data,
                  .len = value->len,
                  .call = call,
                  .out = {.arena = call->scratch},
                  .err = err};
    return value->kind == RH_FIELD_TEXT;
}

static rh_status reader_end(reader *r, rh_status status, rh_field *value)
{
    if (status == RH_OK && r->at != r->len)
        return RH_SKIPPED;
    if (status == RH_OK)
        field_set_text(value, r->out.data, r->out.len);
    return status;
}

/* ---- array ---- */

static bool is_word(const char *text, size_t len, const char *word)
{
    if (strlen(word) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((text[i] | 0x20) != (word[i] | 0x20))
            return false;
    }
    return true;
}

static rh_status put_element(reader *r, const rh_field *value)
{
    const char *text = (const char *)value->data;

    if (value->kind == RH_FIELD_NULL)
        return arena_text_add(&r->out, "NULL", 4, r->err);
    if (value->len == 0 || is_word(text, value->len, "null"))
        return put_quoted(r, text, value->len);
    return put_plain(r, text, value->len, "{},\"\\ \t\n\r\v\f");
}

static rh_status read_elements(reader *r, const mask_node *mask, unsigned depth)
{
    rh_status status = pass(r); /* the brace */

    if (depth == MAX_DIMENSIONS)
        return RH_SKIPPED;
    if (status == RH_OK && at_char(r, '}'))
        return pass(r);
    while (status == RH_OK) {
        part p;
        rh_field value = {.kind = RH_FIELD_NULL};

        if (at_char(r, '{')) {
            status = read_elements(r, mask, depth + 1);
        } else {
            status = read_part(r, ",}", &p);
            if (status == RH_OK && (p.quoted || !is_word(p.text, p.len, "null")))
                status = mask_part(r, mask, &p, &value);
            if (status == RH_OK)
                status = put_element(r, &value);
        }
        if (status != RH_OK || at_char(r, '}'))
            break;
        if (!at_char(r, ','))
            return RH_SKIPPED;
        status = pass(r);
    }
    return status == RH_OK ? pass(r) : status;
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
    reader r;
    rh_status status = RH_OK;

    (void)state;
    if (!reader_begin(&r, value, call, err))
        return RH_SKIPPED;
    if (at_char(&r, '[')) { /* bounds: [0:2]={...} */
        while (r.at < r.len && r.text[r.at] != '{' && status == RH_OK)
            status = is_digit(r.text[r.at]) || strchr("[]:-=+", r.text[r.at]) != NULL ? pass(&r)
                                                                                      : RH_SKIPPED;
    }
    if (status == RH_OK)
        status = at_char(&r, '{') ? read_elements(&r, node->data, 0) : RH_SKIPPED;
    return reader_end(&r, status, value);
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

/* ---- composite ---- */

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
    reader r;
    rh_status status;

    (void)state;
    if (!reader_begin(&r, value, call, err) || !at_char(&r, '('))
        return RH_SKIPPED;
    status = pass(&r);
    for (size_t i = 0; status == RH_OK; i++) {
        const mask_node *mask = i < data->count ? data->fields[i] : NULL;
        part p;
        rh_field field;

        status = read_part(&r, ",)", &p);
        if (status == RH_OK && (p.len > 0 || p.quoted)) { /* nothing at all is NULL */
            status = mask_part(&r, mask, &p, &field);
            if (status == RH_OK && field.kind != RH_FIELD_NULL)
                status = field.len == 0 ? put_quoted(&r, "", 0)
                                        : put_plain(&r, (const char *)field.data, field.len,
                                                    "(),\"\\ \t\n\r\v\f");
        }
        if (status != RH_OK || at_char(&r, ')'))
            break;
        status = pass(&r);
    }
    if (status == RH_OK)
        status = pass(&r);
    return reader_end(&r, status, value);
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

/* ---- range, multirange ---- */

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

static rh_status read_bound(reader *r, const mask_node *mask, const char *ends)
{
    part p;
    rh_field value;
    rh_status status = read_part(r, ends, &p);

    if (status != RH_OK || (p.len == 0 && !p.quoted)) /* no bound */
        return status;
    status = mask_part(r, mask, &p, &value);
    if (status != RH_OK || value.kind == RH_FIELD_NULL)
        return status;
    return put_plain(r, (const char *)value.data, value.len, "()[],\"\\ \t\n\r\v\f");
}

static rh_status read_range(reader *r, const mask_node *mask)
{
    rh_status status = RH_OK;

    if (r->len - r->at >= 5 && memcmp(r->text + r->at, "empty", 5) == 0) {
        for (int i = 0; i < 5 && status == RH_OK; i++)
            status = pass(r);
        return status;
    }
    if (!at_char(r, '[') && !at_char(r, '('))
        return RH_SKIPPED;
    status = pass(r);
    if (status == RH_OK)
        status = read_bound(r, mask, ",");
    if (status == RH_OK)
        status = pass(r);
    if (status == RH_OK)
        status = read_bound(r, mask, ")]");
    return status == RH_OK ? pass(r) : status;
}

static rh_status apply_range(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    reader r;

    (void)state;
    if (!reader_begin(&r, value, call, err))
        return RH_SKIPPED;
    return reader_end(&r, read_range(&r, node->data), value);
}

static rh_status apply_multirange(const mask_node *node, void *state, mask_call *call,
                                  rh_field *value, rh_error *err)
{
    reader r;
    rh_status status;

    (void)state;
    if (!reader_begin(&r, value, call, err) || !at_char(&r, '{'))
        return RH_SKIPPED;
    status = pass(&r);
    while (status == RH_OK && !at_char(&r, '}')) {
        status = read_range(&r, node->data);
        if (status == RH_OK && !at_char(&r, '}'))
            status = at_char(&r, ',') ? pass(&r) : RH_SKIPPED;
    }
    if (status == RH_OK)
        status = pass(&r);
    return reader_end(&r, status, value);
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

/* ---- hstore ---- */

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

static const mask_node *mask_of_key(const hstore_data *data, const part *key)
{
    for (size_t i = 0; i < data->count; i++) {
        if (strlen(data->keys[i].name) == key->len &&
            memcmp(data->keys[i].name, key->text, key->len) == 0)
            return data->keys[i].mask;
    }
    return data->others;
}

/* "key"=>"value" or "key"=>NULL */
static rh_status read_pair(reader *r, const hstore_data *data)
{
    part key;
    part item;
    rh_field field;
    rh_field value = {.kind = RH_FIELD_NULL};
    rh_status status = read_part(r, "=", &key);

    if (status == RH_OK)
        status = mask_part(r, data->names, &key, &field);
    if (status != RH_OK)
        return status;
    if (field.kind == RH_FIELD_NULL)
        return RH_SKIPPED; /* a key cannot be NULL */
    status = put_quoted(r, (const char *)field.data, field.len);
    if (r->len - r->at < 2 || r->text[r->at + 1] != '>')
        return RH_SKIPPED;
    if (status == RH_OK)
        status = pass(r);
    if (status == RH_OK)
        status = pass(r);
    if (status == RH_OK && r->len - r->at >= 4 && is_word(r->text + r->at, 4, "null")) {
        r->at += 4;
    } else if (status == RH_OK) {
        if (!at_char(r, '"'))
            return RH_SKIPPED;
        /* hstore writes no quote twice: one pair of quotes, then a comma or the end. */
        size_t end = r->at + 1;

        while (end < r->len && r->text[end] != '"')
            end += r->text[end] == '\\' ? 2 : 1;
        if (end >= r->len)
            return RH_SKIPPED;

        reader inside = *r;

        inside.len = end + 1;
        item = (part){NULL, 0, true};
        status = read_part(&inside, "", &item);
        r->at = end + 1;
        if (status == RH_SKIPPED) /* the end of its text is the end of the part */
            status = mask_part(r, mask_of_key(data, &key), &item, &value);
    }
    if (status != RH_OK)
        return status;
    if (value.kind == RH_FIELD_NULL)
        return arena_text_add(&r->out, "NULL", 4, r->err);
    return put_quoted(r, (const char *)value.data, value.len);
}

static rh_status apply_hstore(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    reader r;
    rh_status status = RH_OK;

    (void)state;
    if (!reader_begin(&r, value, call, err))
        return RH_SKIPPED;
    while (status == RH_OK && r.at < r.len) {
        status = at_char(&r, '"') ? read_pair(&r, node->data) : RH_SKIPPED;
        if (status != RH_OK || r.at == r.len)
            break;
        if (r.len - r.at < 3 || memcmp(r.text + r.at, ", ", 2) != 0)
            return RH_SKIPPED;
        status = pass(&r);
        if (status == RH_OK)
            status = pass(&r);
    }
    return reader_end(&r, status, value);
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
