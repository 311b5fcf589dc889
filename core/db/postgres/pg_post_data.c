/*
 * Post-data: what comes after the rows.
 *
 *   1. indexes and the constraints that bring one, in parallel, largest first, those of one table
 *      in the order that they have in production (pg_index_order.h)
 *   2. indexes of partitions attached to those of their parents, in the dump's order
 *   3. foreign keys: added NOT VALID one after the other (a moment each, but with locks on two
 *      tables), then validated in parallel; the catalog is then as if added at once
 *   4. all else in the dump's order: triggers, rules, policies, comments, refreshes ...
 *
 * What turns out to need something of step 4 (an index on a materialized view that the dump creates
 * late) is refused by the server for want of that object, and tried again in its own place there.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_index_order.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_tasks.h"

typedef struct post_data {
    rh_pg_target *target;
    const rh_pg_script *script;
    rh_problems *notes;
    rh_pg *pg; /* for the serial steps */
    rh_pg_runner runner;
    rh_pg_index_order *order;
    bool *late; /* per item: belongs to step 4 after all */
    rh_arena *arena;
    bool unrefreshed; /* some materialized view stays empty */
} post_data;

static const rh_table *find_table(const post_data *run, const char *schema, const char *name)
{
    const rh_catalog *catalog = run->target->input->catalog;

    for (size_t i = 0; schema != NULL && i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];

        if (strcmp(table->name, name) == 0 && strcmp(table->schema, schema) == 0)
            return table;
    }
    return NULL;
}

static bool any_excluded(const post_data *run)
{
    const rh_catalog *catalog = run->target->input->catalog;

    for (size_t i = 0; i < catalog->table_count; i++) {
        if (catalog->tables[i].rows_excluded && catalog->tables[i].kind == RH_TABLE_PLAIN)
            return true;
    }
    return false;
}

static int64_t weigh(const post_data *run, const rh_pg_item *item)
{
    const rh_table *table = find_table(run, item->schema, item->table);

    return table == NULL ? 0 : table->estimated_bytes;
}

/* The object that a statement needs is not there (yet). */
static bool needs_more(const rh_error *error)
{
    return strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "42883") == 0 ||
           strcmp(error->sqlstate, "42704") == 0 || strcmp(error->sqlstate, "42703") == 0;
}

static rh_status spread_error(const rh_error *from, rh_error *err)
{
    rh_error_set(err, from->code, "%s", from->text);
    rh_error_hint(err, "%s", from->hint);
    rh_error_sqlstate(err, from->sqlstate);
    return from->code;
}

/* ---- 1: indexes ---- */

static bool brings_index(const rh_pg_item *item)
{
    return item->kind == RH_PG_ITEM_INDEX || item->kind == RH_PG_ITEM_CONSTRAINT;
}

static int64_t rank_of(const post_data *run, const rh_pg_item *item)
{
    return rh_pg_index_order_rank(run->order, item->schema, item->table, item->name);
}

static rh_status judge_indexes(post_data *run, const rh_pg_task *tasks, size_t count, rh_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (tasks[i].outcome == RH_OK)
            continue;
        if (!needs_more(tasks[i].error))
            return spread_error(tasks[i].error, err);
        run->late[tasks[i].item - run->script->items] = true;
    }
    return RH_OK;
}

static rh_status build_indexes(post_data *run, rh_error *err)
{
    const rh_pg_script *script = run->script;
    rh_pg_task *tasks = rh_mem_array(script->item_count + 1, sizeof *tasks);
    rh_error *errors = rh_mem_array(script->item_count + 1, sizeof *errors);
    size_t count = 0;
    rh_status status = RH_OK;

    if (tasks == NULL || errors == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    for (size_t i = 0; i < script->item_count; i++) {
        const rh_pg_item *item = &script->items[i];

        if (!brings_index(item))
            continue;
        tasks[count] = (rh_pg_task){.item = item,
                                    .schema = item->schema,
                                    .table = item->table,
                                    .shared = item->kind == RH_PG_ITEM_INDEX,
                                    .rank = rank_of(run, item),
                                    .weight = weigh(run, item),
                                    .tolerate = true,
                                    .error = &errors[count]};
        count++;
    }
    rh_progress_stage(run->target->options.progress, "indexes", 0, 0, count);
    status = rh_pg_tasks_run(run->target, script, tasks, count, err);
    if (status == RH_OK)
        status = judge_indexes(run, tasks, count, err);
out:
    rh_mem_free(tasks);
    rh_mem_free(errors);
    return status;
}

/* ---- 2: partitions' indexes ---- */

static rh_status attach_indexes(post_data *run, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < run->script->item_count && status == RH_OK; i++) {
        const rh_pg_item *item = &run->script->items[i];

        if (item->kind == RH_PG_ITEM_ATTACH)
            status = rh_pg_runner_item(&run->runner, item, NULL, err);
    }
    return status;
}

