/*
 * From messages to executions, one session at a time.
 *
 * 1. One call of the extended protocol is up to three lines, parse, bind and execute, with a
 *    duration each: one execution whose cost is their sum.
 * 2. With log_statement on, a statement is logged when it starts and its duration comes alone when
 *    it ends: an execution is held until its duration, or anything else of the session, arrives.
 * 3. A statement that fails has no duration; its error names it. If it is held, the error is its
 *    end; if nobody logged its start, the error's STATEMENT is the execution.
 *
 *   nothing held -- statement, execute --> held (wants its duration, if the line had none)
 *   held -- duration alone --> held, complete       held -- fetch of its portal --> cost added
 *   held -- error --> held, failed                  held -- next statement, end --> written
 */
#include <string.h>

#include "capture_internal.h"

static rh_log_text of_buf(const rh_buf *buf)
{
    return (rh_log_text){rh_buf_cstr(buf), buf->len};
}

static bool same_text(rh_log_text a, rh_log_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void set_short(char *out, size_t size, rh_log_text text)
{
    size_t n = text.len < size ? text.len : size - 1;

    if (n > 0)
        memcpy(out, text.data, n);
    out[n] = '\0';
}

static rh_status set_buf(rh_buf *buf, rh_log_text text, rh_error *err)
{
    rh_buf_clear(buf);
    return rh_buf_append(buf, text.data, text.len, err);
}

/* ---- writing what is held ---- */

/* The values, and why it cannot be executed again. Sets sql when EXECUTE is taken apart. */
static rh_status read_values(rh_capture *c, const capture_held *held, capture_execution *e,
                             rh_error *err)
{
    rh_log_text sql;
    rh_status status = RH_SKIPPED;

    c->params.count = 0;
    c->params.cut = false;
    if (held->prepare.len > 0) {
        status = capture_params_execute(of_buf(&held->sql), of_buf(&held->prepare), c->arena,
                                        &c->params, &sql, err);
        if (status == RH_OK) {
            e->item.sql = rh_arena_strndup(c->arena, sql.data, sql.len);
            e->sql_len = sql.len;
            e->item.protocol = RH_WORKLOAD_EXTENDED;
            if (e->item.sql == NULL)
                return rh_error_oom(err);
        } else {
            c->params.count = 0; /* the text as it is: PREPARE may be in the log, too */
        }
    } else if (held->values.len > 0) {
        status = capture_params_read(of_buf(&held->values), c->arena, &c->params, err);
        if (status == RH_SKIPPED) {
            c->params.count = 0;
            e->item.unreplayable = "parameters could not be read";
        } else if (c->params.cut) {
            e->item.unreplayable = "parameters cut by log_parameter_max_length";
        }
    }
    return status < 0 ? status : RH_OK;
}

/* $1 and no values: what log_parameter_max_length = 0 leaves, or an error without them. A text that
 * defines something (PREPARE, CREATE FUNCTION) has $1 of its own. */
static bool lacks_values(const capture_held *held, const char *sql, size_t len, size_t given)
{
    rh_sql_scan scan;
    rh_sql_token token;

    if (given > 0 || (!held->is_execute && held->sqlstate[0] == '\0') ||
        memchr(sql, '$', len) == NULL)
        return false;
    if (rh_sql_command_of(RH_SQL_POSTGRES, sql, len).kind > RH_SQL_COMMAND_WRITE)
        return false;
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, sql, len);
    while ((token = rh_sql_scan_next_code(&scan)).kind != RH_SQL_TOKEN_END) {
        if (token.kind == RH_SQL_TOKEN_PARAMETER && sql[token.offset] == '$')
            return true;
    }
    return false;
}

static void reset_held(capture_held *held)
{
    held->any = false;
    held->wants_duration = false;
    held->is_execute = false;
    held->damaged = false;
    held->duration_us = -1;
    held->name[0] = held->portal[0] = held->sqlstate[0] = '\0';
    rh_buf_clear(&held->sql);
    rh_buf_clear(&held->values);
    rh_buf_clear(&held->prepare);
}

