#include <string.h>

#include "core/num.h"
#include "core/str.h"
#include "subquery_internal.h"

/* SQLite numbers its SELECTs in the order in which its parser finishes them: inner ones first, each
 * arm of a set operation and each row of VALUES by itself. "SUBQUERY n" in a plan is that number,
 * unless views are involved, whose SELECTs were numbered on their own. */

typedef struct numbering {
    const rh_subquery_map *map;
    size_t *numbers; /* per entry */
    size_t next;
} numbering;

/* Entries are in text order and parents come first, so children of e follow e. */
static void number_entry(numbering *n, size_t e, size_t count)
{
    const rh_sql_level *level = n->map->entries[e].pub.level;

    for (size_t child = e + 1; child < count; child++) {
        if (n->map->entries[child].parent == e)
            number_entry(n, child, count);
    }
    if (level->set_operation)
        n->numbers[e] = n->next - 1; /* that of its last arm */
    else if (!level->writes)
        n->numbers[e] = n->next++;
}

/* Rows of VALUES and joins in parentheses take numbers in ways that differ between versions, and
 * views bring numbers of their own. */
static bool numbers_are_sure(const rh_subquery_map *map)
{
    if (map->count > rh_sql_levels_count(map->levels))
        return false;
    for (size_t e = 0; e < map->count; e++) {
        const rh_sql_level *level = map->entries[e].pub.level;

        if (level->rows > 1 || level->nested_join)
            return false;
        for (size_t r = 0; r < level->relation_count; r++) {
            bool read = level->relations[r].level != RH_SQL_NONE || level->relations[r].target ||
                        level->relations[r].function;

            for (size_t n = 0; n < rh_plan_count(map->plan) && !read; n++) {
                const rh_plan_node *node = rh_plan_at(map->plan, n);

                read = rh_plan_is_scan(node->kind) && node->alias != NULL &&
                       rh_str_ieq(node->alias, level->relations[r].alias != NULL
                                                   ? level->relations[r].alias
                                                   : level->relations[r].name);
            }
            if (!read)
                return false; /* perhaps a view */
        }
    }
    return true;
}

static bool is_subquery_number(const rh_plan_node *node, size_t *out)
{
    const char *digits;
    int64_t number;

    if (node->kind != RH_PLAN_SUBQUERY || node->subplan_id == NULL)
        return false;
    digits = strrchr(node->subplan_id, ' ');
    if (digits == NULL || !rh_num_scan_int64(digits + 1, strlen(digits + 1), &number) ||
        number <= 0)
        return false;
    *out = (size_t)number;
    return true;
}

static bool reads(const rh_subquery_map *map, size_t entry, const char *alias)
{
    for (size_t e = entry; e < map->count; e++) {
        const rh_sql_level *level = map->entries[e].pub.level;

        if (!rh_subquery_within(map, e, entry))
            continue;
        for (size_t r = 0; r < level->relation_count; r++) {
            const rh_sql_relation *relation = &level->relations[r];

            if (rh_str_ieq(alias, relation->alias != NULL  ? relation->alias
                                  : relation->name != NULL ? relation->name
                                                           : ""))
                return true;
        }
    }
    return false;
}

/* The plan below the node reads nothing that the level does not name. */
static bool agrees(const rh_subquery_map *map, const rh_plan_node *node, size_t entry)
{
    for (size_t n = node->index + 1; n < node->end; n++) {
        const rh_plan_node *at = rh_plan_at(map->plan, n);

        if (rh_plan_is_scan(at->kind) && at->alias != NULL && at->alias[0] != '(' &&
            !reads(map, entry, at->alias))
            return false;
    }
    return true;
}

static bool is_sublink(rh_sql_level_kind kind)
{
    return kind == RH_SQL_LEVEL_EXPR || kind == RH_SQL_LEVEL_EXISTS || kind == RH_SQL_LEVEL_ANY;
}

static void place_numbered(rh_subquery_map *map, const size_t *numbers, size_t count)
{
    for (size_t e = 1; e < count; e++) {
        size_t found = RH_PLAN_NO_NODE;
        size_t matches = 0;

        if (!is_sublink(map->entries[e].pub.level->kind))
            continue;
        for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
            const rh_plan_node *node = rh_plan_at(map->plan, n);
            size_t number;

            if (is_subquery_number(node, &number) && number == numbers[e] && agrees(map, node, e)) {
                found = n;
                matches++;
            }
        }
        if (matches == 1)
            rh_subquery_set(map, e, RH_SUBQUERY_OWN, found);
    }
}

/* Whether a plan node of this kind prints the name of the FROM-subquery, CTE or view. */
static bool is_named(const rh_plan_node *node)
{
    return node->kind == RH_PLAN_COROUTINE || node->kind == RH_PLAN_MATERIALIZE;
}

