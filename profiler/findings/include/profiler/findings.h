/*
 * Findings: what is wrong with a plan, by stable names (docs/findings.md), each with a number, the
 * threshold it crossed, and advice. Pure functions of plan, statistics, text and configuration.
 */
#ifndef PROFILER_FINDINGS_H
#define PROFILER_FINDINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/doc.h"
#include "core/plan.h"
#include "core/sql_levels.h"

typedef enum rh_severity {
    RH_SEVERITY_OFF, /* configuration only: never reported */
    RH_SEVERITY_NOTE,
    RH_SEVERITY_WARNING,
    RH_SEVERITY_ERROR,
} rh_severity;

const char *rh_severity_name(rh_severity severity); /* "note", "warning", "error", "off" */
/** False for other text. */
bool rh_severity_from_name(const char *name, rh_severity *out);

/* ---- configuration ---- */

enum { RH_FINDING_LIMITS = 3 };

typedef enum rh_finding_kind {
    RH_FINDING_CORRELATED_SUBQUERY,
    RH_FINDING_LOST_HASH_SUBPLAN,
    RH_FINDING_RESCANNED_SUBQUERY,
    RH_FINDING_RESCANNED_CTE,
    RH_FINDING_SELECTIVE_SEQ_SCAN,
    RH_FINDING_FILTERED_INDEX_SCAN,
    RH_FINDING_NESTED_LOOP_RESCAN,
    RH_FINDING_OFFSET_PAGINATION,
    RH_FINDING_CARTESIAN_PRODUCT,
    RH_FINDING_EXPRESSION_DEFEATS_INDEX,
    RH_FINDING_TYPE_DEFEATS_INDEX,
    RH_FINDING_FOREIGN_KEY_WITHOUT_INDEX,
    RH_FINDING_AUTOMATIC_INDEX,
    RH_FINDING_TEMP_BTREE,
    RH_FINDING_ROW_MISESTIMATE,
    RH_FINDING_STALE_STATISTICS,
    RH_FINDING_LOW_QUALITY_INDEX,
    RH_FINDING_SORT_SPILL,
    RH_FINDING_HASH_SPILL,
    RH_FINDING_LOSSY_BITMAP,
    RH_FINDING_JIT_OVERHEAD,
    RH_FINDING_KINDS,
} rh_finding_kind;

/** A limit of a finding: "rows", its default. */
typedef struct rh_finding_limit {
    const char *name; /* NULL: not used */
    double value;
} rh_finding_limit;

typedef struct rh_finding_rule {
    const char *name;     /* "correlated-subquery" */
    const char *group;    /* "subqueries", "access", "estimates", "memory" */
    rh_severity severity; /* as reported; a rule may report one step less, never more */
    rh_finding_limit limits[RH_FINDING_LIMITS];
} rh_finding_rule;

typedef struct rh_finding_config {
    rh_finding_rule rules[RH_FINDING_KINDS];
} rh_finding_config;

/** Every rule with its defaults. */
rh_finding_config rh_finding_config_default(void);

/**
 * Read the member "findings" of a configuration: {NAME: {severity: note|warning|error|off, LIMIT:
 * number}}, or {NAME: off}. What it does not name stays. RH_ECONFIG with file, line and column.
 */
rh_status rh_finding_config_read(const rh_doc *doc, const json_t *findings,
                                 rh_finding_config *config, rh_error *err) RH_MUST_CHECK;

/* ---- findings ---- */

/** Columns that an index would begin with; names as SQL, quoted where needed. */
typedef struct rh_finding_index {
    const char *schema; /* NULL for SQLite */
    const char *table;  /* NULL: no index is proposed */
    const char *const *columns;
    size_t column_count;
} rh_finding_index;

typedef struct rh_finding {
    rh_finding_kind kind;
    const char *name;
    rh_severity severity;
    double value;
    double threshold;
    const char *unit; /* "rows", "loops", "%" .. */
    bool model;       /* from estimates: the plan was not executed */
    size_t node;      /* of the plan; RH_PLAN_NO_NODE = the statement */
    size_t subquery;  /* root of the subquery that it is about; RH_PLAN_NO_NODE = none */
    const char *what; /* one sentence, no full stop */
    const char *advice;
    rh_finding_index index;
    bool to_prove; /* only worth telling if a trial of `index` shows that it pays */
    size_t offset; /* place in the text that the rule knows; RH_SQL_NONE = by the plan node */
    size_t length;
} rh_finding;

/** The subquery of the text that a part of the plan was made of. */
typedef struct rh_finding_origin {
    const rh_sql_level *level;
    double runs;  /* RH_PLAN_UNKNOWN where nobody counted */
    bool in_text; /* level is one of the statement's own, not of a view's */
} rh_finding_origin;

typedef struct rh_finding_input {
    const rh_plan *plan;
    const json_t *tables; /* rh_profile_tables(): the array; NULL = nothing is known */
    const json_t *reads;  /* reads of rh_profile_result; NULL = not known */
    const json_t *about;  /* rh_profile_about(); NULL allowed */
    rh_sql_dialect dialect;
    const char *sql; /* the statement; may be NULL */
    size_t sql_len;
    const rh_sql_levels *levels; /* of it; NULL: rules that need the text are silent */
    const rh_finding_config *config;
    double library_version; /* SQLite of production, e.g. 3045001; 0 = the same */
    /** The subquery whose part of the plan begins at the node; false where that is not certain.
     * NULL: nothing is known, rules go by the plan alone. */
    bool (*origin)(void *ctx, size_t node, rh_finding_origin *out);
    void *origin_ctx;
} rh_finding_input;

typedef struct rh_findings rh_findings;

/** Every rule on one statement; worst first, then by place in the plan. RH_ENOMEM only. The input
 * is borrowed for the call. */
rh_status rh_findings_new(const rh_finding_input *input, rh_findings **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_findings_free(rh_findings *findings);
size_t rh_findings_count(const rh_findings *findings);
const rh_finding *rh_findings_at(const rh_findings *findings, size_t index);

/** The worst severity; RH_SEVERITY_OFF without findings. */
rh_severity rh_findings_worst(const rh_findings *findings);

#endif
