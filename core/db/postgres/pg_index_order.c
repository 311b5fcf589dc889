#include "pg_index_order.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "core/structure.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum { SECTION_MAX_BYTES = 1 << 30 };

typedef struct ranked_index {
    const char *schema;
    const char *table;
    const char *name;
    int64_t rank;
} ranked_index;

struct rh_pg_index_order {
    rh_structure *structure; /* owns the names */
    ranked_index *indexes;   /* by schema, table, name */
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    const ranked_index *x = a;
    const ranked_index *y = b;
    int order = strcmp(x->table, y->table);

    if (order == 0)
        order = strcmp(x->schema, y->schema);
    return order != 0 ? order : strcmp(x->name, y->name);
}

static size_t count_indexes(const rh_structure *structure)
{
    size_t count = 0;

    for (size_t i = 0; i < rh_structure_table_count(structure); i++)
        count += rh_structure_table_at(structure, i)->index_count;
    return count;
}

static rh_status collect(rh_pg_index_order *order, rh_error *err)
{
    order->indexes = rh_mem_array(count_indexes(order->structure) + 1, sizeof *order->indexes);
    if (order->indexes == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < rh_structure_table_count(order->structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(order->structure, i);

        for (size_t k = 0; k < table->index_count; k++) {
            const rh_structure_index *index = &table->indexes[k];

            if (index->rank > 0 && table->schema != NULL)
                order->indexes[order->count++] =
                    (ranked_index){table->schema, table->name, index->name, index->rank};
        }
    }
    qsort(order->indexes, order->count, sizeof *order->indexes, by_name);
    return RH_OK;
}

rh_status rh_pg_index_order_read(const rh_pg_target *target, rh_pg_index_order **out, rh_error *err)
{
    const rh_restore_input *input = target->input;
    rh_pg_index_order *order = rh_mem_zalloc(sizeof *order);
    rh_error missing = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    rh_status status;

    rh_buf_init(&text, SECTION_MAX_BYTES);
    if (order == NULL)
        return rh_error_oom(err);
    status = input->section(input->section_ctx, "structure", &text, &missing);
    if (status == RH_OK && text.len > 0) {
        status = rh_structure_parse(rh_buf_cstr(&text), text.len, &order->structure, err);
        if (status == RH_OK)
            status = collect(order, err);
    } else if (status == RH_ENOTFOUND) {
        status = RH_OK;
    } else if (status != RH_OK) {
        rh_error_set(err, status, "%s", missing.text);
    }
    rh_buf_wipe_done(&text);
    if (status == RH_OK) {
        *out = order;
        order = NULL;
    } else {
        rh_error_where(err, "section 'structure'");
    }
    rh_pg_index_order_free(order);
    return status;
}

void rh_pg_index_order_free(rh_pg_index_order *order)
{
    if (order == NULL)
        return;
    rh_mem_free(order->indexes);
    rh_structure_free(order->structure);
    rh_mem_free(order);
}

int64_t rh_pg_index_order_rank(const rh_pg_index_order *order, const char *schema,
                               const char *table, const char *index)
{
    const ranked_index wanted = {schema, table, index, 0};
    const ranked_index *found;

    if (order->count == 0 || schema == NULL || table == NULL || index == NULL)
        return 0;
    found = bsearch(&wanted, order->indexes, order->count, sizeof wanted, by_name);
    return found == NULL ? 0 : found->rank;
}

/* Tables of the list (by table, then OID) with an index behind a later one; *out_first: the row of
 * the first such table. */
static size_t count_misplaced(const rh_pg_index_order *order, const PGresult *list, int *out_first)
{
    size_t count = 0;
    int64_t highest = 0;
    bool counted = false;

    for (int i = 0; i < PQntuples(list); i++) {
        int64_t rank = rh_pg_index_order_rank(order, PQgetvalue(list, i, 0), PQgetvalue(list, i, 1),
                                              PQgetvalue(list, i, 2));

        if (i == 0 || strcmp(PQgetvalue(list, i, 1), PQgetvalue(list, i - 1, 1)) != 0 ||
            strcmp(PQgetvalue(list, i, 0), PQgetvalue(list, i - 1, 0)) != 0) {
            highest = 0;
            counted = false;
        }
        if (rank > 0 && rank < highest && !counted) {
            if (count == 0)
                *out_first = i;
            count++;
            counted = true;
        }
        if (rank > highest)
            highest = rank;
    }
    return count;
}

rh_status rh_pg_index_order_check(const rh_pg_index_order *order, rh_pg *pg, rh_problems *notes,
                                  rh_error *err)
{
    PGresult *list = NULL;
    size_t misplaced = 0;
    int first = 0;
    rh_status status = RH_OK;

    if (order->count == 0)
        return RH_OK;
    status = rh_pg_query(pg, rh_pg_sql_index_order, 0, NULL, &list, err);
    if (status == RH_OK)
        misplaced = count_misplaced(order, list, &first);
    if (misplaced > 0)
        status = rh_problems_add(
            notes, false, "where two indexes cost the same, the planner takes the older one", err,
            "indexes of %zu tables ('%s.%s' is one) were not created in production's order",
            misplaced, PQgetvalue(list, first, 0), PQgetvalue(list, first, 1));
    PQclear(list);
    return status;
}
