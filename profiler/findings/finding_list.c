/*
 * The list of findings and the order of the rules.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "finding_run.h"

struct rh_findings {
    rh_arena *arena;
    rh_finding *items;
    size_t count;
};

enum { MAX_TEXT_BYTES = 1024, MAX_FINDINGS = 500 };

double rh_finding_limit_of(const rh_finding_run *run, rh_finding_kind kind, size_t limit)
{
    return run->input->config->rules[kind].limits[limit].value;
}

static bool make_room(rh_finding_run *run)
{
    size_t cap = run->cap == 0 ? 16 : run->cap * 2;
    rh_finding *grown;

    if (run->count < run->cap)
        return true;
    grown = rh_mem_rearray(run->items, cap, sizeof *grown);
    if (grown == NULL) {
        run->failed = true;
        return false;
    }
    run->items = grown;
    run->cap = cap;
    return true;
}

rh_finding *rh_finding_add(rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *node,
                           double value, double threshold, const char *unit)
{
    const rh_finding_rule *rule = &run->input->config->rules[kind];
    rh_finding *item;

    if (rule->severity == RH_SEVERITY_OFF || run->count >= MAX_FINDINGS || !make_room(run))
        return NULL;
    item = &run->items[run->count++];
    *item = (rh_finding){
        .kind = kind,
        .name = rule->name,
        .severity = rule->severity,
        .value = value,
        .threshold = threshold,
        .unit = unit,
        .model = !rh_plan_executed(run->plan),
        .node = node == NULL ? RH_PLAN_NO_NODE : node->index,
        .subquery = RH_PLAN_NO_NODE,
        .what = "",
        .advice = "",
        .offset = RH_SQL_NONE,
    };
    return item;
}

const char *rh_finding_text(rh_finding_run *run, const char *format, ...)
{
    char text[MAX_TEXT_BYTES];
    const char *copy;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    copy = rh_arena_strdup(run->arena, text);
    if (copy == NULL) {
        run->failed = true;
        return "";
    }
    return copy;
}

const char *rh_finding_number(rh_finding_run *run, double value)
{
    char text[32];

    if (value < 9e15 && (value >= 100 || value == (double)(int64_t)value))
        return rh_finding_text(run, "%s", rh_num_format_count((int64_t)(value + 0.5), text));
    return rh_finding_text(run, value < 100 ? "%.3g" : "%.3e", value);
}

rh_severity rh_finding_milder(rh_severity severity)
{
    return severity > RH_SEVERITY_NOTE ? severity - 1 : severity;
}

bool rh_finding_has(const rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *node)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].kind == kind && run->items[i].node == node->index)
            return true;
    return false;
}

static int worst_first(const void *a, const void *b)
{
    const rh_finding *x = a;
    const rh_finding *y = b;

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->offset == y->offset ? 0 : x->offset < y->offset ? -1 : 1;
}

static void run_rules(rh_finding_run *run)
{
    rh_rules_subqueries(run);
    if (rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE) {
        rh_rules_sqlite(run);
        rh_rules_sqlite_text(run);
    } else {
        rh_rules_joins(run);
        rh_rules_scans(run);
        rh_rules_memory(run);
    }
    rh_rules_keys(run);
    rh_rules_hidden(run);
    rh_rules_estimates(run);
}

rh_status rh_findings_new(const rh_finding_input *input, rh_findings **out, rh_error *err)
{
    rh_finding_run run = {.input = input, .plan = input->plan, .arena = rh_arena_new(0)};
    rh_findings *findings = rh_mem_zalloc(sizeof *findings);

    if (run.arena == NULL || findings == NULL)
        run.failed = true;
    if (!run.failed)
        run_rules(&run);
    if (run.failed) {
        rh_arena_free(run.arena);
        rh_mem_free(run.items);
        rh_mem_free(findings);
        return rh_error_oom(err);
    }
    if (run.count > 0)
        qsort(run.items, run.count, sizeof *run.items, worst_first);
    *findings = (rh_findings){run.arena, run.items, run.count};
    *out = findings;
    return RH_OK;
}

void rh_findings_free(rh_findings *findings)
{
    if (findings == NULL)
        return;
    rh_mem_free(findings->items);
    rh_arena_free(findings->arena);
    rh_mem_free(findings);
}

size_t rh_findings_count(const rh_findings *findings)
{
    return findings->count;
}

const rh_finding *rh_findings_at(const rh_findings *findings, size_t index)
{
    return index < findings->count ? &findings->items[index] : NULL;
}

rh_severity rh_findings_worst(const rh_findings *findings)
{
    return findings->count == 0 ? RH_SEVERITY_OFF : findings->items[0].severity;
}
