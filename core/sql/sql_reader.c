#include "sql_reader.h"

#include <stdio.h>
#include <string.h>

#include "core/sql_name.h"
#include "sql_chars.h"

enum {
    MAX_HEIGHT = 400,
    MAX_QUERIES = 1000,
};

void rh_sql_fail(rh_sql_reader *r, const char *what)
{
    if (!r->failed)
        (void)snprintf(r->tree->problem, sizeof r->tree->problem, "%s at byte %zu", what,
                       rh_sql_here(r));
    r->failed = true;
    r->at = r->count - 1;
}

static void *take_memory(rh_sql_reader *r, size_t size)
{
    void *memory = rh_arena_array(r->arena, 1, size);

    if (memory == NULL) {
        r->no_memory = true;
        rh_sql_fail(r, "memory is out");
    }
    return memory;
}

const rh_sql_tok *rh_sql_peek(const rh_sql_reader *r, size_t ahead)
{
    size_t at = r->at + ahead;

    return &r->toks[at < r->count ? at : r->count - 1];
}

rh_sql_keyword rh_sql_kw(const rh_sql_reader *r)
{
    return r->toks[r->at].keyword;
}

rh_sql_token_kind rh_sql_kind(const rh_sql_reader *r)
{
    return r->toks[r->at].token.kind;
}

bool rh_sql_at_word(const rh_sql_reader *r, size_t ahead, const char *word)
{
    return rh_sql_token_is(&rh_sql_peek(r, ahead)->token, r->text, word);
}

void rh_sql_advance(rh_sql_reader *r)
{
    if (r->at + 1 < r->count)
        r->at++;
}

bool rh_sql_accept(rh_sql_reader *r, rh_sql_keyword keyword)
{
    if (rh_sql_kw(r) != keyword)
        return false;
    rh_sql_advance(r);
    return true;
}

void rh_sql_expect(rh_sql_reader *r, rh_sql_keyword keyword)
{
    if (!rh_sql_accept(r, keyword))
        rh_sql_fail(r, "syntax not understood");
}

bool rh_sql_accept_kind(rh_sql_reader *r, rh_sql_token_kind kind)
{
    if (rh_sql_kind(r) != kind)
        return false;
    rh_sql_advance(r);
    return true;
}

size_t rh_sql_here(const rh_sql_reader *r)
{
    return r->toks[r->at].token.offset;
}

size_t rh_sql_end_before(const rh_sql_reader *r)
{
    const rh_sql_token *token = &r->toks[r->at == 0 ? 0 : r->at - 1].token;

    return token->offset + token->len;
}

size_t rh_sql_enter(rh_sql_reader *r)
{
    size_t outer = r->group;

    if (rh_sql_kind(r) != RH_SQL_TOKEN_OPEN) {
        rh_sql_fail(r, "syntax not understood");
    } else {
        r->group = r->at;
        rh_sql_advance(r);
    }
    return outer;
}

void rh_sql_leave(rh_sql_reader *r, size_t outer)
{
    if (!rh_sql_accept_kind(r, RH_SQL_TOKEN_CLOSE))
        rh_sql_fail(r, "syntax not understood");
    r->group = outer;
}

void rh_sql_skip_group(rh_sql_reader *r)
{
    r->at = r->toks[r->at].match;
    rh_sql_advance(r);
}

/* Words that PostgreSQL reserves and SQLite does not. */
static bool is_free_in_sqlite(rh_sql_keyword keyword)
{
    switch (keyword) {
    case RH_SQL_KW_ANY:
    case RH_SQL_KW_SOME:
    case RH_SQL_KW_OFFSET:
    case RH_SQL_KW_FETCH:
    case RH_SQL_KW_LATERAL:
    case RH_SQL_KW_ILIKE:
    case RH_SQL_KW_SIMILAR:
    case RH_SQL_KW_TABLESAMPLE:
        return true;
    default:
        return false;
    }
}

bool rh_sql_at_name(const rh_sql_reader *r, size_t ahead)
{
    const rh_sql_tok *tok = rh_sql_peek(r, ahead);

    if (tok->token.kind == RH_SQL_TOKEN_IDENT)
        return true;
    if (tok->token.kind != RH_SQL_TOKEN_WORD)
        return false;
    return !rh_sql_keyword_is_reserved(tok->keyword) ||
           (r->dialect == RH_SQL_SQLITE && is_free_in_sqlite(tok->keyword));
}

