/*
 * Plans that auto_explain logs. They come when the executor ends: before the line with the duration
 * of their statement, after the line of its start, or alone when only auto_explain logs. With the
 * extended protocol a statement that gives rows ends with its portal, behind its execute line.
 *
 * json:  {"Query Text": "...", "Query Parameters": "$1 = 'x'", "Plan": {...}}
 * text:  Query Text: ...\nQuery Parameters: $1 = 'x'\nSeq Scan on ...
 */
#include <string.h>

#include "capture_internal.h"
#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"

/* ---- the plan's text ---- */

static size_t line_end(const char *text, size_t len, size_t at)
{
    const char *end = at < len ? memchr(text + at, '\n', len - at) : NULL;

    return end == NULL ? len : (size_t)(end - text);
}

/* The first line of a text plan: "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)". */
static bool is_plan_line(const char *line, size_t len)
{
    static const char cost[] = "  (cost=";

    for (size_t at = 0; at + sizeof cost - 1 <= len; at++) {
        if (memcmp(line + at, cost, sizeof cost - 1) == 0)
            return true;
    }
    return false;
}

static bool starts_with(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && memcmp(text, word, n) == 0;
}

/* Offsets of the statement and its values in a text plan. */
static bool find_in_text(const char *text, size_t len, capture_plan *plan)
{
    static const char query[] = "Query Text: ";
    static const char values[] = "Query Parameters: ";
    size_t at = sizeof query - 1;

    if (!starts_with(text, len, query))
        return false;
    plan->query_at = at;
    while (at < len) {
        size_t end = line_end(text, len, at);

        if (starts_with(text + at, len - at, values)) {
            plan->query_len = at - 1 - plan->query_at;
            plan->values_at = at + sizeof values - 1;
            /* Values may hold line ends; the plan begins where a line has costs. */
            while (end < len &&
                   !is_plan_line(text + end + 1, line_end(text, len, end + 1) - end - 1))
                end = line_end(text, len, end + 1);
            plan->values_len = end - plan->values_at;
            return true;
        }
        if (is_plan_line(text + at, end - at)) {
            plan->query_len = at > plan->query_at ? at - 1 - plan->query_at : 0;
            return true;
        }
        at = end + 1;
    }
    return false;
}

static rh_status append(rh_buf *buf, const char *text, size_t *out_at, size_t *out_len,
                        rh_error *err)
{
    *out_at = buf->len;
    *out_len = strlen(text);
    return rh_buf_append(buf, text, *out_len, err);
}

/* As find_in_text; the unescaped texts are put behind the plan. RH_SKIPPED: no such document. */
static rh_status find_in_json(rh_buf *buf, capture_plan *plan, rh_error *err)
{
    json_t *root = NULL;
    const char *query;
    const char *values;
    rh_status status =
        rh_doc_parse_json("plan", (const char *)buf->data + plan->at, plan->len, &root, NULL);

    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    status = RH_OK; /* text that is no document has no members */
    query = json_string_value(json_object_get(root, "Query Text"));
    values = json_string_value(json_object_get(root, "Query Parameters"));
    if (query == NULL || json_object_get(root, "Plan") == NULL)
        status = RH_SKIPPED;
    if (status == RH_OK)
        status = append(buf, query, &plan->query_at, &plan->query_len, err);
    if (status == RH_OK && values != NULL)
        status = append(buf, values, &plan->values_at, &plan->values_len, err);
    json_decref(root);
    return status;
}

/* Before PostgreSQL 16 the values stand in CONTEXT only. */
static rh_status values_of_context(rh_buf *buf, const capture_view *view, capture_plan *plan,
                                   rh_error *err)
{
    rh_log_text values;

    if (plan->nested || plan->values_len > 0 || !capture_params_find(view->context, &values))
        return RH_OK;
    plan->values_at = buf->len;
    plan->values_len = values.len;
    return rh_buf_append(buf, values.data, values.len, err);
}

/* Inside a function the context begins with the statement and the function; the portal of what the
 * client sent comes last, with values that are not those of the nested statement. */
