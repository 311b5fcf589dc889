/*
 * Anonymize: a rule file and a key become a row filter for snapshots, mirrors and re-masking.
 */
#ifndef REHEARSE_ANONYMIZE_H
#define REHEARSE_ANONYMIZE_H

#include <rehearse/error.h>

struct rh_row_filter;
struct rh_problems;

typedef struct rh_anonymizer rh_anonymizer;

typedef struct rh_anonymizer_options {
    const char *rules_file;       /* not NULL */
    const char *key_file;         /* overrides the rule file's key; NULL = the rule file's */
    struct rh_problems *problems; /* all complaints, not NULL; outlives the anonymizer */
    const char *seen_file; /* where the keyed filter of raw values seen is sealed for `leaks`;
                              NULL = not kept */
} rh_anonymizer_options;

/**
 * Read rules and key. The database is seen later, through the filter's begin (which gets the
 * "structure" section by way of rh_anonymizer_structure). RH_ECONFIG, RH_EKEY, RH_ENOTFOUND.
 */
RH_API rh_status rh_anonymizer_new(const rh_anonymizer_options *options, rh_anonymizer **out,
                                   rh_error *err) RH_MUST_CHECK;
RH_API void rh_anonymizer_free(rh_anonymizer *anonymizer);

/**
 * After the last row: write the side file for `rehearse leaks`, sealed under the mask key. Without
 * options.seen_file nothing happens. RH_EIO, RH_ENOMEM.
 */
RH_API rh_status rh_anonymizer_write_seen(rh_anonymizer *anonymizer, rh_error *err) RH_MUST_CHECK;

/** The filter; borrowed, lives as long as the anonymizer. */
RH_API const struct rh_row_filter *rh_anonymizer_filter(rh_anonymizer *anonymizer);

#endif
