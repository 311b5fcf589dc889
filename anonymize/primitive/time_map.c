#include "anonymize/time_map.h"

#include <assert.h>

#include "core/mem.h"
#include "gap_tree.h"
#include "wide.h"

struct rh_time_map {
    gap_tree after; /* the anchor; positions are days, gaps are microseconds */
    gap_tree before;
    int64_t anchor_us;
    int64_t shift_us;
};

rh_status rh_time_map_new(const rh_mask_key *master, const char *domain,
                          const rh_time_map_options *options, rh_time_map **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_cipher *cipher = NULL;
    uint64_t rate = (uint64_t)options->stretch_ppm * (uint64_t)(RH_TIME_DAY_US / 1000000)
                    << GAP_RATE_BITS;
    const int64_t week_us = 7 * RH_TIME_DAY_US;

    if (options->stretch_ppm == 0 || options->stretch_ppm > 1000000 || options->shift_weeks > 5200)
        return rh_error_set(err, RH_EUSAGE,
                            "a map of time stretches by 1 to 1000000 ppm and shifts by 0 to 5200 "
                            "weeks");

    rh_time_map *map = rh_mem_zalloc(sizeof *map);

    if (map == NULL)
        return rh_error_oom(err);
    map->anchor_us = options->anchor_us;
    map->after.rate = rate;
    map->before.rate = rate;
    status = rh_cipher_new_for(master, domain, "time/after", &map->after.cipher, err);
    if (status == RH_OK)
        status = rh_cipher_new_for(master, domain, "time/before", &map->before.cipher, err);
    if (status == RH_OK)
        status = rh_cipher_new_for(master, domain, "time/shift", &cipher, err);
    if (status != RH_OK)
        goto out;
    map->shift_us =
        rh_subject_shift(cipher, "", 0, (int64_t)options->shift_weeks * week_us, week_us);

    *out = map;
    map = NULL;
out:
    rh_cipher_free(cipher);
    rh_time_map_free(map);
    return status;
}

void rh_time_map_free(rh_time_map *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->after.cipher);
    rh_cipher_free(map->before.cipher);
    rh_mem_wipe_free(map, sizeof *map);
}

/* Distances from the anchor grow by the gaps of whole days and a share of the day's own gap. */
static bool stretch(const gap_tree *tree, rh_wide distance, rh_wide *out)
{
    rh_wide day = distance / (uint64_t)RH_TIME_DAY_US;
    uint64_t rest = (uint64_t)(distance % (uint64_t)RH_TIME_DAY_US);
    gap_spot spot;

    if (day >> 62 != 0 || !rh_gap_tree_at(tree, (uint64_t)day, &spot))
        return false;
    *out = distance + spot.before + (rh_wide)spot.own * rest / (uint64_t)RH_TIME_DAY_US;
    return true;
}

__extension__ typedef __int128 rh_wide_signed;

bool rh_time_map_map(const rh_time_map *map, int64_t value, int64_t unit_us, int64_t *out)
{
    assert(unit_us > 0 && unit_us <= RH_TIME_DAY_US);
    if (value == INT64_MIN || value == INT64_MAX) {
        *out = value;
        return true;
    }

    rh_wide_signed from_anchor = (rh_wide_signed)value * unit_us - map->anchor_us;
    rh_wide_signed image = map->anchor_us + (rh_wide_signed)map->shift_us;
    rh_wide moved;

    if (!stretch(from_anchor < 0 ? &map->before : &map->after,
                 (rh_wide)(from_anchor < 0 ? -from_anchor : from_anchor), &moved))
        return false;
    image += from_anchor < 0 ? -(rh_wide_signed)moved : (rh_wide_signed)moved;

    rh_wide_signed units = image / unit_us - (image % unit_us < 0 ? 1 : 0);

    if (units <= INT64_MIN || units >= INT64_MAX)
        return false;
    *out = (int64_t)units;
    return true;
}

int64_t rh_subject_shift(rh_cipher *cipher, const void *subject, size_t len, int64_t limit,
                         int64_t step)
{
    uint8_t random[RH_CIPHER_BLOCK];
    uint64_t steps = (uint64_t)(limit / step);
    int64_t drawn;

    rh_cipher_mac(cipher, subject, len, random);
    drawn = (int64_t)scale64(load_be64(random), 2 * steps + 1) - (int64_t)steps;
    /* No shift is no mask. The other half of the block draws again, among the rest: so the images
     * of all other subjects are those that they had when zero was allowed. */
    if (drawn == 0 && steps > 0) {
        drawn = (int64_t)scale64(load_be64(random + 8), 2 * steps) - (int64_t)steps;
        drawn += drawn >= 0;
    }
    return drawn * step;
}
