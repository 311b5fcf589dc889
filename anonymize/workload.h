/*
 * The parts of masking a workload: what a value becomes, what a text becomes, the run.
 */
#ifndef ANONYMIZE_WORKLOAD_H
#define ANONYMIZE_WORKLOAD_H

#include "anonymize/literals.h"
#include "core/buf.h"
#include "core/workload.h"
#include "filter.h"

typedef struct workload_masker {
    rh_literals literals; /* its scratch: of one execution */
    bool keep_unattributed;
    uint64_t kept;
    uint64_t unattributed;
} workload_masker;

/** For statements of the database whose section "structure" is given. In place: it must not move
 * afterwards. Done also after a failure. RH_ECONFIG when the rules do not fit the structure. */
rh_status workload_masker_init(workload_masker *masker, rh_anonymizer *anonymizer,
                               rh_engine_kind engine, const char *structure, size_t len,
                               rh_error *err) RH_MUST_CHECK;
void workload_masker_done(workload_masker *masker);

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
