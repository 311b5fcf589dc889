#include "damage.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/mem.h"
#include "report_json.h"

struct rh_damage {
    pthread_mutex_t lock;
    json_t *list;
    uint64_t omitted;
};

rh_damage *rh_damage_new(void)
{
    rh_damage *damage = rh_mem_zalloc(sizeof *damage);

    if (damage == NULL)
        return NULL;
    damage->list = json_array();
    if (damage->list == NULL || pthread_mutex_init(&damage->lock, NULL) != 0) {
        json_decref(damage->list);
        rh_mem_free(damage);
        return NULL;
    }
    return damage;
}

void rh_damage_free(rh_damage *damage)
{
    if (damage == NULL)
        return;
    json_decref(damage->list);
    pthread_mutex_destroy(&damage->lock);
    rh_mem_free(damage);
}

static rh_status append(json_t *list, const rh_damage_place *place, const char *what, rh_error *err)
{
    json_t *entry = json_object();
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(entry, "snapshot", rh_report_text(place->snapshot), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "table", rh_report_text(place->table), err);
    if (status == RH_OK)
        status = rh_report_set(
            entry, "chunk", place->chunk < 0 ? json_null() : json_integer((json_int_t)place->chunk),
            err);
    if (status == RH_OK)
        status = rh_report_set(entry, "pack", rh_report_text(place->pack), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "what", rh_report_text(what), err);
    if (status == RH_OK)
        status = rh_report_append(list, json_incref(entry), err);
    json_decref(entry);
    return status;
}

rh_status rh_damage_add(rh_damage *damage, const rh_damage_place *place, rh_error *err,
                        const char *format, ...)
{
    char what[RH_ERROR_TEXT_BYTES];
    rh_status status = RH_OK;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    pthread_mutex_lock(&damage->lock);
    if (json_array_size(damage->list) >= RH_DAMAGE_MAX)
        damage->omitted++;
    else
        status = append(damage->list, place, what, err);
    pthread_mutex_unlock(&damage->lock);
    return status;
}

rh_status rh_damage_take(rh_damage *damage, const rh_damage_place *place, const rh_error *why,
                         rh_error *err)
{
    if (why->code == RH_ENOMEM || why->code == RH_ECANCELED)
        return rh_error_set(err, why->code, "%s", why->text);
    return rh_damage_add(damage, place, err, "%s", why->text);
}

bool rh_damage_full(rh_damage *damage)
{
    bool full;

    pthread_mutex_lock(&damage->lock);
    full = json_array_size(damage->list) >= RH_DAMAGE_MAX;
    pthread_mutex_unlock(&damage->lock);
    return full;
}

bool rh_damage_any(const rh_damage *damage)
{
    return json_array_size(damage->list) > 0;
}

json_t *rh_damage_list(const rh_damage *damage)
{
    return damage->list;
}

uint64_t rh_damage_omitted(const rh_damage *damage)
{
    return damage->omitted;
}