static rh_status write_held(rh_capture *c, capture_session *s, rh_log_text next_vxid, rh_error *err)
{
    capture_held *held = &s->held;
    capture_execution e = {.item = RH_WORKLOAD_ITEM_INIT, .sql_len = held->sql.len};
    uint64_t number = 0;
    rh_status status;

    e.item.sql = rh_buf_cstr(&held->sql);
    e.item.time_us = held->time_us;
    e.item.duration_us = held->duration_us;
    e.item.source = held->source;
    e.item.source_line = held->line;
    e.item.protocol = !held->is_execute       ? RH_WORKLOAD_SIMPLE
                      : held->name[0] == '\0' ? RH_WORKLOAD_EXTENDED
                                              : RH_WORKLOAD_PREPARED;
    e.item.prepared_name = held->is_execute && held->name[0] != '\0' ? held->name : NULL;
    e.item.sqlstate = held->sqlstate[0] == '\0' ? NULL : held->sqlstate;
    e.vxid = (rh_log_text){held->vxid, strlen(held->vxid)};
    e.next_vxid = next_vxid;
    status = read_values(c, held, &e, err);
    if (status != RH_OK)
        return status;
    e.item.parameters = c->params.items;
    e.item.parameter_count = c->params.count;
    if (held->damaged)
        e.item.unreplayable = "a piece of its log message is missing";
    else if (e.item.unreplayable == NULL &&
             lacks_values(held, e.item.sql, e.sql_len, c->params.count))
        e.item.unreplayable = held->sqlstate[0] != '\0' ? "failed, logged without its parameters"
                                                        : "logged without its parameters";
    status = capture_emit(c, s, &e, &number, err);
    if (status == RH_OK && number != 0)
        status = capture_plans_write(c, s, number, err);
    return status;
}

rh_status capture_held_done(rh_capture *c, capture_session *s, rh_log_text next_vxid, rh_error *err)
{
    rh_status status;

    if (!s->held.any)
        return RH_OK;
    status = write_held(c, s, next_vxid, err);
    /* Plans of what a filter left out go with it. */
    s->plan_count = 0;
    rh_buf_clear(&s->plans);
    rh_arena_reset(c->arena);
    c->params.items = NULL;
    c->params.count = c->params.cap = 0;
    reset_held(&s->held);
    return status;
}

/* ---- what never came to an execution ---- */

static void count_bare(rh_capture *c, capture_session *s)
{
    for (; s->bare > 0; s->bare--)
        capture_skip_add(c, "duration without its statement", c->source, s->bare_line);
    s->extra_us = 0;
}

static void count_bound(rh_capture *c, capture_session *s)
{
    if (s->bound)
        capture_skip_add(c, "bind without its execute", c->source, s->bind_line);
    s->bound = false;
}

rh_status capture_flow_end(rh_capture *c, capture_session *s, rh_error *err)
{
    rh_status status = capture_held_done(c, s, (rh_log_text){NULL, 0}, err);

    if (status == RH_OK)
        status = capture_plans_alone(c, s, err);
    count_bare(c, s);
    count_bound(c, s);
    return status;
}

/* ---- statements ---- */

static rh_status hold(capture_held *held, const capture_view *view, rh_log_text sql, rh_error *err)
{
    reset_held(held);
    held->any = true;
    held->damaged = view->damaged;
    held->line = view->line;
    held->source = view->source;
    held->time_us = view->time_us;
    set_short(held->vxid, sizeof held->vxid, view->vxid);
    return set_buf(&held->sql, sql, err);
}

/* "PREPARE p AS ..." of an EXECUTE, from its DETAIL; empty when there is none. */
static rh_log_text prepared_as(const capture_view *view)
{
    static const char prepare[] = "prepare: ";
    size_t n = sizeof prepare - 1;

    if (view->detail.len <= n || memcmp(view->detail.data, prepare, n) != 0)
        return (rh_log_text){NULL, 0};
    return (rh_log_text){view->detail.data + n, view->detail.len - n};
}

