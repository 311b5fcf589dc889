/*
 * Rows of EXPLAIN QUERY PLAN into a plan: the lines as they are, below one root. SQLite's rows name
 * their parents, which come first, but a subtree need not come in one piece: rows are linked first
 * and added depth first.
 */
#include "core/plan_sqlite.h"

#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "plan_internal.h"
#include "plan_sqlite_line.h"

#define NO_ROW ((size_t)-1)

typedef struct link {
    size_t parent; /* row, NO_ROW: the statement */
    size_t first;
    size_t last;
    size_t next;
    size_t node;
} link;

static size_t find_row(const rh_plan_eqp_row *rows, size_t before, int64_t id)
{
    for (size_t i = before; i-- > 0;)
        if (rows[i].id == id)
            return i;
    return NO_ROW;
}

/* links[count] stands for the statement. */
static rh_status link_rows(const rh_plan_eqp_row *rows, size_t count, link *links, rh_error *err)
{
    for (size_t i = 0; i <= count; i++)
        links[i] = (link){count, NO_ROW, NO_ROW, NO_ROW, 0};
    for (size_t i = 0; i < count; i++) {
        size_t parent = count;

        if (rows[i].parent != 0)
            parent = find_row(rows, i, rows[i].parent);
        if (parent == NO_ROW)
            return rh_error_set(err, RH_EFORMAT, "line %zu of the plan hangs under no other",
                                i + 1);
        links[i].parent = parent;
        if (links[parent].last == NO_ROW)
            links[parent].first = i;
        else
            links[links[parent].last].next = i;
        links[parent].last = i;
    }
    return RH_OK;
}

static rh_status add_row(rh_plan *plan, const rh_plan_eqp_row *row, size_t parent, size_t *out,
                         rh_error *err)
{
    rh_status status = rh_plan_build_add(plan, parent, out, err);
    rh_plan_node *node;

    if (status != RH_OK)
        return status;
    node = rh_plan_build_node(plan, *out);
    node->raw = rh_arena_strdup(plan->arena, row->detail == NULL ? "" : row->detail);
    if (node->raw == NULL)
        return rh_error_oom(err);
    node->plan_rows = row->estimate >= 0 ? row->estimate : RH_PLAN_UNKNOWN;
    if (row->loops >= 0 && row->visits >= 0) {
        node->actual_loops = row->loops;
        node->actual_rows = row->loops > 0 ? row->visits / row->loops : 0;
        node->never_executed = row->loops < 1;
    }
    return rh_plan_read_line(plan->arena, node, err);
}

/* Since 3.36 "SCAN x" is said of tables and of subqueries alike: x is one when a line beside it
 * makes it. */
static void find_subquery_scans(rh_plan *plan)
{
    for (size_t i = 1; i < plan->count; i++) {
        const rh_plan_node *made = &plan->nodes[i];

        if (made->kind != RH_PLAN_MATERIALIZE && made->kind != RH_PLAN_COROUTINE)
            continue;
        for (size_t k = i + 1; k < plan->count; k++) {
            rh_plan_node *scan = &plan->nodes[k];

            if (scan->kind == RH_PLAN_SEQ_SCAN && scan->parent == made->parent &&
                rh_str_eq(scan->alias, made->alias)) {
                scan->kind = RH_PLAN_SUBQUERY_SCAN;
                scan->full_scan = false;
            }
        }
    }
}

static rh_status add_rows(rh_plan *plan, const rh_plan_eqp_row *rows, size_t count, link *links,
                          rh_error *err)
{
    size_t at = links[count].first;
    rh_status status = rh_plan_build_add(plan, RH_PLAN_NO_NODE, &links[count].node, err);

    if (status != RH_OK)
        return status;
    rh_plan_build_node(plan, 0)->kind = RH_PLAN_STATEMENT;
    rh_plan_build_node(plan, 0)->raw = "STATEMENT";
    while (status == RH_OK && at != NO_ROW) {
        status = add_row(plan, &rows[at], links[links[at].parent].node, &links[at].node, err);
        if (links[at].first != NO_ROW) {
            at = links[at].first;
            continue;
        }
        while (at != count && links[at].next == NO_ROW)
            at = links[at].parent;
        at = at == count ? NO_ROW : links[at].next;
    }
    return status;
}

