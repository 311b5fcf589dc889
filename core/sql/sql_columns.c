#include "core/sql_columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "sql_scope.h"
#include "sql_tree.h"

struct rh_sql_values {
    rh_sql_tree tree;
    rh_sql_value *items;
    size_t count;
    size_t capacity;
};

/* A column of a table; name NULL when not known. */
typedef struct target {
    const char *schema;
    const char *table;
    const char *name;
} target;

typedef struct collector {
    rh_sql_values *values;
    const rh_sql_catalog *catalog;
    rh_sql_query *query; /* level at hand */
    rh_sql_clause clause;
    const rh_sql_node *scope; /* expression whose columns an unattributed value is near to */
    target written;           /* the column that the whole expression is written to */
    const rh_sql_node *near_scope;
    target near;
    bool no_memory;
} collector;

static const target nowhere = {NULL, NULL, NULL};

static rh_sql_value *add_value(collector *c, size_t offset, size_t end)
{
    rh_sql_values *values = c->values;
    rh_sql_value *value;

    if (values->count == values->capacity) {
        size_t capacity = values->capacity == 0 ? 16 : values->capacity * 2;
        rh_sql_value *items = rh_mem_rearray(values->items, capacity, sizeof *items);

        if (items == NULL) {
            c->no_memory = true;
            return NULL;
        }
        values->items = items;
        values->capacity = capacity;
    }
    value = &values->items[values->count++];
    memset(value, 0, sizeof *value);
    value->offset = offset;
    value->len = end - offset;
    return value;
}

/* The table column behind a COLUMN node; name NULL and *why set when there is none. */
static target column_of(collector *c, const rh_sql_node *node, const char **why)
{
    const rh_sql_tree *tree = &c->values->tree;
    rh_sql_meaning meaning = rh_sql_resolve(tree, c->catalog, c->query, c->clause, node);
    rh_sql_from *relation = meaning.relation;
    const char *name = node->name;

    *why = "compared with a column that only the catalog can place";
    if (meaning.known != RH_SQL_YES)
        return nowhere;
    *why = "compared with a computed column";
    if (relation == NULL || !rh_sql_base_column(tree, c->catalog, &relation, &name))
        return nowhere;
    *why = NULL;
    return (target){relation->relation.schema, relation->relation.name, name};
}

static bool same_target(const rh_sql_tree *tree, const target *a, const target *b)
{
    return rh_sql_name_eq(tree->dialect, a->table, b->table) &&
           rh_sql_name_eq(tree->dialect, a->name, b->name);
}

/* The one table column in an expression; *clash when there are several or unknown ones. */
static void find_near(collector *c, const rh_sql_node *node, target *found, bool *clash)
{
    const char *why;

    if (node->kind == RH_SQL_NODE_COLUMN && strcmp(node->name, "*") != 0) {
        target one = column_of(c, node, &why);

        if (one.name == NULL ||
            (found->name != NULL && !same_target(&c->values->tree, found, &one)))
            *clash = true;
        else
            *found = one;
    }
    for (const rh_sql_node *child = node->first; child != NULL && !*clash; child = child->next)
        find_near(c, child, found, clash);
}

static target near_column(collector *c)
{
    if (c->near_scope != c->scope) {
        bool clash = false;

        c->near = c->written;
        if (c->scope != NULL)
            find_near(c, c->scope, &c->near, &clash);
        if (clash)
            c->near = nowhere;
        c->near_scope = c->scope;
    }
    return c->near;
}

static void record(collector *c, const rh_sql_node *node, rh_sql_value_use use, target column,
                   const char *cast, const char *why)
{
    rh_sql_value *value = add_value(c, node->offset, node->end);

    if (value == NULL)
        return;
    value->kind = node->kind == RH_SQL_NODE_VALUE ? node->value_kind : RH_SQL_VALUE_STRING;
    value->parameter = node->parameter;
    value->cast = cast;
    value->use = use;
    if (use == RH_SQL_USE_UNKNOWN) {
        bool word = value->kind == RH_SQL_VALUE_WORD;

        if (node->form || word) {
            value->use = RH_SQL_USE_FORM;
            return;
        }
        value->why = why;
        column = near_column(c);
    }
    value->schema = column.schema;
    value->table = column.table;
    value->column = column.name;
}

static void collect(collector *c, const rh_sql_node *node, const char *cast, const char *why);

