/*
 * See chunk_list.h.
 */
#include "chunk_list.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/num.h"
#include "core/str.h"
#include "pack_format.h"

enum { LIST_MAX_BYTES = 256 * 1024 * 1024 };

void rh_chunk_list_init(rh_chunk_list *list)
{
    memset(list, 0, sizeof *list);
    rh_buf_init(&list->bytes, LIST_MAX_BYTES);
}

void rh_chunk_list_done(rh_chunk_list *list)
{
    rh_buf_done(&list->bytes);
}

void rh_chunk_list_clear(rh_chunk_list *list)
{
    rh_buf_clear(&list->bytes);
    list->open = (rh_chunk_run){0, 0, 0};
    list->chunks = 0;
}

rh_status rh_chunk_list_add(rh_chunk_list *list, uint32_t pack, uint32_t entry, rh_error *err)
{
    rh_chunk_run *open = &list->open;

    if (open->count > 0 && open->pack == pack && open->first + open->count == entry) {
        open->count++;
    } else {
        rh_status status = rh_chunk_list_end(list, err);

        if (status != RH_OK)
            return status;
        *open = (rh_chunk_run){pack, entry, 1};
    }
    list->chunks++;
    return RH_OK;
}

rh_status rh_chunk_list_end(rh_chunk_list *list, rh_error *err)
{
    uint8_t bytes[3 * RH_VARINT_MAX_BYTES];
    uint8_t *at = bytes;
    rh_status status;

    if (list->open.count == 0)
        return RH_OK;
    at += rh_varint_put(at, list->open.pack);
    at += rh_varint_put(at, list->open.first);
    at += rh_varint_put(at, list->open.count);
    status = rh_buf_append(&list->bytes, bytes, (size_t)(at - bytes), err);
    if (status == RH_OK)
        list->open.count = 0;
    return status;
}

static bool take(const uint8_t *data, size_t len, size_t *at, uint64_t max, uint64_t *out)
{
    size_t used = rh_varint_get(data + *at, len - *at, out);

    if (used == 0 || *out > max)
        return false;
    *at += used;
    return true;
}

rh_status rh_chunk_list_next(const uint8_t *data, size_t len, size_t *at, size_t packs,
                             rh_chunk_run *out, rh_error *err)
{
    size_t next = *at;
    uint64_t pack;
    uint64_t first;
    uint64_t count;

    if (next >= len)
        return RH_DONE;
    if (!take(data, len, &next, UINT32_MAX, &pack) ||
        !take(data, len, &next, RH_PACK_MAX_ENTRIES - 1, &first) ||
        !take(data, len, &next, RH_PACK_MAX_ENTRIES - first, &count) || count == 0)
        return rh_error_set(err, RH_EFORMAT, "the list of chunks is damaged at byte %zu", *at);
    if (pack >= packs)
        return rh_error_set(err, RH_EFORMAT, "the list of chunks names pack %llu of %zu",
                            (unsigned long long)pack, packs);
    *out = (rh_chunk_run){(uint32_t)pack, (uint32_t)first, (uint32_t)count};
    *at = next;
    return RH_OK;
}

void rh_chunk_ref_format(const rh_chunk_run *run, char out[RH_CHUNK_REF_BYTES])
{
    if (run->count == 0)
        out[0] = '\0';
    else
        (void)snprintf(out, RH_CHUNK_REF_BYTES, "%u:%u+%u", run->pack, run->first, run->count);
}

static bool number(const char *text, size_t len, uint64_t max, uint32_t *out)
{
    int64_t value;

    if (len == 0 || text[0] < '0' || text[0] > '9' || !rh_num_scan_int64(text, len, &value) ||
        (uint64_t)value > max)
        return false;
    *out = (uint32_t)value;
    return true;
}

rh_status rh_chunk_ref_parse(const char *text, size_t packs, rh_chunk_run *out, rh_error *err)
{
    rh_chunk_run run = {0, 0, 0};
    const char *colon = strchr(text, ':');
    const char *plus = colon == NULL ? NULL : strchr(colon, '+');

    if (text[0] == '\0') {
        *out = run;
        return RH_OK;
    }
    if (plus == NULL || !number(text, (size_t)(colon - text), UINT32_MAX, &run.pack) ||
        !number(colon + 1, (size_t)(plus - colon - 1), RH_PACK_MAX_ENTRIES - 1, &run.first) ||
        !number(plus + 1, strlen(plus + 1), RH_PACK_MAX_ENTRIES - run.first, &run.count) ||
        run.count == 0)
        return rh_error_set(err, RH_EFORMAT, "'%.40s' is no reference to a list", text);
    if (run.pack >= packs)
        return rh_error_set(err, RH_EFORMAT, "reference '%.40s' names a pack that is not listed",
                            text);
    *out = run;
    return RH_OK;
}
