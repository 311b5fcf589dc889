/*
 * Which index would help.
 */
#include <ctype.h>
#include <string.h>

#include "core/str.h"
#include "finding_run.h"

enum { MAX_COLUMNS = 3 };

/* varchar is printed with a cast to text that costs nothing. */
static bool is_plain(const json_t *column, const rh_condition *condition)
{
    const char *type = json_string_value(json_object_get(column, "type"));

    if (condition->function != NULL || condition->arithmetic)
        return false;
    if (condition->cast == NULL)
        return true;
    return rh_str_eq(condition->cast, "text") && type != NULL &&
           rh_str_starts_with(type, "character varying");
}

/* Number of different values; negative figures of PostgreSQL are fractions of the rows. */
static double distinct_of(const json_t *table, const json_t *column)
{
    double distinct = json_number_value(json_object_get(column, "distinct"));
    double rows = rh_table_number(table, "rows");

    return distinct < 0 ? -distinct * (rows > 0 ? rows : 1) : distinct;
}

typedef struct candidate {
    const char *names[MAX_COLUMNS];
    double distinct[MAX_COLUMNS];
    size_t count;
} candidate;

static bool holds(const candidate *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (rh_str_ieq(c->names[i], name))
            return true;
    return false;
}

/* Most different values first: such an index serves most other statements too. */
static void insert(candidate *c, const char *name, double distinct)
{
    size_t at = c->count;

    if (c->count == MAX_COLUMNS)
        return;
    while (at > 0 && c->distinct[at - 1] < distinct) {
        c->names[at] = c->names[at - 1];
        c->distinct[at] = c->distinct[at - 1];
        at--;
    }
    c->names[at] = name;
    c->distinct[at] = distinct;
    c->count++;
}

/* An index whose first columns are these, in any order. */
static bool exists(const json_t *table, const candidate *c)
{
    const json_t *indexes = json_object_get(table, "indexes");

    for (size_t i = 0; i < json_array_size(indexes); i++) {
        const json_t *index = json_array_get(indexes, i);
        const json_t *columns = json_object_get(index, "columns");
        size_t found = 0;

        if (json_is_true(json_object_get(index, "partial")))
            continue;
        for (size_t k = 0; k < c->count && k < json_array_size(columns); k++) {
            const char *name = json_string_value(json_array_get(columns, k));

            found += name != NULL && holds(c, name);
        }
        if (found == c->count)
            return true;
    }
    return false;
}

static const rh_condition *find_range(const json_t *table, const rh_conditions *conditions,
                                      const candidate *c)
{
    for (size_t i = 0; i < conditions->count; i++) {
        const rh_condition *one = &conditions->items[i];
        const json_t *column = rh_table_column(table, one->column);

        if (one->op == RH_CONDITION_RANGE && column != NULL && is_plain(column, one) &&
            !holds(c, one->column))
            return one;
    }
    return NULL;
}

bool rh_propose_index(rh_finding_run *run, const json_t *table, const rh_conditions *conditions,
                      rh_finding_index *out)
{
    candidate c = {{NULL}, {0}, 0};
    const rh_condition *range;
    const json_t *root;
    const char **columns;

    if (table == NULL || conditions->has_or)
        return false;
    for (size_t i = 0; i < conditions->count; i++) {
        const rh_condition *one = &conditions->items[i];
        const json_t *column = rh_table_column(table, one->column);

        if (one->op == RH_CONDITION_EQUAL && column != NULL && is_plain(column, one) &&
            !holds(&c, one->column))
            insert(&c, one->column, distinct_of(table, column));
    }
    range = c.count < MAX_COLUMNS ? find_range(table, conditions, &c) : NULL;
    if (range != NULL)
        c.names[c.count++] = range->column;
    if (c.count == 0 || exists(table, &c))
        return false;
    columns = rh_arena_array(run->arena, c.count, sizeof *columns);
    if (columns == NULL) {
        run->failed = true;
        return false;
    }
    for (size_t i = 0; i < c.count; i++)
        columns[i] = rh_quoted_name(run, c.names[i]);
    /* Nobody wants an index on one partition: that of the whole table is made on each. */
    root = json_object_get(table, "root");
    if (!json_is_object(root))
        root = table;
    *out = (rh_finding_index){run->input->dialect == RH_SQL_POSTGRES
                                  ? json_string_value(json_object_get(root, "schema"))
                                  : NULL,
                              json_string_value(json_object_get(root, "name")), columns, c.count};
    return true;
}

/* SQLite's indexes have no name of their own: letters and digits of table and columns. */
static const char *index_name(rh_finding_run *run, const char *table, const char *columns)
{
    const char *const parts[] = {table, columns};
    char name[64];
    size_t len = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool gap = i > 0;

        for (const char *at = parts[i]; *at != '\0' && len + 2 < sizeof name; at++) {
            if (!isalnum((unsigned char)*at)) {
                gap = len > 0;
                continue;
            }
            if (gap)
                name[len++] = '_';
            gap = false;
            name[len++] = *at;
        }
    }
    name[len] = '\0';
    return rh_quoted_name(run, rh_finding_text(run, "%s", name));
}

const char *rh_index_statement(rh_finding_run *run, const char *schema, const char *table,
                               const char *columns)
{
    if (rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE)
        return rh_finding_text(run, "CREATE INDEX %s ON %s (%s)", index_name(run, table, columns),
                               rh_quoted_name(run, table), columns);
    if (schema == NULL || rh_str_eq(schema, "public"))
        return rh_finding_text(run, "CREATE INDEX ON %s (%s)", rh_quoted_name(run, table), columns);
    return rh_finding_text(run, "CREATE INDEX ON %s.%s (%s)", rh_quoted_name(run, schema),
                           rh_quoted_name(run, table), columns);
}

const char *rh_index_advice(rh_finding_run *run, const rh_finding_index *index)
{
    const char *list = "";

    if (index->table == NULL)
        return "";
    for (size_t i = 0; i < index->column_count; i++)
        list = rh_finding_text(run, "%s%s%s", list, i == 0 ? "" : ", ", index->columns[i]);
    return rh_index_statement(run, index->schema, index->table, list);
}
