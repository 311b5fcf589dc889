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

/** Masks texts one by one, for who asks both sides the same question. */
typedef struct rh_sql_masker rh_sql_masker;

/**
 * For statements of the database whose section "structure" is given. The anonymizer is borrowed
 * until the masker is freed, and does nothing else besides. RH_ECONFIG when the rules do not fit.
 */
RH_API rh_status rh_sql_masker_new(rh_anonymizer *anonymizer, bool postgresql,
                                   const char *structure, size_t len, rh_sql_masker **out,
                                   rh_error *err) RH_MUST_CHECK;
RH_API void rh_sql_masker_free(rh_sql_masker *masker);

/**
 * *out: the text with masked values, borrowed until the next call. RH_SKIPPED: it has a value that
 * cannot be attributed or masked; *out_why (static) says which.
 */
RH_API rh_status rh_sql_masker_text(rh_sql_masker *masker, const char *sql, const char **out,
                                    const char **out_why, rh_error *err) RH_MUST_CHECK;

#endif
