/*
 * Binding: decisions for every column, and all complaints at once.
 */
#include "bind.h"

#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"

bool decision_keeps(const rh_decision *decision)
{
    return strcmp(decision->kind, "keep") == 0;
}

bool decision_renames(const rh_decision *decision)
{
    return decision->column->labels != NULL && strcmp(decision->kind, "enum") == 0 &&
           json_is_true(json_object_get(decision->parameters, "rename"));
}

/* ---- complaints ---- */

/* "table.column" of the schema that is nearest to what the rule says. */
static rh_status complain_dead(const complaints *to, const decisions *d, const rule *r)
{
    char hint[RH_ERROR_HINT_BYTES] = "";
    const char *near;

    near = nearest_name(r->pattern.text, d->names);
    if (near != NULL)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    else
        (void)snprintf(hint, sizeof hint, "remove it, or correct the names: case matters");
    return complain(to, true, r, hint, "rule '%s' matches no column", r->pattern.text);
}

static rh_status complain_rule(const complaints *to, const decisions *d, size_t number)
{
    const rule *r = &d->rules->rules[number];
    const rule_hits *hits = &d->hits[number];

    if (hits->tied != NULL) {
        rh_status status = complain(
            to, true, r, "write a rule for this column, or make one of them more specific",
            "rules '%s' and '%s' (line %zu) are equally specific for column '%s'", r->pattern.text,
            hits->tied->pattern.text, hits->tied->pos.line, d->cells[hits->tied_cell].name);

        if (status != RH_OK)
            return status;
    }
    if (hits->decided > 0 && hits->won == 0)
        return complain(to, false, r, NULL,
                        "rule '%s' decides nothing: others are more specific, or its columns "
                        "follow their parent or a foreign key",
                        r->pattern.text);
    if (hits->decided > 0)
        return RH_OK;
    if (hits->generated > 0)
        return complain(to, true, r, "mask the columns that it is computed from",
                        "rule '%s' matches generated columns only, which are never masked",
                        r->pattern.text);
    if (hits->elsewhere > 0)
        return complain(to, true, r, "mask the columns of the tables behind them",
                        "rule '%s' matches only views, foreign tables or virtual tables, whose "
                        "rows are not copied",
                        r->pattern.text);
    return complain_dead(to, d, r);
}

static rh_status complain_undecided(const complaints *to, const decisions *d, const cell *c)
{
    char hint[RH_ERROR_HINT_BYTES];

    for (size_t i = 0; i < d->edge_count; i++) {
        const edge *e = &d->edges[i];

        /* A child follows as soon as its parent is decided. */
        if (&d->cells[e->from] == c && e->key == NULL && d->cells[e->to].rule == NULL)
            return RH_OK;
    }
    (void)snprintf(hint, sizeof hint, "add \"%s.%s\": a mask, a domain or keep", c->table->name,
                   c->column->name);
    if (c->column->type[0] == '\0') /* SQLite's columns may have none */
        return complain(to, true, NULL, hint, "no rule decides column '%s'", c->name);
    return complain(to, true, NULL, hint, "no rule decides column '%s' (%s)", c->name,
                    c->column->type);
}

static const char *mask_words(const rule *r, char *out, size_t size)
{
    if (r->domain != NULL)
        (void)snprintf(out, size, "domain '%s'", r->domain);
    else
        (void)snprintf(out, size, "mask '%s'", r->kind);
    return out;
}

/* Both sides of a key must end up with the same values; NULL refers to nothing. */
static rh_status complain_conflict(const complaints *to, const decisions *d, const edge *e)
{
    const cell *from = &d->cells[e->from];
    const cell *to_cell = &d->cells[e->to];
    char a[96];
    char b[96];
    const char *hint = "give both the same domain, or remove the rule of the referencing column";

    if (from->rule == NULL || to_cell->rule == NULL || strcmp(from->rule->kind, "null") == 0 ||
        cells_agree(d, from, to_cell))
        return RH_OK;
    if (e->key == NULL)
        return complain(to, true, from->rule, NULL,
                        "'%s' has %s, its parent '%s' has %s (line %zu)", from->name,
                        mask_words(from->rule, a, sizeof a), to_cell->name,
                        mask_words(to_cell->rule, b, sizeof b), to_cell->rule->pos.line);
    return complain(to, true, from->rule, hint,
                    "foreign key '%s': '%s' has %s, but '%s' has %s (line %zu)", e->key->name,
                    from->name, mask_words(from->rule, a, sizeof a), to_cell->name,
                    mask_words(to_cell->rule, b, sizeof b), to_cell->rule->pos.line);
}

