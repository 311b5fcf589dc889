/*
 * Mask a captured workload: literals and parameters go through the masks of the columns that they
 * are compared with or written to, so that a replay on the masked copy finds the masked rows.
 */
#ifndef REHEARSE_MASK_WORKLOAD_H
#define REHEARSE_MASK_WORKLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <rehearse/anonymize.h>

struct rh_cancel;

typedef struct rh_mask_workload_options {
    const char *from;      /* workload file; not NULL */
    const char *to;        /* the masked one; not NULL, another file */
    const char *structure; /* text of the section "structure" of the captured database */
    size_t structure_len;
    bool replace;           /* `to` may exist */
    bool keep_unattributed; /* pass on, raw, values that no column could be found for */
    const struct rh_cancel *cancel;
} rh_mask_workload_options;

/**
 * An execution with a value that cannot be attributed, or that its mask cannot mask alone (it reads
 * other columns, a command computes it, a pattern), is left out and counted, unless
 * keep_unattributed. Plans, comments, and who was connected from where are always left out. An
 * anonymizer does this once, and nothing else besides.
 *
 * *out: {"executions","written","dropped","reasons":[{"reason","executions"}],"masked","kept",
 * "unattributed","order_lost","plans_dropped"}; new reference. RH_ECONFIG when the rules do not fit
 * the structure, RH_EFORMAT for a damaged workload, RH_EEXISTS, RH_EUSAGE (same file), RH_EIO.
 */
RH_API rh_status rh_anonymizer_mask_workload(rh_anonymizer *anonymizer,
                                             const rh_mask_workload_options *options, json_t **out,
                                             rh_error *err) RH_MUST_CHECK;

#endif
