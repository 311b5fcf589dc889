/*
 * A call's cache: loaded once, then asked in memory, as the fix of v10.4.6 did. A key's digest is
 * that of its rows without the key column.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "block_replay_internal.h"
#include "core/mem.h"

typedef struct loading {
    replayed_call *call;
    size_t key; /* column */
} loading;

enum { NUMBER_BYTES = 24 };

/* Texts and bytes as they are, whole numbers in digits, whichever side has them so; NULL: nothing
 * that is found by its value. */
static const char *key_of(const rh_parameter *value, char number[NUMBER_BYTES], size_t *out_len)
{
    if (value->kind == RH_PARAMETER_INTEGER) {
        *out_len = (size_t)snprintf(number, NUMBER_BYTES, "%" PRId64, value->integer);
        return number;
    }
    *out_len = value->len;
    return value->kind == RH_PARAMETER_TEXT || value->kind == RH_PARAMETER_BLOB ? value->data
                                                                                : NULL;
}

static json_t *entry_of(json_t *cache, const char *key, size_t len)
{
    json_t *entry = json_object_getn(cache, key, len);

    if (entry != NULL)
        return entry;
    entry = json_pack("[I, I]", (json_int_t)0, (json_int_t)0);
    return entry != NULL && json_object_setn_new_nocheck(cache, key, len, entry) == 0 ? entry
                                                                                      : NULL;
}

static rh_status take_row(void *ctx, const rh_parameter *values, size_t count, rh_error *err)
{
    loading *load = ctx;
    rh_block_replay_digest digest = {1, 0, true};
    json_t *entry, *low, *high;
    char number[NUMBER_BYTES];
    size_t len = 0;
    const char *key = key_of(&values[load->key], number, &len);

    if (key == NULL)
        return RH_OK; /* NULL is found by nobody */
    entry = entry_of(load->call->cache, key, len);
    if (entry == NULL)
        return rh_error_oom(err);
    if (load->call->figures.call->result != RH_CALLS_EXISTS) {
        rh_parameter rest[64];
        size_t kept = 0;

        for (size_t i = 0; i < count && kept < 64; i++) {
            if (i != load->key)
                rest[kept++] = values[i];
        }
        rh_block_replay_hash_row(rest, kept, &digest);
    }
    low = json_array_get(entry, 0);
    high = json_array_get(entry, 1);
    (void)json_integer_set(low, (json_int_t)((uint64_t)json_integer_value(low) + digest.low));
    (void)json_integer_set(high, (json_int_t)((uint64_t)json_integer_value(high) + digest.high));
    return RH_OK;
}

rh_status rh_block_replay_cache_load(rh_block_replay *replay, replayed_call *call, rh_error *err)
{
    const rh_calls_call *from = call->figures.call;
    rh_call_statement *statement = NULL;
    loading load = {.call = call};
    const rh_call_run run = {.row = take_row, .ctx = &load};
    const char *column;
    rh_status status = rh_call_prepare(replay->session, from->cache_sql, &statement, err);

    if (status != RH_OK)
        return status;
    while ((column = rh_call_column(statement, load.key)) != NULL &&
           strcmp(column, from->cache_key) != 0)
        load.key++;
    if (column == NULL)
        status =
            rh_error_set(err, RH_ECONFIG, "the cache's result has no column '%s'", from->cache_key);
    call->cache = json_object();
    if (status == RH_OK && call->cache == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_call_execute(statement, &run, &call->figures.counters, err);
    rh_call_statement_free(statement);
    return status;
}

void rh_block_replay_cache_look(replayed_call *call, const rh_calls_unit *unit,
                                rh_block_replay_digest *digest)
{
    const rh_calls_call *from = call->figures.call;
    const rh_parameter value = rh_calls_value(unit, from->cache_field);
    char number[NUMBER_BYTES];
    size_t len = 0;
    const char *key = key_of(&value, number, &len);
    const json_t *entry = key == NULL ? NULL : json_object_getn(call->cache, key, len);

    if (entry == NULL)
        return;
    digest->low = from->result == RH_CALLS_EXISTS
                      ? 1
                      : (uint64_t)json_integer_value(json_array_get(entry, 0));
    digest->high = from->result == RH_CALLS_EXISTS
                       ? 0
                       : (uint64_t)json_integer_value(json_array_get(entry, 1));
}