static rh_status note_generated(const complaints *to, const decisions *d, const cell *c)
{
    char list[256] = "";
    size_t used = 0;

    if (!c->column->generated || c->column->generated_from == NULL || !rows_are_copied(c->table))
        return RH_OK;
    for (size_t i = 0; i < c->table->column_count; i++) {
        const cell *other = &d->cells[cell_of(d, c->table, i)];
        int n;

        if (other == c || other->rule == NULL || strcmp(other->rule->kind, "keep") == 0 ||
            !rh_sql_mentions(rh_engine_dialect(to->engine), c->column->generated_from,
                             other->column->name))
            continue;
        n = snprintf(list + used, sizeof list - used, "%s'%s'", used == 0 ? "" : ", ",
                     other->column->name);
        if (n > 0 && (size_t)n < sizeof list - used)
            used += (size_t)n;
    }
    if (used == 0)
        return RH_OK;
    return complain(to, false, NULL, NULL,
                    "generated column '%s' is computed again from masked columns: %s", c->name,
                    list);
}

/* Domains that other masks use inside (json paths, lists). */
static bool names_domain(json_t *value, const char *name)
{
    const char *key;
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member)
    {
        if (names_domain(member, name))
            return true;
    }
    json_object_foreach(value, key, member)
    {
        if (strcmp(key, "domain") == 0 && json_is_string(member) &&
            strcmp(json_string_value(member), name) == 0)
            return true;
        if (names_domain(member, name))
            return true;
    }
    return false;
}

static rh_status note_unused_domain(const complaints *to, const rh_rules *rules,
                                    const rule_domain *domain)
{
    bool used = false;

    for (size_t i = 0; i < rules->rule_count && !used; i++)
        used = rh_str_eq(rules->rules[i].domain, domain->name) ||
               names_domain(rules->rules[i].parameters, domain->name);
    for (size_t i = 0; i < rules->domain_count && !used; i++)
        used = names_domain(rules->domains[i].parameters, domain->name);
    if (used)
        return RH_OK;
    return rh_problems_add(to->problems, false, NULL, to->err,
                           "%s:%zu:%zu: no rule uses domain '%s'", rules->name, domain->pos.line,
                           domain->pos.column, domain->name);
}

static rh_status complain_all(const complaints *to, const decisions *d)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < d->rules->rule_count; i++)
        status = complain_rule(to, d, i);
    for (size_t i = 0; status == RH_OK && i < d->cell_count; i++) {
        if (d->cells[i].decided_here && d->cells[i].rule == NULL)
            status = complain_undecided(to, d, &d->cells[i]);
    }
    for (size_t i = 0; status == RH_OK && i < d->edge_count; i++)
        status = complain_conflict(to, d, &d->edges[i]);
    for (size_t i = 0; status == RH_OK && i < d->cell_count; i++)
        status = note_generated(to, d, &d->cells[i]);
    for (size_t i = 0; status == RH_OK && i < d->rules->domain_count; i++)
        status = note_unused_domain(to, d->rules, &d->rules->domains[i]);
    return status;
}

/* ---- decisions ---- */

static void fill_decision(const decisions *d, const cell *c, rh_decision *out)
{
    const rule *r = c->rule;
    bool plain = strcmp(r->kind, "keep") == 0 || strcmp(r->kind, "null") == 0;

    *out = (rh_decision){
        .table = c->table,
        .column = c->column,
        .kind = r->kind,
        .domain = plain ? r->domain : cell_domain(d, c),
        .parameters = r->parameters,
        .why = r->why,
    };
    if (c->own == r) {
        out->pattern = r->pattern.text;
        out->line = r->pos.line;
        out->file_column = r->pos.column;
        if (!plain && &d->cells[c->group] != c)
            out->derived_from = d->cells[c->group].name;
    } else {
        out->derived_from = d->cells[c->from].name;
    }
}

static rh_status fill(rh_bound_rules *bound, rh_error *err)
{
    const decisions *d = &bound->plan;

    bound->items = rh_arena_array(bound->arena, d->cell_count + 1, sizeof *bound->items);
    bound->item_cells = rh_arena_array(bound->arena, d->cell_count + 1, sizeof(size_t));
    bound->cell_items = rh_arena_array(bound->arena, d->cell_count + 1, sizeof(size_t));
    if (bound->items == NULL || bound->item_cells == NULL || bound->cell_items == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < d->cell_count; i++) {
        bound->cell_items[i] = NO_CELL;
        if (!d->cells[i].decided_here)
            continue;
        fill_decision(d, &d->cells[i], &bound->items[bound->count]);
        bound->item_cells[bound->count] = i;
        bound->cell_items[i] = bound->count++;
    }
    return RH_OK;
}

