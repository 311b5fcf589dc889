#include "sql_tree.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "sql_reader.h"

enum {
    MAX_TOKENS = 1000000,
    MAX_NESTING = 300, /* open parentheses and brackets */
};

typedef struct token_list {
    rh_sql_tok *toks;
    size_t count;
    size_t capacity;
} token_list;

static rh_status add_token(token_list *list, rh_sql_token token, const char *text, rh_error *err)
{
    rh_sql_tok *tok;

    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 128 : list->capacity * 2;
        rh_sql_tok *toks = rh_mem_rearray(list->toks, capacity, sizeof *toks);

        if (toks == NULL)
            return rh_error_oom(err);
        list->toks = toks;
        list->capacity = capacity;
    }
    tok = &list->toks[list->count++];
    memset(tok, 0, sizeof *tok);
    tok->token = token;
    tok->keyword = rh_sql_keyword_of(&token, text);
    return RH_OK;
}

/* Pair parentheses and brackets, and note which hold a set operation. NULL, or what is wrong. */
static const char *pair_up(token_list *list)
{
    size_t open[MAX_NESTING + 1];
    size_t depth = 0;
    rh_sql_tok *toks = list->toks;
    const char *text_problem = NULL;

    open[0] = 0;
    for (size_t i = 1; i < list->count; i++) {
        rh_sql_token_kind kind = toks[i].token.kind;

        if (!toks[i].token.closed)
            return "a quote or comment that never ends";
        if (kind == RH_SQL_TOKEN_OPEN || (kind == RH_SQL_TOKEN_BRACKET && toks[i].match == 1)) {
            if (depth == MAX_NESTING)
                return "nested too deeply";
            open[++depth] = i;
        } else if (kind == RH_SQL_TOKEN_CLOSE || kind == RH_SQL_TOKEN_BRACKET) {
            if (depth == 0 || toks[open[depth]].token.kind !=
                                  (kind == RH_SQL_TOKEN_CLOSE ? RH_SQL_TOKEN_OPEN : kind))
                return "unbalanced parentheses";
            toks[open[depth--]].match = i;
        }
        if (toks[i].keyword == RH_SQL_KW_UNION || toks[i].keyword == RH_SQL_KW_INTERSECT ||
            toks[i].keyword == RH_SQL_KW_EXCEPT)
            toks[open[depth]].set_operation = true;
    }
    if (depth > 0)
        text_problem = "unbalanced parentheses";
    toks[0].match = list->count - 1;
    return text_problem;
}

/* *out_problem is set when the text is refused. */
static rh_status make_tokens(rh_sql_dialect dialect, const char *text, size_t len, token_list *list,
                             const char **out_problem, rh_error *err)
{
    rh_sql_token whole = {RH_SQL_TOKEN_OPEN, true, 0, 0};
    rh_sql_token token;
    rh_sql_scan scan;
    rh_status status = add_token(list, whole, text, err);

    rh_sql_scan_init(&scan, dialect, text, len);
    do {
        token = rh_sql_scan_next_code(&scan);
        if (status == RH_OK)
            status = add_token(list, token, text, err);
        if (status != RH_OK)
            return status;
        if (token.kind == RH_SQL_TOKEN_BRACKET)
            list->toks[list->count - 1].match = text[token.offset] == '[';
        if (list->count > MAX_TOKENS) {
            *out_problem = "more than 1,000,000 tokens";
            return RH_OK;
        }
    } while (token.kind != RH_SQL_TOKEN_END);
    *out_problem = pair_up(list);
    return RH_OK;
}

