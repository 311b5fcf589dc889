/*
 * Lines of a log become messages: parts and further lines belong to the message before of the same
 * process, however other processes' lines stand between them.
 */
#include <string.h>

#include "capture_internal.h"
#include "core/mem.h"

enum { KEEP_BYTES = 1 << 20 };

static rh_log_text text_of(const rh_buf *buf)
{
    return (rh_log_text){rh_buf_cstr(buf), buf->len};
}

static rh_log_text text_of_str(const char *text)
{
    return (rh_log_text){text, strlen(text)};
}

static void set_short(char *out, size_t size, rh_log_text text)
{
    size_t n = text.len < size ? text.len : size - 1;

    if (n > 0)
        memcpy(out, text.data, n);
    out[n] = '\0';
}

void capture_pending_free(capture_pending *pending)
{
    rh_buf_wipe_done(&pending->text);
    rh_buf_wipe_done(&pending->detail);
    rh_buf_wipe_done(&pending->context);
    rh_buf_wipe_done(&pending->statement);
}

/* Ready for the next message; one giant does not keep its memory. */
static void pending_clear(capture_pending *pending)
{
    rh_buf *bufs[] = {&pending->text, &pending->detail, &pending->context, &pending->statement};

    for (size_t i = 0; i < 4; i++) {
        if (bufs[i]->cap > KEEP_BYTES)
            rh_buf_done(bufs[i]);
        rh_buf_clear(bufs[i]);
    }
    pending->any = false;
    pending->last = NULL;
}

/* ---- whole messages ---- */

static rh_status work(rh_capture *c, capture_session *s, const capture_view *view, rh_error *err)
{
    capture_message message = {.kind = CAPTURE_OTHER, .duration_us = -1};

    c->messages++;
    if (view->severity == RH_LOG_SEVERITY_LOG)
        capture_message_read(view->text, &message);
    return capture_flow(c, s, view, &message, err);
}

rh_status capture_pending_done(rh_capture *c, capture_session *s, rh_error *err)
{
    capture_pending *p = &s->pending;
    capture_view view;
    rh_status status;

    if (!p->any)
        return RH_OK;
    view = (capture_view){.severity = p->severity,
                          .damaged = p->damaged,
                          .line = p->line,
                          .source = p->source,
                          .time_us = p->time_us,
                          .sqlstate = text_of_str(p->sqlstate),
                          .vxid = text_of_str(p->vxid),
                          .text = text_of(&p->text),
                          .detail = text_of(&p->detail),
                          .context = text_of(&p->context),
                          .statement = text_of(&p->statement)};
    status = work(c, s, &view, err);
    pending_clear(p);
    return status;
}

/* ---- which session ---- */

static uint64_t hash_text(uint64_t hash, rh_log_text text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return hash * 31 + 7;
}

/* A prefix without %p and %c: what else tells clients apart. */
static uint64_t process_of(const rh_log_event *event)
{
    uint64_t hash = 0xcbf29ce484222325u;

    if (event->process != 0)
        return event->process;
    hash = hash_text(hash, event->user);
    hash = hash_text(hash, event->database);
    hash = hash_text(hash, event->client);
    return hash | (uint64_t)1 << 63;
}

static bool other_key(const capture_session *s, rh_log_text key)
{
    size_t n = strlen(s->key);

    return n > 0 && key.len > 0 && (key.len != n || memcmp(key.data, s->key, n) != 0);
}

static bool says(const rh_log_event *event, const char *beginning)
{
    size_t n = strlen(beginning);

    return event->text.len >= n && memcmp(event->text.data, beginning, n) == 0;
}

/* "connection received" in a process that was another session before. */
static bool begins_anew(const capture_session *s, const rh_log_event *event)
{
    return s->start_us != 0 && says(event, "connection received: ");
}

static bool sampled(const rh_capture *c, const capture_session *s)
{
    uint64_t hash = s->process * 0x9e3779b97f4a7c15u + (uint64_t)s->start_us;

    if (c->options.sample <= 0 || c->options.sample >= 1)
        return true;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 32;
    return (double)(hash >> 11) / 9007199254740992.0 < c->options.sample;
}

