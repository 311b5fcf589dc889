#include "anonymize/uuid_perm.h"

#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "feistel.h"

/* What a row's time may be: 1990 to 2200, in milliseconds since 1970. */
static const int64_t first_ms = INT64_C(631152000000);
static const int64_t last_ms = INT64_C(7258118400000) - 1;

struct rh_uuid_perm {
    rh_feistel whole; /* 122 bits */
    rh_feistel tail;  /* 74 bits: version 7 without its time */
    const rh_time_map *time;
    int64_t first_image; /* of the plausible times */
    int64_t last_image;
};

rh_status rh_uuid_perm_new(const rh_mask_key *master, const char *domain, const rh_time_map *time,
                           rh_uuid_perm **out, rh_error *err)
{
    rh_uuid_perm *perm = rh_mem_zalloc(sizeof *perm);

    if (perm == NULL)
        return rh_error_oom(err);

    rh_status status = rh_feistel_init(&perm->whole, master, domain, "uuid", 61, err);

    if (status == RH_OK)
        status = rh_feistel_init(&perm->tail, master, domain, "uuid/7", 37, err);
    if (status != RH_OK) {
        rh_uuid_perm_free(perm);
        return status;
    }
    perm->time = time;
    if (time != NULL && (!rh_time_map_map(time, first_ms, RH_TIME_MS, &perm->first_image) ||
                         !rh_time_map_map(time, last_ms, RH_TIME_MS, &perm->last_image))) {
        rh_uuid_perm_free(perm);
        return rh_error_set(err, RH_EUSAGE, "the map of time does not reach from 1990 to 2200");
    }
    *out = perm;
    return RH_OK;
}

void rh_uuid_perm_free(rh_uuid_perm *perm)
{
    if (perm == NULL)
        return;
    rh_feistel_done(&perm->whole);
    rh_feistel_done(&perm->tail);
    rh_mem_free(perm);
}

/*
 * A UUID as two words: time_high is 48 bits, version 4, a 12 bits; variant 2, b 62 bits. The 122
 * bits are 60 of the first word and 62 of the second: the top bit of b goes to the left half.
 */
#define LOW(bits) ((UINT64_C(1) << (bits)) - 1)

static void split_whole(uint64_t high, uint64_t low, feistel_lane *lane)
{
    uint64_t first = high >> 16 << 12 | (high & LOW(12));

    lane->half[0] = first << 1 | (low >> 61 & 1);
    lane->half[1] = low & LOW(61);
}

static void join_whole(uint64_t *high, uint64_t *low, const feistel_lane *lane)
{
    uint64_t left = (uint64_t)lane->half[0];
    uint64_t first = left >> 1;

    *high = first >> 12 << 16 | (*high & 0xf000) | (first & LOW(12));
    *low = (*low & ~LOW(62)) | (left & 1) << 61 | (uint64_t)lane->half[1];
}

/* 74 bits: a and 62 bits of b, as two halves of 37. */
static void split_tail(uint64_t high, uint64_t low, feistel_lane *lane)
{
    lane->half[0] = (high & LOW(12)) << 25 | (low >> 37 & LOW(25));
    lane->half[1] = low & LOW(37);
}

static void join_tail(uint64_t *high, uint64_t *low, const feistel_lane *lane)
{
    uint64_t left = (uint64_t)lane->half[0];

    *high = (*high & ~LOW(12)) | left >> 25;
    *low = (*low & ~LOW(62)) | (left & LOW(25)) << 37 | (uint64_t)lane->half[1];
}

static bool is_fixed(uint64_t high, uint64_t low)
{
    return (high == 0 && low == 0) || (high == UINT64_MAX && low == UINT64_MAX);
}

static void run_whole(rh_uuid_perm *perm, uint64_t *high, uint64_t *low)
{
    feistel_lane lane;

    split_whole(*high, *low, &lane);
    rh_feistel_run(&perm->whole, &lane, 1, false);
    join_whole(high, low, &lane);
}

/* Nil and max stay, so what falls on them goes on: a cycle walk of one step. */
static void walk_whole(rh_uuid_perm *perm, uint64_t *high, uint64_t *low)
{
    while (is_fixed(*high, *low))
        run_whole(perm, high, low);
}

/*
 * Version 7 with a time that a row may have: the time goes through the map. Six in a
 * hundred of random bytes with the nibble 7 look like that too; they do no harm.
 *
 * All other values of version 7 (a hash with that nibble) are permuted whole. What falls on an
 * image of the first kind goes on from that image's origin, until it does not: the walk of cycles
 * that makes both halves together one permutation.
 */
static bool time_image(const rh_uuid_perm *perm, int64_t ms, int64_t *out)
{
    return ms >= first_ms && ms <= last_ms && rh_time_map_map(perm->time, ms, RH_TIME_MS, out) &&
           *out >= 0 && (uint64_t)*out <= LOW(48);
}

/* The map increases strictly: look for the only time that can have this image. */
static bool time_origin(const rh_uuid_perm *perm, int64_t image, int64_t *out)
{
    int64_t low = first_ms;
    int64_t high = last_ms;
    int64_t found;

    if (image < perm->first_image || image > perm->last_image)
        return false;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (!rh_time_map_map(perm->time, middle, RH_TIME_MS, &found) || found < image)
            low = middle + 1;
        else
            high = middle;
    }
    *out = low;
    return time_image(perm, low, &found) && found == image;
}

static void run_tail(rh_uuid_perm *perm, uint64_t *high, uint64_t *low, bool inverse)
{
    feistel_lane lane;

    split_tail(*high, *low, &lane);
    rh_feistel_run(&perm->tail, &lane, 1, inverse);
    join_tail(high, low, &lane);
}

static void map_seven(rh_uuid_perm *perm, uint64_t *high, uint64_t *low)
{
    int64_t ms = 0;

    if (time_image(perm, (int64_t)(*high >> 16), &ms)) {
        *high = (uint64_t)ms << 16 | (*high & LOW(16));
        run_tail(perm, high, low, false);
        return;
    }
    run_whole(perm, high, low);
    while (time_origin(perm, (int64_t)(*high >> 16), &ms)) {
        run_tail(perm, high, low, true);
        *high = (uint64_t)ms << 16 | (*high & LOW(16));
        run_whole(perm, high, low);
    }
}

void rh_uuid_perm_map(rh_uuid_perm *perm, uint8_t *uuids, size_t count)
{
    feistel_lane lanes[FEISTEL_LANES];
    uint8_t *at[FEISTEL_LANES];

    for (size_t next = 0; next < count;) {
        size_t used = 0;

        for (; next < count && used < FEISTEL_LANES; next++) {
            uint8_t *uuid = uuids + RH_UUID_BYTES * next;
            uint64_t high = load_be64(uuid);
            uint64_t low = load_be64(uuid + 8);

            if (is_fixed(high, low))
                continue;
            if (perm->time != NULL && (high >> 12 & 15) == 7 && low >> 62 == 2) {
                map_seven(perm, &high, &low);
                store_be64(uuid, high);
                store_be64(uuid + 8, low);
                continue;
            }
            split_whole(high, low, &lanes[used]);
            at[used++] = uuid;
        }
        rh_feistel_run(&perm->whole, lanes, used, false);
        for (size_t i = 0; i < used; i++) {
            uint64_t high = load_be64(at[i]);
            uint64_t low = load_be64(at[i] + 8);

            join_whole(&high, &low, &lanes[i]);
            walk_whole(perm, &high, &low);
            store_be64(at[i], high);
            store_be64(at[i] + 8, low);
        }
    }
}
