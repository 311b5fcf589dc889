/*
 * SQLite: what the text asks of a table that the plan reads whole, and what stands in the way of
 * its indexes.
 */
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/str.h"
#include "finding_sqlite.h"

/* ---- affinities: https://sqlite.org/datatype3.html, 3.1 ---- */

typedef enum affinity { AFFINITY_BLOB, AFFINITY_TEXT, AFFINITY_NUMERIC } affinity;

static bool holds_word(const char *type, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = type; *at != '\0'; at++) {
        size_t i = 0;

        while (i < len && at[i] != '\0' && (at[i] | 0x20) == word[i])
            i++;
        if (i == len)
            return true;
    }
    return false;
}

static affinity affinity_of(const json_t *column)
{
    const char *type = json_string_value(json_object_get(column, "type"));

    if (type == NULL || type[0] == '\0')
        return AFFINITY_BLOB;
    if (holds_word(type, "int"))
        return AFFINITY_NUMERIC;
    if (holds_word(type, "char") || holds_word(type, "clob") || holds_word(type, "text"))
        return AFFINITY_TEXT;
    return holds_word(type, "blob") ? AFFINITY_BLOB : AFFINITY_NUMERIC;
}

/* The column on the other side of a comparison, by its qualifier's relation in the level. */
static const json_t *other_column(const rh_finding_run *run, size_t level, const char *other)
{
    const rh_sql_level *own = rh_finding_level(run, level);
    const char *dot = other == NULL ? NULL : strchr(other, '.');

    while (dot != NULL && own != NULL) {
        for (size_t i = 0; i < own->relation_count; i++) {
            const rh_sql_relation *relation = &own->relations[i];
            const char *shown = relation->alias != NULL ? relation->alias : relation->name;

            if (shown != NULL && relation->name != NULL && strlen(shown) == (size_t)(dot - other) &&
                strncmp(shown, other, (size_t)(dot - other)) == 0)
                return rh_table_column(rh_table_facts(run, NULL, relation->name), dot + 1);
        }
        own = rh_finding_level(run, own->parent);
    }
    return NULL;
}

/* ---- obstacles ---- */

static rh_finding *defeated(rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *scan,
                            const rh_condition *at)
{
    double rows = rh_lite_rows(run, scan);
    double limit = rh_finding_limit_of(run, kind, 0);
    rh_finding *found = rows < limit ? NULL : rh_finding_add(run, kind, scan, rows, limit, "rows");

    if (found != NULL) {
        found->offset = at->offset;
        found->length = at->length;
    }
    return found;
}

static bool find_obstacle(rh_finding_run *run, const rh_plan_node *scan, const rh_lite_place *place,
                          const rh_conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        const rh_condition *one = &conditions->items[i];
        const json_t *column = rh_table_column(place->table, one->column);
        const json_t *other = other_column(run, place->level, one->other);
        const char *name;
        rh_finding *found;

        if (column == NULL || one->op == RH_CONDITION_OTHER ||
            rh_table_index_on(place->table, one->column) == NULL)
            continue;
        name = rh_quoted_name(run, one->column);
        if (one->function != NULL || one->arithmetic || one->cast != NULL) {
            found = defeated(run, RH_FINDING_EXPRESSION_DEFEATS_INDEX, scan, one);
            if (found == NULL)
                continue;
            found->what = rh_finding_text(
                run, "%s is compared after %s, its index is on the plain column", name,
                one->function != NULL ? rh_finding_text(run, "%s()", one->function)
                                      : (one->arithmetic ? "a computation" : "a cast"));
            found->advice =
                one->function != NULL
                    ? rh_finding_text(
                          run, "compare the plain column (COLLATE NOCASE for case), or %s",
                          rh_index_statement(
                              run, NULL, json_string_value(json_object_get(place->table, "name")),
                              rh_finding_text(run, "%s(%s)", one->function, name)))
                    : "bring the computation to the other side, or store its result in "
                      "an indexed column";
            return true;
        }
        if (other == NULL || affinity_of(column) != AFFINITY_TEXT ||
            affinity_of(other) != AFFINITY_NUMERIC || one->op == RH_CONDITION_LIKE)
            continue;
        found = defeated(run, RH_FINDING_TYPE_DEFEATS_INDEX, scan, one);
        if (found == NULL)
            continue;
        found->what = rh_finding_text(
            run, "%s is TEXT and is compared as a number, because %s is %s: its index is no help",
            name, one->other, json_string_value(json_object_get(other, "type")));
        found->advice = "give both columns one type";
        return true;
    }
    return false;
}