/* A double-quoted word of SQLite that names no column is a string. */
static bool is_quoted_string(collector *c, const rh_sql_node *node, rh_sql_answer *known)
{
    if (node->kind != RH_SQL_NODE_COLUMN || !node->quoted)
        return false;
    *known = rh_sql_resolve(&c->values->tree, c->catalog, c->query, c->clause, node).known;
    return *known != RH_SQL_YES;
}

/* What reaches column unchanged from node; all else is collected as unattributed. */
static void flow(collector *c, const rh_sql_node *node, rh_sql_value_use use, target column,
                 const char *cast)
{
    rh_sql_answer known;

    switch (node->kind) {
    case RH_SQL_NODE_VALUE:
        record(c, node, use, column, cast, NULL);
        break;
    case RH_SQL_NODE_COLUMN:
        if (is_quoted_string(c, node, &known) && known == RH_SQL_NO)
            record(c, node, use, column, cast, NULL);
        else
            collect(c, node, NULL, NULL);
        break;
    case RH_SQL_NODE_CAST:
        flow(c, node->first, use, column, cast != NULL ? cast : node->name);
        break;
    case RH_SQL_NODE_ARRAY:
        for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
            flow(c, child, use == RH_SQL_USE_ARRAY ? RH_SQL_USE_EQUAL : use, column, NULL);
        break;
    case RH_SQL_NODE_SAME:
    case RH_SQL_NODE_FLOW:
    case RH_SQL_NODE_CASE:
        for (const rh_sql_node *child = node->first; child != NULL; child = child->next) {
            if (child->kind == RH_SQL_NODE_BOOL || child->kind == RH_SQL_NODE_COMPARE)
                collect(c, child, NULL, "in a condition");
            else
                flow(c, child, use, column, cast);
        }
        break;
    default:
        collect(c, node, cast, "part of an expression");
        break;
    }
}

static bool is_text_type(const char *type)
{
    return rh_str_ieq(type, "text") || rh_str_ieq(type, "varchar") || rh_str_ieq(type, "citext") ||
           rh_str_ieq(type, "bpchar") || rh_str_ieq(type, "character varying") ||
           rh_str_ends_with(type, ".citext");
}

/* The column whose values a side of a comparison has; NULL when it is no plain column. */
static const rh_sql_node *plain_column(collector *c, const rh_sql_node *node)
{
    rh_sql_answer known;

    while (node->kind == RH_SQL_NODE_SAME ||
           (node->kind == RH_SQL_NODE_CAST && node->name != NULL && is_text_type(node->name)))
        node = node->first;
    if (node->kind != RH_SQL_NODE_COLUMN || strcmp(node->name, "*") == 0 ||
        is_quoted_string(c, node, &known))
        return NULL;
    return node;
}

/* The table column that a subquery's first item is, as seen from inside of it. */
static target query_column(collector *c, rh_sql_query *q)
{
    rh_sql_query *outer = c->query;
    rh_sql_clause clause = c->clause;
    target found = nowhere;
    const char *why;

    if (q->level.set_operation || q->level.writes)
        return nowhere;
    c->query = q;
    c->clause = RH_SQL_CLAUSE_SELECT;
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        if (term->clause != RH_SQL_CLAUSE_SELECT || term->item != 1)
            continue;
        if (term->node->kind == RH_SQL_NODE_COLUMN && strcmp(term->node->name, "*") != 0)
            found = column_of(c, term->node, &why);
    }
    c->query = outer;
    c->clause = clause;
    return found;
}

/* One side of a comparison against the column that is the other; use ARRAY when it is an array. */
static void side(collector *c, const rh_sql_node *value, const rh_sql_node *column,
                 rh_sql_value_use use)
{
    const char *why = NULL;
    target where = column_of(c, column, &why);

    if (where.name == NULL)
        collect(c, value, NULL, why);
    else
        flow(c, value, use, where, NULL);
}

static void compare_pair(collector *c, const rh_sql_node *left, const rh_sql_node *right,
                         const rh_sql_node *compare)
{
    const rh_sql_node *left_column = plain_column(c, left);
    const rh_sql_node *right_column = plain_column(c, right);
    target where = nowhere;

    if (left->kind == RH_SQL_NODE_ROW && right->kind == RH_SQL_NODE_ROW) {
        const rh_sql_node *a = left->first;
        const rh_sql_node *b = right->first;

        for (; a != NULL && b != NULL; a = a->next, b = b->next)
            compare_pair(c, a, b, compare);
        return;
    }
    if (left_column != NULL) {
        side(c, right, left_column, compare->array ? RH_SQL_USE_ARRAY : compare->use);
    } else if (right_column != NULL && !compare->array && compare->use <= RH_SQL_USE_ORDER) {
        side(c, left, right_column, compare->use);
    } else {
        if (right->kind == RH_SQL_NODE_QUERY && compare->use == RH_SQL_USE_EQUAL)
            where = query_column(c, right->query);
        if (where.name != NULL)
            flow(c, left, RH_SQL_USE_EQUAL, where, NULL);
        else
            collect(c, left, NULL, "compared with an expression");
        collect(c, right, NULL, "compared with an expression");
    }
}