/* EXPLAIN, CREATE VIEW .. AS, PREPARE .. AS, DECLARE .. FOR, COPY ( .. ) TO: up to the query. */
static void skip_wrapper(rh_sql_reader *r)
{
    rh_sql_keyword first = rh_sql_kw(r);
    bool explain = first == RH_SQL_KW_EXPLAIN;
    rh_sql_keyword before = RH_SQL_KW_NONE;

    if (!explain && first != RH_SQL_KW_CREATE && first != RH_SQL_KW_PREPARE &&
        first != RH_SQL_KW_DECLARE && first != RH_SQL_KW_COPY)
        return;
    rh_sql_advance(r);
    while (rh_sql_kind(r) != RH_SQL_TOKEN_END) {
        bool begins = rh_sql_at_query(r, 0) || rh_sql_at_write(r);

        if (begins && (explain || before == RH_SQL_KW_AS || before == RH_SQL_KW_FOR ||
                       first == RH_SQL_KW_COPY))
            return;
        if (explain && rh_sql_kw(r) == RH_SQL_KW_CREATE) {
            skip_wrapper(r);
            return;
        }
        before = rh_sql_kw(r);
        if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
            rh_sql_skip_group(r);
        else
            rh_sql_advance(r);
    }
    rh_sql_fail(r, "a statement without a query");
}

static void read_statement(rh_sql_reader *r)
{
    bool copy;
    rh_sql_query *top;

    rh_sql_advance(r);
    copy = rh_sql_kw(r) == RH_SQL_KW_COPY;
    top = rh_sql_query_new(r, RH_SQL_LEVEL_TOP);
    r->tree->top = top;
    if (r->failed)
        return;
    skip_wrapper(r);
    if (!rh_sql_at_query(r, 0) && !rh_sql_at_write(r)) {
        rh_sql_fail(r, "a statement without a query");
        return;
    }
    r->query = top;
    top->level.offset = rh_sql_here(r);
    rh_sql_statement(r, top);
    top->level.length = rh_sql_end_before(r) - top->level.offset;
    top->level.query_offset = top->level.offset;
    top->level.query_length = top->level.length;
    top->level.construct_offset = top->level.offset;
    if (copy) /* TO and its options */
        r->at = r->count - 1;
    if (rh_sql_kw(r) == RH_SQL_KW_WITH) { /* CREATE TABLE .. AS .. WITH [NO] DATA */
        rh_sql_advance(r);
        if (rh_sql_at_word(r, 0, "no"))
            rh_sql_advance(r);
        if (rh_sql_at_word(r, 0, "data"))
            rh_sql_advance(r);
    }
    while (rh_sql_kind(r) == RH_SQL_TOKEN_SEMICOLON)
        rh_sql_advance(r);
    if (rh_sql_kind(r) != RH_SQL_TOKEN_END)
        rh_sql_fail(r, "syntax not understood");
}

rh_status rh_sql_tree_init(rh_sql_tree *tree, rh_sql_dialect dialect, const char *text, size_t len,
                           rh_error *err)
{
    token_list list = {NULL, 0, 0};
    const char *problem = NULL;
    rh_sql_reader r;
    rh_status status;

    memset(tree, 0, sizeof *tree);
    memset(&r, 0, sizeof r);
    tree->dialect = dialect;
    tree->text = text;
    tree->len = len;
    tree->arena = rh_arena_new(0);
    if (tree->arena == NULL)
        return rh_error_oom(err);
    status = make_tokens(dialect, text, len, &list, &problem, err);
    if (status == RH_OK && problem != NULL) {
        (void)snprintf(tree->problem, sizeof tree->problem, "%s", problem);
    } else if (status == RH_OK) {
        r.dialect = dialect;
        r.text = text;
        r.arena = tree->arena;
        r.tree = tree;
        r.toks = list.toks;
        r.count = list.count;
        rh_sql_parameters_init(&r.parameters, dialect, tree->arena);
        read_statement(&r);
        if (r.no_memory)
            status = rh_error_oom(err);
        if (r.failed)
            tree->top = NULL;
    }
    rh_mem_free(list.toks);
    if (status != RH_OK)
        rh_sql_tree_done(tree);
    return status;
}

void rh_sql_tree_done(rh_sql_tree *tree)
{
    rh_arena_free(tree->arena);
    memset(tree, 0, sizeof *tree);
}
