#include "profiler/subquery.h"

#include <string.h>

#include "core/mem.h"
#include "subquery_internal.h"

enum { MAX_VIEWS = 50 };

bool rh_subquery_within(const rh_subquery_map *map, size_t inner, size_t outer)
{
    for (; inner != RH_SQL_NONE; inner = map->entries[inner].parent) {
        if (inner == outer)
            return true;
    }
    return false;
}

size_t rh_subquery_view_of(const rh_subquery_map *map, size_t entry, size_t relation)
{
    for (size_t e = entry + 1; e < map->count; e++) {
        if (map->entries[e].first == e && map->entries[e].parent == entry &&
            map->entries[e].relation == relation)
            return e;
    }
    return RH_SQL_NONE;
}

size_t rh_subquery_text_len(const rh_subquery_map *map, size_t first)
{
    const rh_subquery *pub = &map->entries[first].pub;
    size_t len = pub->text_len;

    while (pub->view != NULL && len > 0 && strchr("; \t\r\n", pub->text[len - 1]) != NULL)
        len--;
    return len;
}

rh_status rh_subquery_add_text(rh_subquery_map *map, const rh_sql_levels *levels, const char *text,
                               size_t text_len, const char *view, size_t parent, rh_error *err)
{
    size_t first = map->count;
    size_t count = rh_sql_levels_count(levels);

    if (map->count + count > map->capacity) {
        size_t capacity = (map->count + count) * 2;
        subquery_entry *entries = rh_mem_rearray(map->entries, capacity, sizeof *entries);

        if (entries == NULL)
            return rh_error_oom(err);
        map->entries = entries;
        map->capacity = capacity;
    }
    for (size_t i = 0; i < count; i++) {
        subquery_entry *entry = &map->entries[map->count++];

        memset(entry, 0, sizeof *entry);
        entry->pub.level = rh_sql_levels_at(levels, i);
        entry->pub.text = text;
        entry->pub.text_len = text_len;
        entry->pub.view = view;
        entry->pub.fate = RH_SUBQUERY_UNCLEAR;
        entry->pub.node = RH_PLAN_NO_NODE;
        entry->pub.loops = RH_PLAN_UNKNOWN;
        entry->pub.rows = RH_PLAN_UNKNOWN;
        entry->pub.share = RH_PLAN_UNKNOWN;
        entry->levels = levels;
        entry->first = first;
        entry->top = RH_PLAN_NO_NODE;
        entry->parent = i == 0 ? parent : first + entry->pub.level->parent;
    }
    return RH_OK;
}

/* The view `name` that entry reads: its definition's levels as entries below it. */
static rh_status add_view(rh_subquery_map *map, size_t entry, const rh_sql_relation *relation,
                          rh_error *err)
{
    char *definition = NULL;
    size_t first = map->count;
    subquery_text *view;
    rh_status status =
        map->options->view(map->options->ctx, relation->schema, relation->name, &definition, err);

    if (status != RH_OK || definition == NULL)
        return status;
    view = rh_arena_array(map->arena, 1, sizeof *view);
    if (view == NULL) {
        rh_mem_free(definition);
        return rh_error_oom(err);
    }
    view->text = definition;
    view->next = map->views;
    map->views = view;
    status = rh_sql_levels_new(rh_plan_engine_of(map->plan) == RH_PLAN_POSTGRES ? RH_SQL_POSTGRES
                                                                                : RH_SQL_SQLITE,
                               definition, strlen(definition), NULL, &view->levels, err);
    if (status == RH_OK && rh_sql_levels_count(view->levels) > 0)
        status = rh_subquery_add_text(map, view->levels, definition, strlen(definition),
                                      relation->name, entry, err);
    if (status == RH_OK && map->count > first)
        map->entries[first].relation =
            (size_t)(relation - map->entries[entry].pub.level->relations);
    return status;
}

/* SQLite prints aliases alone: a scan inside of a view may have the one that the view has here. */
static bool is_read(const rh_subquery_map *map, size_t entry, size_t relation)
{
    if (rh_plan_engine_of(map->plan) == RH_PLAN_SQLITE)
        return false;
    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        if (map->owners[n].entry == entry && map->owners[n].relation == relation &&
            rh_plan_at(map->plan, n)->kind != RH_PLAN_SUBQUERY_SCAN)
            return true;
    }
    return false;
}

