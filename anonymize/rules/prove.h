/*
 * The proof: each masked column against each object of the schema that it could break.
 *
 * A verdict is about objects being built and checked over masked rows: unique indexes, constraints,
 * partitions, types. What a form does not prove is "not guaranteed", never "preserved".
 */
#ifndef RH_PROVE_H
#define RH_PROVE_H

#include "bind.h"
#include "complain.h"

#include "anonymize/schema_sql.h"

/** One proof. */
typedef struct prover {
    const rh_bound_rules *bound;
    const rh_structure *structure;
    complaints to;
    rh_arena *arena;
    rh_literals *literals; /* its scratch is the arena */
    json_t *out;
} prover;

/** What is said about a column: because is one short sentence. */
typedef struct opinion {
    rh_verdict verdict;
    const char *because;
} opinion;

/** The object that a column is proved against. */
typedef struct proof_object {
    const char *name;
    const char *kind; /* "primary key" "unique index" "check" "foreign key" ... */
} proof_object;

/** Everything is kept for columns that are not masked (or not decided: generated ones). */
unsigned proof_keeps(const prover *p, const rh_structure_table *table, size_t position);
bool proof_is_masked(const prover *p, const rh_structure_table *table, size_t position);
/** The decision of a column, NULL for generated ones. */
const rh_decision *proof_decision(const prover *p, const rh_structure_table *table,
                                  size_t position);
/** A masked column that a generated one reads; column_count when there is none. */
size_t proof_read_by(const prover *p, const rh_structure_table *table, size_t generated);

/** Append an entry; a break becomes a fatal problem as well. */
rh_status proof_add(const prover *p, const rh_structure_table *table, size_t position,
                    proof_object object, opinion said);

rh_status prove_indexes(const prover *p, const rh_structure_table *table);
rh_status prove_checks(const prover *p, const rh_structure_table *table);
rh_status prove_types(const prover *p, const rh_structure_table *table);
rh_status prove_partitions(const prover *p, const rh_structure_table *table);
rh_status prove_keys(const prover *p, const rh_structure_table *table);
/** Literals in the schema's texts that no mask reaches: of all tables and of what has none. */
rh_status prove_texts(const prover *p);

/** What becomes of the literals of a text. RH_ENOMEM only. */
rh_status proof_literals(const prover *p, const rh_schema_sql *sql, rh_schema_literals *out);

/**
 * Whether a condition has the same answer before and after masking of one column (predicate), or
 * still holds where it held (else: NULL satisfies it too). text is SQL, with or without CHECK.
 */
opinion judge_condition(const prover *p, const rh_structure_table *table, size_t position,
                        const char *text, bool predicate);

#endif
