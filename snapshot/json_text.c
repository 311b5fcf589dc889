/*
 * See json_text.h.
 */
#include "json_text.h"

#include "core/mem.h"

rh_status rh_json_text(const json_t *json, size_t flags, char **out, rh_error *err)
{
    long failures = rh_mem_failures();
    char *text = json_dumps(json, flags);

    if (text == NULL || rh_mem_failures() != failures) {
        rh_mem_free(text);
        return rh_error_oom(err);
    }
    *out = text;
    return RH_OK;
}