static void compare(collector *c, const rh_sql_node *node)
{
    const rh_sql_node *outer = c->scope;
    const rh_sql_node *left = node->first;
    bool collected = false;

    c->scope = node;
    for (const rh_sql_node *right = left->next; right != NULL; right = right->next) {
        /* The left side is collected once even when there are many right sides. */
        if (plain_column(c, left) != NULL || left->kind == RH_SQL_NODE_ROW || !collected ||
            plain_column(c, right) != NULL)
            compare_pair(c, left, right, node);
        else
            collect(c, right, NULL, "compared with an expression");
        collected = true;
    }
    if (left->next == NULL)
        collect(c, left, NULL, "compared with an expression");
    c->scope = outer;
}

/* Arguments that say how, not what: date_trunc('day', x), to_char(x, 'YYYY'). */
typedef struct form_argument {
    const char *function;
    size_t index;
    bool number; /* a number only: count(1), left(x, 3) */
} form_argument;

static const form_argument form_arguments[] = {
    {"date_trunc", 0, false},   {"date_part", 0, false},    {"datepart", 0, false},
    {"to_char", 1, false},      {"to_date", 1, false},      {"to_number", 1, false},
    {"to_timestamp", 1, false}, {"encode", 1, false},       {"decode", 1, false},
    {"strftime", 0, false},     {"timezone", 0, false},     {"json_extract", 1, false},
    {"string_agg", 1, false},   {"group_concat", 1, false}, {"array_to_string", 1, false},
    {"round", 1, true},         {"trunc", 1, true},         {"count", 0, true},
    {"left", 1, true},          {"right", 1, true},         {"substr", 1, true},
    {"substr", 2, true},        {"substring", 1, true},     {"substring", 2, true},
};

static bool is_form_argument(const char *function, size_t index, const rh_sql_node *node)
{
    if (node->kind != RH_SQL_NODE_VALUE || node->parameter != 0)
        return false;
    for (size_t i = 0; i < sizeof form_arguments / sizeof form_arguments[0]; i++) {
        const form_argument *known = &form_arguments[i];

        if (known->index == index && rh_str_ieq(known->function, function))
            return !known->number || node->value_kind == RH_SQL_VALUE_NUMBER;
    }
    return false;
}

static void collect_call(collector *c, const rh_sql_node *node)
{
    size_t index = 0;

    for (const rh_sql_node *child = node->first; child != NULL; child = child->next, index++) {
        if (is_form_argument(node->name, index, child))
            record(c, child, RH_SQL_USE_FORM, nowhere, NULL, NULL);
        else
            collect(c, child, NULL, "inside a function");
    }
}

/* Every value below node that no column claims. Comparisons inside are looked at on their own. */
static void collect(collector *c, const rh_sql_node *node, const char *cast, const char *why)
{
    const rh_sql_node *outer = c->scope;
    rh_sql_answer known;

    switch (node->kind) {
    case RH_SQL_NODE_VALUE:
        record(c, node, RH_SQL_USE_UNKNOWN, nowhere, cast, why);
        break;
    case RH_SQL_NODE_COLUMN:
        if (is_quoted_string(c, node, &known))
            record(c, node, RH_SQL_USE_UNKNOWN, nowhere, cast,
                   known == RH_SQL_NO ? why : "a name or a string in double quotes");
        break;
    case RH_SQL_NODE_COMPARE:
        compare(c, node);
        break;
    case RH_SQL_NODE_CALL:
        collect_call(c, node);
        break;
    case RH_SQL_NODE_CAST:
        if (node->first != NULL)
            collect(c, node->first, node->name, why);
        break;
    case RH_SQL_NODE_BOOL:
        for (const rh_sql_node *child = node->first; child != NULL; child = child->next) {
            c->scope = child;
            collect(c, child, NULL, why);
        }
        c->scope = outer;
        break;
    default:
        for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
            collect(c, child, NULL,
                    node->kind == RH_SQL_NODE_OTHER ? "part of an expression" : why);
        break;
    }
}