static bool is_nested(rh_log_text context)
{
    static const char *const of_the_client[] = {"unnamed portal", "portal \"", "extended query"};

    for (size_t i = 0; i < sizeof of_the_client / sizeof of_the_client[0]; i++) {
        if (starts_with(context.data, context.len, of_the_client[i]))
            return false;
    }
    return context.len > 0;
}

/* Read a plan into buf, which is empty. RH_SKIPPED: none that is understood. */
static rh_status read_plan(rh_buf *buf, const capture_view *view, const capture_message *m,
                           capture_plan *plan, rh_error *err)
{
    rh_status status = rh_buf_append(buf, m->text.data, m->text.len, err);

    *plan = (capture_plan){.len = m->text.len,
                           .json = m->text.len > 0 && m->text.data[0] == '{',
                           .nested = is_nested(view->context),
                           .time_us = view->time_us,
                           .duration_us = m->duration_us,
                           .line = view->line,
                           .source = view->source};
    if (status == RH_OK && plan->json)
        status = find_in_json(buf, plan, err);
    else if (status == RH_OK && !find_in_text(m->text.data, m->text.len, plan))
        status = RH_SKIPPED;
    return status == RH_OK ? values_of_context(buf, view, plan, err) : status;
}

static bool other_transaction(const char *vxid, rh_log_text other)
{
    size_t n = strlen(vxid);

    return n > 0 && other.len > 0 && (n != other.len || memcmp(vxid, other.data, n) != 0);
}

/* Is the plan that of the held execution, which has its duration? If so, nothing of the next one
 * has come yet: its bind, or another virtual transaction. */
static bool ends_held(const capture_session *s, const capture_view *view, const rh_buf *text,
                      const capture_plan *plan)
{
    const capture_held *held = &s->held;

    return held->is_execute && !s->bound && !plan->nested &&
           !other_transaction(held->vxid, view->vxid) && plan->query_len == held->sql.len &&
           memcmp(rh_buf_cstr(text) + plan->query_at, rh_buf_cstr(&held->sql), held->sql.len) == 0;
}

static rh_status keep_plan(rh_capture *c, capture_session *s, const rh_buf *text, capture_plan plan,
                           rh_error *err)
{
    size_t before = s->plans.len;
    rh_status status;

    if (s->plan_count == CAPTURE_MAX_PLANS) {
        capture_skip_add(c, "more than 16 plans of one statement", plan.source, plan.line);
        return RH_OK;
    }
    status = rh_buf_append(&s->plans, text->data, text->len, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        capture_skip_add(c, "plan too long", plan.source, plan.line);
        return RH_OK;
    }
    if (status != RH_OK)
        return status;
    plan.at += before;
    plan.query_at += before;
    plan.values_at += before;
    s->marks[s->plan_count++] = plan;
    return RH_OK;
}

rh_status capture_plan_hold(rh_capture *c, capture_session *s, const capture_view *view,
                            const capture_message *m, rh_error *err)
{
    const char *unread = NULL;
    rh_buf text;
    capture_plan plan;
    rh_status status;

    rh_buf_init_wiping(&text, s->plans.max);
    status = read_plan(&text, view, m, &plan, err);
    if (status == RH_SKIPPED || status == RH_ELIMIT) {
        unread = status == RH_SKIPPED ? "plan that could not be read" : "plan too long";
        rh_error_clear(err);
        status = RH_OK;
    }
    /* A held execution that has its duration is over, and this plan of the next one. */
    if (status == RH_OK && s->held.any && !s->held.wants_duration &&
        (unread != NULL || !ends_held(s, view, &text, &plan)))
        status = capture_held_done(c, s, view->vxid, err);
    if (status == RH_OK && unread == NULL)
        status = keep_plan(c, s, &text, plan, err);
    else if (status == RH_OK)
        capture_skip_add(c, unread, view->source, view->line);
    rh_buf_wipe_done(&text);
    return status;
}

/* ---- and its statement ---- */

static rh_log_text part(const capture_session *s, size_t at, size_t len)
{
    return (rh_log_text){rh_buf_cstr(&s->plans) + at, len};
}

