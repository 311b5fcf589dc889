/*
 * Which texts were stored already, and under which number: by hash, in bounded memory. When it is
 * full it starts again from empty, and a text may be stored twice.
 */
#ifndef WORKLOAD_TEXTS_H
#define WORKLOAD_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"

typedef struct rh_workload_texts {
    struct rh_workload_slot *slots; /* power of two, or NULL */
    size_t mask;
    size_t count;
    uint8_t secret[RH_ROW_SECRET_BYTES];
} rh_workload_texts;

/** Prepare the caller's storage, with a secret of its own: texts come from strangers. */
void rh_workload_texts_init(rh_workload_texts *texts);
void rh_workload_texts_done(rh_workload_texts *texts);

/**
 * The number of text; a new one (next) when it is not known. *out == next tells that it is new.
 * RH_ENOMEM.
 */
rh_status rh_workload_texts_get(rh_workload_texts *texts, const char *text, size_t len,
                                uint64_t next, uint64_t *out, rh_error *err) RH_MUST_CHECK;

#endif