static const char *fold_name(rh_sql_reader *r, const rh_sql_token *token)
{
    char *name = rh_arena_alloc(r->arena, token->len + 1);

    if (name == NULL) {
        r->no_memory = true;
        rh_sql_fail(r, "memory is out");
        return "";
    }
    if (token->kind != RH_SQL_TOKEN_WORD &&
        rh_sql_is(r->text[token->offset], RH_SQL_CHAR_NAME_START))
        rh_sql_fail(r, "name with unicode escapes");
    rh_sql_name_decode(r->dialect, token, r->text, name);
    return name;
}

const char *rh_sql_take_name(rh_sql_reader *r)
{
    const rh_sql_token *token = &r->toks[r->at].token;
    const char *name;

    if (token->kind != RH_SQL_TOKEN_WORD && token->kind != RH_SQL_TOKEN_IDENT &&
        !(r->dialect == RH_SQL_SQLITE && token->kind == RH_SQL_TOKEN_STRING)) {
        rh_sql_fail(r, "syntax not understood");
        return "";
    }
    name = fold_name(r, token);
    rh_sql_advance(r);
    return name;
}

rh_sql_name *rh_sql_name_list(rh_sql_reader *r)
{
    rh_sql_name *first = NULL;
    rh_sql_name **last = &first;
    size_t outer = rh_sql_enter(r);

    do {
        rh_sql_name *name = take_memory(r, sizeof *name);

        if (name == NULL)
            break;
        name->text = rh_sql_take_name(r);
        *last = name;
        last = &name->next;
        /* Types, collations and sort orders behind a name: x(a int, b text). */
        while (!r->failed && rh_sql_kind(r) != RH_SQL_TOKEN_COMMA &&
               rh_sql_kind(r) != RH_SQL_TOKEN_CLOSE) {
            if (rh_sql_kind(r) == RH_SQL_TOKEN_END)
                rh_sql_fail(r, "syntax not understood");
            else if (rh_sql_kind(r) == RH_SQL_TOKEN_OPEN)
                rh_sql_skip_group(r);
            else
                rh_sql_advance(r);
        }
    } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    rh_sql_leave(r, outer);
    return first;
}

rh_sql_node *rh_sql_node_new(rh_sql_reader *r, rh_sql_node_kind kind, size_t offset)
{
    rh_sql_node *node = take_memory(r, sizeof *node);

    if (node == NULL)
        return &r->dummy;
    node->kind = kind;
    node->offset = offset;
    node->end = offset;
    return node;
}

void rh_sql_node_add(rh_sql_reader *r, rh_sql_node *parent, rh_sql_node *child)
{
    if (r->failed)
        return;
    if (parent->last == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    if (child->end > parent->end)
        parent->end = child->end;
    if (child->height >= parent->height)
        parent->height = child->height + 1;
    if (parent->height > MAX_HEIGHT)
        rh_sql_fail(r, "nested too deeply");
}

void rh_sql_term_add(rh_sql_reader *r, rh_sql_clause clause, size_t item, rh_sql_node *node,
                     const char *alias)
{
    rh_sql_term *term;

    if (r->failed)
        return;
    term = take_memory(r, sizeof *term);
    if (term == NULL)
        return;
    term->clause = clause;
    term->item = item;
    term->node = node;
    term->alias = alias;
    if (r->query->term_last == NULL)
        r->query->term_first = term;
    else
        r->query->term_last->next = term;
    r->query->term_last = term;
}

rh_sql_query *rh_sql_query_new(rh_sql_reader *r, rh_sql_level_kind kind)
{
    rh_sql_query *q = take_memory(r, sizeof *q);
    rh_sql_query *parent = r->query;

    if (q == NULL)
        return r->tree->top; /* never looked at: the reader has failed */
    if (++r->tree->query_count > MAX_QUERIES)
        rh_sql_fail(r, "more than 1000 subqueries");
    q->level.kind = kind;
    q->level.clause = parent == NULL ? RH_SQL_CLAUSE_NONE : r->clause;
    q->level.item = parent == NULL ? 0 : r->item;
    q->level.materialized = RH_SQL_UNKNOWN;
    q->level.correlated_level = RH_SQL_NONE;
    q->parent = parent;
    if (parent != NULL) {
        if (parent->last_child == NULL)
            parent->first_child = q;
        else
            parent->last_child->next = q;
        parent->last_child = q;
    }
    return q;
}
