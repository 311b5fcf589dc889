/*
 * The rules, their groups, severities and default limits (facts: what peers agree on), and how a
 * configuration changes them.
 */
#include <string.h>

#include "core/str.h"
#include "profiler/findings.h"

#define ONE(a, x)                                                                                  \
    {                                                                                              \
        {a, x}, {NULL, 0}, {NULL, 0},                                                              \
    }
#define TWO(a, x, b, y)                                                                            \
    {                                                                                              \
        {a, x}, {b, y}, {NULL, 0},                                                                 \
    }
#define THREE(a, x, b, y, c, z)                                                                    \
    {                                                                                              \
        {a, x}, {b, y}, {c, z},                                                                    \
    }

/* Order of limits: as the rules ask for them, by position. */
static const rh_finding_config defaults =
    {
        .rules =
            {
                [RH_FINDING_CORRELATED_SUBQUERY] = {"correlated-subquery", "subqueries",
                                                    RH_SEVERITY_ERROR,
                                                    TWO("loops", 1000, "rows", 1000000)},
                [RH_FINDING_LOST_HASH_SUBPLAN] = {"lost-hash-subplan", "subqueries",
                                                  RH_SEVERITY_ERROR,
                                                  THREE("loops", 10, "rows", 10000, "headroom", 4)},
                [RH_FINDING_RESCANNED_SUBQUERY] = {"rescanned-subquery", "subqueries",
                                                   RH_SEVERITY_WARNING,
                                                   TWO("loops", 1000, "rows", 1000000)},
                [RH_FINDING_RESCANNED_CTE] = {"rescanned-cte", "subqueries", RH_SEVERITY_WARNING,
                                              TWO("loops", 10, "rows", 10000)},
                [RH_FINDING_SELECTIVE_SEQ_SCAN] = {"selective-seq-scan", "access",
                                                   RH_SEVERITY_WARNING,
                                                   THREE("keep", 5, "pages", 1000, "rows", 50000)},
                [RH_FINDING_FILTERED_INDEX_SCAN] = {"filtered-index-scan", "access",
                                                    RH_SEVERITY_WARNING,
                                                    THREE("removed", 90, "rows", 1000, "share",
                                                          10)},
                [RH_FINDING_NESTED_LOOP_RESCAN] = {"nested-loop-rescan", "access",
                                                   RH_SEVERITY_WARNING,
                                                   TWO("rows", 100000, "share", 50)},
                [RH_FINDING_OFFSET_PAGINATION] = {"offset-pagination", "access",
                                                  RH_SEVERITY_WARNING, ONE("rows", 1000)},
                [RH_FINDING_CARTESIAN_PRODUCT] = {"cartesian-product", "access", RH_SEVERITY_ERROR,
                                                  TWO("rows", 1000, "share", 90)},
                [RH_FINDING_EXPRESSION_DEFEATS_INDEX] = {"expression-defeats-index", "access",
                                                         RH_SEVERITY_WARNING, ONE("rows", 1000)},
                [RH_FINDING_TYPE_DEFEATS_INDEX] = {"type-defeats-index", "access",
                                                   RH_SEVERITY_WARNING, ONE("rows", 1000)},
                [RH_FINDING_FOREIGN_KEY_WITHOUT_INDEX] = {"foreign-key-without-index", "access",
                                                          RH_SEVERITY_WARNING, ONE("rows", 1000)},
                [RH_FINDING_AUTOMATIC_INDEX] = {"automatic-index", "access", RH_SEVERITY_WARNING,
                                                ONE("rows", 1000)},
                [RH_FINDING_TEMP_BTREE] = {"temp-btree", "access", RH_SEVERITY_NOTE,
                                           ONE("rows", 10000)},
                [RH_FINDING_ROW_MISESTIMATE] = {"row-misestimate", "estimates", RH_SEVERITY_WARNING,
                                                TWO("factor", 10, "rows", 100)},
                [RH_FINDING_STALE_STATISTICS] = {"stale-statistics",
                                                 "estimates", RH_SEVERITY_WARNING,
                                                 TWO("changed", 20, "rows", 1000)},
                [RH_FINDING_LOW_QUALITY_INDEX] = {"low-quality-index",
                                                  "estimates", RH_SEVERITY_ERROR, ONE("rows", 100)},
                [RH_FINDING_SORT_SPILL] = {"sort-spill", "memory",
                                           RH_SEVERITY_WARNING, ONE("kb", 1024)},
                [RH_FINDING_HASH_SPILL] = {"hash-spill", "memory",
                                           RH_SEVERITY_WARNING, ONE("batches", 1)},
                [RH_FINDING_LOSSY_BITMAP] = {"lossy-bitmap", "memory", RH_SEVERITY_WARNING,
                                             TWO("blocks", 100, "share", 10)},
                [RH_FINDING_JIT_OVERHEAD] = {"jit-overhead", "memory",
                                             RH_SEVERITY_NOTE, TWO("share", 50, "ms", 20)},
            },
};

