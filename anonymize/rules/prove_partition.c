/*
 * Partition keys: the bounds of partitions are values of their key, and go through its masks where
 * that keeps every row in its partition (anonymize/schema_bound.c puts the images in place).
 */
#include <string.h>

#include "anonymize/partition_key.h"
#include "anonymize/sql_token.h"
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

static opinion judge_partition(const prover *p, const rh_structure_table *table, size_t position)
{
    const char *at = table->partition_key;
    sql_token method = sql_next(&at);
    rh_partition_key key;

    if (only_default(p, table))
        return (opinion){RH_PRESERVED, "the only partition takes every row"};
    if (sql_is(&method, "hash"))
        return (opinion){RH_BREAKS, "images have other hashes, so rows would move to other "
                                    "partitions, and each partition is loaded by itself"};
    if (!rh_partition_key_read(table, &key))
        return (opinion){RH_BREAKS, "the key is an expression, whose bounds no mask reads"};
    return judge_bounds(p, table, position, key.method);
}

rh_status prove_partitions(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    if (table->partition_key == NULL)
        return RH_OK;
    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        bool is_key = sql_mentions(table->partition_key, table->columns[i].name);

        for (size_t j = 0; j < table->partition_column_count; j++)
            is_key = is_key || table->partition_columns[j] == i;
        if (is_key && proof_is_masked(p, table, i))
            status = proof_add(p, table, i, (proof_object){table->partition_key, "partition key"},
                               judge_partition(p, table, i));
    }
    return status;
}