/* CO-ROUTINE x, MATERIALIZE x; else the scans that it was flattened into. */
static void place_from(rh_subquery_map *map, size_t e)
{
    const rh_sql_level *level = map->entries[e].pub.level;
    size_t named = RH_PLAN_NO_NODE;
    size_t scan = RH_PLAN_NO_NODE;
    size_t names = 0;
    size_t scans = 0;

    for (size_t n = 1; n < rh_plan_count(map->plan); n++) {
        const rh_plan_node *node = rh_plan_at(map->plan, n);

        if (is_named(node) && level->name != NULL && node->alias != NULL &&
            rh_str_ieq(node->alias, level->name)) {
            named = n;
            names++;
        }
        if (map->owners[n].entry == e && map->owners[n].other_count == 0) {
            scan = n;
            scans++;
        }
    }
    for (size_t other = 1; other < map->count; other++) {
        if (other != e && rh_str_ieq(level->name == NULL ? "" : level->name,
                                     map->entries[other].pub.level->name == NULL
                                         ? "-"
                                         : map->entries[other].pub.level->name))
            names = 2; /* another subquery of that name */
    }
    if (names == 1) {
        rh_subquery_set(map, e, RH_SUBQUERY_OWN, named);
    } else if (names == 0 && scans > 0) {
        map->entries[e].top = scan;
        rh_subquery_set(map, e, RH_SUBQUERY_JOINED, scan);
    }
}

static bool owns_all(const rh_subquery_map *map, const rh_plan_node *node, size_t entry)
{
    for (size_t n = node->index; n < node->end; n++) {
        const subquery_owner *owner = &map->owners[n];

        if (rh_subquery_has_owner(rh_plan_at(map->plan, n)) &&
            (owner->entry == RH_SQL_NONE || owner->other_count > 0 ||
             !rh_subquery_within(map, owner->entry, entry)))
            return false;
    }
    return true;
}

/* An arm whose tables nobody else reads; a sublink that was made a join. */
static void place_by_scans(rh_subquery_map *map, size_t e)
{
    size_t scan = RH_PLAN_NO_NODE;

    for (size_t n = 1; n < rh_plan_count(map->plan); n++) {
        if (map->owners[n].entry == e && map->owners[n].other_count == 0) {
            scan = n;
            break;
        }
    }
    if (scan == RH_PLAN_NO_NODE)
        return;
    for (const rh_plan_node *at = rh_plan_at(map->plan, scan); at != NULL;
         at = rh_plan_parent(map->plan, at)) {
        if (at->kind != RH_PLAN_SUBQUERY || !is_sublink(map->entries[e].pub.level->kind))
            continue;
        if (owns_all(map, at, e))
            rh_subquery_set(map, e, RH_SUBQUERY_OWN, at->index);
        return;
    }
    map->entries[e].top = scan;
    rh_subquery_set(map, e, RH_SUBQUERY_JOINED, scan);
}

/* Scans below a placed subquery belong to it and what is in it. */
static void decide_scans(rh_subquery_map *map)
{
    for (size_t n = 1; n < rh_plan_count(map->plan); n++) {
        subquery_owner *owner = &map->owners[n];
        size_t around = 0;
        size_t best = RH_SQL_NONE;
        size_t count = 0;

        if (owner->other_count == 0)
            continue;
        for (size_t e = 1; e < map->count; e++) {
            if (map->entries[e].placed && map->entries[e].pub.fate == RH_SUBQUERY_OWN &&
                rh_plan_inside(rh_plan_at(map->plan, map->entries[e].pub.node),
                               rh_plan_at(map->plan, n)) &&
                (around == 0 || rh_subquery_within(map, e, around)))
                around = e;
        }
        for (size_t i = 0; i < owner->other_count; i++) {
            size_t other = owner->others[i];
            bool elsewhere = false;

            if (!rh_subquery_within(map, other, around))
                continue;
            /* Not in another part of the plan that is placed below `around`. */
            for (size_t e = other; e != around && e != RH_SQL_NONE; e = map->entries[e].parent)
                elsewhere = elsewhere ||
                            (map->entries[e].placed && map->entries[e].pub.fate == RH_SUBQUERY_OWN);
            if (!elsewhere) {
                best = other;
                count++;
            }
        }
        if (count == 1) {
            owner->entry = best;
            owner->other_count = 0;
        }
    }
}

static rh_status explain_the_unclear(rh_subquery_map *map, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t e = 1; e < map->count && status == RH_OK; e++) {
        for (size_t n = 0; n < rh_plan_count(map->plan) && !map->entries[e].placed; n++) {
            for (size_t i = 0; i < map->owners[n].other_count && status == RH_OK; i++) {
                if (map->owners[n].others[i] == e && !map->entries[e].placed)
                    status = rh_subquery_set_unclear(map, e, map->owners[n].others,
                                                     map->owners[n].other_count, err);
            }
        }
    }
    return status;
}

rh_status rh_subquery_place_sqlite(rh_subquery_map *map, rh_error *err)
{
    size_t count = rh_sql_levels_count(map->levels);
    numbering n = {map, NULL, 1};

    if (rh_plan_count(map->plan) * map->count > 2000000)
        return RH_OK;
    n.numbers = rh_arena_array(map->arena, map->count, sizeof *n.numbers);
    if (n.numbers == NULL)
        return rh_error_oom(err);
    number_entry(&n, 0, count);
    if (numbers_are_sure(map))
        place_numbered(map, n.numbers, count);
    decide_scans(map);
    for (size_t e = 1; e < map->count; e++) {
        rh_sql_level_kind kind = map->entries[e].pub.level->kind;

        if (map->entries[e].placed)
            continue;
        if (kind == RH_SQL_LEVEL_FROM || kind == RH_SQL_LEVEL_CTE || kind == RH_SQL_LEVEL_TOP)
            place_from(map, e);
        else
            place_by_scans(map, e);
    }
    decide_scans(map);
    return explain_the_unclear(map, err);
}