/* ---- low-quality-index ---- */

/* "6330000 6330000": every entry is the same value, or NULL. */
static bool all_equal(const char *stat, double *out_rows)
{
    const char *space = stat == NULL ? NULL : strchr(stat, ' ');
    size_t len = space == NULL ? 0 : (size_t)(space - stat);
    int64_t rows = 0;

    if (len == 0 || !rh_num_scan_int64(stat, len, &rows))
        return false;
    *out_rows = (double)rows;
    for (const char *at = space; at != NULL && *at == ' '; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, stat, len) != 0 || (at[1 + len] != ' ' && at[1 + len] != '\0'))
            return false;
    return true;
}

static bool is_used(const rh_finding_run *run, const char *index)
{
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (!node->full_scan && rh_str_eq(node->index_name, index))
            return true;
    }
    return false;
}

static void low_quality(rh_finding_run *run, const json_t *index, const rh_condition *condition,
                        const rh_plan_node *scan)
{
    const rh_finding_kind kind = RH_FINDING_LOW_QUALITY_INDEX;
    const char *name = json_string_value(json_object_get(index, "name"));
    double rows = 0;
    bool used = is_used(run, name);
    rh_finding *found;

    if (!all_equal(json_string_value(json_object_get(index, "stat")), &rows) ||
        rows <= rh_finding_limit_of(run, kind, 0))
        return;
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].kind == kind && run->items[i].offset == condition->offset)
            return;
    found = rh_finding_add(run, kind, scan, rows, rh_finding_limit_of(run, kind, 0), "rows");
    if (found == NULL)
        return;
    if (used)
        found->severity = rh_finding_milder(found->severity);
    found->model = true;
    found->offset = condition->offset;
    found->length = condition->length;
    found->what = rh_finding_text(
        run, "the statistics of %s were taken while %s held one value or NULL only: %s", name,
        condition->column,
        used ? "SQLite 3.45 and newer refuse to look it up through this index"
             : "SQLite does not look it up through this index");
    found->advice = rh_finding_text(
        run,
        "take it out of sqlite_stat1, then open the file again; or an index with a second "
        "column, or a partial one WHERE %s IS NOT NULL",
        rh_quoted_name(run, condition->column));
}

/* Every scan of the text, whatever the plan made of it. */
static void low_quality_of(rh_finding_run *run, const rh_plan_node *scan,
                           const rh_lite_place *place, const rh_conditions *conditions)
{
    const json_t *indexes = json_object_get(place->table, "indexes");

    for (size_t i = 0; i < conditions->count; i++)
        for (size_t k = 0; k < json_array_size(indexes); k++) {
            const json_t *index = json_array_get(indexes, k);
            const json_t *columns = json_object_get(index, "columns");
            const char *first = json_string_value(json_array_get(columns, 0));

            if (conditions->items[i].op == RH_CONDITION_EQUAL && first != NULL &&
                json_array_size(columns) == 1 && rh_str_ieq(first, conditions->items[i].column))
                low_quality(run, index, &conditions->items[i], scan);
        }
}

/* ---- scans ---- */