static rh_status session_of(rh_capture *c, const rh_log_event *event, capture_session **out,
                            rh_error *err)
{
    uint64_t process = process_of(event);
    capture_session *s = NULL;
    rh_status status = capture_session_get(c, process, true, &s, err);

    if (status == RH_OK && (other_key(s, event->session) || begins_anew(s, event))) {
        status = capture_session_close(c, s, err);
        if (status == RH_OK)
            status = capture_session_get(c, process, true, &s, err);
    }
    if (status != RH_OK)
        return status;
    if (s->start_us == 0) {
        s->start_us = event->time_us;
        set_short(s->key, sizeof s->key, event->session);
        s->sampled = sampled(c, s);
    }
    *out = s;
    return RH_OK;
}

/* ---- events ---- */

static void take_names(capture_session *s, const rh_log_event *event)
{
    capture_name_set(s->user, event->user);
    capture_name_set(s->database, event->database);
    capture_name_set(s->application, event->application);
    capture_name_set(s->client, event->client);
    if (event->time_us > s->last_us)
        s->last_us = event->time_us;
}

static rh_status whole_message(rh_capture *c, capture_session *s, const rh_log_event *event,
                               rh_error *err)
{
    capture_view view = {.severity = event->severity,
                         .line = event->line,
                         .source = c->source,
                         .time_us = event->time_us,
                         .sqlstate = event->sqlstate,
                         .vxid = event->vxid,
                         .text = event->text,
                         .detail = event->detail,
                         .context = event->context,
                         .statement = event->statement};

    return work(c, s, &view, err);
}

static rh_status begin_message(rh_capture *c, capture_session *s, const rh_log_event *event,
                               rh_error *err)
{
    capture_pending *p = &s->pending;

    p->any = true;
    p->damaged = event->piece > 1;
    p->severity = event->severity;
    p->line = event->line;
    p->source = c->source;
    p->piece = event->piece;
    p->time_us = event->time_us;
    set_short(p->sqlstate, sizeof p->sqlstate, event->sqlstate);
    set_short(p->vxid, sizeof p->vxid, event->vxid);
    p->last = &p->text;
    return rh_buf_append(&p->text, event->text.data, event->text.len, err);
}

static rh_buf *part_of(capture_pending *p, rh_log_part part)
{
    switch (part) {
    case RH_LOG_DETAIL:
        return &p->detail;
    case RH_LOG_CONTEXT:
        return &p->context;
    case RH_LOG_STATEMENT:
        return &p->statement;
    default:
        return NULL;
    }
}

static rh_status add_part(rh_capture *c, capture_session *s, const rh_log_event *event,
                          rh_error *err)
{
    capture_pending *p = &s->pending;
    rh_status status = RH_OK;

    if (!p->any) {
        if (event->part != RH_LOG_MORE && event->part != RH_LOG_GLUE)
            return RH_OK; /* the end of a message before this log; it has no statement */
        capture_skip_add(c, "continuation of a message that is not there", c->source, event->line);
        return RH_OK;
    }
    if (event->piece != 0) {
        p->damaged |= event->piece != p->piece + 1;
        p->piece = event->piece;
    }
    if (event->part == RH_LOG_MORE) {
        if (p->last != NULL)
            status = rh_buf_append_byte(p->last, '\n', err);
    } else if (event->part != RH_LOG_GLUE) {
        p->last = part_of(p, event->part);
    }
    if (status == RH_OK && p->last != NULL)
        status = rh_buf_append(p->last, event->text.data, event->text.len, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        capture_skip_add(c, "message too long", c->source, p->line);
        pending_clear(p);
        return RH_OK;
    }
    return status;
}

rh_status capture_event(void *ctx, const rh_log_event *event, rh_error *err)
{
    rh_capture *c = ctx;
    capture_session *s = c->last;
    rh_status status = RH_OK;

    if (event->part != RH_LOG_MESSAGE) {
        if (event->process != 0 || s == NULL)
            status = capture_session_get(c, process_of(event), false, &s, err);
        if (status != RH_OK || s != NULL)
            return status == RH_OK ? add_part(c, s, event, err) : status;
        capture_skip_add(c, "continuation of a message that is not there", c->source, event->line);
        return RH_OK;
    }
    status = session_of(c, event, &s, err);
    if (status == RH_OK)
        status = capture_pending_done(c, s, err);
    if (status != RH_OK)
        return status;
    take_names(s, event);
    c->last = s;
    status = event->complete ? whole_message(c, s, event, err) : begin_message(c, s, event, err);
    if (status == RH_OK && says(event, "disconnection: ")) /* nothing follows */
        status = capture_session_close(c, s, err);
    return status;
}
