#include "snapshot_time.h"

#include <stdio.h>

#include "repo.h"

rh_status rh_snapshot_time_text(const char *id, char out[RH_CLOCK_TEXT_BYTES], rh_error *err)
{
    if (!rh_repo_is_snapshot_id(id))
        return rh_error_set(err, RH_EFORMAT, "'%s' is no snapshot id", id);
    (void)snprintf(out, RH_CLOCK_TEXT_BYTES, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", id, id + 4, id + 6,
                   id + 9, id + 11, id + 13);
    return RH_OK;
}

rh_status rh_snapshot_time_us(const char *id, int64_t *out, rh_error *err)
{
    char text[RH_CLOCK_TEXT_BYTES];
    rh_status status = rh_snapshot_time_text(id, text, err);

    return status == RH_OK ? rh_clock_parse(text, out, err) : status;
}
