#include <string.h>

#include "sql_reader.h"

/* What an operator does to us, and how strongly it binds (a left operand is taken when the operator
 * binds more strongly than what we are in). */
typedef enum op_kind {
    OP_NONE,
    OP_OR,
    OP_AND,
    OP_COMPARE,
    OP_IN,
    OP_BETWEEN,
    OP_IS,
    OP_POSTFIX, /* ISNULL, NOTNULL, NOT NULL */
    OP_OTHER,
    OP_PATH, /* ->, ->> and their like: the right side is a key, part of the form */
    OP_TIME_ZONE,
    OP_COLLATE,
    OP_SUBSCRIPT,
    OP_CAST,
    OP_FIELD,
} op_kind;

typedef struct op {
    op_kind kind;
    unsigned binds;
    rh_sql_value_use use; /* OP_COMPARE */
    size_t words;         /* tokens of the operator: NOT LIKE is two */
} op;

enum {
    BINDS_NOTHING = 0,
    BINDS_OR = 1,
    BINDS_AND = 2,
    BINDS_NOT = 3,
    BINDS_IS = 4,
    BINDS_COMPARE = 5,
    BINDS_LIKE = 6,
    BINDS_OTHER = 7,
    BINDS_SIGN = 13,
    BINDS_POSTFIX = 14,
};

static bool is_one_of(const rh_sql_reader *r, size_t ahead, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rh_sql_at_word(r, ahead, words[i]))
            return true;
    }
    return false;
}

static op operator_symbol(const rh_sql_reader *r, size_t ahead)
{
    static const char *const equal[] = {"=", "<>", "!=", "=="};
    static const char *const order[] = {"<", ">", "<=", ">="};
    static const char *const like[] = {"~~", "!~~", "~~*", "!~~*"};
    static const char *const match[] = {"~", "!~", "~*", "!~*", "@@", "@@@"};
    static const char *const path[] = {"->", "->>", "#>", "#>>", "?", "?|", "?&", "@?"};
    static const char *const sums[] = {"+", "-"};
    static const char *const products[] = {"*", "/", "%"};
    bool pg = r->dialect == RH_SQL_POSTGRES;

#define IS(list) is_one_of(r, ahead, list, sizeof list / sizeof list[0])
    if (IS(equal))
        return (op){OP_COMPARE, pg ? BINDS_COMPARE : BINDS_IS, RH_SQL_USE_EQUAL, 1};
    if (IS(order))
        return (op){OP_COMPARE, BINDS_COMPARE, RH_SQL_USE_ORDER, 1};
    if (pg && IS(like))
        return (op){OP_COMPARE, BINDS_OTHER, RH_SQL_USE_LIKE, 1};
    if (pg && IS(match))
        return (op){OP_COMPARE, BINDS_OTHER, RH_SQL_USE_MATCH, 1};
    if (IS(path))
        return (op){OP_PATH, pg ? BINDS_OTHER : 10, RH_SQL_USE_UNKNOWN, 1};
    if (IS(sums))
        return (op){OP_OTHER, 8, RH_SQL_USE_UNKNOWN, 1};
    if (IS(products))
        return (op){OP_OTHER, 9, RH_SQL_USE_UNKNOWN, 1};
    if (rh_sql_at_word(r, ahead, "::"))
        return (op){OP_CAST, BINDS_POSTFIX + 1, RH_SQL_USE_UNKNOWN, 1};
    if (rh_sql_at_word(r, ahead, "."))
        return (op){OP_FIELD, BINDS_POSTFIX + 2, RH_SQL_USE_UNKNOWN, 1};
    if (pg && rh_sql_at_word(r, ahead, "^"))
        return (op){OP_OTHER, 10, RH_SQL_USE_UNKNOWN, 1};
    if (rh_sql_at_word(r, ahead, ":") || rh_sql_at_word(r, ahead, ":=") ||
        rh_sql_at_word(r, ahead, "=>"))
        return (op){OP_NONE, 0, RH_SQL_USE_UNKNOWN, 0};
    if (!pg && rh_sql_at_word(r, ahead, "||"))
        return (op){OP_OTHER, 10, RH_SQL_USE_UNKNOWN, 1};
#undef IS
    return (op){OP_OTHER, BINDS_OTHER, RH_SQL_USE_UNKNOWN, 1};
}