rh_status rh_plan_from_eqp(const rh_plan_eqp_row *rows, size_t count, const rh_plan_steps *steps,
                           rh_plan **out, rh_error *err)
{
    rh_plan *plan = NULL;
    link *links = NULL;
    rh_status status = RH_OK;

    if (count > RH_PLAN_MAX_NODES)
        return rh_error_set(err, RH_EFORMAT, "plan of more than %d lines", RH_PLAN_MAX_NODES);
    plan = rh_plan_build_new(RH_PLAN_SQLITE);
    links = rh_mem_array(count + 1, sizeof *links);
    if (plan == NULL || links == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = link_rows(rows, count, links, err);
    if (status == RH_OK)
        status = add_rows(plan, rows, count, links, err);
    if (status == RH_OK)
        find_subquery_scans(plan);
    if (status == RH_OK && steps != NULL) {
        plan->steps = *steps;
        plan->has_steps = true;
        plan->executed = true;
    }
    if (status == RH_OK)
        status = rh_plan_build_finish(plan, err);
    if (status == RH_OK) {
        *out = plan;
        plan = NULL;
    }
out:
    rh_mem_free(links);
    rh_plan_free(plan);
    return status;
}

static double figure(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    return json_is_number(value) ? json_number_value(value) : RH_PLAN_UNKNOWN;
}

static rh_status fill_rows(const json_t *list, rh_plan_eqp_row *rows, rh_error *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);

        rows[i] = (rh_plan_eqp_row){json_integer_value(json_object_get(row, "id")),
                                    json_integer_value(json_object_get(row, "parent")),
                                    json_string_value(json_object_get(row, "detail")),
                                    figure(row, "visits"),
                                    figure(row, "loops"),
                                    figure(row, "estimate")};
        if (rows[i].detail == NULL)
            return rh_error_set(err, RH_EFORMAT, "line %zu has no text", i + 1);
    }
    return RH_OK;
}

rh_status rh_plan_from_eqp_json(const char *name, const json_t *rows, const rh_plan_steps *steps,
                                rh_plan **out, rh_error *err)
{
    size_t count = json_array_size(rows);
    rh_plan_eqp_row *lines = rh_mem_array(count + 1, sizeof *lines);
    rh_status status = lines == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && !json_is_array(rows))
        status = rh_error_set(err, RH_EFORMAT, "no list of lines");
    if (status == RH_OK)
        status = fill_rows(rows, lines, err);
    if (status == RH_OK)
        status = rh_plan_from_eqp(lines, count, steps, out, err);
    if (status != RH_OK)
        rh_error_where(err, "%s", name);
    rh_mem_free(lines);
    return status;
}

/* A number and the blanks behind it. */
static bool take_number(const char **at, const char *end, int64_t *out)
{
    const char *start = *at;

    while (*at < end && **at != ' ' && **at != '\t')
        (*at)++;
    if (!rh_num_scan_int64(start, (size_t)(*at - start), out))
        return false;
    while (*at < end && (**at == ' ' || **at == '\t'))
        (*at)++;
    return true;
}

static rh_status read_lines(const char *text, size_t len, rh_arena *arena, rh_plan_eqp_row *rows,
                            size_t *io_count, rh_error *err)
{
    const char *end = text + len;
    size_t count = 0;

    for (const char *at = text; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline == NULL ? end : newline;
        rh_plan_eqp_row row = {0, 0, NULL, RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN};

        if (stop > at) {
            if (count == *io_count)
                break;
            if (!take_number(&at, stop, &row.id) || !take_number(&at, stop, &row.parent))
                return rh_error_set(err, RH_EFORMAT, "line %zu is no line of a plan", count + 1);
            row.detail = rh_arena_strndup(arena, at, (size_t)(stop - at));
            if (row.detail == NULL)
                return rh_error_oom(err);
            rows[count++] = row;
        }
        at = stop + 1;
    }
    *io_count = count;
    return RH_OK;
}

rh_status rh_plan_read_eqp(const char *name, const char *text, size_t len, rh_plan **out,
                           rh_error *err)
{
    size_t count = 1;
    rh_arena *arena = rh_arena_new(0);
    rh_plan_eqp_row *rows;
    rh_status status = RH_OK;

    for (size_t i = 0; i < len; i++)
        count += text[i] == '\n';
    rows = rh_mem_array(count, sizeof *rows);
    if (arena == NULL || rows == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = read_lines(text, len, arena, rows, &count, err);
    if (status == RH_OK)
        status = rh_plan_from_eqp(rows, count, NULL, out, err);
    if (status != RH_OK)
        rh_error_where(err, "%s", name);
    rh_mem_free(rows);
    rh_arena_free(arena);
    return status;
}
