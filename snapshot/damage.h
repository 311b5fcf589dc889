/*
 * What verify found, from any thread: the first ones in full, the rest counted.
 */
#ifndef SNAPSHOT_DAMAGE_H
#define SNAPSHOT_DAMAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

enum { RH_DAMAGE_MAX = 1000 };

typedef struct rh_damage rh_damage;

/** Where it is; NULL and -1 for what does not apply. chunk: number in the table, from 0, or entry
 * of the pack when no table is known. */
typedef struct rh_damage_place {
    const char *snapshot;
    const char *table;
    int64_t chunk;
    const char *pack;
} rh_damage_place;

rh_damage *rh_damage_new(void) RH_MUST_CHECK;
void rh_damage_free(rh_damage *damage);

/** Note one finding. RH_ENOMEM only. Any thread. */
rh_status rh_damage_add(rh_damage *damage, const rh_damage_place *place, rh_error *err,
                        const char *format, ...) RH_MUST_CHECK RH_PRINTF(4, 5);

/**
 * A step failed with this status: is it damage (noted, RH_OK, the search goes on) or the end of the
 * search (memory, interrupt: passed on to err)? why: the error that the step recorded. Any thread.
 */
rh_status rh_damage_take(rh_damage *damage, const rh_damage_place *place, const rh_error *why,
                         rh_error *err) RH_MUST_CHECK;

/** True when further findings are only counted. Any thread. */
bool rh_damage_full(rh_damage *damage);

bool rh_damage_any(const rh_damage *damage);

/** The array of findings (borrowed) and how many more there were. After all threads ended. */
json_t *rh_damage_list(const rh_damage *damage);
uint64_t rh_damage_omitted(const rh_damage *damage);

#endif
