/*
 * YAML: libyaml events become jansson values. A strict, small part of YAML: no anchors, aliases,
 * tags or merge keys, keys are text, and only the obvious words and decimal numbers get a type.
 */
#include <string.h>
#include <yaml.h>

#include "core/str.h"
#include "doc_internal.h"

enum { SHOWN_BYTES = 64 };

typedef struct loader {
    rh_doc *doc;
    const char *text;
    size_t len;
    yaml_parser_t parser;
} loader;

static rh_doc_pos pos_of(yaml_mark_t mark)
{
    return (rh_doc_pos){mark.line + 1, mark.column + 1};
}

/* Position of a byte, for complaints of libyaml's decoder, which knows the offset only. */
static rh_doc_pos pos_of_offset(const loader *l, size_t offset)
{
    rh_doc_pos pos = {1, 1};

    for (size_t i = 0; i < offset && i < l->len; i++) {
        if (l->text[i] == '\n') {
            pos.line++;
            pos.column = 1;
        } else if (((unsigned char)l->text[i] & 0xC0u) != 0x80u) {
            pos.column++;
        }
    }
    return pos;
}

static rh_status parser_error(const loader *l, rh_error *err)
{
    const yaml_parser_t *p = &l->parser;
    const char *problem = p->problem == NULL ? "cannot be read" : p->problem;

    if (p->error == YAML_MEMORY_ERROR)
        return rh_error_oom(err);
    if (p->error == YAML_READER_ERROR)
        return rh_doc_error(l->doc, pos_of_offset(l, p->problem_offset), err, "%s", problem);
    if (p->context != NULL)
        return rh_doc_error(l->doc, pos_of(p->problem_mark), err, "%s (%s)", problem, p->context);
    return rh_doc_error(l->doc, pos_of(p->problem_mark), err, "%s", problem);
}

/* The next event; delete it with yaml_event_delete on RH_OK. */
static rh_status next(loader *l, yaml_event_t *event, rh_error *err)
{
    if (yaml_parser_parse(&l->parser, event) == 0)
        return parser_error(l, err);
    return RH_OK;
}

/* Anchors and tags would change what a value means somewhere else: refused on every kind of node.
 */
static rh_status check_plain(const loader *l, const yaml_event_t *event, rh_error *err)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;

    if (event->type == YAML_ALIAS_EVENT)
        return rh_doc_error(l->doc, pos_of(event->start_mark), err,
                            "aliases ('*name') are not supported");
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor != NULL)
        return rh_doc_error(l->doc, pos_of(event->start_mark), err,
                            "anchors ('&name') are not supported");
    if (tag != NULL)
        return rh_doc_error(l->doc, pos_of(event->start_mark), err,
                            "tags ('!name') are not supported");
    return RH_OK;
}

/* ---- scalars ---- */

/* A number through jansson, which is independent of the locale. */
static rh_status number_value(const loader *l, const yaml_event_t *event, const char *json,
                              json_t **out, rh_error *err)
{
    json_t *value = NULL;

    if (doc_json_value(json, &value) != RH_OK)
        return rh_error_oom(err);
    if (value == NULL) {
        (void)rh_doc_error(l->doc, pos_of(event->start_mark), err, "number is out of range");
        rh_error_hint(err, "put it in quotes if it is meant as text");
        return RH_ECONFIG;
    }
    *out = value;
    return RH_OK;
}

static rh_status check_text(const loader *l, const yaml_event_t *event, rh_error *err)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;

    if (memchr(text, '\0', len) != NULL)
        return rh_doc_error(l->doc, pos_of(event->start_mark), err,
                            "text must not hold a NUL character");
    if (!rh_str_is_utf8(text, len))
        return rh_doc_error(l->doc, pos_of(event->start_mark), err, "text is not valid UTF-8");
    return RH_OK;
}

static rh_status scalar(const loader *l, const yaml_event_t *event, json_t **out, rh_error *err)
{
    const char *text = (const char *)event->data.scalar.value;
    char number[DOC_NUMBER_BYTES];
    json_t *value = NULL;
    rh_status status = check_text(l, event, err);

    if (status != RH_OK)
        return status;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        value = json_stringn(text, event->data.scalar.length);
    else if (text[0] == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0)
        value = json_null();
    else if (strcmp(text, "true") == 0)
        value = json_true();
    else if (strcmp(text, "false") == 0)
        value = json_false();
    else if (doc_number(text, number))
        return number_value(l, event, number, out, err);
    else
        value = json_stringn(text, event->data.scalar.length);

    if (value == NULL)
        return rh_error_oom(err);
    *out = value;
    return RH_OK;
}

/* ---- containers ---- */

static rh_status build(loader *l, const yaml_event_t *event, size_t depth, json_t **out,
                       rh_error *err);

/* A key must be text that is not yet there. */
static rh_status check_key(loader *l, const json_t *object, const yaml_event_t *event,
                           rh_error *err)
{
    const char *key = (const char *)event->data.scalar.value;
    rh_doc_pos pos = pos_of(event->start_mark);
    char shown[SHOWN_BYTES];
    rh_status status = check_plain(l, event, err);

    if (status != RH_OK)
        return status;
    if (event->type != YAML_SCALAR_EVENT)
        return rh_doc_error(l->doc, pos, err, "a key must be text, not a list or a map");
    status = check_text(l, event, err);
    if (status != RH_OK)
        return status;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (strcmp(key, "<<") == 0)
            return rh_doc_error(l->doc, pos, err, "merge keys ('<<') are not supported");
        if (key[0] == '\0')
            return rh_doc_error(l->doc, pos, err, "a key is missing before ':'");
    }
    if (json_object_get(object, key) != NULL) {
        (void)rh_str_copy(shown, sizeof shown, key);
        return rh_doc_error(l->doc, pos, err, "duplicate key '%s' (first in line %zu)", shown,
                            rh_doc_key_pos(l->doc, object, key).line);
    }
    return RH_OK;
}

