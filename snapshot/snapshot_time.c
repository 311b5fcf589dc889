#include "snapshot_time.h"

#include <stdio.h>
#include <string.h>

bool rh_snapshot_id_time(const char *id, char out[RH_CLOCK_TEXT_BYTES])
{
    static const char shape[] = "dddddddd"
                                "T"
                                "dddddd"
                                "Z"
                                "-";

    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = id[i] >= '0' && id[i] <= '9';

        if (shape[i] == 'd' ? !digit : id[i] != shape[i])
            return false;
    }
    snprintf(out, RH_CLOCK_TEXT_BYTES, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", id, id + 4, id + 6, id + 9,
             id + 11, id + 13);
    return true;
}

rh_status rh_snapshot_time_us(const rh_manifest *manifest, int64_t *out, rh_error *err)
{
    const char *text = json_string_value(json_object_get(rh_manifest_json(manifest), "time"));
    char from_name[RH_CLOCK_TEXT_BYTES];

    if (text != NULL && rh_clock_parse(text, out, NULL) == RH_OK)
        return RH_OK;
    if (rh_snapshot_id_time(rh_manifest_id(manifest), from_name))
        return rh_clock_parse(from_name, out, err);
    return rh_error_set(err, RH_EFORMAT, "snapshot '%s' has no time", rh_manifest_id(manifest));
}
