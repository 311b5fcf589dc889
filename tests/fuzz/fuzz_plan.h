/*
 * What is made of a plan and its statement: findings, subqueries placed, the text that counts them.
 */
#ifndef RH_TESTS_FUZZ_PLAN_H
#define RH_TESTS_FUZZ_PLAN_H

#include <assert.h>
#include <string.h>

#include "profiler/findings.h"
#include "profiler/subquery.h"

/* Where the plan ends and the statement begins. */
static const char FUZZ_CUT[] = "\n---\n";

static inline size_t fuzz_find_cut(const char *text, size_t size)
{
    for (size_t i = 0; i + sizeof FUZZ_CUT - 1 <= size; i++)
        if (memcmp(text + i, FUZZ_CUT, sizeof FUZZ_CUT - 1) == 0)
            return i;
    return size;
}

static inline size_t fuzz_behind_cut(size_t cut, size_t size)
{
    return cut < size ? cut + sizeof FUZZ_CUT - 1 : size;
}

/* Every span lies in the text, and what can be counted can be written. */
static inline void fuzz_map(const rh_plan *plan, const rh_sql_levels *levels, const char *text,
                            size_t len)
{
    rh_subquery_map *map = NULL;
    rh_error err = RH_ERROR_INIT;
    size_t entries[64];
    size_t count = 0;

    assert(rh_subquery_map_new(plan, levels, text, len, NULL, &map, &err) == RH_OK);
    for (size_t i = 0; i < rh_subquery_count(map); i++) {
        const rh_subquery *one = rh_subquery_at(map, i);

        assert(one->level->offset + one->level->length <= len);
        assert(one->fate != RH_SUBQUERY_OWN || rh_plan_at(plan, one->node) != NULL);
        if (i > 0 && count < 64 && rh_subquery_is_countable(map, i))
            entries[count++] = i;
    }
    if (count > 0) {
        rh_buf sql = RH_BUF_INIT;

        assert(rh_subquery_counting_text(map, entries, count, &sql, &err) == RH_OK);
        assert(sql.len > len);
        rh_buf_done(&sql);
    }
    rh_subquery_map_free(map);
}

/* Findings are made of any plan and any statement, and each has a name. */
static inline void fuzz_judge(const rh_plan *plan, rh_sql_dialect dialect, const char *sql,
                              size_t len)
{
    const rh_finding_config config = rh_finding_config_default();
    rh_sql_levels *levels = NULL;
    rh_findings *findings = NULL;
    rh_error err = RH_ERROR_INIT;

    assert(rh_sql_levels_new(dialect, sql, len, NULL, &levels, &err) == RH_OK);
    const rh_finding_input input = {.plan = plan,
                                    .dialect = dialect,
                                    .sql = sql,
                                    .sql_len = len,
                                    .levels = levels,
                                    .config = &config};

    assert(rh_findings_new(&input, &findings, &err) == RH_OK);
    for (size_t i = 0; i < rh_findings_count(findings); i++)
        assert(rh_findings_at(findings, i)->name != NULL);
    fuzz_map(plan, levels, sql, len);
    rh_findings_free(findings);
    rh_sql_levels_free(levels);
}

#endif
