/*
 * The parts of masking a workload: what a value becomes, what a text becomes, the run.
 */
#ifndef ANONYMIZE_WORKLOAD_H
#define ANONYMIZE_WORKLOAD_H

#include "core/buf.h"
#include "core/sql_columns.h"
#include "core/workload.h"
#include "filter.h"

typedef struct workload_masker {
    const rh_anonymizer *anonymizer;
    rh_engine_kind engine;
    rh_sql_dialect dialect;
    rh_sql_catalog catalog;
    rh_arena *scratch; /* of one execution */
    bool keep_unattributed;
    uint64_t masked;
    uint64_t kept;
    uint64_t unattributed;
    uint64_t order_lost; /* bounds of ranges whose mask keeps no order */
} workload_masker;

/** What to do with a value. */
typedef struct workload_verdict {
    enum { WORKLOAD_KEEP, WORKLOAD_MASK, WORKLOAD_LOST } fate;
    const rh_mask *mask;
    const rh_structure_column *column;
    rh_sql_value_use use;
    const char *why; /* lost */
} workload_verdict;

/** catalog.ctx is the masker. */
void workload_catalog_init(workload_masker *masker);

workload_verdict workload_judge(const workload_masker *masker, const rh_sql_value *value,
                                const char *text);

/** RH_OK; RH_SKIPPED with *why when the value does not go through the mask. in is not changed. */
rh_status workload_mask_field(workload_masker *masker, const workload_verdict *verdict,
                              const rh_field *in, rh_field *out, const char **why, rh_error *err);

/**
 * Append the masked text. RH_SKIPPED with *why: the execution must be dropped. *out_values: those
 * of the last statement of the text, for its parameters; free with rh_sql_values_free.
 */
rh_status workload_mask_text(workload_masker *masker, const char *text, size_t len, rh_buf *out,
                             rh_sql_values **out_values, const char **why, rh_error *err);

/** Parameters into masked (as many, from scratch); codes as above. */
rh_status workload_mask_parameters(workload_masker *masker, const char *text,
                                   const rh_sql_values *values, const rh_workload_item *item,
                                   rh_parameter *masked, const char **why, rh_error *err);

#endif