rh_finding_config rh_finding_config_default(void)
{
    return defaults;
}

static const char *const severity_names[] = {"off", "note", "warning", "error"};

const char *rh_severity_name(rh_severity severity)
{
    return severity_names[severity];
}

bool rh_severity_from_name(const char *name, rh_severity *out)
{
    for (size_t i = 0; name != NULL && i < sizeof severity_names / sizeof severity_names[0]; i++) {
        if (strcmp(severity_names[i], name) == 0) {
            *out = (rh_severity)i;
            return true;
        }
    }
    return false;
}

static rh_status read_severity(const rh_doc *doc, const json_t *parent, const char *key,
                               rh_severity *out, rh_error *err)
{
    if (rh_severity_from_name(json_string_value(json_object_get(parent, key)), out))
        return RH_OK;
    return rh_doc_error(doc, rh_doc_value_pos(doc, parent, key), err,
                        "a severity is note, warning, error or off");
}

static rh_status read_rule(const rh_doc *doc, json_t *json, rh_finding_rule *rule, rh_error *err)
{
    const char *known[RH_FINDING_LIMITS + 2] = {"severity"};
    size_t count = 1;
    rh_status status;

    for (size_t i = 0; i < RH_FINDING_LIMITS; i++)
        if (rule->limits[i].name != NULL)
            known[count++] = rule->limits[i].name;
    status = rh_doc_check_keys(doc, json, known, rule->name, err);
    if (status == RH_OK && json_object_get(json, "severity") != NULL)
        status = read_severity(doc, json, "severity", &rule->severity, err);
    for (size_t i = 0; status == RH_OK && i + 1 < count; i++) {
        const json_t *value = json_object_get(json, rule->limits[i].name);

        if (value == NULL)
            continue;
        if (!json_is_number(value) || json_number_value(value) < 0)
            return rh_doc_error(doc, rh_doc_value_pos(doc, json, rule->limits[i].name), err,
                                "'%s' is a number of 0 or more", rule->limits[i].name);
        rule->limits[i].value = json_number_value(value);
    }
    return status;
}

rh_status rh_finding_config_read(const rh_doc *doc, const json_t *findings,
                                 rh_finding_config *config, rh_error *err)
{
    const char *known[RH_FINDING_KINDS + 1] = {NULL};
    rh_status status;

    if (findings == NULL)
        return RH_OK;
    if (!json_is_object(findings))
        return rh_doc_error(doc, (rh_doc_pos){1, 1}, err, "'findings' is a list of names");
    for (size_t i = 0; i < RH_FINDING_KINDS; i++)
        known[i] = config->rules[i].name;
    status = rh_doc_check_keys(doc, findings, known, "in 'findings'", err);
    for (size_t i = 0; status == RH_OK && i < RH_FINDING_KINDS; i++) {
        json_t *json = json_object_get(findings, known[i]);

        if (json_is_object(json))
            status = read_rule(doc, json, &config->rules[i], err);
        else if (json != NULL)
            status = read_severity(doc, findings, known[i], &config->rules[i].severity, err);
    }
    return status;
}