/* ---- 3: foreign keys ---- */

static rh_status note_unproved(post_data *run, const rh_pg_item *item, bool added, rh_error *err)
{
    return rh_problems_add(run->notes, false, "the rows of the referenced table were left out", err,
                           "foreign key '%s' of table '%s.%s' was %s", item->name, item->schema,
                           item->table, added ? "added NOT VALID" : "left out");
}

/* A partitioned table cannot have a NOT VALID one: there it is added at once, or not at all. */
static rh_status add_foreign_key(post_data *run, const rh_pg_item *item, bool *out_validate,
                                 rh_error *err)
{
    rh_error refused = RH_ERROR_INIT;
    rh_buf sql = RH_BUF_INIT;
    bool two_steps = item->only && !item->not_valid;
    rh_status status = RH_OK;

    *out_validate = false;
    if (two_steps)
        status = rh_buf_printf(&sql, err, "%s NOT VALID", item->sql);
    if (status == RH_OK)
        status =
            rh_pg_runner_item(&run->runner, item, two_steps ? rh_buf_cstr(&sql) : NULL, &refused);
    rh_buf_done(&sql);
    if (status == RH_OK)
        *out_validate = two_steps;
    else if (needs_more(&refused)) {
        run->late[item - run->script->items] = true;
        status = RH_OK;
    } else if (!two_steps && strcmp(refused.sqlstate, "23503") == 0 && any_excluded(run))
        status = note_unproved(run, item, false, err);
    else if (refused.code != RH_OK)
        status = spread_error(&refused, err);
    return status;
}

static rh_status validation_task(post_data *run, const rh_pg_item *item, rh_error *errors,
                                 rh_pg_task *out, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "ALTER TABLE ONLY ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(item->schema, item->table, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " VALIDATE CONSTRAINT ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(item->name, &sql, err);
    if (status == RH_OK) {
        *out = (rh_pg_task){.item = item,
                            .sql = rh_arena_strdup(run->arena, rh_buf_cstr(&sql)),
                            .schema = item->schema,
                            .table = item->table,
                            .weight = weigh(run, item),
                            .tolerate = true,
                            .error = errors};
        if (out->sql == NULL)
            status = rh_error_oom(err);
    }
    rh_buf_done(&sql);
    return status;
}

static rh_status judge_foreign_keys(post_data *run, const rh_pg_task *tasks, size_t count,
                                    rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < count && status == RH_OK; i++) {
        if (tasks[i].outcome == RH_OK)
            continue;
        if (strcmp(tasks[i].error->sqlstate, "23503") == 0 && any_excluded(run))
            status = note_unproved(run, tasks[i].item, true, err);
        else
            status = spread_error(tasks[i].error, err);
    }
    return status;
}

static rh_status build_foreign_keys(post_data *run, rh_error *err)
{
    const rh_pg_script *script = run->script;
    rh_pg_task *tasks = rh_mem_array(script->item_count + 1, sizeof *tasks);
    rh_error *errors = rh_mem_array(script->item_count + 1, sizeof *errors);
    size_t count = 0;
    rh_status status = RH_OK;

    if (tasks == NULL || errors == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; i < script->item_count && status == RH_OK; i++) {
        const rh_pg_item *item = &script->items[i];
        const rh_table *referenced;
        bool validate = false;

        if (item->kind != RH_PG_ITEM_FOREIGN_KEY)
            continue;
        status = add_foreign_key(run, item, &validate, err);
        referenced = find_table(run, item->to_schema, item->to_table);
        if (status != RH_OK || !validate)
            continue;
        if (referenced != NULL && referenced->rows_excluded) {
            status = note_unproved(run, item, true, err);
            continue;
        }
        status = validation_task(run, item, &errors[count], &tasks[count], err);
        count++;
    }
    rh_progress_stage(run->target->options.progress, "foreign keys", 0, 0, count);
    if (status == RH_OK)
        status = rh_pg_tasks_run(run->target, script, tasks, count, err);
    if (status == RH_OK)
        status = judge_foreign_keys(run, tasks, count, err);
    rh_mem_free(tasks);
    rh_mem_free(errors);
    return status;
}

/* ---- 4: the rest ---- */

static rh_status note_unrefreshed(post_data *run, const rh_pg_item *item, rh_error *err)
{
    return rh_problems_add(run->notes, false, "refresh it when staging has that foreign server",
                           err,
                           "materialized view '%s.%s' was not refreshed: it needs foreign rows",
                           item->schema, item->table);
}

