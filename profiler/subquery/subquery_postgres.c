#include <string.h>

#include "core/str.h"
#include "subquery_internal.h"

static bool is_sublink(const subquery_entry *entry)
{
    switch (entry->pub.level->kind) {
    case RH_SQL_LEVEL_EXPR:
    case RH_SQL_LEVEL_EXISTS:
    case RH_SQL_LEVEL_ANY:
    case RH_SQL_LEVEL_ALL:
    case RH_SQL_LEVEL_ARRAY:
        return entry->pub.level->clause != RH_SQL_CLAUSE_INSERT;
    default:
        return false;
    }
}

static bool is_block(const rh_plan_node *node)
{
    return node->subplan == RH_PLAN_SUBPLAN_INIT || node->subplan == RH_PLAN_SUBPLAN_SUB;
}

/* min() and max() read an index from one end through an InitPlan that the planner makes. */
static bool is_made_by_planner(const rh_subquery_map *map, const subquery_entry *entry,
                               const rh_plan_node *node)
{
    return node->subplan == RH_PLAN_SUBPLAN_INIT && node->kind == RH_PLAN_LIMIT &&
           !entry->pub.level->has_limit && node->host != RH_PLAN_NO_NODE &&
           rh_plan_at(map->plan, node->host)->kind == RH_PLAN_RESULT;
}

static bool is_claimed(const rh_subquery_map *map, size_t node)
{
    for (size_t e = 1; e < map->count; e++) {
        const rh_subquery *pub = &map->entries[e].pub;

        if (!map->entries[e].placed || pub->fate != RH_SUBQUERY_OWN)
            continue;
        if (pub->node == node)
            return true;
        for (size_t i = 0; i < pub->copy_count; i++) {
            if (pub->copies[i] == node)
                return true;
        }
    }
    return false;
}

/* The inputs of the node read nothing that is not the entry's. Subqueries hanging below it may be
 * anybody's: InitPlans hang at the top node of their query, SubPlans where a filter was pushed to.
 */
static bool is_pure(const rh_subquery_map *map, const rh_plan_node *node, size_t entry)
{
    size_t n = node->index;

    while (n < node->end) {
        const subquery_owner *owner = &map->owners[n];
        const rh_plan_node *at = rh_plan_at(map->plan, n);

        if (n > node->index && at->subplan != RH_PLAN_SUBPLAN_NONE) {
            n = at->end;
            continue;
        }
        n++;
        if (!rh_subquery_has_owner(at) ||
            (at->kind == RH_PLAN_FUNCTION_SCAN && owner->entry == RH_SQL_NONE))
            continue;
        if (owner->entry == RH_SQL_NONE || owner->other_count > 0 ||
            !rh_subquery_within(map, owner->entry, entry))
            return false;
    }
    return true;
}

static bool is_sure(const subquery_owner *owner)
{
    return owner->entry != RH_SQL_NONE && owner->other_count == 0;
}

/* A scan of its own may be among those that could be somebody else's. */
static bool may_be_elsewhere(const rh_subquery_map *map, size_t entry)
{
    for (size_t n = 0; n < rh_plan_count(map->plan); n++)
        for (size_t i = 0; i < map->owners[n].other_count; i++)
            if (map->owners[n].others[i] == entry)
                return true;
    return false;
}

/* Lowest node that has every scan of the entry itself or, when it has none, of what is in it; NULL
 * when there is none either, or when its own scans are not certain. */
static const rh_plan_node *common_node(const rh_subquery_map *map, size_t entry)
{
    const rh_plan_node *common = NULL;
    bool direct = false;

    for (size_t n = 0; n < rh_plan_count(map->plan); n++)
        direct = direct || (is_sure(&map->owners[n]) && map->owners[n].entry == entry);
    if (!direct && may_be_elsewhere(map, entry))
        return NULL;
    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        const subquery_owner *owner = &map->owners[n];

        if (!is_sure(owner) ||
            (direct ? owner->entry != entry : !rh_subquery_within(map, owner->entry, entry)))
            continue;
        if (common == NULL)
            common = rh_plan_at(map->plan, n);
        while (common != NULL && !rh_plan_inside(common, rh_plan_at(map->plan, n)))
            common = rh_plan_parent(map->plan, common);
    }
    return common;
}

/* From the common node up while everything is the entry's; *block: the outermost root of a SubPlan
 * or InitPlan on the way that nobody has yet. NULL when the common node holds others' scans. */
