#include "report_json.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/str.h"

rh_status rh_report_set(json_t *object, const char *key, json_t *value, rh_error *err)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

rh_status rh_report_append(json_t *array, json_t *value, rh_error *err)
{
    if (value == NULL || json_array_append_new(array, value) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

/* Length of the valid UTF-8 sequence at text, or 0. */
static size_t sequence_len(const char *text, size_t avail)
{
    for (size_t len = 1; len <= 4 && len <= avail; len++) {
        if (rh_str_is_utf8(text, len))
            return len;
    }
    return 0;
}

/* Only called for text that is not UTF-8, hence slow and simple. */
static json_t *repaired(const char *text, size_t len)
{
    rh_buf out = RH_BUF_INIT;
    json_t *value = NULL;
    rh_status status = rh_buf_reserve(&out, len, NULL);

    for (size_t i = 0; i < len && status == RH_OK;) {
        size_t good = sequence_len(text + i, len - i);

        if (good > 0)
            status = rh_buf_append(&out, text + i, good, NULL);
        else
            status = rh_buf_append_str(&out, "\xEF\xBF\xBD", NULL);
        i += good > 0 ? good : 1;
    }
    if (status == RH_OK)
        value = json_stringn_nocheck(rh_buf_cstr(&out), out.len);
    rh_buf_wipe_done(&out);
    return value;
}

json_t *rh_report_text_len(const char *text, size_t len)
{
    if (len == 0)
        return json_string("");
    if (rh_str_is_utf8(text, len))
        return json_stringn_nocheck(text, len);
    return repaired(text, len);
}

json_t *rh_report_text(const char *text)
{
    if (text == NULL)
        return json_null();
    return rh_report_text_len(text, strlen(text));
}
