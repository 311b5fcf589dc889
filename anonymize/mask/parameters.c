/*
 * Parameters of masks: typed, and complained about with their place in the rule file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/doc.h"
#include "mask_node.h"

rh_status param_error(const mask_compiler *c, const json_t *object, const char *key, rh_error *err,
                      const char *format, ...)
{
    char text[RH_ERROR_TEXT_BYTES];
    const rh_mask_request *request = c->request;
    rh_doc_pos pos = {0, 0};
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    if (request->doc == NULL)
        return rh_error_set(err, RH_ECONFIG, "%s", text);
    if (object == NULL)
        object = request->parameters;
    if (object != NULL && key != NULL)
        pos = rh_doc_value_pos(request->doc, object, key);
    if (pos.line == 0 && object != NULL && json_object_get(object, "mask") != NULL)
        pos = rh_doc_value_pos(request->doc, object, "mask");
    if (pos.line == 0 && object != NULL && json_object_get(object, "domain") != NULL)
        pos = rh_doc_value_pos(request->doc, object, "domain");
    if (pos.line == 0)
        pos = request->pos;
    return rh_doc_error(request->doc, pos, err, "%s", text);
}

rh_status param_text(const mask_compiler *c, const mask_node *node, const char *key,
                     const char **out, rh_error *err)
{
    const json_t *value = json_object_get(node->parameters, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_string(value))
        return param_error(c, node->parameters, key, err, "'%s' of mask '%s' must be a text", key,
                           node->ops->kind.name);

    char *copy = rh_arena_strdup(c->arena, json_string_value(value));

    if (copy == NULL)
        return rh_error_oom(err);
    *out = copy;
    return RH_OK;
}

rh_status param_integer(const mask_compiler *c, const mask_node *node, const char *key,
                        const int64_t range[2], int64_t *out, rh_error *err)
{
    const json_t *value = json_object_get(node->parameters, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_integer(value) || json_integer_value(value) < range[0] ||
        json_integer_value(value) > range[1])
        return param_error(c, node->parameters, key, err,
                           "'%s' of mask '%s' must be a whole number from %lld to %lld", key,
                           node->ops->kind.name, (long long)range[0], (long long)range[1]);
    *out = json_integer_value(value);
    return RH_OK;
}

rh_status param_bool(const mask_compiler *c, const mask_node *node, const char *key, bool *out,
                     rh_error *err)
{
    const json_t *value = json_object_get(node->parameters, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_boolean(value))
        return param_error(c, node->parameters, key, err, "'%s' of mask '%s' must be true or false",
                           key, node->ops->kind.name);
    *out = json_is_true(value);
    return RH_OK;
}

rh_status param_choice(const mask_compiler *c, const mask_node *node, const char *key,
                       const char *const *choices, size_t *out, rh_error *err)
{
    char list[160] = "";
    size_t used = 0;
    const json_t *value = json_object_get(node->parameters, key);

    if (value == NULL)
        return RH_OK;
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), choices[i]) == 0) {
            *out = i;
            return RH_OK;
        }
        /* `null` written without quotes is YAML's null. */
        if (json_is_null(value) && strcmp(choices[i], "null") == 0) {
            *out = i;
            return RH_OK;
        }

        int n = snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", choices[i]);

        if (n > 0 && (size_t)n < sizeof list - used)
            used += (size_t)n;
    }
    return param_error(c, node->parameters, key, err, "'%s' of mask '%s' must be one of: %s", key,
                       node->ops->kind.name, list);
}

static const char *copy_item(const mask_compiler *c, const json_t *item)
{
    if (json_is_string(item))
        return rh_arena_strdup(c->arena, json_string_value(item));
    return rh_arena_printf(c->arena, "%lld", (long long)json_integer_value(item));
}

rh_status param_texts(const mask_compiler *c, const mask_node *node, const char *key,
                      const char ***out, size_t *out_count, rh_error *err)
{
    const json_t *value = json_object_get(node->parameters, key);
    const char **texts;
    size_t count;

    if (value == NULL)
        return RH_OK;
    if (!json_is_array(value))
        return param_error(c, node->parameters, key, err, "'%s' of mask '%s' must be a list", key,
                           node->ops->kind.name);
    count = json_array_size(value);
    texts = rh_arena_array(c->arena, count + 1, sizeof(char *));
    if (texts == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);

        if (!json_is_string(item) && !json_is_integer(item))
            return param_error(c, node->parameters, key, err,
                               "'%s' of mask '%s' must hold texts or whole numbers", key,
                               node->ops->kind.name);
        texts[i] = copy_item(c, item);
        if (texts[i] == NULL)
            return rh_error_oom(err);
    }
    *out = texts;
    *out_count = count;
    return RH_OK;
}