static const rh_plan_node *climb(const rh_subquery_map *map, size_t entry,
                                 const rh_plan_node *common, const rh_plan_node **block)
{
    const rh_plan_node *top = NULL;

    *block = NULL;
    for (const rh_plan_node *at = common; at != NULL && is_pure(map, at, entry);
         at = rh_plan_parent(map->plan, at)) {
        size_t outer = map->entries[entry].parent;

        if (outer != RH_SQL_NONE && outer != 0 && map->entries[outer].placed &&
            map->entries[outer].pub.fate == RH_SUBQUERY_OWN &&
            map->entries[outer].pub.node == at->index)
            break; /* the part of the plan that the query around it has */
        top = at;
        if (is_block(at) && !is_claimed(map, at->index) &&
            !is_made_by_planner(map, &map->entries[entry], at))
            *block = at;
    }
    return top;
}

/* The join that a merged subquery takes part in. */
static const rh_plan_node *join_above(const rh_subquery_map *map, const rh_plan_node *top)
{
    for (const rh_plan_node *at = rh_plan_parent(map->plan, top); at != NULL;
         at = rh_plan_parent(map->plan, at)) {
        if (rh_plan_is_join(at->kind))
            return at;
        if (at->subplan != RH_PLAN_SUBPLAN_NONE || at->kind == RH_PLAN_APPEND)
            break;
    }
    return top;
}

static void set_joined(rh_subquery_map *map, size_t entry, const rh_plan_node *top)
{
    const rh_plan_node *common = common_node(map, entry);

    if (top->index == 0 && common != NULL)
        top = common; /* the whole plan is more than its part */
    map->entries[entry].top = top->index;
    rh_subquery_set(map, entry, RH_SUBQUERY_JOINED, join_above(map, top)->index);
}

static void place_cte(rh_subquery_map *map, size_t entry, const rh_plan_node *common,
                      const rh_plan_node *top)
{
    const char *name = map->entries[entry].pub.level->name;
    const rh_plan_node *found = NULL;
    size_t count = 0;

    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        const rh_plan_node *node = rh_plan_at(map->plan, n);

        if (node->subplan != RH_PLAN_SUBPLAN_CTE || !rh_str_eq(node->cte_name, name) ||
            is_claimed(map, n) || (common != NULL && !rh_plan_inside(node, common)))
            continue;
        found = node;
        count++;
    }
    if (count == 1)
        rh_subquery_set(map, entry, RH_SUBQUERY_OWN, found->index);
    else if (count == 0 && top != NULL)
        set_joined(map, entry, top);
    else if (count == 0 && common == NULL && map->certain)
        rh_subquery_set(map, entry, RH_SUBQUERY_ABSENT, RH_PLAN_NO_NODE);
}

/* A FROM-subquery or a view: its Subquery Scan, when it kept one. */
static void place_from(rh_subquery_map *map, size_t entry, const rh_plan_node *top)
{
    const subquery_entry *e = &map->entries[entry];

    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        const subquery_owner *owner = &map->owners[n];
        const rh_sql_relation *relation;

        if (rh_plan_at(map->plan, n)->kind != RH_PLAN_SUBQUERY_SCAN ||
            owner->entry == RH_SQL_NONE || owner->other_count > 0 || owner->entry != e->parent ||
            is_claimed(map, n))
            continue;
        relation = &map->entries[owner->entry].pub.level->relations[owner->relation];
        if (e->pub.view != NULL && e->pub.level->depth == 0
                ? rh_str_eq(relation->name, e->pub.view)
                : relation->level != RH_SQL_NONE &&
                      map->entries[owner->entry].first + relation->level == entry) {
            rh_subquery_set(map, entry, RH_SUBQUERY_OWN, n);
            return;
        }
    }
    if (top != NULL)
        set_joined(map, entry, top);
}

static bool is_set_operation(rh_plan_kind kind)
{
    return kind == RH_PLAN_APPEND || kind == RH_PLAN_MERGE_APPEND || kind == RH_PLAN_SET_OP ||
           kind == RH_PLAN_RECURSIVE_UNION;
}

static void place_arm(rh_subquery_map *map, size_t entry, const rh_plan_node *top)
{
    const rh_plan_node *parent = rh_plan_parent(map->plan, top);

    map->entries[entry].top = top->index;
    rh_subquery_set(map, entry,
                    parent != NULL && is_set_operation(parent->kind) ? RH_SUBQUERY_OWN
                                                                     : RH_SUBQUERY_JOINED,
                    top->index);
}

/* The same subquery planned more than once, because what it is the value of was copied: each of its
 * scans leads to a part of its own. */
static rh_status place_copies(rh_subquery_map *map, size_t entry, rh_error *err)
{
    size_t *nodes = rh_arena_array(map->arena, rh_plan_count(map->plan), sizeof *nodes);
    size_t count = 0;

    if (nodes == NULL)
        return rh_error_oom(err);
    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        const rh_plan_node *block = NULL;

        if (!is_sure(&map->owners[n]) || map->owners[n].entry != entry)
            continue;
        (void)climb(map, entry, rh_plan_at(map->plan, n), &block);
        if (block == NULL)
            return RH_OK;
        if (count == 0 || nodes[count - 1] != block->index)
            nodes[count++] = block->index;
    }
    if (count == 0)
        return RH_OK;
    map->entries[entry].pub.copies = nodes + 1;
    map->entries[entry].pub.copy_count = count - 1;
    rh_subquery_set(map, entry, RH_SUBQUERY_OWN, nodes[0]);
    return RH_OK;
}

