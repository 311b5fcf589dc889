/*
 * Configuration of findings, their order, and failing allocations. What each rule finds is told by
 * the corpus, tests/data/plans.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/plan_postgres.h"
#include "core/str.h"
#include "fail_nth.h"
#include "profiler/findings.h"

/* A SubPlan of 2000 runs, a sort on disk, JIT that took 80 of 100 ms. */
static const char plan_text[] =
    "{\"Plan\": {\"Node Type\": \"Sort\", \"Actual Rows\": 2000, \"Actual Loops\": 1, "
    "\"Plan Rows\": 2000, \"Sort Method\": \"external merge\", \"Sort Space Used\": 5000, "
    "\"Sort Space Type\": \"Disk\", \"Plans\": [{\"Node Type\": \"Seq Scan\", "
    "\"Parent Relationship\": \"Outer\", \"Relation Name\": \"a\", \"Alias\": \"a\", "
    "\"Actual Rows\": 2000, \"Actual Loops\": 1, \"Plan Rows\": 2000, "
    "\"Output\": [\"a.id\", \"(SubPlan 1)\"], \"Plans\": [{\"Node Type\": \"Aggregate\", "
    "\"Strategy\": \"Plain\", \"Parent Relationship\": \"SubPlan\", \"Subplan Name\": "
    "\"SubPlan 1\", \"Actual Rows\": 1, \"Actual Loops\": 2000, \"Plan Rows\": 1}]}]}, "
    "\"JIT\": {\"Functions\": 9, \"Timing\": {\"Total\": 80.0}}, \"Execution Time\": 100.0}";

static rh_plan *read_plan(void)
{
    rh_plan *plan = NULL;

    assert_int_equal(rh_plan_read_postgres("p", plan_text, strlen(plan_text), &plan, NULL), RH_OK);
    return plan;
}

static rh_findings *judge(const rh_plan *plan, const rh_finding_config *config)
{
    const rh_finding_input input = {.plan = plan, .dialect = RH_SQL_POSTGRES, .config = config};
    rh_findings *findings = NULL;

    assert_int_equal(rh_findings_new(&input, &findings, NULL), RH_OK);
    return findings;
}

static rh_status configure(const char *yaml, rh_finding_config *config, rh_error *err)
{
    rh_doc *doc = NULL;
    rh_status status = rh_doc_parse("t.yaml", yaml, strlen(yaml), &doc, err);

    if (status == RH_OK)
        status =
            rh_finding_config_read(doc, json_object_get(rh_doc_root(doc), "findings"), config, err);
    rh_doc_free(doc);
    return status;
}

static void findings_are_told_worst_first(void **state)
{
    const rh_finding_config config = rh_finding_config_default();
    rh_plan *plan = read_plan();
    rh_findings *findings = judge(plan, &config);

    (void)state;
    assert_int_equal(rh_findings_count(findings), 3);
    assert_string_equal(rh_findings_at(findings, 0)->name, "sort-spill");
    assert_string_equal(rh_findings_at(findings, 1)->name, "correlated-subquery");
    assert_true(rh_findings_at(findings, 1)->value == 2000);
    assert_int_equal(rh_findings_at(findings, 1)->severity, RH_SEVERITY_WARNING);
    assert_string_equal(rh_findings_at(findings, 2)->name, "jit-overhead");
    assert_int_equal(rh_findings_worst(findings), RH_SEVERITY_WARNING);
    rh_findings_free(findings);
    rh_plan_free(plan);
}

static void configuration_moves_limits_and_severities(void **state)
{
    rh_finding_config config = rh_finding_config_default();
    rh_plan *plan = read_plan();
    rh_findings *findings;

    (void)state;
    assert_int_equal(
        configure("findings:\n  sort-spill: off\n  correlated-subquery: {loops: 5000}\n"
                  "  jit-overhead: {severity: error, share: 70}\n",
                  &config, NULL),
        RH_OK);
    findings = judge(plan, &config);
    assert_int_equal(rh_findings_count(findings), 1);
    assert_string_equal(rh_findings_at(findings, 0)->name, "jit-overhead");
    assert_true(rh_findings_at(findings, 0)->threshold == 70);
    assert_int_equal(rh_findings_worst(findings), RH_SEVERITY_ERROR);
    rh_findings_free(findings);
    rh_plan_free(plan);
}

