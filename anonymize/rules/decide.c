/*
 * See decide.h for the steps.
 */
#include "decide.h"

#include <string.h>

#include "core/str.h"

bool rows_are_copied(const rh_structure_table *table)
{
    return strcmp(table->kind, "table") == 0 || strcmp(table->kind, "partitioned") == 0 ||
           strcmp(table->kind, "partition") == 0;
}

/* The table's place in the list. */
static size_t table_number(const decisions *d, const rh_structure_table *table)
{
    return (size_t)(table - rh_structure_table_at(d->structure, 0));
}

size_t cell_of(const decisions *d, const rh_structure_table *table, size_t position)
{
    return d->first[table_number(d, table)] + position;
}

size_t cell_find(const decisions *d, const char *table_full_name, const char *column)
{
    const rh_structure_table *table = rh_structure_find(d->structure, table_full_name);
    size_t position;

    if (table == NULL)
        return NO_CELL;
    position = rh_structure_column_index(table, column);
    return position == table->column_count ? NO_CELL : cell_of(d, table, position);
}

/* ---- 1. own rules ---- */

static rh_status make_cells(decisions *d, rh_error *err)
{
    size_t tables = rh_structure_table_count(d->structure);
    size_t count = 0;

    d->first = rh_arena_array(d->arena, tables + 1, sizeof *d->first);
    if (d->first == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < tables; i++) {
        d->first[i] = count;
        count += rh_structure_table_at(d->structure, i)->column_count;
    }
    d->cells = rh_arena_array(d->arena, count + 1, sizeof *d->cells);
    if (d->cells == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < tables; i++) {
        const rh_structure_table *table = rh_structure_table_at(d->structure, i);

        for (size_t j = 0; j < table->column_count; j++) {
            cell *c = &d->cells[d->cell_count];

            c->table = table;
            c->column = &table->columns[j];
            c->decided_here = rows_are_copied(table) && !c->column->generated;
            c->from = NO_CELL;
            c->group = d->cell_count++;
            c->name = rh_arena_printf(d->arena, "%s.%s", table->full_name, c->column->name);
            if (c->name == NULL)
                return rh_error_oom(err);
        }
    }
    return RH_OK;
}

/* Ties are remembered with the rules: the same two will tie again and again. */
static void match_cell(decisions *d, size_t number)
{
    cell *c = &d->cells[number];
    const rule *tied = NULL;

    for (size_t i = 0; i < d->rules->rule_count; i++) {
        const rule *r = &d->rules->rules[i];
        int order;

        if (!rule_pattern_matches(&r->pattern, c->table, c->column))
            continue;
        if (!rows_are_copied(c->table))
            d->hits[i].elsewhere++;
        else if (c->column->generated)
            d->hits[i].generated++;
        else
            d->hits[i].decided++;
        order = c->own == NULL ? 1 : rule_pattern_compare(&r->pattern, &c->own->pattern);
        if (order > 0) {
            c->own = r;
            tied = NULL;
        } else if (order == 0) {
            tied = r;
        }
    }
    if (!c->decided_here) {
        c->own = NULL;
        return;
    }
    if (tied != NULL && d->hits[tied - d->rules->rules].tied == NULL) {
        d->hits[tied - d->rules->rules].tied = c->own;
        d->hits[tied - d->rules->rules].tied_cell = number;
    }
}

/* For "did you mean". */
static rh_status list_names(decisions *d, rh_error *err)
{
    size_t count = 0;

    d->names = rh_arena_array(d->arena, 2 * d->cell_count + 1, sizeof *d->names);
    if (d->names == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < d->cell_count; i++) {
        if (!d->cells[i].decided_here)
            continue;
        d->names[count++] = d->cells[i].name;
        d->names[count++] = d->cells[i].name + strlen(d->cells[i].table->schema) + 1;
    }
    return RH_OK;
}

/* ---- 2. children ---- */

/* The nearest ancestor's column of the same name. */
static size_t parent_cell(const decisions *d, const cell *c)
{
    const rh_structure_table *parent =
        c->table->parent == NULL ? NULL : rh_structure_find(d->structure, c->table->parent);
    size_t position;

    if (parent == NULL)
        return NO_CELL;
    position = rh_structure_column_index(parent, c->column->name);
    if (position == parent->column_count || !d->cells[cell_of(d, parent, position)].decided_here)
        return NO_CELL;
    return cell_of(d, parent, position);
}

static void add_edge(decisions *d, size_t from, size_t to, const rh_structure_foreign_key *key)
{
    if (from == to || !d->cells[from].decided_here || !d->cells[to].decided_here)
        return;
    d->cells[from].refers = true;
    d->edges[d->edge_count++] = (edge){from, to, key};
}

static void tie_to_parent(decisions *d, size_t number)
{
    cell *c = &d->cells[number];
    size_t parent = parent_cell(d, c);

    if (!c->decided_here || parent == NO_CELL)
        return;
    if (c->own != NULL && c->own->pattern.rank[PART_TABLE] == RANK_NAME)
        return;
    c->set_aside = c->own;
    c->own = NULL;
    add_edge(d, number, parent, NULL);
}

/* ---- 3. foreign keys ---- */

