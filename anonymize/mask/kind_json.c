/*
 * json: masks at paths, in one pass over the text; every byte that no path names is copied.
 */
#include <string.h>

#include "field_text.h"
#include "inner.h"
#include "json_path.h"
#include "json_string.h"
#include "kinds.h"

enum { MAX_PATHS = 256, MAX_LEVELS = 256 };

typedef struct json_rule {
    json_path path;
    mask_node *mask;
} json_rule;

typedef struct json_rules {
    json_rule *items;
    size_t count;
} json_rules;

typedef struct json_data {
    json_rules values; /* in the order of the file: the first that matches wins */
    json_rules keys;   /* of objects at these paths */
} json_data;

/* ---- compile ---- */

static rh_status read_rules(mask_compiler *c, mask_node *node, const char *name, json_rules *out,
                            rh_error *err)
{
    json_t *list = json_object_get(node->parameters, name);
    const mask_place inside = mask_place_inside(&node->place);
    const char *key;
    json_t *value;

    if (list == NULL)
        return RH_OK;
    if (!json_is_object(list) || json_object_size(list) > MAX_PATHS)
        return param_error(c, node->parameters, name, err,
                           "'%s' of mask 'json' must map paths to masks (at most %d)", name,
                           MAX_PATHS);
    out->items = rh_arena_array(c->arena, json_object_size(list) + 1, sizeof(json_rule));
    if (out->items == NULL)
        return rh_error_oom(err);
    json_object_foreach(list, key, value)
    {
        json_rule *rule = &out->items[out->count];
        const inner_mask inner = {list, key, key, &inside};
        bool oom;
        rh_status status;

        if (!json_path_parse(c->arena, key, &rule->path, &oom))
            return oom ? rh_error_oom(err)
                       : param_error(c, list, key, err, "'%s' is no path like $.name[*]..name",
                                     key);
        status = mask_compile_inner(c, node, &inner, &rule->mask, err);
        if (status != RH_OK)
            return status;
        inner_limits_outer(node, rule->mask);
        out->count++;
    }
    return RH_OK;
}

static rh_status compile_json(mask_compiler *c, mask_node *node, rh_error *err)
{
    json_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    node->passes = true;
    status = read_rules(c, node, "paths", &data->values, err);
    if (status == RH_OK)
        status = read_rules(c, node, "keys", &data->keys, err);
    if (status == RH_OK && data->values.count + data->keys.count == 0)
        return param_error(c, node->parameters, "paths", err,
                           "mask 'json' needs 'paths' or 'keys'");
    return status;
}

/* ---- walk ---- */

typedef struct walker {
    const json_data *data;
    mask_call *call;
    const char *text;
    size_t len;
    size_t at;
    size_t copied; /* bytes of text that are in out or replaced there */
    arena_text out;
    bool matched;
    size_t level;
    uint64_t *reached[MAX_LEVELS]; /* by level: of all value rules, then of all key rules */
    rh_error *err;
} walker;

static rh_status walk_value(walker *w, const mask_node *inherited);

static void skip_blanks(walker *w)
{
    while (w->at < w->len && (w->text[w->at] == ' ' || w->text[w->at] == '\t' ||
                              w->text[w->at] == '\n' || w->text[w->at] == '\r'))
        w->at++;
}

/* Let out have everything up to `until`; what follows is replaced. */
static rh_status flush(walker *w, size_t until)
{
    rh_status status = arena_text_add(&w->out, w->text + w->copied, until - w->copied, w->err);

    w->copied = until;
    return status;
}

/* At the opening quote: find the text inside, and go behind the closing one. */
static bool scan_string(walker *w, size_t *start, size_t *end)
{
    *start = ++w->at;
    while (w->at < w->len && w->text[w->at] != '"') {
        if ((uint8_t)w->text[w->at] < 0x20)
            return false;
        w->at += w->text[w->at] == '\\' ? 2 : 1;
    }
    if (w->at >= w->len)
        return false;
    *end = w->at++;
    return true;
}

static rh_status decode(walker *w, size_t start, size_t end, const char **out, size_t *out_len)
{
    char *plain;

    *out = w->text + start;
    *out_len = end - start;
    if (end == start || memchr(*out, '\\', *out_len) == NULL)
        return RH_OK;
    plain = rh_arena_alloc(w->call->scratch, end - start);
    if (plain == NULL)
        return rh_error_oom(w->err);
    *out = plain;
    return json_string_decode(w->text + start, end - start, plain, out_len) ? RH_OK : RH_SKIPPED;
}

