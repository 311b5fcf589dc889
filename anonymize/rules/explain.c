/*
 * `rules explain T.C`: all patterns that match, which one won, and why.
 */
#include <stdlib.h>
#include <string.h>

#include "bind.h"

static json_t *rule_json(const rule *r)
{
    return json_pack("{s:s, s:I, s:I, s:s, s:s?, s:s?}", "pattern", r->pattern.text, "line",
                     (json_int_t)r->pos.line, "column", (json_int_t)r->pos.column, "mask", r->kind,
                     "domain", r->domain, "why", r->why);
}

static int by_specificity(const void *a, const void *b)
{
    const rule *x = *(const rule *const *)a;
    const rule *y = *(const rule *const *)b;
    int order = rule_pattern_compare(&y->pattern, &x->pattern);

    if (order != 0)
        return order;
    return x->pos.line < y->pos.line ? -1 : 1;
}

static json_t *matching_json(const decisions *d, const cell *c)
{
    const rule **list = rh_arena_array(d->arena, d->rules->rule_count + 1, sizeof *list);
    json_t *out = json_array();
    size_t count = 0;

    if (list == NULL || out == NULL)
        goto failed;
    for (size_t i = 0; i < d->rules->rule_count; i++) {
        if (rule_pattern_matches(&d->rules->rules[i].pattern, c->table, c->column))
            list[count++] = &d->rules->rules[i];
    }
    qsort(list, count, sizeof *list, by_specificity);
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(out, rule_json(list[i])) != 0)
            goto failed;
    }
    return out;
failed:
    json_decref(out);
    return NULL;
}

static const rh_structure_foreign_key *key_between(const decisions *d, size_t from, size_t to)
{
    for (size_t i = 0; i < d->edge_count; i++) {
        if (d->edges[i].from == from && d->edges[i].to == to)
            return d->edges[i].key;
    }
    return NULL;
}

/* Column by column to where the rule in force was written. */
static json_t *path_json(const decisions *d, size_t number)
{
    json_t *out = json_array();

    while (out != NULL && d->cells[number].rule != d->cells[number].own &&
           d->cells[number].from != NO_CELL) {
        size_t from = d->cells[number].from;
        const rh_structure_foreign_key *key = key_between(d, number, from);
        json_t *step = json_pack("{s:s, s:s, s:s?}", "column", d->cells[from].name, "through",
                                 key != NULL ? "foreign key" : "parent table", "name",
                                 key != NULL ? key->name : NULL);

        if (step == NULL || json_array_append_new(out, step) != 0) {
            json_decref(out);
            return NULL;
        }
        number = from;
    }
    return out;
}

static const char *because(const decisions *d, const cell *c, size_t matching)
{
    if (!rows_are_copied(c->table))
        return "rows of views, foreign and virtual tables are not copied";
    if (c->column->generated)
        return "generated columns are computed again";
    if (c->rule == NULL)
        return matching == 0 ? "no rule matches" : "no rule decides";
    if (c->own == NULL && c->from != NO_CELL &&
        key_between(d, (size_t)(c - d->cells), c->from) == NULL)
        return "it follows its parent table";
    if (c->own == NULL)
        return "it follows the column that it refers to";
    if (c->own != c->rule)
        return "the column that it refers to has a more specific rule";
    return matching == 1 ? "it is the only rule that matches" : "it is the most specific rule";
}

json_t *keeps_json(unsigned keeps)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < RH_KEEPS_COUNT; i++) {
        if ((keeps & (1U << i)) != 0 &&
            json_array_append_new(list, json_string(rh_mask_keeps_word(i))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *cell_json(const decisions *d, size_t number)
{
    const cell *c = &d->cells[number];
    const rh_mask_kind *kind = c->rule == NULL ? NULL : rh_mask_kind_find(c->rule->kind);
    json_t *matching = matching_json(d, c);

    if (matching == NULL)
        return NULL;
    /* A list that could not be made must not pass as null: "o" refuses NULL. */
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:s?, s:o, s:s?}", "column", c->name, "type",
                     c->column->type, "matching", matching, "rule",
                     c->rule == NULL ? json_null() : rule_json(c->rule), "because",
                     because(d, c, json_array_size(matching)), "derived", path_json(d, number),
                     "domain", cell_domain(d, c), "keeps",
                     kind == NULL ? json_null() : keeps_json(kind->keeps), "leaks",
                     kind == NULL ? NULL : kind->leaks);
}

/* "schema.table.column", or "table.column" where one table has that name. */
static rh_status find_cell(const decisions *d, const char *name, size_t *out, rh_error *err)
{
    size_t found = NO_CELL;

    for (size_t i = 0; i < d->cell_count; i++) {
        const cell *c = &d->cells[i];

        if (strcmp(c->name, name) == 0) {
            *out = i;
            return RH_OK;
        }
        if (strcmp(c->name + strlen(c->table->schema) + 1, name) != 0)
            continue;
        if (found != NO_CELL)
            return rh_error_set(err, RH_EUSAGE, "'%s' is '%s' or '%s'", name, d->cells[found].name,
                                c->name);
        found = i;
    }
    if (found == NO_CELL) {
        rh_error_set(err, RH_ENOTFOUND, "there is no column '%s'", name);
        rh_error_hint(err, "write table.column or schema.table.column");
        return RH_ENOTFOUND;
    }
    *out = found;
    return RH_OK;
}

rh_status rh_rules_explain(const rh_rules *rules, const rh_structure *structure, const char *column,
                           json_t **out, rh_error *err)
{
    decisions d;
    size_t number = NO_CELL;
    json_t *json;
    rh_arena *arena = rh_arena_new(0);
    rh_status status;

    if (arena == NULL)
        return rh_error_oom(err);
    status = decide(rules, structure, arena, &d, err);
    if (status == RH_OK)
        status = find_cell(&d, column, &number, err);
    if (status == RH_OK) {
        json = cell_json(&d, number);
        if (json == NULL)
            status = rh_error_oom(err);
        else
            *out = json;
    }
    rh_arena_free(arena);
    return status;
}