static void tie_by_keys(decisions *d, const rh_structure_table *table)
{
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const rh_structure_foreign_key *key = &table->foreign_keys[i];

        for (size_t j = 0; j < key->column_count; j++) {
            size_t to = cell_find(d, key->target, key->target_columns[j]);

            if (to != NO_CELL)
                add_edge(d, cell_of(d, table, key->columns[j]), to, key);
        }
    }
}

static rh_status make_edges(decisions *d, rh_error *err)
{
    size_t tables = rh_structure_table_count(d->structure);
    size_t count = d->cell_count;

    for (size_t i = 0; i < tables; i++) {
        const rh_structure_table *table = rh_structure_table_at(d->structure, i);

        for (size_t j = 0; j < table->foreign_key_count; j++)
            count += table->foreign_keys[j].column_count;
    }
    d->edges = rh_arena_array(d->arena, count + 1, sizeof *d->edges);
    if (d->edges == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < d->cell_count; i++)
        tie_to_parent(d, i);
    for (size_t i = 0; i < tables; i++)
        tie_by_keys(d, rh_structure_table_at(d->structure, i));
    return RH_OK;
}

static bool follows(const decisions *d, const edge *e)
{
    const cell *from = &d->cells[e->from];
    const cell *to = &d->cells[e->to];

    if (to->rule == NULL || from->rule == to->rule)
        return false;
    return from->rule == NULL ||
           rule_pattern_compare_ranks(&to->rule->pattern, &from->rule->pattern) > 0;
}

/* Every step makes one column's rule more specific, so it ends. */
static void follow_edges(decisions *d)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (size_t i = 0; i < d->edge_count; i++) {
            const edge *e = &d->edges[i];

            if (!follows(d, e))
                continue;
            d->cells[e->from].rule = d->cells[e->to].rule;
            d->cells[e->from].from = e->to;
            changed = true;
        }
    }
}

/* ---- 4. groups ---- */

static size_t group_of(const decisions *d, size_t number)
{
    while (d->cells[number].group != number)
        number = d->cells[number].group;
    return number;
}

/* The one that is named for the group: with a rule of its own, referring to none, first by name. */
static bool stands_before(const cell *a, const cell *b)
{
    bool a_own = a->own == a->rule;
    bool b_own = b->own == b->rule;

    if (a_own != b_own)
        return a_own;
    if (a->refers != b->refers)
        return !a->refers;
    return strcmp(a->name, b->name) < 0;
}

static bool may_share_key(const rule *a, const rule *b)
{
    return a != NULL && b != NULL && a->domain == NULL && b->domain == NULL && rule_same_mask(a, b);
}

static void make_groups(decisions *d)
{
    for (size_t i = 0; i < d->edge_count; i++) {
        size_t from = group_of(d, d->edges[i].from);
        size_t to = group_of(d, d->edges[i].to);

        if (from == to || !may_share_key(d->cells[from].rule, d->cells[to].rule))
            continue;
        if (stands_before(&d->cells[from], &d->cells[to]))
            d->cells[to].group = from;
        else
            d->cells[from].group = to;
    }
    for (size_t i = 0; i < d->cell_count; i++) {
        d->cells[i].group = group_of(d, i);
        d->cells[d->cells[i].group].group_size++;
    }
}

const char *cell_domain(const decisions *d, const cell *c)
{
    const cell *standing = &d->cells[c->group];

    if (c->rule == NULL)
        return NULL;
    if (c->rule->domain != NULL)
        return c->rule->domain;
    return standing->group_size > 1 ? standing->name : NULL;
}

bool cells_agree(const decisions *d, const cell *a, const cell *b)
{
    (void)d;
    if (a->rule == NULL || b->rule == NULL)
        return false;
    if (strcmp(a->rule->kind, "keep") == 0 && strcmp(b->rule->kind, "keep") == 0)
        return true;
    if (a->rule->domain != NULL || b->rule->domain != NULL)
        return rh_str_eq(a->rule->domain, b->rule->domain) && rule_same_mask(a->rule, b->rule);
    return a->group == b->group && rule_same_mask(a->rule, b->rule);
}

rh_status decide(const rh_rules *rules, const rh_structure *structure, rh_arena *arena,
                 decisions *out, rh_error *err)
{
    decisions d = {.rules = rules, .structure = structure, .arena = arena};
    rh_status status;

    d.hits = rh_arena_array(arena, rules->rule_count + 1, sizeof *d.hits);
    if (d.hits == NULL)
        return rh_error_oom(err);
    status = make_cells(&d, err);
    if (status == RH_OK)
        status = list_names(&d, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < d.cell_count; i++)
        match_cell(&d, i);
    status = make_edges(&d, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < d.cell_count; i++)
        d.cells[i].rule = d.cells[i].own;
    follow_edges(&d);
    /* Children of undecided parents fall back on what matches them; then others may follow. */
    for (size_t i = 0; i < d.cell_count; i++) {
        if (d.cells[i].rule == NULL && d.cells[i].set_aside != NULL) {
            d.cells[i].own = d.cells[i].set_aside;
            d.cells[i].rule = d.cells[i].own;
        }
    }
    follow_edges(&d);
    make_groups(&d);
    for (size_t i = 0; i < d.cell_count; i++) {
        if (d.cells[i].rule != NULL)
            d.hits[d.cells[i].rule - rules->rules].won++;
    }
    *out = d;
    return RH_OK;
}
