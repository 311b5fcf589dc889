/*
 * The state of our recursive-descent reader and what its files share: tokens, nodes, failing.
 *
 * A failure (unknown syntax, too deep, no memory) moves the reader to the end of the text, so that
 * every loop ends by itself; nothing looks at a tree whose reader failed.
 */
#ifndef SQL_READER_H
#define SQL_READER_H

#include "core/sql_parameter.h"
#include "sql_keyword.h"
#include "sql_tree.h"

typedef struct rh_sql_tok {
    rh_sql_token token;
    rh_sql_keyword keyword;
    size_t match;       /* OPEN, [: index of its closing token, or of END */
    bool set_operation; /* OPEN: UNION, INTERSECT or EXCEPT stands directly in it */
} rh_sql_tok;

typedef struct rh_sql_reader {
    rh_sql_dialect dialect;
    const char *text;
    rh_arena *arena;
    rh_sql_tree *tree;
    rh_sql_tok *toks; /* [0] stands for the whole statement, like an OPEN */
    size_t count;     /* with END */
    size_t at;
    size_t group; /* index of the OPEN that we are directly in */
    unsigned depth;
    bool failed;
    bool no_memory;
    rh_sql_query *query; /* level at hand, and the place of what is read in it */
    rh_sql_clause clause;
    size_t item;
    rh_sql_parameters parameters;
    rh_sql_node dummy; /* stands in when memory is out */
} rh_sql_reader;

/* sql_reader.c */
void rh_sql_fail(rh_sql_reader *r, const char *what);
const rh_sql_tok *rh_sql_peek(const rh_sql_reader *r, size_t ahead);
rh_sql_keyword rh_sql_kw(const rh_sql_reader *r);
rh_sql_token_kind rh_sql_kind(const rh_sql_reader *r);
bool rh_sql_at_word(const rh_sql_reader *r, size_t ahead, const char *word);
void rh_sql_advance(rh_sql_reader *r);
bool rh_sql_accept(rh_sql_reader *r, rh_sql_keyword keyword);
void rh_sql_expect(rh_sql_reader *r, rh_sql_keyword keyword);
bool rh_sql_accept_kind(rh_sql_reader *r, rh_sql_token_kind kind);
size_t rh_sql_here(const rh_sql_reader *r);       /* offset of the token at hand */
size_t rh_sql_end_before(const rh_sql_reader *r); /* end of the token before */

/** Enter the parenthesis at hand / leave it behind its closing one; leave fails elsewhere. */
size_t rh_sql_enter(rh_sql_reader *r);
void rh_sql_leave(rh_sql_reader *r, size_t outer);
void rh_sql_skip_group(rh_sql_reader *r); /* the whole ( .. ) or [ .. ] at hand */

bool rh_sql_at_name(const rh_sql_reader *r, size_t ahead);
const char *rh_sql_take_name(rh_sql_reader *r);
rh_sql_name *rh_sql_name_list(rh_sql_reader *r); /* at "(": (a, b) */

rh_sql_node *rh_sql_node_new(rh_sql_reader *r, rh_sql_node_kind kind, size_t offset);
void rh_sql_node_add(rh_sql_reader *r, rh_sql_node *parent, rh_sql_node *child);
void rh_sql_term_add(rh_sql_reader *r, rh_sql_clause clause, size_t item, rh_sql_node *node,
                     const char *alias);

/** A new level below the one at hand, in the clause at hand. */
rh_sql_query *rh_sql_query_new(rh_sql_reader *r, rh_sql_level_kind kind);

/* sql_expr.c */
rh_sql_node *rh_sql_expr(rh_sql_reader *r);

/** Above this binding power: neither AND nor a comparison is taken. */
rh_sql_node *rh_sql_operand(rh_sql_reader *r);

/* sql_operand.c */
rh_sql_node *rh_sql_primary(rh_sql_reader *r);
const char *rh_sql_type(rh_sql_reader *r);
void rh_sql_window(rh_sql_reader *r, rh_sql_node *into); /* at "(" */

/* sql_query.c */
bool rh_sql_at_query(const rh_sql_reader *r,
                     size_t ahead); /* at "(", or at a word that begins one */

/** At "(": read the query in it as a new level; construct is where EXISTS, IN or ANY stands. */
rh_sql_query *rh_sql_subquery(rh_sql_reader *r, rh_sql_level_kind kind, size_t construct);

/** The query or data-changing statement at hand into level q. */
void rh_sql_statement(rh_sql_reader *r, rh_sql_query *q);
void rh_sql_query_body(rh_sql_reader *r, rh_sql_query *q);
void rh_sql_with(rh_sql_reader *r, rh_sql_query *q);
void rh_sql_items(rh_sql_reader *r, rh_sql_clause clause); /* of SELECT or RETURNING */
void rh_sql_order_and_limit(rh_sql_reader *r, rh_sql_query *q);
void rh_sql_expr_list(rh_sql_reader *r, rh_sql_clause clause);

/* sql_from.c */
void rh_sql_from_list(rh_sql_reader *r);
void rh_sql_from_item(rh_sql_reader *r);     /* one relation with its joins */
rh_sql_from *rh_sql_table(rh_sql_reader *r); /* [ONLY] name [*]; the alias is left */

/* sql_write.c */
bool rh_sql_at_write(const rh_sql_reader *r);
void rh_sql_write(rh_sql_reader *r, rh_sql_query *q);

#endif