/* "Limits: loops 1000, rows 1,000,000." -> 1000000 for "rows"; -1 where it is not there. */
static double limit_in(const char *line, const char *name)
{
    char word[40];
    const char *at;
    double value = 0;

    (void)snprintf(word, sizeof word, " %s ", name);
    at = strstr(line, word);
    if (at == NULL)
        return -1;
    for (at += strlen(word); (*at >= '0' && *at <= '9') || *at == ','; at++) {
        if (*at == ',' && (at[1] < '0' || at[1] > '9'))
            break;
        if (*at != ',')
            value = value * 10 + (*at - '0');
    }
    return value;
}

static void documented_groups_severities_and_limits_are_the_defaults(void **state)
{
    const rh_finding_config config = rh_finding_config_default();
    char path[1024];
    char head[200];
    rh_buf text = RH_BUF_INIT;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/docs/findings.md", getenv("RH_SOURCE_DIR"));
    assert_int_equal(rh_fs_read(path, 1 << 20, &text, NULL), RH_OK);
    for (size_t i = 0; i < RH_FINDING_KINDS; i++) {
        const rh_finding_rule *rule = &config.rules[i];
        const char *section;
        char line[200];

        (void)snprintf(head, sizeof head, "\n## %s\n\nGroup %s, %s. Limits:", rule->name,
                       rule->group, rh_severity_name(rule->severity));
        section = strstr(rh_buf_cstr(&text), head);
        if (section == NULL)
            fail_msg("docs/findings.md lacks '%s'", head);
        section += strlen(head);
        (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(section, "\n"), section);
        for (size_t k = 0; k < RH_FINDING_LIMITS && rule->limits[k].name != NULL; k++)
            if (limit_in(line, rule->limits[k].name) != rule->limits[k].value)
                fail_msg("%s: '%s' is %g, not as in '%s'", rule->name, rule->limits[k].name,
                         rule->limits[k].value, line);
    }
    rh_buf_done(&text);
}

static void wrong_configuration_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *yaml;
        const char *text;
    } cases[] = {
        {"findings:\n  sort-spil: off\n", "t.yaml:2:3"},
        {"findings:\n  sort-spill: loud\n", "t.yaml:2:15"},
        {"findings:\n  sort-spill: {kb: -1}\n", "t.yaml:2:20"},
        {"findings:\n  sort-spill: {mb: 1}\n", "t.yaml:2:16"},
        {"findings: 7\n", "t.yaml:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_finding_config config = rh_finding_config_default();
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(configure(cases[i].yaml, &config, &err), RH_ECONFIG);
        if (!rh_str_starts_with(err.text, cases[i].text))
            fail_msg("'%s' instead of '%s'", err.text, cases[i].text);
    }
}

static rh_status judge_once(void *ctx, rh_error *err)
{
    const rh_finding_config config = rh_finding_config_default();
    const rh_finding_input input = {.plan = ctx, .dialect = RH_SQL_POSTGRES, .config = &config};
    rh_findings *findings = NULL;
    rh_status status = rh_findings_new(&input, &findings, err);

    rh_findings_free(findings);
    return status;
}

static void judging_survives_each_failed_allocation(void **state)
{
    rh_plan *plan = read_plan();

    (void)state;
    assert_true(fail_nth(judge_once, plan) >= 3);
    rh_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_told_worst_first),
        cmocka_unit_test(configuration_moves_limits_and_severities),
        cmocka_unit_test(documented_groups_severities_and_limits_are_the_defaults),
        cmocka_unit_test(wrong_configuration_is_refused_with_its_place),
        cmocka_unit_test(judging_survives_each_failed_allocation),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