/* What passed for a scan of the relation reads something in the view that it is. */
static void disown(rh_subquery_map *map, size_t entry, size_t relation)
{
    for (size_t n = 0; n < rh_plan_count(map->plan); n++) {
        subquery_owner *owner = &map->owners[n];

        if (owner->entry == entry && owner->relation == relation && owner->other_count == 0)
            owner->entry = RH_SQL_NONE;
    }
}

/* Relations that no scan reads may be views: ask, and look into them. Grows map->count. */
static rh_status add_views(rh_subquery_map *map, rh_error *err)
{
    rh_status status = RH_OK;
    size_t asked = 0;

    if (map->options == NULL || map->options->view == NULL)
        return RH_OK;
    for (size_t e = 0; e < map->count && status == RH_OK; e++) {
        size_t before = map->count;

        for (size_t r = 0; r < map->entries[e].pub.level->relation_count && status == RH_OK; r++) {
            const rh_sql_relation *relation = &map->entries[e].pub.level->relations[r];

            if (relation->name == NULL || relation->function || relation->level != RH_SQL_NONE ||
                is_read(map, e, r) || asked++ >= MAX_VIEWS)
                continue;
            status = add_view(map, e, relation, err);
            if (status == RH_OK && rh_subquery_view_of(map, e, r) != RH_SQL_NONE &&
                rh_plan_engine_of(map->plan) == RH_PLAN_SQLITE)
                disown(map, e, r);
        }
        if (status == RH_OK && map->count > before)
            status = rh_subquery_own_by_alias(map, before, err);
    }
    return status;
}

void rh_subquery_set(rh_subquery_map *map, size_t entry, rh_subquery_fate fate, size_t node)
{
    map->entries[entry].pub.fate = fate;
    map->entries[entry].pub.node = node;
    map->entries[entry].placed = true;
}

rh_status rh_subquery_set_unclear(rh_subquery_map *map, size_t entry, const size_t *others,
                                  size_t count, rh_error *err)
{
    size_t *copy = rh_arena_array(map->arena, count, sizeof *copy);

    if (copy == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++)
        copy[i] = others[i];
    rh_subquery_set(map, entry, RH_SUBQUERY_UNCLEAR, RH_PLAN_NO_NODE);
    map->entries[entry].pub.alternatives = copy;
    map->entries[entry].pub.alternative_count = count;
    return RH_OK;
}

/* Runs and rows of one node; RH_PLAN_UNKNOWN where the engine does not tell. */
static void count_node(const rh_plan_node *node, double *loops, double *rows)
{
    *loops = RH_PLAN_UNKNOWN;
    *rows = RH_PLAN_UNKNOWN;
    if (node->never_executed) {
        *loops = 0;
        *rows = 0;
    } else if (rh_plan_known(node->actual_loops)) {
        *loops = node->actual_loops;
        if (rh_plan_known(node->actual_rows))
            *rows = node->actual_rows * node->actual_loops;
    }
}

/* SQLite computes what is not correlated when it is first asked for, and keeps it: once in the
 * statement, or never. Below a recursive step or a correlated subquery that is not promised for
 * what a FROM has materialized. */
static bool at_most_once(const rh_plan *plan, const rh_subquery *subquery)
{
    const rh_plan_node *node;

    if (rh_plan_engine_of(plan) != RH_PLAN_SQLITE || !rh_plan_executed(plan) ||
        subquery->fate != RH_SUBQUERY_OWN || rh_plan_known(subquery->loops))
        return false;
    node = rh_plan_at(plan, subquery->node);
    if (node->subplan == RH_PLAN_SUBPLAN_INIT)
        return true;
    if (node->kind != RH_PLAN_MATERIALIZE)
        return false;
    while ((node = rh_plan_parent(plan, node)) != NULL)
        if (node->kind != RH_PLAN_MATERIALIZE && node->kind != RH_PLAN_STATEMENT)
            return false;
    return true;
}

