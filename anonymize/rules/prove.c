/*
 * The proof's frame: what is known about columns, and the list of verdicts.
 */
#include "prove.h"
#include "core/sql_name.h"

#include <string.h>

static size_t item_of(const prover *p, const rh_structure_table *table, size_t position)
{
    return p->bound->cell_items[cell_of(&p->bound->plan, table, position)];
}

const rh_decision *proof_decision(const prover *p, const rh_structure_table *table, size_t position)
{
    size_t item = item_of(p, table, position);

    return item == NO_CELL ? NULL : &p->bound->items[item];
}

static unsigned keeps_of(const rh_bound_rules *bound, size_t item)
{
    const rh_mask *mask = rh_bound_mask(bound, item);

    if (decision_keeps(&bound->items[item]))
        return UINT32_MAX;
    return mask != NULL ? rh_mask_keeps(mask) : rh_mask_kind_find(bound->items[item].kind)->keeps;
}

unsigned proof_keeps(const prover *p, const rh_structure_table *table, size_t position)
{
    size_t item = item_of(p, table, position);

    return item == NO_CELL ? UINT32_MAX : keeps_of(p->bound, item);
}

bool proof_is_masked(const prover *p, const rh_structure_table *table, size_t position)
{
    const rh_decision *decision = proof_decision(p, table, position);

    return decision != NULL && !decision_keeps(decision);
}

size_t proof_read_by(const prover *p, const rh_structure_table *table, size_t generated)
{
    const rh_structure_column *column = &table->columns[generated];

    if (!column->generated || column->generated_from == NULL)
        return table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        if (proof_is_masked(p, table, i) &&
            rh_sql_mentions(p->literals->dialect, column->generated_from, table->columns[i].name))
            return i;
    }
    return table->column_count;
}

rh_status proof_literals(const prover *p, const rh_schema_sql *sql, rh_schema_literals *out)
{
    rh_buf image = RH_BUF_INIT_WIPING;
    rh_status status = rh_schema_sql_mask(p->literals, sql, NULL, &image, out, p->to.err);

    rh_buf_wipe_done(&image);
    return status;
}

/* ---- the list ---- */

static const char *verdict_name(rh_verdict verdict)
{
    switch (verdict) {
    case RH_PRESERVED:
        return "preserved";
    case RH_NOT_GUARANTEED:
        return "not guaranteed";
    case RH_BREAKS:
        break;
    }
    return "breaks";
}

static const rule *rule_of(const prover *p, const rh_structure_table *table, size_t position)
{
    return p->bound->plan.cells[cell_of(&p->bound->plan, table, position)].rule;
}

/* Words of the schema that are not UTF-8 do not get here: the section is JSON. */
static json_t *entry_json(const prover *p, const rh_structure_table *table, size_t position,
                          proof_object object, opinion said)
{
    size_t item = item_of(p, table, position);
    const rh_mask *mask = rh_bound_mask(p->bound, item);
    const char *kind = p->bound->items[item].kind;
    const char *leaks = mask != NULL ? rh_mask_leaks(mask) : rh_mask_kind_find(kind)->leaks;
    const cell *c = &p->bound->plan.cells[cell_of(&p->bound->plan, table, position)];

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s?}", "column", c->name, "rule",
                     c->rule->pattern.text, "mask", kind, "object", object.name, "object_kind",
                     object.kind, "verdict", verdict_name(said.verdict), "because", said.because,
                     "keeps", keeps_json(keeps_of(p->bound, item)), "leaks", leaks);
}

rh_status proof_add(const prover *p, const rh_structure_table *table, size_t position,
                    proof_object object, opinion said)
{
    const rh_decision *decision = proof_decision(p, table, position);
    json_t *entry = NULL;

    /* Nobody but the rule's author knows what comes back; two sides of a key still have to agree.
     */
    if (said.verdict == RH_BREAKS && strcmp(decision->kind, "custom") == 0 &&
        strcmp(object.kind, "foreign key") != 0)
        said = (opinion){RH_NOT_GUARANTEED, "the rule does not vouch for it with 'keeps'"};
    entry = entry_json(p, table, position, object, said);

    if (entry == NULL || json_array_append_new(p->out, entry) != 0)
        return rh_error_oom(p->to.err);
    if (said.verdict != RH_BREAKS)
        return RH_OK;
    return complain(&p->to, true, rule_of(p, table, position), NULL,
                    "mask '%s' of column '%s.%s' breaks %s '%s': %s",
                    proof_decision(p, table, position)->kind, table->full_name,
                    table->columns[position].name, object.kind, object.name, said.because);
}

rh_status rh_rules_prove(const rh_bound_rules *bound, const rh_structure *structure, json_t **out,
                         rh_problems *problems, rh_error *err)
{
    rh_literals literals;
    prover p = {bound, structure, {bound->rules, bound->engine, problems, err},
                NULL,  &literals, NULL};
    rh_status status = RH_OK;

    p.arena = rh_arena_new_wiping(0);
    rh_literals_init(&literals, structure, bound, bound->engine, p.arena);
    p.out = json_array();
    if (p.arena == NULL || p.out == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (!rows_are_copied(table))
            continue;
        status = prove_types(&p, table);
        if (status == RH_OK)
            status = prove_indexes(&p, table);
        if (status == RH_OK)
            status = prove_checks(&p, table);
        if (status == RH_OK)
            status = prove_partitions(&p, table);
        if (status == RH_OK)
            status = prove_keys(&p, table);
    }
    if (status == RH_OK)
        status = prove_texts(&p);
    if (status == RH_OK) {
        *out = p.out;
        p.out = NULL;
    }
    json_decref(p.out);
    rh_arena_free(p.arena);
    return status;
}