static void place_sublink(rh_subquery_map *map, size_t entry, const rh_plan_node *top,
                          const rh_plan_node *block)
{
    rh_sql_level_kind kind = map->entries[entry].pub.level->kind;

    if (block != NULL)
        rh_subquery_set(map, entry, RH_SUBQUERY_OWN, block->index);
    else if (top != NULL && (kind == RH_SQL_LEVEL_EXISTS || kind == RH_SQL_LEVEL_ANY))
        set_joined(map, entry, top);
}

static rh_status place(rh_subquery_map *map, size_t entry, rh_error *err)
{
    const subquery_entry *e = &map->entries[entry];
    const rh_plan_node *common = common_node(map, entry);
    const rh_plan_node *block = NULL;
    const rh_plan_node *top = NULL;

    if (common != NULL)
        top = climb(map, entry, common, &block);
    if (e->pub.level->kind == RH_SQL_LEVEL_CTE)
        place_cte(map, entry, common, top);
    else if (e->pub.level->kind == RH_SQL_LEVEL_FROM || e->pub.level->kind == RH_SQL_LEVEL_TOP)
        place_from(map, entry, top);
    else if (e->pub.level->kind == RH_SQL_LEVEL_ARM && top != NULL)
        place_arm(map, entry, top);
    else if (is_sublink(e))
        place_sublink(map, entry, top, block);
    else if (top != NULL)
        rh_subquery_set(map, entry, RH_SUBQUERY_OWN, top->index);
    if (!e->placed && is_sublink(e) && common != NULL)
        return place_copies(map, entry, err);
    return RH_OK;
}

/* The entry whose part of the plan a node stands in, by what is placed by now. */
static size_t part_of(const rh_subquery_map *map, const rh_plan_node *node)
{
    for (; node != NULL; node = rh_plan_parent(map->plan, node)) {
        for (size_t e = 1; e < map->count; e++) {
            if (map->entries[e].placed && map->entries[e].pub.fate == RH_SUBQUERY_OWN &&
                map->entries[e].pub.node == node->index && is_block(node))
                return e;
        }
        if (is_block(node))
            return RH_SQL_NONE; /* of somebody we do not know */
    }
    return 0;
}

/* The nearest entry around it that has a SubPlan or InitPlan, else the statement. */
static size_t part_around(const rh_subquery_map *map, size_t entry)
{
    for (size_t e = map->entries[entry].parent; e != RH_SQL_NONE && e != 0;
         e = map->entries[e].parent) {
        if (map->entries[e].placed && map->entries[e].pub.fate == RH_SUBQUERY_OWN &&
            is_block(rh_plan_at(map->plan, map->entries[e].pub.node)))
            return e;
        if (!map->entries[e].placed)
            return RH_SQL_NONE;
    }
    return 0;
}

/* A subquery of the select list whose value the top node of its query puts out at that place. */
static size_t find_by_output(const rh_subquery_map *map, const rh_plan_node *block, size_t around)
{
    size_t root = around == 0 ? 0 : map->entries[around].pub.node;
    size_t found = RH_SQL_NONE;

    if (block->host != root || block->host_output == RH_PLAN_NO_NODE)
        return RH_SQL_NONE;
    for (size_t e = 1; e < map->count; e++) {
        const subquery_entry *entry = &map->entries[e];

        if (!is_sublink(entry) || entry->placed || entry->parent != around ||
            entry->pub.level->clause != RH_SQL_CLAUSE_SELECT ||
            entry->pub.level->item != block->host_output + 1)
            continue;
        if (found != RH_SQL_NONE)
            return RH_SQL_NONE;
        found = e;
    }
    return found;
}

/* "*" before an item would move its place in the output. */
static bool has_star(const rh_sql_level *level)
{
    for (size_t c = 0; c < level->column_count; c++) {
        if (level->columns[c].clause == RH_SQL_CLAUSE_SELECT &&
            rh_str_eq(level->columns[c].name, "*"))
            return true;
    }
    return false;
}

/* Everything in a block that is placed by its output belongs to the entry: let scans that were not
 * certain be decided by that. */
static void decide_scans(rh_subquery_map *map, size_t entry, const rh_plan_node *block)
{
    for (size_t n = block->index; n < block->end; n++) {
        subquery_owner *owner = &map->owners[n];
        size_t inside = RH_SQL_NONE;
        size_t count = 0;

        for (size_t i = 0; i < owner->other_count; i++) {
            if (rh_subquery_within(map, owner->others[i], entry)) {
                inside = owner->others[i];
                count++;
            }
        }
        if (count == 1) {
            owner->entry = inside;
            owner->other_count = 0;
        }
    }
}