/* LIKE, IN, BETWEEN and their like, behind `words` tokens (0, or 1 for NOT). */
static op predicate_word(const rh_sql_reader *r, size_t words)
{
    bool pg = r->dialect == RH_SQL_POSTGRES;
    unsigned binds = pg ? BINDS_LIKE : BINDS_IS;
    op none = {OP_NONE, 0, RH_SQL_USE_UNKNOWN, 0};

    switch (rh_sql_peek(r, words)->keyword) {
    case RH_SQL_KW_LIKE:
        return (op){OP_COMPARE, binds, RH_SQL_USE_LIKE, words + 1};
    case RH_SQL_KW_ILIKE:
        return pg ? (op){OP_COMPARE, binds, RH_SQL_USE_LIKE, words + 1} : none;
    case RH_SQL_KW_GLOB:
        return pg ? none : (op){OP_COMPARE, binds, RH_SQL_USE_LIKE, words + 1};
    case RH_SQL_KW_REGEXP:
    case RH_SQL_KW_MATCH:
        return pg ? none : (op){OP_COMPARE, binds, RH_SQL_USE_MATCH, words + 1};
    case RH_SQL_KW_SIMILAR:
        if (pg && rh_sql_peek(r, words + 1)->keyword == RH_SQL_KW_TO)
            return (op){OP_COMPARE, binds, RH_SQL_USE_MATCH, words + 2};
        return none;
    case RH_SQL_KW_IN:
        return (op){OP_IN, binds, RH_SQL_USE_EQUAL, words + 1};
    case RH_SQL_KW_BETWEEN:
        return (op){OP_BETWEEN, binds, RH_SQL_USE_ORDER, words + 1};
    default:
        return none;
    }
}

/* OPERATOR(schema.=), as PostgreSQL writes the operators of citext and other extensions: it
 * compares as the sign does, and binds as any other operator. */
static op operator_qualified(const rh_sql_reader *r)
{
    size_t words = rh_sql_peek(r, 1)->match + 1 - r->at;
    op o = {OP_OTHER, BINDS_OTHER, RH_SQL_USE_UNKNOWN, words};

    if (words > 3 && rh_sql_peek(r, words - 2)->token.kind == RH_SQL_TOKEN_OPERATOR) {
        op sign = operator_symbol(r, words - 2);

        if (sign.kind == OP_COMPARE || sign.kind == OP_PATH)
            o = (op){sign.kind, BINDS_OTHER, sign.use, words};
    }
    return o;
}

static op operator_word(const rh_sql_reader *r)
{
    bool pg = r->dialect == RH_SQL_POSTGRES;

    switch (rh_sql_kw(r)) {
    case RH_SQL_KW_OR:
        return (op){OP_OR, BINDS_OR, RH_SQL_USE_UNKNOWN, 1};
    case RH_SQL_KW_AND:
        return (op){OP_AND, BINDS_AND, RH_SQL_USE_UNKNOWN, 1};
    case RH_SQL_KW_IS:
        return (op){OP_IS, BINDS_IS, RH_SQL_USE_EQUAL, 1};
    case RH_SQL_KW_ISNULL:
    case RH_SQL_KW_NOTNULL:
        return (op){OP_POSTFIX, BINDS_IS, RH_SQL_USE_UNKNOWN, 1};
    case RH_SQL_KW_NOT:
        if (!pg && rh_sql_peek(r, 1)->keyword == RH_SQL_KW_NULL)
            return (op){OP_POSTFIX, BINDS_IS, RH_SQL_USE_UNKNOWN, 2};
        return predicate_word(r, 1);
    case RH_SQL_KW_COLLATE:
        return (op){OP_COLLATE, 12, RH_SQL_USE_UNKNOWN, 1};
    case RH_SQL_KW_AT:
        if (pg && rh_sql_at_word(r, 1, "time") && rh_sql_at_word(r, 2, "zone"))
            return (op){OP_TIME_ZONE, 11, RH_SQL_USE_UNKNOWN, 3};
        break;
    default:
        if (pg && rh_sql_at_word(r, 0, "operator") &&
            rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN)
            return operator_qualified(r);
        break;
    }
    return predicate_word(r, 0);
}

