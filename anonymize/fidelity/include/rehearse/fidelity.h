/*
 * Does a copy plan like production? Planner statistics and plans of two databases, compared; values
 * are never compared or printed, as masks change them. docs/fidelity.md has formulas and JSON.
 */
#ifndef REHEARSE_FIDELITY_H
#define REHEARSE_FIDELITY_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

struct json_t; /* jansson */
struct rh_cancel;
struct rh_progress;

/** How the values of a query read on the masked side. */
typedef struct rh_fidelity_translator {
    /** The text for there, in *out (borrowed until the next call). RH_SKIPPED, with why in *why
     * (static): it cannot be told; the query is not sent there then. */
    rh_status (*text)(void *ctx, const char *sql, const char **out, const char **why,
                      rh_error *err);
    void *ctx;
    bool both; /* the source is masked, too: a masked snapshot */
} rh_fidelity_translator;

typedef struct rh_fidelity_options {
    const char *const *queries; /* .sql files and folders of them, NULL-terminated; NULL = none */
    const char *workload;       /* a captured workload, whose statements are queries; NULL = none */
    const rh_fidelity_translator *translator; /* NULL: the texts are the same on both sides */
    const char *const *include;               /* globs of tables, NULL-terminated; NULL = all */
    const char *const *exclude;
    size_t floor;         /* times to ANALYZE the copy in a transaction that is rolled back; 0 */
    double max_qerror;    /* largest ratio of estimated rows that is good; default 2 */
    double max_cost;      /* largest ratio of total costs that is good; default 1.5 */
    int min_score;        /* 0 to 100; -1: 80 without queries, 0 with queries (default) */
    bool ignore_settings; /* judge plans although planner settings differ */
    const struct rh_cancel *cancel; /* may be NULL */
    struct rh_progress *progress;   /* may be NULL */
} rh_fidelity_options;

#define RH_FIDELITY_OPTIONS_INIT                                                                   \
    {                                                                                              \
        NULL, NULL, NULL, NULL, NULL, 0, 2.0, 1.5, -1, false, NULL, NULL                           \
    }

typedef enum rh_fidelity_verdict {
    RH_FIDELITY_GOOD,
    RH_FIDELITY_BAD,
    RH_FIDELITY_UNKNOWN, /* settings differ, or a query cannot be planned on the source */
} rh_fidelity_verdict;

/**
 * Compare two live databases of the same engine. Both are only read, but for the trials of
 * options->floor (see rh_trial_open in core/engine.h for what these need).
 *
 * *out: the report (new reference). RH_EUSAGE (different engines, a query file without a
 * statement), RH_ENOTFOUND, RH_ECONNECT, RH_EDB, RH_EUNSUPPORTED, RH_EPRIVILEGE (floor),
 * RH_ECANCELED. Outputs are untouched on failure.
 */
RH_API rh_status rh_fidelity_compare(const char *source, const char *target,
                                     const rh_fidelity_options *options, struct json_t **out,
                                     rh_fidelity_verdict *out_verdict, rh_error *err) RH_MUST_CHECK;

/** What a snapshot holds of its source's statistics; all borrowed, missing texts may be NULL. */
typedef struct rh_fidelity_stored {
    const char *name;           /* for the report: the snapshot's id */
    const struct json_t *facts; /* the manifest's "source" */
    const char *statistics;     /* PostgreSQL: section "statistics" */
    const char *schema;         /* SQLite: section "schema" */
    const char *stat1;          /* SQLite: rows of sqlite_stat1 as rh_rows_render writes them */
} rh_fidelity_stored;

/**
 * As rh_fidelity_compare with the statistics that a snapshot holds. With options->queries the
 * source's plans are made under these, without the source: for SQLite on its schema without rows,
 * in memory; for PostgreSQL inside the target, in a transaction that is rolled back, on the
 * target's pages. The latter needs the staging mark (RH_EUSAGE) and a superuser (RH_EPRIVILEGE).
 */
RH_API rh_status rh_fidelity_compare_stored(const rh_fidelity_stored *source, const char *target,
                                            const rh_fidelity_options *options, struct json_t **out,
                                            rh_fidelity_verdict *out_verdict,
                                            rh_error *err) RH_MUST_CHECK;

#endif