/* Write what a mask made of the token from start to w->at. */
static rh_status put_result(walker *w, size_t start, const rh_field *value, bool may_be_bare)
{
    const char *text = (const char *)value->data;
    rh_status status = flush(w, start);
    char number[FIELD_NUMBER_BYTES];
    size_t len;

    w->copied = w->at;
    if (status != RH_OK)
        return status;
    if (value->kind == RH_FIELD_NULL)
        return arena_text_add(&w->out, "null", 4, w->err);
    if (value->kind == RH_FIELD_INTEGER && field_text(value, number, &text, &len))
        return arena_text_add(&w->out, text, len, w->err);
    if (may_be_bare && (text_is_json_number(text, value->len) ||
                        (value->len == 4 && memcmp(text, "true", 4) == 0) ||
                        (value->len == 5 && memcmp(text, "false", 5) == 0)))
        return arena_text_add(&w->out, text, value->len, w->err);
    return json_string_append(&w->out, text, value->len, w->err);
}

static rh_status mask_string(walker *w, const mask_node *mask, size_t start, size_t end)
{
    rh_field value;
    const char *text;
    size_t len;
    rh_status status = decode(w, start, end, &text, &len);

    if (status != RH_OK)
        return status;
    field_set_text(&value, text, len);
    status = mask_node_apply(mask, w->call, &value, w->err);
    if (status != RH_OK ||
        (value.kind == RH_FIELD_TEXT && value.data == (const uint8_t *)text && value.len == len))
        return status;
    return put_result(w, start - 1, &value, false);
}

static rh_status mask_number(walker *w, const mask_node *mask, size_t start)
{
    mask_call call = *w->call;
    rh_field value;
    rh_status status;

    call.json_number = true;
    field_set_text(&value, w->text + start, w->at - start);
    status = mask_node_apply(mask, &call, &value, w->err);
    if (status != RH_OK || value.data == (const uint8_t *)w->text + start)
        return status;
    return put_result(w, start, &value, true);
}

/* true, false, null: only masks of whole values change them. */
static rh_status mask_word(walker *w, const mask_node *mask, size_t start)
{
    rh_field value = {.kind = RH_FIELD_NULL};
    rh_status status;

    if ((mask->ops->flags & OPS_WHOLE) == 0)
        return RH_OK;
    if (w->text[start] != 'n')
        field_set_text(&value, w->text + start, w->at - start);
    status = mask_node_apply(mask, w->call, &value, w->err);
    return status == RH_OK ? put_result(w, start, &value, true) : status;
}

static const mask_node *find_mask(const json_rules *rules, const uint64_t *reached)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (json_path_ends(&rules->items[i].path, reached[i]))
            return rules->items[i].mask;
    }
    return NULL;
}

static rh_status enter(walker *w, const json_child *child)
{
    const json_data *d = w->data;
    size_t count = d->values.count + d->keys.count;
    const uint64_t *from = w->reached[w->level];
    uint64_t *to;

    if (w->level + 1 == MAX_LEVELS)
        return RH_SKIPPED;
    to = w->reached[w->level + 1];
    if (to == NULL) {
        to = rh_arena_alloc(w->call->scratch, count * sizeof *to);
        if (to == NULL)
            return rh_error_oom(w->err);
        w->reached[w->level + 1] = to;
    }
    for (size_t i = 0; i < count; i++) {
        const json_rule *rule =
            i < d->values.count ? &d->values.items[i] : &d->keys.items[i - d->values.count];

        to[i] = json_path_enter(&rule->path, from[i], child);
    }
    w->level++;
    return RH_OK;
}

static rh_status walk_child(walker *w, const json_child *child, const mask_node *inherited)
{
    rh_status status = enter(w, child);

    if (status != RH_OK)
        return status;
    status = walk_value(w, inherited);
    w->level--;
    return status;
}

static rh_status walk_member(walker *w, const mask_node *inherited)
{
    const mask_node *key_mask =
        find_mask(&w->data->keys, w->reached[w->level] + w->data->values.count);
    json_child child = {.index = -1};
    size_t start;
    size_t end;
    rh_status status;

    skip_blanks(w);
    if (w->at >= w->len || w->text[w->at] != '"' || !scan_string(w, &start, &end))
        return RH_SKIPPED;
    status = decode(w, start, end, &child.name, &child.len);
    if (status == RH_OK && key_mask != NULL) {
        w->matched = true;
        status = mask_string(w, key_mask, start, end);
    }
    if (status != RH_OK)
        return status;
    skip_blanks(w);
    if (w->at >= w->len || w->text[w->at++] != ':')
        return RH_SKIPPED;
    return walk_child(w, &child, inherited);
}