static bool has_kind(const rh_finding_run *run, const rh_plan_node *node)
{
    for (size_t i = 0; i < run->count; i++) {
        const rh_plan_node *top = rh_plan_at(run->plan, run->items[i].node);

        if (run->items[i].kind != RH_FINDING_TEMP_BTREE && top != NULL &&
            (top == node ||
             (run->items[i].subquery != RH_PLAN_NO_NODE && rh_plan_inside(top, node))))
            return true;
    }
    return false;
}

static bool joins_another(const rh_conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++)
        if (conditions->items[i].other != NULL)
            return true;
    return false;
}

/* An inner table that is read whole for each row of those before it. */
static void inner_scan(rh_finding_run *run, const rh_plan_node *scan, const rh_lite_place *place,
                       const rh_conditions *conditions, const rh_plan_node *first)
{
    bool joined = joins_another(conditions);
    rh_finding_kind kind = joined ? RH_FINDING_NESTED_LOOP_RESCAN : RH_FINDING_CARTESIAN_PRODUCT;
    double limit = rh_finding_limit_of(run, kind, 0);
    double steps = (double)rh_lite_steps(run)->full_scan_steps;
    double rows = steps >= 0
                      ? steps
                      : rh_lite_rows(run, scan) * (first->full_scan ? rh_lite_rows(run, first) : 1);
    rh_finding *found;

    if (rows < limit || (!joined && rh_lite_rows(run, scan) < 2))
        return;
    found = rh_finding_add(run, kind, scan, rows, limit, "rows");
    if (found == NULL)
        return;
    found->what = rh_finding_text(
        run, "all of %s is read for each row of %s, %s rows in all", scan->alias,
        first->alias == NULL ? "what stands before" : first->alias, rh_finding_number(run, rows));
    if (joined && rh_propose_index(run, place->table, conditions, &found->index))
        found->advice = rh_index_advice(run, &found->index);
    else
        found->advice = joined ? "join by equality of plain columns that an index can serve"
                               : "a join condition is missing; where the product is meant, keep "
                                 "both sides small";
}

/* How many rows a condition keeps is not known without running it: a trial of the index tells. */
static void outer_scan(rh_finding_run *run, const rh_plan_node *scan, const rh_lite_place *place,
                       const rh_conditions *conditions)
{
    const rh_finding_kind kind = RH_FINDING_SELECTIVE_SEQ_SCAN;
    double rows = rh_lite_rows(run, scan);
    double limit = rh_finding_limit_of(run, kind, 2) / 5; /* a fifth: no pages are known here */
    rh_finding_index index = {NULL, NULL, NULL, 0};
    rh_conditions own = {NULL, 0, conditions->has_or};
    rh_finding *found;

    own.items = rh_arena_array(run->arena, conditions->count + 1, sizeof *own.items);
    if (own.items == NULL) {
        run->failed = true;
        return;
    }

    if (rows < limit)
        return;
    for (size_t i = 0; i < conditions->count; i++) /* joins are looked up from the other side */
        if (conditions->items[i].other == NULL)
            own.items[own.count++] = conditions->items[i];
    if (!rh_propose_index(run, place->table, &own, &index))
        return;
    found = rh_finding_add(run, kind, scan, rows, limit, "rows");
    if (found == NULL)
        return;
    found->index = index;
    found->to_prove = true;
    found->what = rh_finding_text(run,
                                  "all of %s is read, %s rows, for a condition that an index "
                                  "could serve",
                                  scan->alias, rh_finding_number(run, rows));
    found->advice = rh_index_advice(run, &index);
}

