/*
 * Partition keys: the bounds of partitions are values of their key, and go through its masks where
 * that keeps every row in its partition (anonymize/partition_bound.h makes the images). By HASH no
 * mask does: rows are loaded through the table then (core/routes.h), which needs partitions that
 * take any row.
 */
#include <string.h>

#include "anonymize/partition_key.h"
#include "core/num.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "prove.h"

/* Every partition of the table takes any row: there is only a default one. */
static bool only_default(const prover *p, const rh_structure_table *table)
{
    size_t children = 0;

    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *child = rh_structure_table_at(p->structure, i);

        if (!rh_str_eq(child->parent, table->full_name))
            continue;
        if (child->partition_bound == NULL || !rh_str_ieq(child->partition_bound, "DEFAULT"))
            return false;
        children++;
    }
    return children > 0;
}

/* Partitions of the table, and theirs, mask the column as the table does. */
static bool children_agree(const prover *p, const rh_structure_table *table, const cell *column)
{
    const decisions *d = &p->bound->plan;

    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *child = rh_structure_table_at(p->structure, i);
        size_t at;

        if (!rh_str_eq(child->parent, table->full_name))
            continue;
        at = cell_find(d, child->full_name, column->column->name);
        if (at == NO_CELL || !cells_agree(d, column, &d->cells[at]) ||
            !children_agree(p, child, column))
            return false;
    }
    return true;
}

/* Types whose images are as exact as their values: none of them is rounded on the way in. */
static bool is_exact(const rh_structure_column *column)
{
    static const char *const EXACT[] = {"smallint", "integer", "bigint", "numeric", "date"};

    for (size_t i = 0; i < sizeof EXACT / sizeof EXACT[0]; i++) {
        if (strcmp(column->base_type, EXACT[i]) == 0)
            return true;
    }
    return rh_str_starts_with(column->base_type, "timestamp") && strchr(column->type, '(') == NULL;
}

static opinion judge_bounds(const prover *p, const rh_structure_table *table, size_t position,
                            rh_partition_method method)
{
    const decisions *d = &p->bound->plan;
    const unsigned one_to_one = RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE | RH_KEEPS_NULLS;
    unsigned keeps = proof_keeps(p, table, position);

    if (!children_agree(p, table, &d->cells[cell_of(d, table, position)]))
        return (opinion){RH_BREAKS, "a partition masks the column in another way than the table"};
    if ((keeps & one_to_one) != one_to_one)
        return (opinion){RH_BREAKS, "the mask is not one to one, so the bounds of the partitions "
                                    "cannot go through it"};
    if (method == RH_PARTITION_LIST)
        return (opinion){RH_PRESERVED, "the lists of the partitions go through the same mask"};
    if ((keeps & RH_KEEPS_ORDER) == 0)
        return (opinion){RH_BREAKS, "masked values leave the bounds of their partitions: ranges "
                                    "need a mask that keeps order"};
    if (!is_exact(&table->columns[position]))
        return (opinion){RH_BREAKS, "images of this type may be rounded across a bound"};
    if (rh_decision_has_exceptions(proof_decision(p, table, position)))
        return (opinion){RH_BREAKS, "'keep' and 'invalid' leave the order that bounds need"};
    return (opinion){RH_PRESERVED, "the bounds of the partitions go through the same mask"};
}

/* ---- HASH ---- */

/* "FOR VALUES WITH (modulus 4, remainder 1)"; 0 for other texts. */
static int64_t modulus_of(const char *bound)
{
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_POSTGRES, bound);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        int64_t modulus = 0;

        if (token.kind == RH_SQL_TOKEN_END)
            return 0;
        if (!rh_sql_token_is(&token, bound, "modulus"))
            continue;
        token = rh_sql_scan_next_code(&scan);
        if (token.kind == RH_SQL_TOKEN_NUMBER &&
            rh_num_scan_int64(bound + token.offset, token.len, &modulus) && modulus > 0)
            return modulus;
    }
}

typedef struct hash_parts {
    size_t count;
    bool plain;     /* each holds its rows itself */
    int64_t widest; /* largest modulus; the others divide it, says PostgreSQL */
} hash_parts;