/* Read the value that belongs to a checked key and store both. */
static rh_status add_member(loader *l, json_t *object, const yaml_event_t *key_event, size_t depth,
                            rh_error *err)
{
    const char *key = (const char *)key_event->data.scalar.value;
    yaml_event_t event;
    json_t *value = NULL;
    rh_status status = next(l, &event, err);

    if (status != RH_OK)
        return status;
    status = build(l, &event, depth, &value, err);

    doc_place place = {
        .container = object,
        .key = key,
        .key_line = (uint32_t)key_event->start_mark.line + 1,
        .key_column = (uint32_t)key_event->start_mark.column + 1,
        .value_line = (uint32_t)event.start_mark.line + 1,
        .value_column = (uint32_t)event.start_mark.column + 1,
    };

    yaml_event_delete(&event);
    if (status != RH_OK)
        return status;
    if (json_object_set_new(object, key, value) != 0)
        return rh_error_oom(err);
    return doc_place_add(l->doc, &place, err);
}

static rh_status fill_object(loader *l, json_t *object, size_t depth, rh_error *err)
{
    for (;;) {
        yaml_event_t event;
        rh_status status = next(l, &event, err);
        bool end = false;

        if (status != RH_OK)
            return status;
        end = event.type == YAML_MAPPING_END_EVENT;
        if (!end)
            status = check_key(l, object, &event, err);
        if (!end && status == RH_OK)
            status = add_member(l, object, &event, depth, err);
        yaml_event_delete(&event);
        if (end || status != RH_OK)
            return status;
    }
}

static rh_status fill_array(loader *l, json_t *array, size_t depth, rh_error *err)
{
    for (size_t index = 0;; index++) {
        yaml_event_t event;
        json_t *value = NULL;
        rh_status status = next(l, &event, err);

        if (status != RH_OK)
            return status;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return RH_OK;
        }
        status = build(l, &event, depth, &value, err);

        doc_place place = {
            .container = array,
            .index = index,
            .key_line = (uint32_t)event.start_mark.line + 1,
            .key_column = (uint32_t)event.start_mark.column + 1,
        };

        place.value_line = place.key_line;
        place.value_column = place.key_column;
        yaml_event_delete(&event);
        if (status == RH_OK && json_array_append_new(array, value) != 0)
            status = rh_error_oom(err);
        if (status == RH_OK)
            status = doc_place_add(l->doc, &place, err);
        if (status != RH_OK)
            return status;
    }
}

/* The value that starts with event; depth is the number of containers around it. */
static rh_status build(loader *l, const yaml_event_t *event, size_t depth, json_t **out,
                       rh_error *err)
{
    bool object = event->type == YAML_MAPPING_START_EVENT;
    json_t *container = NULL;
    rh_status status = check_plain(l, event, err);

    if (status != RH_OK)
        return status;
    if (event->type == YAML_SCALAR_EVENT)
        return scalar(l, event, out, err);
    if (depth == DOC_MAX_DEPTH)
        return rh_doc_error(l->doc, pos_of(event->start_mark), err,
                            "nested more than %d levels deep", DOC_MAX_DEPTH);

    container = object ? json_object() : json_array();
    if (container == NULL)
        return rh_error_oom(err);
    status = object ? fill_object(l, container, depth + 1, err)
                    : fill_array(l, container, depth + 1, err);
    if (status != RH_OK) {
        json_decref(container);
        return status;
    }
    *out = container;
    return RH_OK;
}

/* The whole stream: at most one document; an empty one is null. */
static rh_status load_stream(loader *l, json_t **out, rh_error *err)
{
    json_t *root = NULL;
    yaml_event_type_t type = YAML_NO_EVENT;
    rh_status status = RH_OK;

    while (status == RH_OK && type != YAML_STREAM_END_EVENT) {
        yaml_event_t event;

        status = next(l, &event, err);
        if (status != RH_OK)
            break;
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL)
            status = rh_doc_error(l->doc, pos_of(event.start_mark), err,
                                  "a second document starts here; only one is allowed");
        else if (type == YAML_ALIAS_EVENT || type == YAML_SCALAR_EVENT ||
                 type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
            status = build(l, &event, 0, &root, err);
        yaml_event_delete(&event);
    }
    if (status != RH_OK) {
        json_decref(root);
        return status;
    }
    *out = root == NULL ? json_null() : root;
    return RH_OK;
}

rh_status doc_yaml_load(rh_doc *doc, const char *text, size_t len, json_t **out, rh_error *err)
{
    loader l = {.doc = doc, .text = text, .len = len};
    rh_status status = RH_OK;

    if (yaml_parser_initialize(&l.parser) == 0)
        return rh_error_oom(err);
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)text, len);
    status = load_stream(&l, out, err);
    yaml_parser_delete(&l.parser);
    return status;
}
