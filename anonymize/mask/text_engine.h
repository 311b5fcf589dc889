/*
 * Injective masking of any text by character class, short texts included: FPE where the pattern has
 * a million texts or more, below that two prefix-preserving passes in opposite directions.
 */
#ifndef RH_TEXT_ENGINE_H
#define RH_TEXT_ENGINE_H

#include "anonymize/mask_key.h"
#include "core/arena.h"
#include "core/row_fields.h"

typedef struct text_engine text_engine;

rh_status text_engine_open(const rh_mask_key *key, const char *domain, bool fold_case,
                           text_engine **out, rh_error *err);
void text_engine_close(text_engine *engine);

/** A text that is changed in place; json_number: it is a JSON number and stays one. */
typedef struct text_job {
    char *text;
    size_t len;
    bool json_number;
} text_job;

/**
 * Texts that are integers as SQLite writes them stay so, and others do not become one: 12 and '12'
 * have the same image. RH_ENOMEM.
 */
rh_status text_engine_map(text_engine *engine, const text_job *job, rh_arena *scratch,
                          rh_error *err);

/** The same for count texts, faster than one by one. */
rh_status text_engine_map_many(text_engine *engine, const text_job *jobs, size_t count,
                               rh_arena *scratch, rh_error *err);

#endif
