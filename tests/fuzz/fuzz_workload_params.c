/*
 * Parameters of a workload: what the quick reader takes, jansson reads with the same answer, and
 * what is written of it is read again.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <assert.h>
#include <string.h>

#include <jansson.h>

#include "core/mem.h"
#include "fuzz.h"
#include "workload_params.h"

static void compare_value(const json_t *json, const rh_parameter *p)
{
    switch (p->kind) {
    case RH_PARAMETER_NULL:
        assert(json_is_null(json));
        break;
    case RH_PARAMETER_INTEGER:
        assert(json_is_integer(json) && json_integer_value(json) == p->integer);
        break;
    case RH_PARAMETER_TEXT:
        assert(json_is_string(json) && json_string_length(json) == p->len &&
               memcmp(json_string_value(json), p->data, p->len) == 0);
        break;
    case RH_PARAMETER_BLOB:
        assert(json_string_length(json_object_get(json, "blob")) == 2 * p->len);
        break;
    default:
        assert(false); /* the quick one reads no reals */
    }
}

static void compare(const char *text, size_t len, const rh_parameter *list, size_t count)
{
    json_t *array = json_loadb(text, len, 0, NULL);

    assert(json_is_array(array) && json_array_size(array) == count);
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(array, i);
        const json_t *name = json_object_get(entry, "name");

        assert((name != NULL) == (list[i].name != NULL));
        if (name != NULL)
            assert(strcmp(json_string_value(name), list[i].name) == 0);
        compare_value(name != NULL ? json_object_get(entry, "value") : entry, &list[i]);
    }
    json_decref(array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = rh_mem_alloc(size); /* exactly as long, for the sanitizer */
    rh_arena *arena = rh_arena_new(0);
    rh_parameter *list = NULL, *again = NULL;
    size_t count = 0, more = 0;
    bool taken = false;
    rh_buf written = RH_BUF_INIT;

    if (text == NULL || arena == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    if (rh_workload_params_quick(text, size, arena, &list, &count, &taken, NULL) == RH_OK && taken)
        compare(text, size, list, count);
    if (rh_workload_params_read(text, size, arena, &list, &count, NULL) == RH_OK) {
        assert(rh_workload_params_write(list, count, &written, NULL) == RH_OK);
        assert(rh_workload_params_read((const char *)written.data, written.len, arena, &again,
                                       &more, NULL) == RH_OK);
        assert(more == count);
    }
    rh_buf_done(&written);
    rh_arena_free(arena);
    rh_mem_free(text);
    return 0;
}