/* LIMIT and OFFSET: numbers of rows. */
static void collect_counts(collector *c, const rh_sql_node *node)
{
    if (node->kind == RH_SQL_NODE_VALUE)
        record(c, node, RH_SQL_USE_COUNT, nowhere, NULL, NULL);
    for (const rh_sql_node *child = node->first; child != NULL; child = child->next)
        collect_counts(c, child);
}

/* The target of the write that q is, or of the write whose source it is; NULL for other queries. */
static rh_sql_query *write_of(rh_sql_query *q, bool *source)
{
    *source = false;
    if (q->level.writes)
        return q;
    while (q->level.kind == RH_SQL_LEVEL_ARM)
        q = q->parent;
    *source = true;
    return q->level.clause == RH_SQL_CLAUSE_INSERT && q->parent != NULL && q->parent->level.writes
               ? q->parent
               : NULL;
}

/* Column number item (from 1) of an INSERT. */
static target insert_target(collector *c, const rh_sql_query *w, size_t item)
{
    const rh_sql_relation *relation;
    const rh_sql_name *name = w->insert_columns;
    target out = nowhere;

    if (w->from_first == NULL || !w->from_first->relation.target || item == 0)
        return nowhere;
    relation = &w->from_first->relation;
    if (w->insert_all) {
        if (c->catalog != NULL && c->catalog->column_at != NULL)
            out.name =
                c->catalog->column_at(c->catalog->ctx, relation->schema, relation->name, item - 1);
    } else {
        for (size_t i = 1; i < item && name != NULL; i++)
            name = name->next;
        out.name = name == NULL ? NULL : name->text;
    }
    if (out.name != NULL) {
        out.schema = relation->schema;
        out.table = relation->name;
    }
    return out;
}

/* The column that a term of q is written to; name NULL when it is not written. */
static target written_to(collector *c, rh_sql_query *q, const rh_sql_term *term,
                         rh_sql_value_use *use)
{
    bool source;
    rh_sql_query *w = write_of(q, &source);

    *use = RH_SQL_USE_INSERT;
    if (w == NULL || w->from_first == NULL || !w->from_first->relation.target)
        return nowhere;
    if (term->clause == RH_SQL_CLAUSE_SET && term->alias != NULL && !source) {
        *use = RH_SQL_USE_SET;
        return (target){w->from_first->relation.schema, w->from_first->relation.name, term->alias};
    }
    if (term->clause == RH_SQL_CLAUSE_VALUES || (source && term->clause == RH_SQL_CLAUSE_SELECT))
        return insert_target(c, w, term->item);
    return nowhere;
}

static void collect_term(collector *c, rh_sql_query *q, const rh_sql_term *term)
{
    rh_sql_value_use use;
    target column = written_to(c, q, term, &use);

    c->clause = term->clause;
    c->scope = term->node;
    c->written = column;
    c->near_scope = NULL;
    if (term->clause == RH_SQL_CLAUSE_LIMIT)
        collect_counts(c, term->node);
    else if (column.name != NULL)
        flow(c, term->node, use, column, NULL);
    else
        collect(c, term->node, NULL,
                term->clause == RH_SQL_CLAUSE_SELECT   ? "in the select list"
                : term->clause == RH_SQL_CLAUSE_VALUES ? "in VALUES of no known column"
                                                       : "not compared with a column");
    c->written = nowhere;
}

static void collect_query(collector *c, rh_sql_query *q)
{
    for (const rh_sql_term *term = q->term_first; term != NULL; term = term->next) {
        c->query = q;
        collect_term(c, q, term);
    }
    for (rh_sql_query *child = q->first_child; child != NULL; child = child->next)
        collect_query(c, child);
}