bool capture_plan_fits(const capture_session *s, rh_log_text sql)
{
    bool nested_only = true;

    for (size_t i = 0; i < s->plan_count; i++) {
        rh_log_text query = part(s, s->marks[i].query_at, s->marks[i].query_len);

        nested_only &= s->marks[i].nested;
        if (query.len == sql.len && memcmp(query.data, sql.data, sql.len) == 0)
            return true;
    }
    return nested_only;
}

static rh_status write_plan(rh_capture *c, capture_session *s, const capture_plan *plan,
                            uint64_t execution, rh_error *err)
{
    char *text = rh_arena_strndup(c->arena, rh_buf_cstr(&s->plans) + plan->at, plan->len);
    rh_workload_plan row = {.execution = execution, .format = plan->json ? "json" : "text"};

    if (text == NULL)
        return rh_error_oom(err);
    if (!rh_str_is_utf8(text, plan->len) || strlen(text) != plan->len)
        rh_str_make_utf8(text, plan->len);
    row.plan = text;
    c->plans++;
    return rh_workload_writer_plan(c->writer, &row, err);
}

rh_status capture_plans_write(rh_capture *c, capture_session *s, uint64_t execution, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < s->plan_count; i++)
        status = write_plan(c, s, &s->marks[i], execution, err);
    s->plan_count = 0;
    rh_buf_clear(&s->plans);
    return status;
}

/* The text of a plan is the PREPARE for an EXECUTE, and the DECLARE for a cursor, whose plan comes
 * when it is closed: to run those again would prepare and declare twice. Changes *sql to what is
 * executed; returns why it cannot be, or NULL. */
static const char *text_alone(rh_log_text *sql)
{
    rh_sql_command command = rh_sql_command_of(RH_SQL_POSTGRES, sql->data, sql->len);
    rh_log_text inner;

    if (strcmp(command.verb, "declare") == 0)
        return "plan of a cursor, logged when that was closed";
    if (strcmp(command.verb, "prepare") == 0 && capture_params_prepared(*sql, &inner))
        *sql = inner;
    return NULL;
}

/* One plan of a statement that nothing else logged. */
static rh_status write_alone(rh_capture *c, capture_session *s, const capture_plan *plan,
                             rh_error *err)
{
    rh_log_text sql = part(s, plan->query_at, plan->query_len);
    const char *why = text_alone(&sql);
    capture_execution e = {.item = RH_WORKLOAD_ITEM_INIT, .sql_len = sql.len};
    uint64_t number = 0;
    rh_status status = RH_OK;

    e.item.sql = rh_arena_strndup(c->arena, sql.data, sql.len);
    if (e.item.sql == NULL)
        return rh_error_oom(err);
    c->params.count = 0;
    e.item.unreplayable = why;
    e.item.time_us = plan->time_us == 0 ? 0 : plan->time_us - plan->duration_us;
    e.item.duration_us = plan->duration_us;
    e.item.source = plan->source;
    e.item.source_line = plan->line;
    if (plan->values_len > 0) {
        e.item.protocol = RH_WORKLOAD_EXTENDED;
        status = capture_params_read(part(s, plan->values_at, plan->values_len), c->arena,
                                     &c->params, err);
        if (status == RH_SKIPPED || c->params.cut)
            e.item.unreplayable = "parameters cut or unreadable in the plan";
    } else if (e.item.unreplayable == NULL && memchr(e.item.sql, '$', e.sql_len) != NULL) {
        e.item.unreplayable = "plan without its parameters (PostgreSQL 16 logs them)";
    }
    if (plan->nested)
        e.item.unreplayable = "executed inside a function";
    if (status < 0)
        return status;
    e.item.parameters = c->params.items;
    e.item.parameter_count = c->params.count;
    status = capture_emit(c, s, &e, &number, err);
    if (status == RH_OK && number != 0)
        status = write_plan(c, s, plan, number, err);
    return status;
}

rh_status capture_plans_alone(rh_capture *c, capture_session *s, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < s->plan_count; i++)
        status = write_alone(c, s, &s->marks[i], err);
    s->plan_count = 0;
    rh_buf_clear(&s->plans);
    rh_arena_reset(c->arena);
    c->params.items = NULL;
    c->params.count = c->params.cap = 0;
    return status;
}