static double share_of(const rh_plan *plan, const rh_plan_node *node)
{
    rh_plan_work part = rh_plan_inclusive(plan, node);
    rh_plan_work whole = rh_plan_inclusive(plan, rh_plan_root(plan));

    if (rh_plan_known(part.rows) && rh_plan_known(whole.rows) && whole.rows > 0)
        return part.rows / whole.rows;
    if (!rh_plan_executed(plan) && rh_plan_known(part.cost) && rh_plan_known(whole.cost) &&
        whole.cost > 0)
        return part.cost / whole.cost;
    return RH_PLAN_UNKNOWN;
}

static void add(double *sum, double more)
{
    *sum = rh_plan_known(*sum) && rh_plan_known(more) ? *sum + more : RH_PLAN_UNKNOWN;
}

static void measure(rh_subquery_map *map, subquery_entry *entry)
{
    rh_subquery *out = &entry->pub;
    size_t at =
        out->fate == RH_SUBQUERY_JOINED && entry->top != RH_PLAN_NO_NODE ? entry->top : out->node;

    if (at == RH_PLAN_NO_NODE)
        return;
    count_node(rh_plan_at(map->plan, at), &out->loops, &out->rows);
    out->share = share_of(map->plan, rh_plan_at(map->plan, at));
    for (size_t i = 0; i < out->copy_count; i++) {
        const rh_plan_node *node = rh_plan_at(map->plan, out->copies[i]);
        double loops;
        double rows;

        count_node(node, &loops, &rows);
        add(&out->loops, loops);
        add(&out->rows, rows);
        add(&out->share, share_of(map->plan, node));
    }
    if (out->share > 1)
        out->share = 1;
    out->once = at_most_once(map->plan, out);
}

static bool claims(const subquery_entry *entry, size_t node)
{
    if (!entry->placed || entry->pub.node == RH_PLAN_NO_NODE)
        return false;
    for (size_t i = 0; i < entry->pub.copy_count; i++) {
        if (entry->pub.copies[i] == node)
            return true;
    }
    return entry->pub.fate == RH_SUBQUERY_OWN ? entry->pub.node == node : entry->top == node;
}

/* A SubPlan or InitPlan that no entry claims works for one of those that its scans may be of. */
static const subquery_owner *owner_within(const rh_subquery_map *map, const rh_plan_node *block)
{
    for (size_t n = block->index; n < block->end; n++) {
        const rh_plan_node *node = rh_plan_at(map->plan, n);

        if (n > block->index && node->subplan != RH_PLAN_SUBPLAN_NONE) {
            n = node->end - 1;
            continue;
        }
        if (rh_subquery_has_owner(node))
            return &map->owners[n];
    }
    return NULL;
}

/* For each node: its scan's owner, else the entry whose part of the plan it stands in. */
static rh_status answer(rh_subquery_map *map, rh_error *err)
{
    size_t count = rh_plan_count(map->plan);
    size_t *own = rh_arena_array(map->arena, map->count, sizeof *own);

    map->answers = rh_arena_array(map->arena, count, sizeof *map->answers);
    map->answer_counts = rh_arena_array(map->arena, count, sizeof *map->answer_counts);
    if (own == NULL || map->answers == NULL || map->answer_counts == NULL)
        return rh_error_oom(err);
    for (size_t e = 0; e < map->count; e++)
        own[e] = e;
    for (size_t n = 0; n < count; n++) {
        const rh_plan_node *node = rh_plan_at(map->plan, n);
        const subquery_owner *owner = &map->owners[n];

        if (n == 0) {
            map->answers[n] = &own[0];
            map->answer_counts[n] = 1;
        } else if (node->subplan != RH_PLAN_SUBPLAN_NONE) {
            const subquery_owner *inner = owner_within(map, node);

            map->answer_counts[n] = 0; /* until an entry claims it */
            if (inner != NULL && inner->other_count > 0) {
                map->answers[n] = inner->others;
                map->answer_counts[n] = inner->other_count;
            }
        } else {
            map->answers[n] = map->answers[node->parent];
            map->answer_counts[n] = map->answer_counts[node->parent];
        }
        for (size_t e = 1; e < map->count; e++) {
            if (claims(&map->entries[e], n)) {
                map->answers[n] = &own[e];
                map->answer_counts[n] = 1;
            }
        }
        if (owner->other_count > 0) {
            map->answers[n] = owner->others;
            map->answer_counts[n] = owner->other_count;
        } else if (owner->entry != RH_SQL_NONE && node->kind != RH_PLAN_SUBQUERY_SCAN) {
            map->answers[n] = &own[owner->entry];
            map->answer_counts[n] = 1;
        }
    }
    return RH_OK;
}

