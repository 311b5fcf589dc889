/*
 * Open sessions by process. A log names a session's end only with log_disconnections on, so the
 * number of open ones is bounded: the one that was idle longest is closed.
 */
#include <string.h>

#include "capture_internal.h"
#include "core/mem.h"

enum { FIRST_BUCKETS = 1024, MAX_SESSIONS = 20000 };

void capture_name_set(char name[CAPTURE_NAME_BYTES], rh_log_text text)
{
    size_t n = text.len < CAPTURE_NAME_BYTES ? text.len : CAPTURE_NAME_BYTES - 1;

    if (n == 0 || (n == 9 && memcmp(text.data, "[unknown]", 9) == 0))
        return;
    memcpy(name, text.data, n);
    name[n] = '\0';
}

/* ---- order of use ---- */

static void unlink_used(rh_capture *c, capture_session *s)
{
    *(s->older == NULL ? &c->oldest : &s->older->newer) = s->newer;
    *(s->newer == NULL ? &c->newest : &s->newer->older) = s->older;
    s->older = s->newer = NULL;
}

static void link_used(rh_capture *c, capture_session *s)
{
    s->older = c->newest;
    *(c->newest == NULL ? &c->oldest : &c->newest->newer) = s;
    c->newest = s;
}

/* ---- the table ---- */

static size_t bucket_of(uint64_t process, size_t count)
{
    return (size_t)((process * 0x9e3779b97f4a7c15u) >> 32) & (count - 1);
}

static rh_status grow(rh_capture *c, rh_error *err)
{
    size_t count = c->bucket_count == 0 ? FIRST_BUCKETS : c->bucket_count * 2;
    capture_session **buckets;

    if (c->session_count < c->bucket_count)
        return RH_OK;
    buckets = rh_mem_array(count, sizeof *buckets);
    if (buckets == NULL)
        return rh_error_oom(err);
    for (capture_session *s = c->oldest; s != NULL; s = s->newer) {
        capture_session **bucket = &buckets[bucket_of(s->process, count)];

        s->next = *bucket;
        *bucket = s;
    }
    rh_mem_free(c->buckets);
    c->buckets = buckets;
    c->bucket_count = count;
    return RH_OK;
}

static void free_session(capture_session *s)
{
    capture_pending_free(&s->pending);
    rh_buf_wipe_done(&s->held.sql);
    rh_buf_wipe_done(&s->held.values);
    rh_buf_wipe_done(&s->held.prepare);
    rh_buf_wipe_done(&s->plans);
    rh_mem_free(s);
}

static void remove_session(rh_capture *c, capture_session *s)
{
    capture_session **at = &c->buckets[bucket_of(s->process, c->bucket_count)];

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    unlink_used(c, s);
    c->session_count--;
    if (c->last == s)
        c->last = NULL;
    free_session(s);
}

static capture_session *new_session(uint64_t process)
{
    capture_session *s = rh_mem_zalloc(sizeof *s);
    rh_buf *bufs[8];

    if (s == NULL)
        return NULL;
    s->process = process;
    s->sampled = true;
    bufs[0] = &s->pending.text;
    bufs[1] = &s->pending.detail;
    bufs[2] = &s->pending.context;
    bufs[3] = &s->pending.statement;
    bufs[4] = &s->held.sql;
    bufs[5] = &s->held.values;
    bufs[6] = &s->held.prepare;
    bufs[7] = &s->plans;
    for (size_t i = 0; i < 8; i++)
        rh_buf_init_wiping(bufs[i], CAPTURE_MAX_TEXT_BYTES);
    return s;
}

static capture_session *find(const rh_capture *c, uint64_t process)
{
    capture_session *s =
        c->bucket_count == 0 ? NULL : c->buckets[bucket_of(process, c->bucket_count)];

    while (s != NULL && s->process != process)
        s = s->next;
    return s;
}

static rh_status add(rh_capture *c, uint64_t process, capture_session **out, rh_error *err)
{
    size_t max = c->options.max_sessions == 0 ? MAX_SESSIONS : c->options.max_sessions;
    capture_session **bucket;
    capture_session *s;
    rh_status status = RH_OK;

    if (c->session_count >= max)
        status = capture_session_close(c, c->oldest, err);
    if (status == RH_OK)
        status = grow(c, err);
    if (status != RH_OK)
        return status;
    s = new_session(process);
    if (s == NULL)
        return rh_error_oom(err);
    bucket = &c->buckets[bucket_of(process, c->bucket_count)];
    s->next = *bucket;
    *bucket = s;
    link_used(c, s);
    c->session_count++;
    *out = s;
    return RH_OK;
}

rh_status capture_session_get(rh_capture *c, uint64_t process, bool create, capture_session **out,
                              rh_error *err)
{
    capture_session *s =
        c->last != NULL && c->last->process == process ? c->last : find(c, process);
    rh_status status = RH_OK;

    if (s == NULL && create)
        status = add(c, process, &s, err);
    if (status != RH_OK)
        return status;
    if (s != NULL && s != c->newest) {
        unlink_used(c, s);
        link_used(c, s);
    }
    *out = s;
    return RH_OK;
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

rh_status capture_session_close(rh_capture *c, capture_session *s, rh_error *err)
{
    rh_status status = capture_pending_done(c, s, err);

    if (status == RH_OK)
        status = capture_flow_end(c, s, err);
    if (status == RH_OK && s->number != 0) {
        rh_workload_session row = {.id = s->number,
                                   .user = or_null(s->user),
                                   .database = or_null(s->database),
                                   .application = or_null(s->application),
                                   .client = or_null(s->client),
                                   .start_us = s->start_us,
                                   .end_us = s->last_us};

        status = rh_workload_writer_session(c->writer, &row, err);
    }
    if (status == RH_OK)
        remove_session(c, s);
    return status;
}

rh_status capture_session_close_all(rh_capture *c, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && c->oldest != NULL)
        status = capture_session_close(c, c->oldest, err);
    return status;
}

void capture_session_free_all(rh_capture *c)
{
    while (c->oldest != NULL)
        remove_session(c, c->oldest);
    rh_mem_free(c->buckets);
    c->buckets = NULL;
}
