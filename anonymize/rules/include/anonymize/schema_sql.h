/*
 * SQL of the schema through the masks: what a CHECK, an index, a view, a policy or a trigger
 * compares a masked column with becomes what the masked rows hold there.
 */
#ifndef ANONYMIZE_SCHEMA_SQL_H
#define ANONYMIZE_SCHEMA_SQL_H

#include "anonymize/literals.h"

/** One text. */
typedef struct rh_schema_sql {
    const char *text;
    size_t len;
    /* An expression over the columns of table; else a statement (CREATE .., ALTER TABLE .., a
     * query), or a constraint of table: CHECK (..), EXCLUDE .. */
    bool expression;
    const rh_structure_table *table; /* NULL: the statement names it */
} rh_schema_sql;

typedef struct rh_schema_literals {
    size_t masked;
    size_t left; /* strings and bytes of no known column, or that their mask has no image for, and
                    what is not understood: they stand as they did */
    bool exact;  /* every comparison with a masked column has the answer that it had before */
} rh_schema_literals;

/** Told of each literal that got an image, for the leak scan. */
typedef struct rh_schema_sql_visitor {
    rh_status (*masked)(void *ctx, const rh_literal_verdict *verdict, const rh_field *raw,
                        const rh_field *image, rh_error *err);
    void *ctx;
} rh_schema_sql_visitor;

/**
 * Append the text with images in the place of literals to out, and say what happened. What is not
 * among the statements above is copied. literals->scratch grows. visitor may be NULL. Comments
 * inside of expressions and queries become blanks. RH_ENOMEM, or what the visitor says.
 */
rh_status rh_schema_sql_mask(rh_literals *literals, const rh_schema_sql *sql,
                             const rh_schema_sql_visitor *visitor, rh_buf *out,
                             rh_schema_literals *result, rh_error *err) RH_MUST_CHECK;

#endif
