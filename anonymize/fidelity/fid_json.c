#include "fid_json.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"

rh_status rh_fid_put(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

rh_status rh_fid_append(json_t *array, json_t *value, rh_error *err)
{
    return json_array_append_new(array, value) == 0 ? RH_OK : rh_error_oom(err);
}

json_t *rh_fid_real(double value)
{
    double scale;

    if (!isfinite(value))
        return json_null();
    if (value == 0)
        return json_real(0);
    scale = pow(10, 5 - floor(log10(fabs(value))));
    return json_real(isfinite(scale) && scale > 0 ? round(value * scale) / scale : value);
}

json_t *rh_fid_text(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

/* ---- sorting ---- */

typedef struct ranked {
    double score;
    size_t position;
    json_t *entry;
} ranked;

static int worst_first(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;

    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

rh_status rh_fid_sort_by_score(json_t *list, rh_error *err)
{
    size_t count = json_array_size(list);
    ranked *items = rh_mem_array(count + 1, sizeof *items);
    rh_status status = RH_OK;

    if (items == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_incref(json_array_get(list, i));

        items[i] = (ranked){json_number_value(json_object_get(entry, "score")), i, entry};
    }
    qsort(items, count, sizeof *items, worst_first);
    for (size_t i = 0; i < count; i++) {
        if (json_array_set_new(list, i, items[i].entry) != 0)
            status = rh_error_oom(err);
    }
    rh_mem_free(items);
    return status;
}
