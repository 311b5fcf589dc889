#include "anonymize/monotone.h"

#include "core/mem.h"
#include "gap_tree.h"
#include "wide.h"

struct rh_monotone {
    gap_tree above; /* of the origin */
    gap_tree below;
    int64_t origin;
    int64_t low;
    int64_t high;
};

rh_status rh_monotone_new(const rh_mask_key *master, const char *domain,
                          const rh_monotone_options *options, rh_monotone **out, rh_error *err)
{
    rh_status status = RH_OK;

    if (options->mean_gap_65536 == 0 || options->low > options->high ||
        options->origin < options->low || options->origin > options->high)
        return rh_error_set(err, RH_EUSAGE, "a monotone map needs gaps and an origin in its range");

    rh_monotone *map = rh_mem_zalloc(sizeof *map);

    if (map == NULL)
        return rh_error_oom(err);
    map->origin = options->origin;
    map->low = options->low;
    map->high = options->high;
    map->above.rate = options->mean_gap_65536;
    map->below.rate = options->mean_gap_65536;
    status = rh_cipher_new_for(master, domain, "monotone/above", &map->above.cipher, err);
    if (status == RH_OK)
        status = rh_cipher_new_for(master, domain, "monotone/below", &map->below.cipher, err);
    if (status != RH_OK) {
        rh_monotone_free(map);
        return status;
    }
    /* A planner draws straight lines through the buckets of a histogram. */
    rh_gap_tree_even(&map->above, map->above.cipher);
    rh_gap_tree_even(&map->below, map->above.cipher);
    *out = map;
    return RH_OK;
}

void rh_monotone_free(rh_monotone *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->above.cipher);
    rh_cipher_free(map->below.cipher);
    rh_mem_free(map);
}

bool rh_monotone_map(const rh_monotone *map, int64_t value, int64_t *out)
{
    bool below = value < map->origin;
    uint64_t origin = (uint64_t)map->origin;
    uint64_t distance = below ? origin - (uint64_t)value : (uint64_t)value - origin;
    gap_spot spot;

    if (value == map->origin) {
        *out = value;
        return true;
    }
    /* Position d - 1 owns the gap in front of distance d: the origin itself has none. */
    if (!rh_gap_tree_at(below ? &map->below : &map->above, distance - 1, &spot))
        return false;

    rh_wide moved = (rh_wide)distance + spot.before + scale64(spot.random, spot.own + 1);
    rh_wide room = below ? origin - (uint64_t)map->low : (uint64_t)map->high - origin;

    if (moved > room)
        return false;
    *out = (int64_t)(below ? origin - (uint64_t)moved : origin + (uint64_t)moved);
    return true;
}