static rh_status build(rh_subquery_map *map, rh_error *err)
{
    bool postgres = rh_plan_engine_of(map->plan) == RH_PLAN_POSTGRES;
    size_t nodes = rh_plan_count(map->plan);
    rh_status status =
        rh_subquery_add_text(map, map->levels, map->text, map->text_len, NULL, RH_SQL_NONE, err);

    if (status != RH_OK || map->count == 0)
        return status;
    map->owners = rh_arena_array(map->arena, nodes, sizeof *map->owners);
    if (map->owners == NULL)
        return rh_error_oom(err);
    for (size_t n = 0; n < nodes; n++)
        map->owners[n].entry = RH_SQL_NONE;
    status = rh_subquery_own_by_alias(map, 0, err);
    /* Unique names prove little: a policy or an inlined function may read a table of that name in
     * place of a subquery that was planned away. The server is asked when there is one. */
    if (status == RH_OK && postgres && (map->count > 1 || !map->certain)) {
        status = rh_subquery_own_by_tag(map, err);
        if (status == RH_SKIPPED)
            status = RH_OK;
    }
    if (status == RH_OK)
        status = add_views(map, err);
    if (status == RH_OK && postgres && map->views != NULL) {
        status = rh_subquery_own_by_tag(map, err);
        if (status == RH_SKIPPED)
            status = RH_OK;
    }
    rh_subquery_set(map, 0, RH_SUBQUERY_OWN, 0);
    map->entries[0].top = 0;
    if (status == RH_OK)
        status =
            postgres ? rh_subquery_place_postgres(map, err) : rh_subquery_place_sqlite(map, err);
    if (status == RH_OK)
        status = answer(map, err);
    for (size_t e = 0; status == RH_OK && e < map->count; e++)
        measure(map, &map->entries[e]);
    return status;
}

rh_status rh_subquery_map_new(const rh_plan *plan, const rh_sql_levels *levels, const char *text,
                              size_t text_len, const rh_subquery_options *options,
                              rh_subquery_map **out, rh_error *err)
{
    rh_subquery_map *map = rh_mem_zalloc(sizeof *map);
    rh_status status;

    if (map == NULL)
        return rh_error_oom(err);
    map->plan = plan;
    map->levels = levels;
    map->text = text;
    map->text_len = text_len;
    map->options = options;
    map->arena = rh_arena_new(0);
    status = map->arena == NULL ? rh_error_oom(err) : build(map, err);
    map->options = NULL;
    if (status != RH_OK) {
        rh_subquery_map_free(map);
        return status;
    }
    *out = map;
    return RH_OK;
}

void rh_subquery_map_free(rh_subquery_map *map)
{
    if (map == NULL)
        return;
    for (subquery_text *view = map->views; view != NULL; view = view->next) {
        rh_sql_levels_free(view->levels);
        rh_mem_free(view->text);
    }
    rh_mem_free(map->entries);
    rh_arena_free(map->arena);
    rh_mem_free(map);
}

size_t rh_subquery_count(const rh_subquery_map *map)
{
    return map->count;
}

const rh_subquery *rh_subquery_at(const rh_subquery_map *map, size_t index)
{
    return &map->entries[index].pub;
}

size_t rh_subquery_of_node(const rh_subquery_map *map, size_t node, const size_t **out_entries)
{
    if (map->answers == NULL || node >= rh_plan_count(map->plan))
        return 0;
    *out_entries = map->answers[node];
    return map->answer_counts[node];
}

const char *rh_subquery_problem(const rh_subquery_map *map)
{
    return rh_sql_levels_problem(map->levels);
}

const char *rh_subquery_fate_name(rh_subquery_fate fate)
{
    static const char *const names[] = {"own", "joined", "absent", "unclear"};

    return names[fate];
}
