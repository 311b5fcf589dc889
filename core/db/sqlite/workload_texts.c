#include "workload_texts.h"

#include <string.h>

#include "core/mem.h"

enum {
    FIRST_SLOTS = 1024,
    MAX_SLOTS = 1 << 21, /* of 24 bytes: 48 MiB */
};

typedef struct rh_workload_slot {
    rh_u128 key;
    uint64_t id; /* 0: free */
} slot;

void rh_workload_texts_init(rh_workload_texts *texts)
{
    memset(texts, 0, sizeof *texts);
    rh_random(texts->secret, sizeof texts->secret);
}

void rh_workload_texts_done(rh_workload_texts *texts)
{
    rh_mem_free(texts->slots);
    texts->slots = NULL;
    texts->count = 0;
}

static slot *find(slot *slots, size_t mask, rh_u128 key)
{
    size_t at = (size_t)key.low & mask;

    while (slots[at].id != 0 && (slots[at].key.low != key.low || slots[at].key.high != key.high))
        at = (at + 1) & mask;
    return &slots[at];
}

/* Room for one more: half full at most. */
static rh_status grow(rh_workload_texts *texts, rh_error *err)
{
    size_t count = texts->slots == NULL ? FIRST_SLOTS : (texts->mask + 1) * 2;
    slot *slots;

    if (texts->slots != NULL && texts->count < (texts->mask + 1) / 2)
        return RH_OK;
    if (count > MAX_SLOTS) {
        memset(texts->slots, 0, (texts->mask + 1) * sizeof *texts->slots);
        texts->count = 0;
        return RH_OK;
    }
    slots = rh_mem_array(count, sizeof *slots);
    if (slots == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; texts->slots != NULL && i <= texts->mask; i++) {
        if (texts->slots[i].id != 0)
            *find(slots, count - 1, texts->slots[i].key) = texts->slots[i];
    }
    rh_mem_free(texts->slots);
    texts->slots = slots;
    texts->mask = count - 1;
    return RH_OK;
}

rh_status rh_workload_texts_get(rh_workload_texts *texts, const char *text, size_t len,
                                uint64_t next, uint64_t *out, rh_error *err)
{
    rh_u128 key = rh_hash_row(texts->secret, text, len);
    rh_status status = grow(texts, err);
    slot *found;

    if (status != RH_OK)
        return status;
    found = find(texts->slots, texts->mask, key);
    if (found->id == 0) {
        found->key = key;
        found->id = next;
        texts->count++;
    }
    *out = found->id;
    return RH_OK;
}
