/*
 * What is made of a plan and its statement: subqueries placed, and the text that counts them.
 */
#ifndef RH_TESTS_FUZZ_PLAN_H
#define RH_TESTS_FUZZ_PLAN_H

#include <assert.h>
#include <string.h>

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

#endif
