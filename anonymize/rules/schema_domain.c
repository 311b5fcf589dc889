#include "schema_domain.h"

#include <string.h>

#include "bind.h"
#include "core/str.h"

bool schema_asks_value(const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_token token;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    while (token = rh_sql_scan_next(&scan), token.kind != RH_SQL_TOKEN_END) {
        if (token.len == 5 && memcmp(text + token.offset, "VALUE", 5) == 0)
            return true;
    }
    return false;
}

static bool same_token(const rh_sql_scan *a, const rh_sql_token *x, const rh_sql_scan *b,
                       const rh_sql_token *y)
{
    return x->kind == y->kind && x->len == y->len &&
           memcmp(a->text + x->offset, b->text + y->offset, x->len) == 0;
}

/* Is check "CHECK (expression)", whatever the blanks? */
static bool is_check_of(const char *check, const char *text, size_t len)
{
    rh_sql_scan a;
    rh_sql_scan b;
    rh_sql_token x;
    rh_sql_token y;

    rh_sql_scan_init(&a, RH_SQL_POSTGRES, check, strlen(check));
    rh_sql_scan_init(&b, RH_SQL_POSTGRES, text, len);
    x = rh_sql_scan_next_code(&a);
    if (!rh_sql_token_is(&x, check, "check") || rh_sql_scan_next_code(&a).kind != RH_SQL_TOKEN_OPEN)
        return false;
    do {
        x = rh_sql_scan_next_code(&a);
        y = rh_sql_scan_next_code(&b);
    } while (y.kind != RH_SQL_TOKEN_END && same_token(&a, &x, &b, &y));
    return y.kind == RH_SQL_TOKEN_END && x.kind == RH_SQL_TOKEN_CLOSE;
}

typedef struct value_column {
    const rh_structure_table *table;
    size_t column;
    const rh_decision *decision;
} value_column;

static bool has_check(const rh_structure_table *table, size_t column, const char *text, size_t len)
{
    for (size_t i = 0; i < table->check_count; i++) {
        const rh_structure_check *check = &table->checks[i];

        if (check->mention_count == 1 && check->mentions[0] == column &&
            is_check_of(check->text, text, len))
            return true;
    }
    return false;
}

static bool same_mask(const rh_decision *a, const rh_decision *b)
{
    if (decision_keeps(a) || decision_keeps(b))
        return decision_keeps(a) && decision_keeps(b);
    return strcmp(a->kind, b->kind) == 0 && rh_str_eq(a->domain, b->domain) &&
           (a->parameters == b->parameters || json_equal(a->parameters, b->parameters));
}

/* One more column that the check binds; false: no single mask can stand for all. */
static bool join(const rh_literals *literals, const rh_structure_table *table, size_t column,
                 value_column *found)
{
    const rh_decision *decision =
        rh_bound_find(literals->bound, table->full_name, table->columns[column].name);

    if (decision == NULL)
        return false; /* generated, or rows that are not copied */
    if (table->columns[column].element_type != NULL && !decision_keeps(decision))
        return false; /* VALUE may be the array or its elements */
    if (found->decision == NULL)
        *found = (value_column){table, column, decision};
    return same_mask(found->decision, decision);
}

bool schema_value_column(const rh_literals *literals, const char *text, size_t len,
                         const rh_structure_table **out_table, size_t *out_column)
{
    value_column found = {NULL, 0, NULL};

    for (size_t i = 0; i < rh_structure_table_count(literals->structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(literals->structure, i);

        if (strstr(table->kind, "view") != NULL)
            continue; /* shows columns, checks nothing */
        for (size_t c = 0; c < table->column_count; c++) {
            if (has_check(table, c, text, len) && !join(literals, table, c, &found))
                return false;
        }
    }
    *out_table = found.table;
    *out_column = found.column;
    return found.decision != NULL;
}
