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

static rh_wide load_half(const uint8_t *at, size_t bytes)
{
    uint8_t padded[16] = {0};

    memcpy(padded + 16 - bytes, at, bytes);
    return load_wide(padded);
}

static void store_half(uint8_t *at, size_t bytes, rh_wide value)
{
    uint8_t padded[16];

    store_wide(padded, value);
    memcpy(at, padded + 16 - bytes, bytes);
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
