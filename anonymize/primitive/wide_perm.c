#include "anonymize/wide_perm.h"

#include "core/mem.h"
#include "feistel.h"

struct rh_wide_perm {
    rh_feistel feistel;
    size_t half; /* bytes */
};

rh_status rh_wide_perm_new(const rh_mask_key *master, const char *domain, size_t width,
                           rh_wide_perm **out, rh_error *err)
{
    if (width < 8 || width > 32 || width % 2 != 0)
        return rh_error_set(err, RH_EUSAGE, "no permutation of identifiers of %zu bytes", width);

    rh_wide_perm *perm = rh_mem_zalloc(sizeof *perm);

    if (perm == NULL)
        return rh_error_oom(err);
    perm->half = width / 2;

    rh_status status =
        rh_feistel_init(&perm->feistel, master, domain, "wide", (unsigned)(4 * width), err);

    if (status != RH_OK) {
        rh_mem_free(perm);
        return status;
    }
    *out = perm;
    return RH_OK;
}

void rh_wide_perm_free(rh_wide_perm *perm)
{
    if (perm == NULL)
        return;
    rh_feistel_done(&perm->feistel);
    rh_mem_free(perm);
}

size_t rh_wide_perm_width(const rh_wide_perm *perm)
{
    return 2 * perm->half;
}

/* Two words that overlap are much faster than a copy of any length. */
static rh_wide load_half(const uint8_t *at, size_t bytes)
{
    rh_wide value = 0;

    if (bytes >= 8)
        return (rh_wide)(bytes == 8 ? 0 : load_be64(at) >> (8 * (16 - bytes))) << 64 |
               load_be64(at + bytes - 8);
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static void store_half(uint8_t *at, size_t bytes, rh_wide value)
{
    if (bytes >= 8) {
        store_be64(at, (uint64_t)(value >> (8 * (bytes - 8))));
        store_be64(at + bytes - 8, (uint64_t)value);
        return;
    }
    for (size_t i = bytes; i > 0; i--, value >>= 8)
        at[i - 1] = (uint8_t)value;
}

static void run(rh_wide_perm *perm, uint8_t *first, size_t stride, size_t count, bool inverse)
{
    feistel_lane lanes[FEISTEL_LANES];
    size_t half = perm->half;

    while (count > 0) {
        size_t part = count < FEISTEL_LANES ? count : FEISTEL_LANES;

        for (size_t i = 0; i < part; i++) {
            lanes[i].half[0] = load_half(first + stride * i, half);
            lanes[i].half[1] = load_half(first + stride * i + half, half);
        }
        rh_feistel_run(&perm->feistel, lanes, part, inverse);
        for (size_t i = 0; i < part; i++) {
            store_half(first + stride * i, half, lanes[i].half[0]);
            store_half(first + stride * i + half, half, lanes[i].half[1]);
        }
        first += stride * part;
        count -= part;
    }
}

void rh_wide_perm_map(rh_wide_perm *perm, uint8_t *first, size_t stride, size_t count)
{
    run(perm, first, stride, count, false);
}

void rh_wide_perm_unmap(rh_wide_perm *perm, uint8_t *first, size_t stride, size_t count)
{
    run(perm, first, stride, count, true);
}