static op operator_at(const rh_sql_reader *r)
{
    switch (rh_sql_kind(r)) {
    case RH_SQL_TOKEN_OPERATOR:
        return operator_symbol(r, 0);
    case RH_SQL_TOKEN_WORD:
        return operator_word(r);
    case RH_SQL_TOKEN_BRACKET:
        if (r->text[rh_sql_here(r)] == '[')
            return (op){OP_SUBSCRIPT, BINDS_POSTFIX, RH_SQL_USE_UNKNOWN, 1};
        break;
    default:
        break;
    }
    return (op){OP_NONE, 0, RH_SQL_USE_UNKNOWN, 0};
}

static rh_sql_node *expr_above(rh_sql_reader *r, unsigned binds);

static rh_sql_node *pair(rh_sql_reader *r, rh_sql_node_kind kind, rh_sql_node *left)
{
    rh_sql_node *node = rh_sql_node_new(r, kind, left->offset);

    rh_sql_node_add(r, node, left);
    return node;
}

/* A child more for a chain of the same kind, which stays flat: a + b + c, a AND b AND c. */
static rh_sql_node *chain(rh_sql_reader *r, rh_sql_node_kind kind, rh_sql_node *left,
                          const rh_sql_node *made_here)
{
    return left == made_here && left->kind == kind ? left : pair(r, kind, left);
}

static bool at_any(const rh_sql_reader *r)
{
    rh_sql_keyword keyword = rh_sql_kw(r);

    return (keyword == RH_SQL_KW_ANY || keyword == RH_SQL_KW_ALL || keyword == RH_SQL_KW_SOME) &&
           rh_sql_peek(r, 1)->token.kind == RH_SQL_TOKEN_OPEN;
}

/* Behind a comparison: ANY (..), ALL (..) of a subquery or of an array. */
static rh_sql_node *any_operand(rh_sql_reader *r, rh_sql_node *compare, size_t construct)
{
    rh_sql_level_kind kind = rh_sql_kw(r) == RH_SQL_KW_ALL ? RH_SQL_LEVEL_ALL : RH_SQL_LEVEL_ANY;
    rh_sql_node *node;
    size_t outer;

    rh_sql_advance(r);
    if (rh_sql_at_query(r, 0)) {
        node = rh_sql_node_new(r, RH_SQL_NODE_QUERY, construct);
        node->query = rh_sql_subquery(r, kind, construct);
        node->end = rh_sql_end_before(r);
        return node;
    }
    compare->array = true;
    outer = rh_sql_enter(r);
    node = rh_sql_expr(r);
    rh_sql_leave(r, outer);
    return node;
}

static rh_sql_node *compare(rh_sql_reader *r, rh_sql_node *left, op o, size_t construct)
{
    rh_sql_node *node = pair(r, RH_SQL_NODE_COMPARE, left);
    rh_sql_node *escape;

    node->use = o.use;
    rh_sql_node_add(r, node, at_any(r) ? any_operand(r, node, construct) : expr_above(r, o.binds));
    if (o.use >= RH_SQL_USE_LIKE && rh_sql_accept(r, RH_SQL_KW_ESCAPE)) {
        escape = expr_above(r, o.binds);
        escape->form = escape->kind == RH_SQL_NODE_VALUE && !escape->parameter;
        node = pair(r, RH_SQL_NODE_BOOL, node);
        rh_sql_node_add(r, node, escape);
    }
    return node;
}

