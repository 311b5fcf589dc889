/*
 * Where a workload may be written: a name that is free, or an older workload's.
 */
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/stream.h"
#include "core/workload_file.h"
#include "lite_target.h"

/* Of SQLite's file format: the magic string, and application_id at byte 68. */
enum { HEAD_BYTES = 72, APPLICATION_ID_AT = 68 };

static rh_status read_head(const char *path, uint8_t head[HEAD_BYTES], size_t *out_len,
                           rh_error *err)
{
    rh_reader *reader = NULL;
    size_t len = 0;
    rh_status status = rh_reader_file(path, &reader, err);

    while (status == RH_OK && len < HEAD_BYTES) {
        size_t got = 0;

        status = rh_reader_get(reader, head + len, HEAD_BYTES - len, &got, err);
        len += status == RH_OK ? got : 0;
    }
    rh_reader_free(reader);
    *out_len = len;
    return status == RH_DONE ? RH_OK : status;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Somebody who swaps input and output must not lose a log. */
static rh_status check_replaced(const char *path, const char *given, rh_error *err)
{
    static const char magic[] = "SQLite format 3";
    uint8_t head[HEAD_BYTES] = {0};
    size_t len = 0;
    rh_status status = read_head(path, head, &len, err);

    if (status != RH_OK || len == 0)
        return status;
    if (len == HEAD_BYTES && memcmp(head, magic, sizeof magic) == 0 &&
        big_endian(head + APPLICATION_ID_AT) == (uint32_t)RH_WORKLOAD_APPLICATION_ID)
        return RH_OK;
    rh_error_set(err, RH_EEXISTS, "'%s' is no workload: it is not replaced", given);
    rh_error_hint(err, "remove it, or choose another name");
    return RH_EEXISTS;
}

rh_status rh_workload_writer_check(const char *path, bool replace, rh_error *err)
{
    char *full = NULL;
    rh_status status = rh_lite_target_path(path, &full, err);

    if (status == RH_OK && rh_fs_exists(full)) {
        if (replace)
            status = check_replaced(full, path, err);
        else
            status = rh_error_set(err, RH_EEXISTS, "'%s' exists already", path);
    }
    rh_mem_free(full);
    return status;
}
