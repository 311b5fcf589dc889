/*
 * Rule files: which mask for which column, and the proof that it fits the schema (design §5).
 */
#ifndef ANONYMIZE_RULES_H
#define ANONYMIZE_RULES_H

#include <jansson.h>
#include <stdbool.h>

#include <rehearse/error.h>

#include "anonymize/mask.h"
#include "core/problems.h"
#include "core/structure.h"

typedef struct rh_rules rh_rules;

/** Read and check a file by itself (no database): syntax, keys, kinds, domains. RH_ECONFIG with
 * file:line:col, RH_ENOTFOUND. */
rh_status rh_rules_read(const char *path, rh_rules **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_rules_parse(const char *name, const char *text, size_t len, rh_rules **out,
                         rh_error *err) RH_MUST_CHECK;
void rh_rules_free(rh_rules *rules);

/** The key file that `key:` names (relative to the rule file), or NULL. Borrowed. */
const char *rh_rules_key_file(const rh_rules *rules);
/** BLAKE2b-256 of the file's text as hex; for the manifest. */
void rh_rules_hash(const rh_rules *rules, char out[65]);

/* ---- binding to a schema ---- */

/** How one column was decided. */
typedef struct rh_decision {
    const rh_structure_table *table;
    const rh_structure_column *column;
    const char
        *pattern; /* the rule that won; NULL: derived through a foreign key or parent table */
    size_t line, file_column; /* of the rule; 0 when derived */
    const char *derived_from; /* "schema.table.column" whose decision this follows, or NULL */
    const char *kind;         /* mask name */
    const char *domain;       /* domain name or NULL */
    const json_t *parameters;
    const char *why; /* or NULL */
} rh_decision;

typedef struct rh_bound_rules rh_bound_rules;

/**
 * Decide every column of every table whose rows are copied. Most specific rule wins (exact
 * schema.table.column over table.column over *.column over patterns with more literal characters;
 * docs/rules.md has the whole order); partitions and inheritance children follow their parent,
 * foreign keys join domains. All complaints go to problems at once: dead rules, undecided columns
 * (drift), domain conflicts along foreign keys. RH_ECONFIG when any is fatal. engine: of the
 * source that the structure describes.
 */
rh_status rh_rules_bind(const rh_rules *rules, const rh_structure *structure, rh_engine_kind engine,
                        rh_bound_rules **out, rh_problems *problems, rh_error *err) RH_MUST_CHECK;
void rh_bound_rules_free(rh_bound_rules *bound);
size_t rh_bound_count(const rh_bound_rules *bound);
const rh_decision *rh_bound_at(const rh_bound_rules *bound, size_t index);
/** Decision of a column; NULL for generated columns and tables that are not copied. */
const rh_decision *rh_bound_find(const rh_bound_rules *bound, const char *table_full_name,
                                 const char *column);
/** Domains as rh_mask_compile wants them. */
rh_mask_domains rh_bound_domains(const rh_bound_rules *bound);

/**
 * Compile the mask of every decided column (NULL for keep): array in the order of rh_bound_at,
 * owned by the bound rules.
 */
rh_status rh_bound_compile(rh_bound_rules *bound, const rh_mask_key *key,
                           rh_error *err) RH_MUST_CHECK;
const rh_mask *rh_bound_mask(const rh_bound_rules *bound, size_t index);
/** The same for one of these rules' decisions, as rh_bound_find gives it. */
const rh_mask *rh_bound_mask_of(const rh_bound_rules *bound, const rh_decision *decision);

/** Do some values, kept by name or without the mask's form, have images (or none) that stand in no
 * order with the others? */
bool rh_decision_has_exceptions(const rh_decision *decision);

/**
 * Why a column is decided as it is, also where rh_rules_bind complains. column: "table.column" or
 * "schema.table.column". *out (new reference): {"column","type","matching": [rules, most specific
 * first], "rule": the one in force or null, "because", "derived": [{"column","through","name"}
 * up to where the rule was written], "domain","keeps","leaks"}. RH_ENOTFOUND, RH_EUSAGE (two
 * tables of that name).
 */
rh_status rh_rules_explain(const rh_rules *rules, const rh_structure *structure, const char *column,
                           json_t **out, rh_error *err) RH_MUST_CHECK;

/* ---- proof ---- */

typedef enum rh_verdict {
    RH_PRESERVED,      /* by construction */
    RH_NOT_GUARANTEED, /* may fail on some data */
    RH_BREAKS,         /* will fail */
} rh_verdict;

/**
 * Each compiled mask against every primary, unique, exclusion, partial and expression index, CHECK,
 * NOT NULL, partition key, generated column, enum, domain, width, foreign key and collation order.
 * *out: array of {"column","rule","mask","object","object_kind","verdict":"preserved|not
 * guaranteed|breaks", "because","keeps":[...],"leaks"}. Breaks are also fatal problems; the status
 * is RH_OK all the same, so that the list can be shown. New reference.
 */
rh_status rh_rules_prove(const rh_bound_rules *bound, const rh_structure *structure, json_t **out,
                         rh_problems *problems, rh_error *err) RH_MUST_CHECK;

#endif