/* Behind the bracket. */
static rh_status walk_container(walker *w, char close, const mask_node *inherited)
{
    json_child child = {.index = 0};

    skip_blanks(w);
    if (w->at < w->len && w->text[w->at] == close) {
        w->at++;
        return RH_OK;
    }
    for (;;) {
        rh_status status =
            close == '}' ? walk_member(w, inherited) : walk_child(w, &child, inherited);

        if (status != RH_OK)
            return status;
        child.index++;
        skip_blanks(w);
        if (w->at >= w->len)
            return RH_SKIPPED;
        if (w->text[w->at] == close) {
            w->at++;
            return RH_OK;
        }
        if (w->text[w->at++] != ',')
            return RH_SKIPPED;
    }
}

/* An object or array under a mask: as a whole for `constant` and its like, else all that is in it.
 */
static rh_status walk_brackets(walker *w, const mask_node *mask)
{
    size_t start = w->at;
    char close = w->text[w->at++] == '{' ? '}' : ']';
    bool whole =
        mask != NULL && (mask->ops->flags & OPS_WHOLE) != 0 && (mask->keeps & RH_KEEPS_VALUE) == 0;
    size_t out_len = w->out.len;
    size_t copied = w->copied;
    rh_field value;
    rh_status status = walk_container(w, close, whole ? NULL : mask);

    if (status != RH_OK || !whole)
        return status;
    w->out.len = out_len; /* forget what paths inside of it did */
    w->copied = copied;
    field_set_text(&value, w->text + start, w->at - start);
    status = mask_node_apply(mask, w->call, &value, w->err);
    return status == RH_OK ? put_result(w, start, &value, true) : status;
}

static bool scan_word(walker *w)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);

        if (w->len - w->at >= len && memcmp(w->text + w->at, words[i], len) == 0) {
            w->at += len;
            return true;
        }
    }
    return false;
}

static rh_status walk_value(walker *w, const mask_node *inherited)
{
    const mask_node *mask = find_mask(&w->data->values, w->reached[w->level]);
    size_t start;
    size_t end;

    if (mask != NULL)
        w->matched = true;
    else
        mask = inherited;
    skip_blanks(w);
    if (w->at >= w->len)
        return RH_SKIPPED;
    start = w->at;
    switch (w->text[w->at]) {
    case '{':
    case '[':
        return walk_brackets(w, mask);
    case '"':
        if (!scan_string(w, &start, &end))
            return RH_SKIPPED;
        return mask == NULL ? RH_OK : mask_string(w, mask, start, end);
    case 't':
    case 'f':
    case 'n':
        if (!scan_word(w))
            return RH_SKIPPED;
        return mask == NULL ? RH_OK : mask_word(w, mask, start);
    default:
        while (w->at < w->len &&
               (is_digit(w->text[w->at]) ||
                (w->text[w->at] != '\0' && strchr("+-.eE", w->text[w->at]) != NULL)))
            w->at++;
        if (!text_is_json_number(w->text + start, w->at - start))
            return RH_SKIPPED;
        return mask == NULL ? RH_OK : mask_number(w, mask, start);
    }
}

static rh_status apply_json(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    const json_data *data = node->data;
    size_t count = data->values.count + data->keys.count;
    walker w;
    rh_status status;

    (void)state;
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    memset(&w, 0, sizeof w);
    w.data = data;
    w.call = call;
    w.text = (const char *)value->data;
    w.len = value->len;
    w.out.arena = call->scratch;
    w.err = err;
    w.reached[0] = rh_arena_alloc(call->scratch, count * sizeof(uint64_t));
    if (w.reached[0] == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++)
        w.reached[0][i] = 1;
    status = walk_value(&w, NULL);
    skip_blanks(&w);
    if (status == RH_OK && w.at != w.len)
        status = RH_SKIPPED;
    if (status != RH_OK)
        return status;
    if (!w.matched)
        mask_count_unmatched(call);
    if (w.copied == 0 && w.out.len == 0)
        return RH_OK;
    status = flush(&w, w.len);
    if (status == RH_OK)
        field_set_text(value, w.out.data, w.out.len);
    return status;
}

static const char *const json_parameters[] = {"paths", "keys", NULL};

const mask_ops mask_ops_json = {
    .kind = {"json", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "structure, keys, everything that no path names, and what the masks of the paths leak",
             json_parameters},
    .fits = FITS_TEXT | FIT(JSON),
    .flags = OPS_CONTAINER,
    .compile = compile_json,
    .apply = apply_json,
};
