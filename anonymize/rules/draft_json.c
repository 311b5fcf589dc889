/*
 * See draft_json.h.
 */
#include "draft_json.h"

#include <string.h>

#include "core/doc.h"
#include "core/mem.h"

enum {
    MAX_PATHS = 64,
    MAX_KEYS = 8, /* objects whose keys are mentioned */
    MAX_DEPTH = 8,
    MAX_PATH = 200, /* bytes */
    MAX_KEY = 40,
};

/* Where the walk is. */
typedef struct walk {
    const rh_draft *draft;
    draft_json *json;
    char path[MAX_PATH + 1];
    size_t len;
    size_t depth;
    rh_error *err;
} walk;

/* ---- keys ---- */

static bool is_word(const char *key)
{
    size_t len = strlen(key);

    if (len == 0 || len > MAX_KEY || (key[0] >= '0' && key[0] <= '9'))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = key[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}

static bool push(walk *w, const char *text)
{
    size_t len = strlen(text);

    if (w->len + len > MAX_PATH)
        return false;
    memcpy(w->path + w->len, text, len + 1);
    w->len += len;
    return true;
}

static bool is_plain_key(const walk *w, const char *key)
{
    return is_word(key) && detect(w->draft->chain, key, strlen(key)) == 0;
}

static bool push_key(walk *w, const char *key)
{
    return push(w, ".") && push(w, is_plain_key(w, key) ? key : "*");
}

/* The object that the walk is in has a key that may be a value. */
static rh_status note_keys(walk *w)
{
    draft_json *json = w->json;
    size_t i = 0;

    while (i < json->key_count && strcmp(json->keys[i].path, w->path) != 0)
        i++;
    if (i == MAX_KEYS)
        return RH_OK;
    if (i == json->key_count) {
        json->keys[i] = (draft_keys){.path = rh_arena_strdup(w->draft->arena, w->path)};
        if (json->keys[i].path == NULL)
            return rh_error_oom(w->err);
        json->key_count++;
    }
    json->keys[i].samples += json->keys[i].last_row != json->rows;
    json->keys[i].last_row = json->rows;
    return RH_OK;
}

/* ---- paths ---- */

static const char *last_key(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot == NULL || strchr(dot, '[') != NULL || strcmp(dot, ".*") == 0)
        return "";
    return dot + 1;
}

/* The entry of the walk's place, new or known; NULL in *out when there is no room for it. */
static rh_status find_path(walk *w, draft_path **out)
{
    draft_json *json = w->json;
    draft_path *path;

    *out = NULL;
    for (size_t i = 0; i < json->count; i++) {
        if (strcmp(json->paths[i].path, w->path) == 0) {
            *out = &json->paths[i];
            return RH_OK;
        }
    }
    if (json->count == MAX_PATHS) {
        json->cut = true;
        return RH_OK;
    }
    path = &json->paths[json->count];
    path->path = rh_arena_strdup(w->draft->arena, w->path);
    if (path->path == NULL)
        return rh_error_oom(w->err);
    path->key = last_key(path->path);
    json->count++;
    *out = path;
    return RH_OK;
}

static rh_status see_leaf(walk *w, const json_t *value)
{
    draft_path *path;
    rh_status status = RH_OK;

    if (!json_is_string(value) && !json_is_number(value))
        return RH_OK;
    status = find_path(w, &path);
    if (status != RH_OK || path == NULL)
        return status;
    path->samples += path->last_row != w->json->rows;
    path->last_row = w->json->rows;
    path->seen.values++;
    path->fractions = path->fractions || json_is_real(value);
    if (json_is_string(value))
        draft_see_text(w->draft, &path->seen, json_string_value(value), json_string_length(value));
    return RH_OK;
}

static rh_status see_value(walk *w, json_t *value);

static rh_status see_members(walk *w, json_t *object)
{
    size_t len = w->len;
    rh_status status = RH_OK;
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (status == RH_OK && !is_plain_key(w, key))
            status = note_keys(w);
        if (status == RH_OK && push_key(w, key))
            status = see_value(w, value);
        w->len = len;
        w->path[len] = '\0';
    }
    return status;
}

/* Depth is limited by MAX_DEPTH. */
static rh_status see_value(walk *w, json_t *value)
{
    size_t len = w->len;
    rh_status status = RH_OK;

    if (w->depth == MAX_DEPTH)
        return RH_OK;
    w->depth++;
    if (json_is_object(value)) {
        status = see_members(w, value);
    } else if (json_is_array(value) && push(w, "[*]")) {
        for (size_t i = 0; status == RH_OK && i < json_array_size(value); i++)
            status = see_value(w, json_array_get(value, i));
    } else {
        status = see_leaf(w, value);
    }
    w->len = len;
    w->path[len] = '\0';
    w->depth--;
    return status;
}

/* ---- rows ---- */

static rh_status open_json(const rh_draft *draft, draft_column *column, rh_error *err)
{
    draft_json *json;

    if (column->json != NULL)
        return RH_OK;
    json = rh_arena_alloc(draft->arena, sizeof *json);
    if (json == NULL)
        return rh_error_oom(err);
    *json = (draft_json){.paths = rh_arena_array(draft->arena, MAX_PATHS, sizeof *json->paths),
                         .keys = rh_arena_array(draft->arena, MAX_KEYS, sizeof *json->keys)};
    if (json->paths == NULL || json->keys == NULL)
        return rh_error_oom(err);
    column->json = json;
    return RH_OK;
}

rh_status draft_json_see(const rh_draft *draft, draft_column *column, const char *text, size_t len,
                         rh_error *err)
{
    walk w = {.draft = draft, .err = err};
    rh_error ignored = RH_ERROR_INIT;
    json_t *root = NULL;
    rh_status status;

    while (len > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        len--;
    }
    if (len == 0 || (text[0] != '{' && text[0] != '['))
        return RH_OK;
    status = rh_doc_parse_json("sample", text, len, &root, &ignored);
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK)
        return RH_OK;
    column->objects++;
    status = open_json(draft, column, err);
    if (status == RH_OK) {
        w.json = column->json;
        w.json->rows++;
        (void)push(&w, "$");
        status = see_value(&w, root);
    }
    json_decref(root);
    return status;
}

bool draft_json_common(const draft_json *json, const draft_path *path)
{
    return path->samples >= 2 && path->samples * 20 >= json->rows;
}

bool draft_json_worth_listing(const draft_json *json)
{
    for (size_t i = 0; json != NULL && i < json->count; i++) {
        if (draft_json_common(json, &json->paths[i]))
            return true;
    }
    return false;
}
