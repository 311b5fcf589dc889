#include "nesting_check.h"

#include <stdio.h>

static void complain(const nesting *n, nesting_tally *tally, const char *what, size_t a, size_t b)
{
    (void)fprintf(stderr, "%s: %zu, %zu\n    %s\n", what, a, b, rh_buf_cstr(&n->sql));
    tally->wrong++;
}

/* The entry's part of the plan holds a scan of its own, and none of a level around it. */
static void check_part(const nesting *n, const rh_plan *plan, size_t level,
                       const rh_plan_node *root, nesting_truth truth, nesting_tally *tally)
{
    bool found = false;

    for (size_t i = root->index; i < root->end; i++) {
        size_t mark = truth(n, rh_plan_at(plan, i));

        found = found || (mark != NESTING_MAX && nesting_within(n, mark, level));
        if (mark != NESTING_MAX && mark != level && nesting_within(n, level, mark))
            complain(n, tally, "a scan of a level around it (level, mark)", level, mark);
    }
    if (!found)
        complain(n, tally, "its part of the plan holds nothing of it (level, node)", level,
                 root->index);
}

static void check_entry(const nesting *n, const rh_plan *plan, const rh_subquery *entry,
                        nesting_truth truth, nesting_tally *tally)
{
    size_t level = nesting_find(n, entry->level->offset, entry->level->length);

    tally->subqueries++;
    if (level == NESTING_MAX) {
        complain(n, tally, "no subquery stands at (offset, length)", entry->level->offset,
                 entry->level->length);
        return;
    }
    if (entry->level->kind != n->levels[level].kind ||
        (entry->level->correlated == RH_SQL_YES) != n->levels[level].correlated)
        complain(n, tally, "kind or correlation of (level, kind)", level,
                 (size_t)entry->level->kind);
    if (entry->fate == RH_SUBQUERY_UNCLEAR)
        return;
    tally->placed++;
    if (entry->fate == RH_SUBQUERY_OWN)
        check_part(n, plan, level, rh_plan_at(plan, entry->node), truth, tally);
}

/* A scan works for the level whose mark it has, or for one of several. */
static void check_scan(const nesting *n, const rh_subquery_map *map, size_t node, size_t mark,
                       nesting_tally *tally)
{
    const size_t *entries = NULL;
    size_t count = rh_subquery_of_node(map, node, &entries);
    bool found = count == 0;

    for (size_t i = 0; i < count; i++) {
        const rh_sql_level *level = rh_subquery_at(map, entries[i])->level;

        found = found || nesting_find(n, level->offset, level->length) == mark;
    }
    if (!found)
        complain(n, tally, "a scan is given to another level (mark, entry)", mark, entries[0]);
}

void nesting_check(const nesting *n, const rh_plan *plan, const rh_subquery_map *map,
                   nesting_truth truth, nesting_tally *tally)
{
    tally->statements++;
    if (rh_subquery_count(map) != n->count) {
        complain(n, tally, "subqueries found, written", rh_subquery_count(map), n->count);
        return;
    }
    for (size_t i = 1; i < rh_subquery_count(map); i++)
        check_entry(n, plan, rh_subquery_at(map, i), truth, tally);
    for (size_t i = 0; i < rh_plan_count(plan); i++) {
        size_t mark = truth(n, rh_plan_at(plan, i));

        if (mark != NESTING_MAX)
            check_scan(n, map, i, mark, tally);
    }
}
