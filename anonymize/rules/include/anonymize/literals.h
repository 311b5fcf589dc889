/*
 * Literals and parameters of SQL through the masks of the columns that they meet: the same code for
 * captured statements and for the texts of the schema.
 */
#ifndef ANONYMIZE_LITERALS_H
#define ANONYMIZE_LITERALS_H

#include "anonymize/rules.h"
#include "core/buf.h"
#include "core/sql_columns.h"
#include "core/sql_scan.h"

typedef struct rh_literals {
    const rh_structure *structure;
    const rh_bound_rules *bound;
    rh_engine_kind engine;
    rh_sql_dialect dialect;
    rh_sql_catalog catalog; /* ctx is this object: it must not move */
    rh_arena *scratch;      /* of one statement; the caller resets it */
    uint64_t masked;
    uint64_t order_lost; /* bounds of ranges whose mask keeps no order */
} rh_literals;

/** What to do with a value. */
typedef struct rh_literal_verdict {
    enum { RH_LITERAL_KEEP, RH_LITERAL_MASK, RH_LITERAL_LOST } fate;
    const rh_mask *mask;
    const rh_structure_table *table;
    const rh_structure_column *column;
    rh_sql_value_use use;
    const char *why; /* lost */
} rh_literal_verdict;

/** All borrowed. The rules must be compiled before anything is masked. */
void rh_literals_init(rh_literals *literals, const rh_structure *structure,
                      const rh_bound_rules *bound, rh_engine_kind engine, rh_arena *scratch);

rh_literal_verdict rh_literal_judge(const rh_literals *literals, const rh_sql_value *value,
                                    const char *text);

/** RH_OK; RH_SKIPPED with *why when the value does not go through the mask. in is not changed. */
rh_status rh_literal_mask_field(rh_literals *literals, const rh_literal_verdict *verdict,
                                const rh_field *in, rh_field *out, const char **why,
                                rh_error *err) RH_MUST_CHECK;

/** A literal of text, as the field that the database would store (*raw), and its image. Codes as
 * above; verdict->fate is RH_LITERAL_MASK. */
rh_status rh_literal_mask(rh_literals *literals, const rh_literal_verdict *verdict,
                          const rh_sql_value *value, const char *text, rh_field *raw,
                          rh_field *image, const char **why, rh_error *err) RH_MUST_CHECK;

/** Append a field as SQL, with a blank before it. was_number: without quotes if it can. */
rh_status rh_literal_put(const rh_literals *literals, const rh_field *field, bool was_number,
                         rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** What becomes of a text's tokens. */
typedef struct rh_literal_rewriter {
    /** Append what the value becomes. token: where it begins. */
    rh_status (*value)(void *ctx, const char *text, const rh_sql_value *value,
                       const rh_sql_token *token, rh_error *err);
    /** Told of every other token but comments, which is copied; may be NULL. */
    void (*other)(void *ctx, const char *text, const rh_sql_token *token);
    void *ctx;
} rh_literal_rewriter;

/**
 * Append a statement from offset `from` on, token by token: comments become a blank, values what
 * the rewriter makes of them. values: of the whole text, in its order; NULL: none. Statuses of the
 * rewriter end it.
 */
rh_status rh_literals_rewrite(rh_sql_dialect dialect, const char *text, size_t len, size_t from,
                              const rh_sql_values *values, const rh_literal_rewriter *rewriter,
                              rh_buf *out, rh_error *err) RH_MUST_CHECK;

/**
 * The column through whose mask the labels of an enum type are renamed (mask enum, rename: true);
 * NULL when they are not. type: with its schema, or without.
 */
const rh_decision *rh_renamed_enum(const rh_bound_rules *bound, const char *type);

#endif
