/*
 * Take a snapshot of a database into a repository.
 */
#ifndef REHEARSE_SNAPSHOT_H
#define REHEARSE_SNAPSHOT_H

#include <rehearse/repository.h>

struct rh_problems;
struct rh_row_filter;

typedef struct rh_snapshot_options {
    const char *const *include; /* globs on schema.table or table; rows of others are left out */
    const char *const *exclude;
    size_t jobs;                        /* parallel readers; 0 = number of processors, at most 8 */
    uint64_t max_rate_bytes;            /* per second over all readers; 0 = no limit */
    int64_t max_hold_us;                /* hold the source snapshot no longer; 0 = no limit */
    int64_t lock_timeout_us;            /* one attempt at a table lock; default 2 s */
    int64_t lock_wait_us;               /* all attempts; default 60 s */
    size_t max_row_bytes;               /* default 512 MiB */
    const char *label;                  /* free text for the manifest, or NULL */
    const struct rh_row_filter *filter; /* mask, or NULL for a raw snapshot */
    bool unsealed_raw;                  /* allow raw rows in a repository that is not sealed */
    struct rh_problems *problems;       /* receives preflight findings and notes; not NULL */
    const struct rh_cancel *cancel;
    struct rh_progress *progress;
} rh_snapshot_options;

#define RH_SNAPSHOT_OPTIONS_INIT                                                                   \
    {                                                                                              \
        NULL, NULL, 0, 0, 0, 2000000, 60000000, (size_t)512 << 20, NULL, NULL, false, NULL, NULL,  \
            NULL                                                                                   \
    }

/**
 * Take a consistent snapshot of source (see rh_engine_of for names) into repo, which must be open
 * for writing. Nothing is read when preflight finds fatal problems (they are in problems; the
 * status is RH_EPRIVILEGE or RH_EDB).
 *
 * *out_id: the new snapshot's id (free with rh_string_free). *out: {"snapshot","tables","rows",
 * "bytes","new_bytes","chunks","new_chunks","held_us","elapsed_us","limits":[...]} (new reference).
 *
 * RH_ELIMIT: max_hold reached or a row too long; RH_EBUSY: a table stayed locked; RH_ECANCELED.
 * Whatever failed: no manifest exists, what was stored is reused by the next run or pruned.
 */
RH_API rh_status rh_snapshot_take(rh_repo *repo, const char *source,
                                  const rh_snapshot_options *options, char **out_id,
                                  struct json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