static int compare_values(const void *a, const void *b)
{
    const rh_sql_value *x = a;
    const rh_sql_value *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* A value met twice, (a, 5) IN (..), 5 IN (a, b): one entry, unattributed when the two disagree. */
static void merge_twins(collector *c)
{
    rh_sql_values *values = c->values;
    size_t kept = 0;

    for (size_t i = 0; i < values->count; i++) {
        rh_sql_value *value = &values->items[i];
        rh_sql_value *last = kept == 0 ? NULL : &values->items[kept - 1];

        if (last == NULL || last->offset != value->offset) {
            values->items[kept++] = *value;
            continue;
        }
        if (last->use != value->use ||
            (value->column != NULL && last->column != NULL &&
             (!rh_sql_name_eq(values->tree.dialect, last->table, value->table) ||
              !rh_sql_name_eq(values->tree.dialect, last->column, value->column)))) {
            last->use = RH_SQL_USE_UNKNOWN;
            last->schema = last->table = last->column = NULL;
            last->why = "compared with several things";
        }
    }
    values->count = kept;
}

static rh_sql_value_kind kind_of_token(rh_sql_token_kind kind)
{
    return kind == RH_SQL_TOKEN_STRING   ? RH_SQL_VALUE_STRING
           : kind == RH_SQL_TOKEN_BYTES  ? RH_SQL_VALUE_BYTES
           : kind == RH_SQL_TOKEN_NUMBER ? RH_SQL_VALUE_NUMBER
                                         : RH_SQL_VALUE_PARAMETER;
}

/* Values that the tree does not hold: all of a text that is not understood; else what stands in
 * places that the reader skips, where numbers are form: varchar(10), window frames, samples. */
static void collect_tokens(collector *c)
{
    const rh_sql_tree *tree = &c->values->tree;
    size_t listed = c->values->count;
    size_t at = 0;
    rh_sql_scan scan;

    rh_sql_scan_init(&scan, tree->dialect, tree->text, tree->len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        rh_sql_value *value;

        if (token.kind == RH_SQL_TOKEN_END || c->no_memory)
            return;
        if (token.kind != RH_SQL_TOKEN_STRING && token.kind != RH_SQL_TOKEN_BYTES &&
            token.kind != RH_SQL_TOKEN_NUMBER && token.kind != RH_SQL_TOKEN_PARAMETER)
            continue;
        while (at < listed &&
               c->values->items[at].offset + c->values->items[at].len <= token.offset)
            at++;
        if (at < listed && c->values->items[at].offset <= token.offset)
            continue;
        value = add_value(c, token.offset, token.offset + token.len);
        if (value == NULL)
            return;
        value->kind = kind_of_token(token.kind);
        value->use = RH_SQL_USE_UNKNOWN;
        if (tree->top == NULL)
            value->why = "in a statement that is not understood";
        else if (token.kind == RH_SQL_TOKEN_NUMBER)
            value->use = RH_SQL_USE_FORM;
        else
            value->why = "in a place that is not looked at";
    }
}

static void sort_values(rh_sql_values *values)
{
    if (values->count > 0)
        qsort(values->items, values->count, sizeof *values->items, compare_values);
}

rh_status rh_sql_values_new(rh_sql_dialect dialect, const char *text, size_t len,
                            const rh_sql_catalog *catalog, rh_sql_values **out, rh_error *err)
{
    rh_sql_values *values = rh_mem_zalloc(sizeof *values);
    collector c;
    rh_status status;

    if (values == NULL)
        return rh_error_oom(err);
    memset(&c, 0, sizeof c);
    c.values = values;
    c.catalog = catalog;
    status = rh_sql_tree_init(&values->tree, dialect, text, len, err);
    if (status == RH_OK && values->tree.top != NULL) {
        rh_sql_bind_tables(&values->tree);
        collect_query(&c, values->tree.top);
        sort_values(values);
        merge_twins(&c);
    }
    if (status == RH_OK) {
        collect_tokens(&c);
        sort_values(values);
    }
    if (status == RH_OK && c.no_memory)
        status = rh_error_oom(err);
    if (status != RH_OK) {
        rh_sql_values_free(values);
        return status;
    }
    *out = values;
    return RH_OK;
}

void rh_sql_values_free(rh_sql_values *values)
{
    if (values == NULL)
        return;
    rh_sql_tree_done(&values->tree);
    rh_mem_free(values->items);
    rh_mem_free(values);
}

size_t rh_sql_values_count(const rh_sql_values *values)
{
    return values->count;
}

const rh_sql_value *rh_sql_values_at(const rh_sql_values *values, size_t index)
{
    return &values->items[index];
}

const char *rh_sql_values_problem(const rh_sql_values *values)
{
    return values->tree.problem[0] == '\0' ? NULL : values->tree.problem;
}

const char *rh_sql_value_use_name(rh_sql_value_use use)
{
    static const char *const names[] = {"equal", "order", "like",  "match", "insert",
                                        "set",   "array", "count", "form",  "unknown"};

    return names[use];
}