/* SEARCH by an index that serves one of several equal columns. */
static void narrow_search(rh_finding_run *run, const rh_plan_node *scan, const rh_lite_place *place,
                          const rh_conditions *conditions)
{
    const rh_finding_kind kind = RH_FINDING_FILTERED_INDEX_SCAN;
    double steps = (double)rh_lite_steps(run)->vm_steps;
    double limit = rh_finding_limit_of(run, kind, 1);
    rh_finding_index index = {NULL, NULL, NULL, 0};
    rh_finding *found;

    if (steps < limit * 5 || scan->index_name == NULL ||
        !rh_propose_index(run, place->table, conditions, &index) || index.column_count < 2)
        return;
    found = rh_finding_add(run, kind, scan, steps, limit * 5, "steps");
    if (found == NULL)
        return;
    found->index = index;
    found->to_prove = true;
    found->what = rh_finding_text(run,
                                  "the index %s serves a part of the condition, the rest is "
                                  "tested row by row",
                                  scan->index_name);
    found->advice = rh_index_advice(run, &index);
}

static void one_scan(rh_finding_run *run, const rh_plan_node *scan)
{
    rh_lite_place place = rh_lite_resolve(run, scan);
    const rh_plan_node *first = rh_lite_first_scan(run, scan);
    rh_conditions conditions;

    if (place.level == RH_SQL_NONE || place.table == NULL)
        return;
    conditions = rh_conditions_of_level(run, place.level, place.relation);
    low_quality_of(run, scan, &place, &conditions);
    if (find_obstacle(run, scan, &place, &conditions) || has_kind(run, scan))
        return;
    if (scan->full_scan && first != NULL && first != scan)
        inner_scan(run, scan, &place, &conditions, first);
    else if (scan->full_scan && conditions.count > 0)
        outer_scan(run, scan, &place, &conditions);
    else if (!scan->full_scan)
        narrow_search(run, scan, &place, &conditions);
}

/* ---- OFFSET ---- */

/* The number behind OFFSET of the outermost query; 0 when there is none. */
static int64_t offset_of(const rh_finding_run *run, size_t *out_at, size_t *out_len)
{
    const char *sql = run->input->sql;
    rh_sql_scan scan;
    int64_t value = 0;
    int depth = 0;

    rh_sql_scan_init(&scan, RH_SQL_SQLITE, sql, run->input->sql_len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return value;
        depth += token.kind == RH_SQL_TOKEN_OPEN;
        depth -= token.kind == RH_SQL_TOKEN_CLOSE;
        if (depth == 0 && rh_sql_token_is(&token, sql, "offset")) {
            size_t start = token.offset;

            token = rh_sql_scan_next_code(&scan);
            if (token.kind != RH_SQL_TOKEN_NUMBER ||
                !rh_num_scan_int64(sql + token.offset, token.len, &value))
                return 0;
            *out_at = start;
            *out_len = token.offset + token.len - start;
        }
    }
}

static void paging(rh_finding_run *run)
{
    const rh_finding_kind kind = RH_FINDING_OFFSET_PAGINATION;
    size_t at = 0;
    size_t len = 0;
    double rows = (double)offset_of(run, &at, &len);
    rh_finding *found;

    if (rows < rh_finding_limit_of(run, kind, 0))
        return;
    found = rh_finding_add(run, kind, rh_plan_root(run->plan), rows,
                           rh_finding_limit_of(run, kind, 0), "rows");
    if (found == NULL)
        return;
    found->offset = at;
    found->length = len;
    found->what = rh_finding_text(run, "%s rows are made and thrown away before the first is given",
                                  rh_finding_number(run, rows));
    found->advice = "page by key: WHERE (sort columns) > (last row seen) ORDER BY .. LIMIT n costs "
                    "the same on each page";
}

void rh_rules_sqlite_text(rh_finding_run *run)
{
    if (run->input->sql == NULL)
        return;
    paging(run);
    if (run->input->levels == NULL)
        return;
    for (size_t i = 1; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind == RH_PLAN_SEQ_SCAN || node->kind == RH_PLAN_INDEX_SCAN ||
            node->kind == RH_PLAN_INDEX_ONLY_SCAN || node->kind == RH_PLAN_AUTO_INDEX_SCAN)
            one_scan(run, node);
    }
}
