/*
 * JSON: jansson reads the values; a second walk over the (then known to be valid) text finds where
 * each member stands. jansson keeps the members of an object in the order of the text, so the walk
 * and the values go in step and no escape has to be decoded twice.
 */
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "doc_internal.h"

typedef struct walker {
    rh_doc *doc;
    const char *at;
    const char *end;
    uint32_t line;
    uint32_t column; /* in characters, as libyaml counts */
} walker;

static void advance(walker *w)
{
    if (*w->at == '\n') {
        w->line++;
        w->column = 1;
    } else if (((unsigned char)*w->at & 0xC0u) != 0x80u) {
        w->column++;
    }
    w->at++;
}

/* Skip blanks and the separators, which carry no information once the text is known to be valid. */
static void skip_blanks(walker *w)
{
    while (w->at < w->end && strchr(" \t\r\n,:", *w->at) != NULL && *w->at != '\0')
        advance(w);
}

static void skip_string(walker *w)
{
    advance(w); /* the opening quote */
    while (w->at < w->end && *w->at != '"') {
        if (*w->at == '\\')
            advance(w);
        if (w->at < w->end)
            advance(w);
    }
    if (w->at < w->end)
        advance(w);
}

static void skip_word(walker *w)
{
    while (w->at < w->end && strchr(" \t\r\n,]}", *w->at) == NULL)
        advance(w);
}

static rh_status walk(walker *w, json_t *value, size_t depth, rh_error *err);

static rh_status walk_object(walker *w, json_t *object, size_t depth, rh_error *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    rh_status status = RH_OK;

    json_object_foreach(object, key, value)
    {
        doc_place place = {.container = object, .key = key};

        skip_blanks(w);
        place.key_line = w->line;
        place.key_column = w->column;
        skip_string(w);
        skip_blanks(w);
        place.value_line = w->line;
        place.value_column = w->column;
        status = doc_place_add(w->doc, &place, err);
        if (status == RH_OK)
            status = walk(w, value, depth, err);
        if (status != RH_OK)
            return status;
    }
    return RH_OK;
}

static rh_status walk_array(walker *w, json_t *array, size_t depth, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < json_array_size(array); i++) {
        doc_place place = {.container = array, .index = i};

        skip_blanks(w);
        place.value_line = place.key_line = w->line;
        place.value_column = place.key_column = w->column;
        status = doc_place_add(w->doc, &place, err);
        if (status == RH_OK)
            status = walk(w, json_array_get(array, i), depth, err);
        if (status != RH_OK)
            return status;
    }
    return RH_OK;
}

/* Step over one value; depth is the number of containers around it. */
static rh_status walk(walker *w, json_t *value, size_t depth, rh_error *err)
{
    rh_status status = RH_OK;

    skip_blanks(w);
    if (!json_is_object(value) && !json_is_array(value)) {
        if (json_is_string(value))
            skip_string(w);
        else
            skip_word(w);
        return RH_OK;
    }
    if (depth == DOC_MAX_DEPTH) {
        rh_doc_pos pos = {w->line, w->column};

        return rh_doc_error(w->doc, pos, err, "nested more than %d levels deep", DOC_MAX_DEPTH);
    }
    advance(w); /* the bracket */
    status = json_is_object(value) ? walk_object(w, value, depth + 1, err)
                                   : walk_array(w, value, depth + 1, err);
    skip_blanks(w);
    if (status == RH_OK && w->at < w->end)
        advance(w);
    return status;
}

/*
 * Read JSON with jansson. *out stays NULL when the text is wrong; RH_ENOMEM is told apart by our
 * own look at the allocations, for jansson may report a failed one as a syntax error.
 */
static rh_status load(const char *text, size_t len, size_t flags, json_t **out,
                      json_error_t *problem)
{
    rh_mem_jansson_begin();

    json_t *root = json_loadb(text, len, flags | JSON_REJECT_DUPLICATES, problem);
    bool failed = rh_mem_jansson_end();
    bool no_reason = root == NULL && (problem->text[0] == '\0' ||
                                      json_error_code(problem) == json_error_out_of_memory);

    if (no_reason || failed) {
        json_decref(root);
        return RH_ENOMEM;
    }
    *out = root;
    return RH_OK;
}

rh_status doc_json_value(const char *text, json_t **out)
{
    json_error_t problem;

    return load(text, strlen(text), JSON_DECODE_ANY, out, &problem);
}

rh_status doc_json_load(rh_doc *doc, const char *text, size_t len, json_t **out, rh_error *err)
{
    json_error_t problem;
    walker w = {doc, text, text + len, 1, 1};
    json_t *root = NULL;

    if (load(text, len, 0, &root, &problem) != RH_OK)
        return rh_error_oom(err);
    if (root == NULL)
        return RH_SKIPPED;

    rh_status status = walk(&w, root, 0, err);

    if (status != RH_OK) {
        json_decref(root);
        return status;
    }
    *out = root;
    return RH_OK;
}

rh_status rh_doc_parse_json(const char *name, const char *text, size_t len, json_t **out,
                            rh_error *err)
{
    json_error_t problem;
    json_t *root = NULL;

    if (load(text, len, JSON_DECODE_ANY, &root, &problem) != RH_OK)
        return rh_error_oom(err);
    if (root != NULL) {
        *out = root;
        return RH_OK;
    }

    /* jansson quotes the text it stumbled over, which in a key file may be the key */
    char *quote = strstr(problem.text, " near '");

    if (quote != NULL)
        *quote = '\0';
    if (problem.line <= 0)
        return rh_error_set(err, RH_EFORMAT, "%s: %s", name, problem.text);
    return rh_error_set(err, RH_EFORMAT, "%s:%d:%d: %s", name, problem.line,
                        problem.column > 0 ? problem.column : 1, problem.text);
}

typedef struct printing {
    rh_buf *out;
    rh_error *err;
    rh_status status; /* the first that went wrong: jansson does not always stop */
} printing;

static int print_piece(const char *data, size_t len, void *ctx)
{
    printing *p = ctx;

    if (p->status == RH_OK)
        p->status = rh_buf_append(p->out, data, len, p->err);
    return p->status == RH_OK ? 0 : -1;
}

rh_status rh_doc_print_json(const json_t *json, size_t flags, rh_buf *out, rh_error *err)
{
    printing p = {out, err, RH_OK};

    if (json_dump_callback(json, print_piece, &p, flags) != 0 && p.status == RH_OK)
        return rh_error_oom(err);
    return p.status;
}

rh_status rh_doc_json_text(const json_t *json, size_t flags, char **out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_doc_print_json(json, flags, &text, err);

    if (status == RH_OK)
        *out = rh_buf_take(&text);
    rh_buf_done(&text);
    return status;
}