/* Values from DETAIL ("parameters: ..."), or what an EXECUTE was prepared as. */
static rh_status hold_detail(capture_held *held, const capture_view *view, rh_error *err)
{
    rh_log_text values;
    rh_log_text text = view->detail.len > 0 ? view->detail : view->context;
    rh_log_text prepare = prepared_as(view);

    if (capture_params_find(text, &values))
        return set_buf(&held->values, values, err);
    return prepare.len > 0 ? set_buf(&held->prepare, prepare, err) : RH_OK;
}

/* Plans logged before belong to this statement (an EXECUTE's name the PREPARE), or to one that was
 * not logged itself. */
static rh_status settle_before(rh_capture *c, capture_session *s, const capture_view *view,
                               rh_log_text sql, rh_error *err)
{
    rh_log_text prepare = prepared_as(view);
    rh_status status = RH_OK;

    if (s->held.any)
        status = capture_held_done(c, s, view->vxid, err);
    if (status == RH_OK && s->plan_count > 0 && !capture_plan_fits(s, sql) &&
        (prepare.len == 0 || !capture_plan_fits(s, prepare)))
        status = capture_plans_alone(c, s, err);
    return status;
}

static rh_status on_statement(rh_capture *c, capture_session *s, const capture_view *view,
                              const capture_message *m, rh_error *err)
{
    rh_status status;

    count_bare(c, s);
    count_bound(c, s);
    /* Plans stand between a held statement's start and its duration; a new one has its own. */
    status = settle_before(c, s, view, m->text, err);
    if (status == RH_OK)
        status = hold(&s->held, view, m->text, err);
    if (status == RH_OK)
        status = hold_detail(&s->held, view, err);
    s->held.wants_duration = m->duration_us < 0;
    if (m->duration_us >= 0) {
        s->held.duration_us = m->duration_us;
        s->held.time_us -= view->time_us == 0 ? 0 : m->duration_us;
    }
    return status;
}

static rh_status on_execute(rh_capture *c, capture_session *s, const capture_view *view,
                            const capture_message *m, rh_error *err)
{
    rh_status status = settle_before(c, s, view, m->text, err);

    if (status == RH_OK)
        status = hold(&s->held, view, m->text, err);
    if (status == RH_OK)
        status = hold_detail(&s->held, view, err);
    s->held.is_execute = true;
    set_short(s->held.name, sizeof s->held.name, m->name);
    set_short(s->held.portal, sizeof s->held.portal, m->portal);
    s->held.wants_duration = m->duration_us < 0;
    if (m->duration_us >= 0) {
        s->held.duration_us = m->duration_us + s->extra_us;
        s->held.time_us -= view->time_us == 0 ? 0 : s->held.duration_us;
    } else if (s->extra_us > 0) {
        s->held.duration_us = s->extra_us; /* its own is still to come */
        s->held.time_us -= view->time_us == 0 ? 0 : s->extra_us;
    }
    s->extra_us = 0;
    s->bare = 0;
    s->bound = false;
    return status;
}

/* A portal that is read in pieces: one execution, its cost grows. */
static void on_fetch(rh_capture *c, capture_session *s, const capture_view *view,
                     const capture_message *m)
{
    capture_held *held = &s->held;
    bool known = held->any && held->is_execute && strlen(held->name) == m->name.len &&
                 strlen(held->portal) == m->portal.len &&
                 same_text(m->name, (rh_log_text){held->name, m->name.len}) &&
                 same_text(m->portal, (rh_log_text){held->portal, m->portal.len});

    if (!known) {
        capture_skip_add(c, "fetch from a portal whose execute is not at hand", c->source,
                         view->line);
        return;
    }
    if (m->duration_us < 0)
        held->wants_duration = true;
    else
        held->duration_us = (held->duration_us < 0 ? 0 : held->duration_us) + m->duration_us;
}