static hash_parts look_at_parts(const prover *p, const rh_structure_table *table)
{
    hash_parts parts = {0, true, 1};

    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *child = rh_structure_table_at(p->structure, i);
        int64_t modulus;

        if (!rh_str_eq(child->parent, table->full_name) || child->partition_bound == NULL)
            continue;
        modulus = modulus_of(child->partition_bound);
        parts.count++;
        parts.plain = parts.plain && strcmp(child->kind, "partition") == 0 && modulus > 0;
        parts.widest = modulus > parts.widest ? modulus : parts.widest;
    }
    return parts;
}

/* Is there a partition for every remainder? */
static bool covers_all(const prover *p, const rh_structure_table *table, const hash_parts *parts)
{
    int64_t covered = 0;

    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *child = rh_structure_table_at(p->structure, i);

        if (rh_str_eq(child->parent, table->full_name) && child->partition_bound != NULL &&
            covered <= parts->widest)
            covered += parts->widest / modulus_of(child->partition_bound);
    }
    return covered == parts->widest;
}

static size_t unique_count(const rh_structure_table *table)
{
    size_t count = 0;

    for (size_t i = 0; i < table->index_count; i++)
        count += table->indexes[i].unique || table->indexes[i].exclusion;
    return count;
}

static bool is_referenced(const prover *p, const rh_structure_table *table)
{
    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *other = rh_structure_table_at(p->structure, i);

        for (size_t k = 0; k < other->foreign_key_count; k++) {
            if (rh_str_eq(other->foreign_keys[k].target, table->full_name))
                return true;
        }
    }
    return false;
}

/* Does a partition promise something that its table does not? The table's promises are all of its
 * partitions'. */
static bool has_promises(const prover *p, const rh_structure_table *table,
                         const rh_structure_table *child)
{
    if (unique_count(child) != unique_count(table) || child->check_count != table->check_count ||
        child->foreign_key_count != table->foreign_key_count || is_referenced(p, child))
        return true;
    for (size_t i = 0; i < child->column_count; i++) {
        size_t at = rh_structure_column_index(table, child->columns[i].name);

        if (child->columns[i].not_null &&
            (at == table->column_count || !table->columns[at].not_null))
            return true;
    }
    return false;
}

static opinion judge_hash(const prover *p, const rh_structure_table *table, size_t position)
{
    const decisions *d = &p->bound->plan;
    const hash_parts parts = look_at_parts(p, table);

    if (parts.count == 0)
        return (opinion){RH_PRESERVED, "it has no partitions"};
    if (!children_agree(p, table, &d->cells[cell_of(d, table, position)]))
        return (opinion){RH_BREAKS, "a partition masks the column in another way than the table"};
    if (!parts.plain)
        return (opinion){RH_BREAKS, "rows move to other partitions, of which one is foreign or "
                                    "partitioned again"};
    if (!covers_all(p, table, &parts))
        return (opinion){RH_BREAKS, "rows move to other partitions, and there is not one for every "
                                    "remainder"};
    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *child = rh_structure_table_at(p->structure, i);

        if (rh_str_eq(child->parent, table->full_name) && has_promises(p, table, child))
            return (opinion){RH_NOT_GUARANTEED, "rows move to other partitions, and one has "
                                                "constraints that its table does not have"};
    }
    return (opinion){RH_PRESERVED, "rows are loaded through the table, into the partitions that "
                                   "their images belong to"};
}

/* ---- the key ---- */

static opinion judge_partition(const prover *p, const rh_structure_table *table, size_t position)
{
    rh_partition_key key;

    if (only_default(p, table))
        return (opinion){RH_PRESERVED, "the only partition takes every row"};
    if (rh_partition_is_by_hash(table))
        return judge_hash(p, table, position);
    if (!rh_partition_key_read(table, &key))
        return (opinion){RH_BREAKS, "the key is an expression, whose bounds no mask reads"};
    return judge_bounds(p, table, position, key.method);
}

rh_status prove_partitions(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        if (rh_partition_key_uses(table, i) && proof_is_masked(p, table, i))
            status = proof_add(p, table, i, (proof_object){table->partition_key, "partition key"},
                               judge_partition(p, table, i));
    }
    return status;
}