/* A refresh must not reach production: what reads a foreign table stays empty, and so does what
 * needs such a view. */
static rh_status refresh(post_data *run, const rh_pg_item *item, rh_error *err)
{
    const char *params[] = {item->schema, item->table};
    rh_error refused = RH_ERROR_INIT;
    char *foreign = NULL;
    rh_status status =
        rh_pg_query_text(run->pg, rh_pg_sql_refresh_is_foreign, 2, params, &foreign, err);

    if (status != RH_OK)
        return status;
    if (rh_str_eq(foreign, "t")) {
        run->unrefreshed = true;
        status = note_unrefreshed(run, item, err);
    } else {
        status = rh_pg_runner_item(&run->runner, item, NULL, &refused);
        if (status == RH_EDB && run->unrefreshed && strcmp(refused.sqlstate, "55000") == 0)
            status = note_unrefreshed(run, item, err);
        else if (status != RH_OK)
            status = spread_error(&refused, err);
    }
    rh_mem_free(foreign);
    return status;
}

/* The next late index of a table behind `last` (NULL: the first one) in production's order; NULL:
 * none is left. */
static const rh_pg_item *next_late(const post_data *run, const rh_pg_item *first,
                                   const rh_pg_item *last)
{
    const rh_pg_item *end = run->script->items + run->script->item_count;
    const rh_pg_item *best = NULL;

    for (const rh_pg_item *item = first; item < end; item++) {
        int64_t rank = rank_of(run, item);

        if (!run->late[item - run->script->items] || !brings_index(item) ||
            !rh_str_eq(item->table, first->table) || !rh_str_eq(item->schema, first->schema))
            continue;
        if (last != NULL &&
            (rank < rank_of(run, last) || (rank == rank_of(run, last) && item <= last)))
            continue;
        if (best == NULL || rank < rank_of(run, best))
            best = item;
    }
    return best;
}

/* All late indexes of one table at the place of the first, so that they get production's order.
 * What still needs something else waits for its own place. */
static rh_status build_late(post_data *run, const rh_pg_item *first, rh_error *err)
{
    const rh_pg_item *item = NULL;
    rh_status status = RH_OK;

    while (status == RH_OK && (item = next_late(run, first, item)) != NULL) {
        rh_error refused = RH_ERROR_INIT;

        status = rh_pg_runner_item(&run->runner, item, NULL, &refused);
        if (status == RH_OK)
            run->late[item - run->script->items] = false;
        else if (item != first && needs_more(&refused))
            status = RH_OK;
        else
            status = spread_error(&refused, err);
    }
    return status;
}

static rh_status run_rest(post_data *run, rh_error *err)
{
    const rh_pg_script *script = run->script;
    rh_status status = RH_OK;

    rh_progress_stage(run->target->options.progress, "objects", 0, 0, script->item_count);
    for (size_t i = 0; i < script->item_count && status == RH_OK; i++) {
        const rh_pg_item *item = &script->items[i];
        bool earlier = brings_index(item) || item->kind == RH_PG_ITEM_ATTACH ||
                       item->kind == RH_PG_ITEM_FOREIGN_KEY;

        if (run->late[i] && brings_index(item))
            status = build_late(run, item, err);
        else if ((!earlier || run->late[i]) && !rh_pg_target_leaves_out(run->target, item))
            status = item->kind == RH_PG_ITEM_REFRESH
                         ? refresh(run, item, err)
                         : rh_pg_runner_item(&run->runner, item, NULL, err);
        rh_progress_add(run->target->options.progress, 0, 0, 1);
    }
    return status;
}

rh_status rh_pg_post_data_run(rh_pg_target *target, const rh_pg_script *script, rh_problems *notes,
                              rh_error *err)
{
    post_data run = {.target = target, .script = script, .notes = notes};
    rh_status status = RH_OK;

    run.late = rh_mem_array(script->item_count + 1, sizeof *run.late);
    run.arena = rh_arena_new(0);
    if (run.late == NULL || run.arena == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_pg_index_order_read(target, &run.order, err);
    if (status == RH_OK)
        status = build_indexes(&run, err);
    if (status == RH_OK)
        status = rh_pg_target_connect(target, &run.pg, err);
    run.runner = (rh_pg_runner){.pg = run.pg, .script = script};
    if (status == RH_OK)
        status = attach_indexes(&run, err);
    if (status == RH_OK)
        status = build_foreign_keys(&run, err);
    if (status == RH_OK)
        status = run_rest(&run, err);
    if (status == RH_OK)
        status = rh_pg_index_order_check(run.order, run.pg, notes, err);
    rh_pg_index_order_free(run.order);
    rh_pg_close(run.pg);
    rh_arena_free(run.arena);
    rh_mem_free(run.late);
    return status;
}