static rh_sql_node *in(rh_sql_reader *r, rh_sql_node *left, bool negated, size_t construct)
{
    rh_sql_node *node = pair(r, RH_SQL_NODE_COMPARE, left);
    size_t outer;

    node->use = RH_SQL_USE_EQUAL;
    if (rh_sql_at_query(r, 0) && rh_sql_kind(r) == RH_SQL_TOKEN_OPEN) {
        rh_sql_node *query = rh_sql_node_new(r, RH_SQL_NODE_QUERY, construct);

        query->query = rh_sql_subquery(r, RH_SQL_LEVEL_ANY, construct);
        query->query->level.negated = negated;
        query->end = rh_sql_end_before(r);
        rh_sql_node_add(r, node, query);
        return node;
    }
    outer = rh_sql_enter(r); /* SQLite's "IN table" fails here */
    if (rh_sql_kind(r) != RH_SQL_TOKEN_CLOSE) {
        do {
            rh_sql_node_add(r, node, rh_sql_expr(r));
        } while (rh_sql_accept_kind(r, RH_SQL_TOKEN_COMMA));
    }
    rh_sql_leave(r, outer);
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *between(rh_sql_reader *r, rh_sql_node *left, unsigned binds)
{
    rh_sql_node *node = pair(r, RH_SQL_NODE_COMPARE, left);

    node->use = RH_SQL_USE_ORDER;
    if (rh_sql_at_word(r, 0, "symmetric") || rh_sql_at_word(r, 0, "asymmetric"))
        rh_sql_advance(r);
    rh_sql_node_add(r, node, expr_above(r, binds));
    rh_sql_expect(r, RH_SQL_KW_AND);
    rh_sql_node_add(r, node, expr_above(r, binds));
    return node;
}

/* IS [NOT] NULL, TRUE, DISTINCT FROM x, DOCUMENT, JSON ..; SQLite: IS [NOT] x. */
static rh_sql_node *is(rh_sql_reader *r, rh_sql_node *left, unsigned binds)
{
    rh_sql_node *node;

    (void)rh_sql_accept(r, RH_SQL_KW_NOT);
    if (rh_sql_kw(r) == RH_SQL_KW_DISTINCT) {
        rh_sql_advance(r);
        rh_sql_expect(r, RH_SQL_KW_FROM);
    } else if (r->dialect == RH_SQL_POSTGRES || rh_sql_kw(r) == RH_SQL_KW_NULL) {
        node = pair(r, RH_SQL_NODE_BOOL, left);
        rh_sql_advance(r); /* NULL, TRUE, FALSE, UNKNOWN, DOCUMENT, NORMALIZED */
        node->end = rh_sql_end_before(r);
        return node;
    }
    node = pair(r, RH_SQL_NODE_COMPARE, left);
    node->use = RH_SQL_USE_EQUAL;
    rh_sql_node_add(r, node, expr_above(r, binds));
    return node;
}

static rh_sql_node *subscript(rh_sql_reader *r, rh_sql_node *left)
{
    rh_sql_node *node = pair(r, RH_SQL_NODE_OTHER, left);

    while (!r->failed && r->text[rh_sql_here(r)] != ']') {
        if (rh_sql_at_word(r, 0, ":")) {
            rh_sql_advance(r);
            continue;
        }
        rh_sql_node_add(r, node, rh_sql_expr(r));
    }
    rh_sql_advance(r);
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *postfix(rh_sql_reader *r, rh_sql_node *left, op o)
{
    rh_sql_node *node = pair(r,
                             o.kind == OP_CAST      ? RH_SQL_NODE_CAST
                             : o.kind == OP_COLLATE ? RH_SQL_NODE_SAME
                             : o.kind == OP_POSTFIX ? RH_SQL_NODE_BOOL
                                                    : RH_SQL_NODE_OTHER,
                             left);

    if (o.kind == OP_CAST) {
        node->name = rh_sql_type(r);
    } else if (o.kind == OP_COLLATE) {
        (void)rh_sql_take_name(r);
        while (rh_sql_at_word(r, 0, ".")) {
            rh_sql_advance(r);
            (void)rh_sql_take_name(r);
        }
    } else if (o.kind == OP_FIELD) {
        if (rh_sql_at_word(r, 0, "*"))
            rh_sql_advance(r);
        else
            (void)rh_sql_take_name(r);
    }
    node->end = rh_sql_end_before(r);
    return node;
}

static rh_sql_node *other(rh_sql_reader *r, rh_sql_node *left, op o, const rh_sql_node *made_here)
{
    rh_sql_node *node = chain(r, RH_SQL_NODE_OTHER, left, made_here);
    rh_sql_node *right;

    right =
        at_any(r) ? any_operand(r, node, r->toks[r->at - 1].token.offset) : expr_above(r, o.binds);
    if (o.kind == OP_PATH && right->kind == RH_SQL_NODE_VALUE && right->parameter == 0)
        right->form = true;
    rh_sql_node_add(r, node, right);
    return node;
}

/* One operator and its right side behind left. */
static rh_sql_node *apply(rh_sql_reader *r, rh_sql_node *left, op o, const rh_sql_node *made_here)
{
    bool negated = rh_sql_kw(r) == RH_SQL_KW_NOT;
    size_t construct = rh_sql_here(r);
    rh_sql_node *node;

    for (size_t i = 0; i < o.words; i++)
        rh_sql_advance(r);
    switch (o.kind) {
    case OP_OR:
    case OP_AND:
        node = chain(r, RH_SQL_NODE_BOOL, left, made_here);
        rh_sql_node_add(r, node, expr_above(r, o.binds));
        return node;
    case OP_COMPARE:
        return compare(r, left, o, construct);
    case OP_IN:
        return in(r, left, negated, construct);
    case OP_BETWEEN:
        return between(r, left, o.binds);
    case OP_IS:
        return is(r, left, o.binds);
    case OP_SUBSCRIPT:
        return subscript(r, left);
    case OP_OTHER:
    case OP_PATH:
    case OP_TIME_ZONE:
        return other(r, left, o, made_here);
    default:
        return postfix(r, left, o);
    }
}

/* A sign becomes part of a number; other prefix operators make it a term of arithmetic. */
static rh_sql_node *prefix(rh_sql_reader *r)
{
    size_t begin = rh_sql_here(r);
    bool sign = rh_sql_at_word(r, 0, "-") || rh_sql_at_word(r, 0, "+");
    rh_sql_node *node;
    rh_sql_node *child;

    if (rh_sql_kw(r) == RH_SQL_KW_NOT) {
        node = rh_sql_node_new(r, RH_SQL_NODE_BOOL, begin);
        rh_sql_advance(r);
        child = expr_above(r, BINDS_NOT);
        if (child->kind == RH_SQL_NODE_QUERY && child->query != NULL &&
            child->query->level.kind == RH_SQL_LEVEL_EXISTS) {
            child->query->level.negated = true;
            child->query->level.construct_offset = begin;
        }
        rh_sql_node_add(r, node, child);
        return node;
    }
    if (rh_sql_kind(r) != RH_SQL_TOKEN_OPERATOR)
        return rh_sql_primary(r);
    if (rh_sql_at_word(r, 0, "*")) { /* SELECT *; elsewhere it is refused by what follows */
        node = rh_sql_node_new(r, RH_SQL_NODE_COLUMN, begin);
        node->name = "*";
        node->name_offset = begin;
        rh_sql_advance(r);
        node->end = rh_sql_end_before(r);
        return node;
    }
    rh_sql_advance(r);
    child = expr_above(r, sign ? BINDS_SIGN : BINDS_OTHER);
    if (sign && child->kind == RH_SQL_NODE_VALUE && child->value_kind == RH_SQL_VALUE_NUMBER) {
        child->offset = begin;
        return child;
    }
    node = rh_sql_node_new(r, sign ? RH_SQL_NODE_SAME : RH_SQL_NODE_OTHER, begin);
    if (sign)
        node->kind = RH_SQL_NODE_OTHER;
    rh_sql_node_add(r, node, child);
    return node;
}

static rh_sql_node *expr_above(rh_sql_reader *r, unsigned binds)
{
    rh_sql_node *left;
    const rh_sql_node *made_here = NULL;

    if (++r->depth > 300) {
        rh_sql_fail(r, "nested too deeply");
        r->depth--;
        return &r->dummy;
    }
    left = prefix(r);
    while (!r->failed) {
        op o = operator_at(r);

        if (o.kind == OP_NONE || o.binds <= binds)
            break;
        left = apply(r, left, o, made_here);
        made_here = left;
    }
    r->depth--;
    return left;
}

rh_sql_node *rh_sql_expr(rh_sql_reader *r)
{
    return expr_above(r, BINDS_NOTHING);
}

rh_sql_node *rh_sql_operand(rh_sql_reader *r)
{
    return expr_above(r, BINDS_OTHER - 1);
}