static void place_by_output(rh_subquery_map *map)
{
    for (size_t n = 1; n < rh_plan_count(map->plan); n++) {
        const rh_plan_node *node = rh_plan_at(map->plan, n);
        size_t around;
        size_t found;

        if (!is_block(node) || is_claimed(map, n))
            continue;
        around = part_of(map, rh_plan_parent(map->plan, node));
        if (around == RH_SQL_NONE || has_star(map->entries[around].pub.level))
            continue;
        found = find_by_output(map, node, around);
        if (found == RH_SQL_NONE)
            continue;
        rh_subquery_set(map, found, RH_SUBQUERY_OWN, n);
        decide_scans(map, found, node);
    }
}

static bool reads_nothing(const rh_subquery_map *map, size_t entry)
{
    for (size_t e = entry; e < map->count; e++) {
        if (rh_subquery_within(map, e, entry) && map->entries[e].pub.level->relation_count > 0)
            return false;
    }
    return true;
}

/* What the block reads is the entry's: a block may also come from a policy, an inlined function or
 * a view, while the text's own subquery was planned away. */
static bool fits_block(const rh_subquery_map *map, size_t entry, size_t block)
{
    bool reads = false;

    for (size_t n = block; n < rh_plan_at(map->plan, block)->end; n++) {
        const subquery_owner *owner = &map->owners[n];
        bool within = owner->entry != RH_SQL_NONE && rh_subquery_within(map, owner->entry, entry);

        if (!rh_subquery_has_owner(rh_plan_at(map->plan, n)))
            continue;
        for (size_t i = 0; i < owner->other_count; i++)
            within = within && rh_subquery_within(map, owner->others[i], entry);
        if (!within)
            return false;
        reads = true;
    }
    return reads || reads_nothing(map, entry);
}

/* Subqueries that read no relation: the one that is left goes with the one block that is left. */
static void place_the_rest(rh_subquery_map *map)
{
    for (size_t e = 1; e < map->count; e++) {
        size_t around = part_around(map, e);
        size_t entries = 0;
        size_t blocks = 0;
        size_t node = RH_PLAN_NO_NODE;

        if (map->entries[e].placed || !is_sublink(&map->entries[e]) || around == RH_SQL_NONE)
            continue;
        for (size_t other = 1; other < map->count; other++)
            entries += !map->entries[other].placed && is_sublink(&map->entries[other]) &&
                       part_around(map, other) == around;
        for (size_t n = 1; n < rh_plan_count(map->plan); n++) {
            const rh_plan_node *at = rh_plan_at(map->plan, n);

            if (is_block(at) && !is_claimed(map, n) &&
                !is_made_by_planner(map, &map->entries[e], at) &&
                part_of(map, rh_plan_parent(map->plan, at)) == around) {
                blocks++;
                node = n;
            }
        }
        if (entries == 1 && blocks == 1 && fits_block(map, e, node))
            rh_subquery_set(map, e, RH_SUBQUERY_OWN, node);
        else if (blocks == 0 && map->certain && common_node(map, e) == NULL)
            rh_subquery_set(map, e, RH_SUBQUERY_ABSENT, RH_PLAN_NO_NODE);
    }
}

/* What is left cannot be told from those that may have the same scans. */
static rh_status explain_the_unclear(rh_subquery_map *map, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t e = 1; e < map->count && status == RH_OK; e++) {
        const subquery_owner *shared = NULL;

        if (map->entries[e].placed)
            continue;
        for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
            for (size_t i = 0; i < map->owners[n].other_count; i++) {
                if (map->owners[n].others[i] == e &&
                    (shared == NULL || map->owners[n].other_count > shared->other_count))
                    shared = &map->owners[n];
            }
        }
        if (shared != NULL)
            status = rh_subquery_set_unclear(map, e, shared->others, shared->other_count, err);
    }
    return status;
}

rh_status rh_subquery_place_postgres(rh_subquery_map *map, rh_error *err)
{
    rh_status status = RH_OK;

    if (rh_plan_count(map->plan) * map->count > 2000000)
        return RH_OK; /* all unclear: nobody reads such a plan either */
    for (size_t e = 1; e < map->count && status == RH_OK; e++)
        status = place(map, e, err);
    place_by_output(map);
    for (size_t e = 1; e < map->count && status == RH_OK; e++) {
        if (!map->entries[e].placed && !reads_nothing(map, e))
            status = place(map, e, err);
    }
    place_the_rest(map);
    return status == RH_OK ? explain_the_unclear(map, err) : status;
}