static void on_duration(rh_capture *c, capture_session *s, const capture_view *view,
                        const capture_message *m)
{
    enum { PARSE_AND_BIND = 2 };
    capture_held *held = &s->held;

    if (held->any && held->wants_duration) {
        held->duration_us = (held->duration_us < 0 ? 0 : held->duration_us) + m->duration_us;
        held->wants_duration = false;
        return;
    }
    if (s->bare == PARSE_AND_BIND) {
        capture_skip_add(c, "duration without its statement", c->source, s->bare_line);
        s->bare--;
        s->extra_us = 0;
    }
    s->bare_line = view->line;
    s->bare++;
    s->extra_us += m->duration_us;
}

static void on_parse_or_bind(rh_capture *c, capture_session *s, const capture_view *view,
                             const capture_message *m)
{
    s->held.wants_duration = false; /* whatever was held is over */
    if (m->kind == CAPTURE_BIND) {
        count_bound(c, s);
        s->bound = true;
        s->bind_line = view->line;
    }
    s->extra_us += m->duration_us < 0 ? 0 : m->duration_us;
}

/* ---- errors ---- */

static void set_failed(capture_held *held, rh_log_text sqlstate)
{
    set_short(held->sqlstate, sizeof held->sqlstate,
              sqlstate.len == 5 ? sqlstate : (rh_log_text){"?", 1});
    held->wants_duration = false;
}

static rh_status on_error(rh_capture *c, capture_session *s, const capture_view *view,
                          rh_error *err)
{
    rh_status status;

    if (s->held.any && s->held.wants_duration &&
        (view->statement.len == 0 || same_text(view->statement, of_buf(&s->held.sql)))) {
        set_failed(&s->held, view->sqlstate);
        return RH_OK;
    }
    s->bound = false; /* if it was the bind, it is this failure */
    s->extra_us = 0;
    s->bare = 0;
    if (view->statement.len == 0)
        return RH_OK; /* not about a statement, or log_min_error_statement hides it */
    status = settle_before(c, s, view, view->statement, err);
    if (status == RH_OK)
        status = hold(&s->held, view, view->statement, err);
    if (status == RH_OK)
        status = hold_detail(&s->held, view, err);
    s->held.is_execute = s->held.values.len > 0;
    set_failed(&s->held, view->sqlstate);
    return status;
}

/* ---- connections ---- */

static void on_authorized(capture_session *s, rh_log_text text)
{
    capture_name_set(s->user, capture_word_after(text, "user="));
    capture_name_set(s->database, capture_word_after(text, "database="));
    capture_name_set(s->application, capture_word_after(text, "application_name="));
}

rh_status capture_flow(rh_capture *c, capture_session *s, const capture_view *view,
                       const capture_message *m, rh_error *err)
{
    if (view->severity != RH_LOG_SEVERITY_LOG) {
        c->others++;
        return on_error(c, s, view, err);
    }
    switch (m->kind) {
    case CAPTURE_STATEMENT:
        return on_statement(c, s, view, m, err);
    case CAPTURE_EXECUTE:
        return on_execute(c, s, view, m, err);
    case CAPTURE_PARSE:
    case CAPTURE_BIND:
        on_parse_or_bind(c, s, view, m);
        return RH_OK;
    case CAPTURE_FETCH:
        on_fetch(c, s, view, m);
        return RH_OK;
    case CAPTURE_DURATION:
        on_duration(c, s, view, m);
        return RH_OK;
    case CAPTURE_PLAN:
        return capture_plan_hold(c, s, view, m, err);
    case CAPTURE_FASTPATH:
        capture_skip_add(c, "function called by the fast-path protocol", c->source, view->line);
        return RH_OK;
    case CAPTURE_CONNECTION_RECEIVED:
        capture_name_set(s->client, capture_word_after(m->text, "host="));
        break;
    case CAPTURE_CONNECTION_AUTHORIZED:
        on_authorized(s, m->text);
        break;
    default:
        break;
    }
    c->others++;
    return RH_OK;
}
