#include "structure_members.h"

#include "core/arena.h"

rh_status rh_structure_damaged(const rh_structure_reader *r, const char *key, const char *problem)
{
    if (r->table == NULL)
        return rh_error_set(r->err, RH_EFORMAT, "structure: '%s' %s", key, problem);
    return rh_error_set(r->err, RH_EFORMAT, "structure: '%s' of table '%s' %s", key, r->table,
                        problem);
}

rh_status rh_structure_take_text(const rh_structure_reader *r, const json_t *object,
                                 const char *key, const char **out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_string(value))
        return rh_structure_damaged(r, key, "is not a text");
    *out = rh_arena_strndup(r->arena, json_string_value(value), json_string_length(value));
    return *out != NULL ? RH_OK : rh_error_oom(r->err);
}

rh_status rh_structure_take_name(const rh_structure_reader *r, const json_t *object,
                                 const char *key, const char **out)
{
    rh_status status = rh_structure_take_text(r, object, key, out);

    if (status == RH_OK && (*out == NULL || **out == '\0'))
        return rh_structure_damaged(r, key, "is missing");
    return status;
}

rh_status rh_structure_take_bool(const rh_structure_reader *r, const json_t *object,
                                 const char *key, bool *out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_boolean(value))
        return rh_structure_damaged(r, key, "is not true or false");
    *out = json_is_true(value);
    return RH_OK;
}

rh_status rh_structure_take_int(const rh_structure_reader *r, const json_t *object, const char *key,
                                int64_t min, int64_t max, int64_t *out)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return rh_structure_damaged(r, key, "is not a number in range");
    *out = json_integer_value(value);
    return RH_OK;
}

/* A list; NULL when missing. */
static rh_status get_list(const rh_structure_reader *r, const json_t *object, const char *key,
                          const json_t **out)
{
    const json_t *value = json_object_get(object, key);

    *out = NULL;
    if (value == NULL || json_is_null(value))
        return RH_OK;
    if (!json_is_array(value))
        return rh_structure_damaged(r, key, "is not a list");
    if (json_array_size(value) > 0)
        *out = value;
    return RH_OK;
}

rh_status rh_structure_take_positions(const rh_structure_reader *r, const json_t *object,
                                      const char *key, const size_t **out, size_t *out_count)
{
    const json_t *list;
    rh_status status = get_list(r, object, key, &list);

    if (status != RH_OK || list == NULL)
        return status;

    size_t count = json_array_size(list);
    size_t *positions = rh_arena_array(r->arena, count, sizeof *positions);

    if (positions == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_integer(item) || json_integer_value(item) < 0 ||
            (uint64_t)json_integer_value(item) >= r->column_count)
            return rh_structure_damaged(r, key, "names a column that is not there");
        positions[i] = (size_t)json_integer_value(item);
    }
    *out = positions;
    *out_count = count;
    return RH_OK;
}

rh_status rh_structure_take_texts(const rh_structure_reader *r, const json_t *object,
                                  const char *key, const char *const **out, size_t *out_count)
{
    const json_t *list;
    rh_status status = get_list(r, object, key, &list);

    if (status != RH_OK || list == NULL)
        return status;

    size_t count = json_array_size(list);
    const char **texts = rh_arena_array(r->arena, count + 1, sizeof *texts);

    if (texts == NULL)
        return rh_error_oom(r->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_string(item))
            return rh_structure_damaged(r, key, "holds something that is not a text");
        texts[i] = rh_arena_strndup(r->arena, json_string_value(item), json_string_length(item));
        if (texts[i] == NULL)
            return rh_error_oom(r->err);
    }
    *out = texts;
    *out_count = count;
    return RH_OK;
}

rh_status rh_structure_begin_list(const rh_structure_reader *r, const json_t *object,
                                  const char *key, size_t size, const json_t **out_list, void **out)
{
    rh_status status = get_list(r, object, key, out_list);

    if (status != RH_OK || *out_list == NULL)
        return status;
    for (size_t i = 0; i < json_array_size(*out_list); i++) {
        if (!json_is_object(json_array_get(*out_list, i)))
            return rh_structure_damaged(r, key, "holds something that is not an object");
    }
    *out = rh_arena_array(r->arena, json_array_size(*out_list), size);
    return *out != NULL ? RH_OK : rh_error_oom(r->err);
}