rh_status rh_rules_bind(const rh_rules *rules, const rh_structure *structure, rh_engine_kind engine,
                        rh_bound_rules **out, rh_problems *problems, rh_error *err)
{
    size_t fatal = rh_problems_fatal(problems);
    complaints to = {rules, engine, problems, err};
    rh_bound_rules *bound = rh_mem_zalloc(sizeof *bound);
    rh_status status = RH_OK;

    if (bound == NULL)
        return rh_error_oom(err);
    bound->rules = rules;
    bound->engine = engine;
    bound->arena = rh_arena_new(0);
    if (bound->arena == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = decide(rules, structure, bound->arena, &bound->plan, err);
    if (status == RH_OK)
        status = complain_all(&to, &bound->plan);
    if (status != RH_OK)
        goto out;
    fatal = rh_problems_fatal(problems) - fatal;
    if (fatal > 0) {
        status = rh_error_set(err, RH_ECONFIG, "%s: the rules do not fit the database: %zu %s",
                              rules->name, fatal, fatal == 1 ? "problem" : "problems");
        goto out;
    }
    status = fill(bound, err);
    if (status != RH_OK)
        goto out;
    *out = bound;
    bound = NULL;
out:
    rh_bound_rules_free(bound);
    return status;
}

void rh_bound_rules_free(rh_bound_rules *bound)
{
    if (bound == NULL)
        return;
    for (size_t i = 0; bound->masks != NULL && i < bound->count; i++)
        rh_mask_free(bound->masks[i]);
    rh_mem_free(bound->masks);
    rh_arena_free(bound->arena);
    rh_mem_free(bound);
}

size_t rh_bound_count(const rh_bound_rules *bound)
{
    return bound->count;
}

const rh_decision *rh_bound_at(const rh_bound_rules *bound, size_t index)
{
    return &bound->items[index];
}

const rh_decision *rh_bound_find(const rh_bound_rules *bound, const char *table_full_name,
                                 const char *column)
{
    size_t number = cell_find(&bound->plan, table_full_name, column);

    if (number == NO_CELL || bound->cell_items[number] == NO_CELL)
        return NULL;
    return &bound->items[bound->cell_items[number]];
}

/* ---- masks ---- */

static rh_status find_domain(void *ctx, const char *name, const char **out_kind,
                             const json_t **out_parameters, rh_error *err)
{
    const rh_rules *rules = *(const rh_rules *const *)ctx;
    const rule_domain *domain = rules_find_domain(rules, name);

    if (domain == NULL)
        return rh_error_set(err, RH_ECONFIG, "there is no domain '%s'", name);
    *out_kind = domain->kind;
    *out_parameters = domain->parameters;
    return RH_OK;
}

rh_mask_domains rh_bound_domains(const rh_bound_rules *bound)
{
    /* The interface has one context for readers and writers; this one only reads. */
    union {
        const void *in;
        void *out;
    } ctx = {&bound->rules};

    return (rh_mask_domains){find_domain, ctx.out};
}

rh_status rh_bound_compile(rh_bound_rules *bound, const rh_mask_key *key, rh_error *err)
{
    rh_mask_domains domains = rh_bound_domains(bound);
    rh_mask **masks = rh_mem_array(bound->count + 1, sizeof *masks);
    rh_status status = RH_OK;
    size_t done = 0;

    if (masks == NULL)
        return rh_error_oom(err);
    for (; status == RH_OK && done < bound->count; done++) {
        const rh_decision *decision = &bound->items[done];
        const cell *c = &bound->plan.cells[bound->item_cells[done]];
        rh_mask_request request = {
            .kind = decision->kind,
            .parameters = decision->parameters,
            .doc = bound->rules->doc,
            .domain = decision->domain,
            .key = key,
            .engine = bound->engine,
            .table = decision->table,
            .column = decision->column,
            .domains = &domains,
            .structure = bound->plan.structure,
            .pos = c->rule->pos,
        };

        if (!decision_keeps(decision))
            status = rh_mask_compile(&request, &masks[done], err);
    }
    if (status != RH_OK) {
        for (size_t i = 0; i < done; i++)
            rh_mask_free(masks[i]);
        rh_mem_free(masks);
        return status;
    }
    for (size_t i = 0; bound->masks != NULL && i < bound->count; i++)
        rh_mask_free(bound->masks[i]);
    rh_mem_free(bound->masks);
    bound->masks = masks;
    return RH_OK;
}

const rh_mask *rh_bound_mask(const rh_bound_rules *bound, size_t index)
{
    return bound->masks == NULL ? NULL : bound->masks[index];
}

const rh_mask *rh_bound_mask_of(const rh_bound_rules *bound, const rh_decision *decision)
{
    return rh_bound_mask(bound, (size_t)(decision - bound->items));
}

bool rh_decision_has_exceptions(const rh_decision *decision)
{
    const char *invalid = json_string_value(json_object_get(decision->parameters, "invalid"));

    return json_object_get(decision->parameters, "keep") != NULL ||
           (invalid != NULL && strcmp(invalid, "error") != 0);
}
