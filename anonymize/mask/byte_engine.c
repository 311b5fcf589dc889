#include "byte_engine.h"

#include <stddef.h>

#include "anonymize/ff1.h"
#include "anonymize/int_perm.h"
#include "anonymize/wide_perm.h"
#include "core/mem.h"

enum { BLOCK = 32, HASH160 = 20, FF1_MIN = 3, FF1_MAX = 24 };

struct byte_engine {
    rh_mask_key key;
    char *domain;
    rh_ff1 *bytes; /* radix 256 */
    rh_wide_perm *by_20;
    rh_wide_perm *by_32;
    rh_int_perm *tiny[2]; /* of one and of two bytes; NULL until needed */
};

rh_status byte_engine_open(const rh_mask_key *key, const char *domain, byte_engine **out,
                           rh_error *err)
{
    rh_status status = RH_OK;
    byte_engine *engine = rh_mem_zalloc(sizeof *engine);

    if (engine == NULL)
        return rh_error_oom(err);
    engine->key = *key;
    engine->domain = rh_mem_strdup(domain);
    if (engine->domain == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = rh_ff1_new_for(key, domain, 256, &engine->bytes, err);
    if (status == RH_OK)
        status = rh_wide_perm_new(key, domain, HASH160, &engine->by_20, err);
    if (status == RH_OK)
        status = rh_wide_perm_new(key, domain, BLOCK, &engine->by_32, err);
    if (status != RH_OK)
        goto out;
    *out = engine;
    engine = NULL;
out:
    byte_engine_close(engine);
    return status;
}

void byte_engine_close(byte_engine *engine)
{
    if (engine == NULL)
        return;
    rh_ff1_free(engine->bytes);
    rh_wide_perm_free(engine->by_20);
    rh_wide_perm_free(engine->by_32);
    rh_int_perm_free(engine->tiny[0]);
    rh_int_perm_free(engine->tiny[1]);
    rh_mem_free(engine->domain);
    rh_mem_wipe_free(engine, sizeof *engine);
}

static rh_status map_tiny(byte_engine *engine, uint8_t *data, size_t len, rh_error *err)
{
    rh_int_perm **perm = &engine->tiny[len - 1];
    int64_t value = len == 1 ? data[0] : data[0] << 8 | data[1];

    if (*perm == NULL) {
        const rh_int_range range = {0, len == 1 ? 0xff : 0xffff, false};
        rh_status status = rh_int_perm_new(&engine->key, engine->domain, &range, perm, err);

        if (status != RH_OK)
            return status;
    }
    if (!rh_int_perm_map(*perm, &value, 1))
        return RH_OK; /* cannot be: all values of that many bytes are in the range */
    data[0] = (uint8_t)(len == 1 ? value : value >> 8);
    if (len == 2)
        data[1] = (uint8_t)value;
    return RH_OK;
}

static rh_status map_ff1(byte_engine *engine, uint8_t *data, size_t len, rh_error *err)
{
    uint16_t numerals[FF1_MAX];
    const rh_ff1_item item = {numerals, len};

    for (size_t i = 0; i < len; i++)
        numerals[i] = data[i];

    rh_status status = rh_ff1_encrypt(engine->bytes, &item, 1, err);

    for (size_t i = 0; i < len && status == RH_OK; i++)
        data[i] = (uint8_t)numerals[i];
    return status;
}

/*
 * Longer strings: windows that overlap by half go forwards, then backwards. Each is a permutation
 * of what lies under it, so is the whole, and every byte of the image depends on all of the string.
 */
static void map_long(byte_engine *engine, uint8_t *data, size_t len)
{
    rh_wide_perm *perm = len < BLOCK ? engine->by_20 : engine->by_32;
    size_t window = len < BLOCK ? HASH160 : BLOCK;
    size_t step = window / 2;
    size_t last = len - window;

    for (size_t at = 0; at < last; at += step)
        rh_wide_perm_map(perm, data + at, window, 1);
    rh_wide_perm_map(perm, data + last, window, 1);
    for (size_t at = (last - 1) / step * step;; at -= step) {
        rh_wide_perm_map(perm, data + at, window, 1);
        if (at == 0)
            break;
    }
}

rh_status byte_engine_map(byte_engine *engine, uint8_t *data, size_t len, rh_error *err)
{
    if (len == 0)
        return RH_OK;
    if (len < FF1_MIN)
        return map_tiny(engine, data, len, err);
    if (len == HASH160 || len == BLOCK)
        rh_wide_perm_map(len == BLOCK ? engine->by_32 : engine->by_20, data, len, 1);
    else if (len <= FF1_MAX)
        return map_ff1(engine, data, len, err);
    else
        map_long(engine, data, len);
    return RH_OK;
}
