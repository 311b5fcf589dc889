/*
 * A log_line_prefix that changes in mid-log: the setting is reloaded, not restarted, so that one
 * file holds both, mixed for as long as sessions are idle. A line that the prefix in use does not
 * fit is tried with those that were in use before; else one is found out from it and the lines
 * ahead.
 *
 * Foreign lines stand in logs, too. Only lines that have PostgreSQL's "LOG:  " with both spaces are
 * looked at, and a prefix that tells neither time nor process (where the one in use does) is
 * refused: the message could not be told from that of another program, nor given to a session.
 */
#include <string.h>

#include "log_input.h"

enum {
    AHEAD_BYTES = 64 << 10,
    ATTEMPTS = 1 + LOG_PREFIXES_BEFORE,
    MANY_CHANGES = 64,  /* nobody reloads that often: from then on the attempts get fewer, too */
    RETRY_LINES = 1024, /* misfits at most from one failed attempt to the next */
};

/* ---- which lines are looked at ---- */

static bool has_escape(const log_prefix *prefix, const char *escapes)
{
    for (size_t i = 0; i < prefix->count; i++) {
        char escape = prefix->elements[i].escape;

        if (escape != 0 && strchr(escapes, escape) != NULL)
            return true;
    }
    return false;
}

/* What the prefix in use tells of time and process the new one has to tell as well. */
static bool tells_enough(const log_prefix *old, const log_prefix *new)
{
    if (has_escape(old, "tmn"))
        return has_escape(new, "tmn");
    return has_escape(new, "tmnpcud");
}

/* A line of a server that writes another prefix, by its looks. */
static bool may_begin(const log_input *in, const char *line, size_t len)
{
    log_prefix looks;

    return log_has_severity(line, len) && log_prefix_look(line, len, &looks) &&
           tells_enough(&in->prefix, &looks);
}

/* ---- the sample: what lies ahead and fits no prefix known so far ---- */

static bool fits_any(log_input *in, const char *line, size_t len)
{
    for (size_t i = 0; i < 1 + in->follow.count; i++) {
        const log_prefix *prefix = i == 0 ? &in->prefix : &in->follow.others[i - 1];
        rh_log_event event = {0};

        if (log_prefix_match(prefix, &in->clock, line, len, &event))
            return true;
    }
    return false;
}

static rh_status add_misfits(log_input *in, const char *text, size_t len, rh_buf *out,
                             rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t at = 0; status == RH_OK && at < len && out->len < AHEAD_BYTES;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end == NULL ? len - at : (size_t)(end - text) - at;

        if (end != NULL && n > 0 && text[at] != '\t' && may_begin(in, text + at, n) &&
            !fits_any(in, text + at, n))
            status = rh_buf_append(out, text + at, n + 1, err);
        at += n + 1;
    }
    return status;
}

/* The line and those ahead of it that are in the buffer already: a live pipe is not waited for. */
static rh_status take_ahead(log_input *in, const char *line, size_t len, rh_buf *out, rh_error *err)
{
    const char *ahead = in->lines.buffer + in->lines.at;
    size_t left = in->lines.end - in->lines.at;
    rh_buf inner = RH_BUF_INIT;
    rh_status status = rh_buf_append(out, line, len, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\n', err);
    left = left < AHEAD_BYTES ? left : AHEAD_BYTES;
    if (status == RH_OK && in->format == RH_LOG_FORMAT_STDERR)
        status = add_misfits(in, ahead, left, out, err);
    else if (status == RH_OK)
        status = log_detect_inner(in, ahead, left, &inner, err);
    if (status == RH_OK && inner.len > 0)
        status = add_misfits(in, rh_buf_cstr(&inner), inner.len, out, err);
    rh_buf_done(&inner);
    return status;
}

/* ---- another prefix ---- */

static void use(log_input *in, const log_prefix *prefix)
{
    log_follow *follow = &in->follow;
    size_t keep = follow->count < LOG_PREFIXES_BEFORE ? follow->count : LOG_PREFIXES_BEFORE - 1;

    memmove(follow->others + 1, follow->others, keep * sizeof follow->others[0]);
    follow->others[0] = in->prefix;
    follow->count = keep + 1;
    in->prefix = *prefix;
    follow->changes++;
}

/* Sets *out_found, and in->prefix when it is true. */
static rh_status find_out(log_input *in, const char *line, size_t len, bool *out_found,
                          rh_error *err)
{
    rh_buf sample = RH_BUF_INIT;
    log_prefix guess;
    rh_status status = take_ahead(in, line, len, &sample, err);

    *out_found = false;
    if (status == RH_OK && log_prefix_guess(rh_buf_cstr(&sample), sample.len, &guess) &&
        tells_enough(&in->prefix, &guess)) {
        use(in, &guess);
        *out_found = true;
    }
    rh_buf_done(&sample);
    return status;
}

/* One that was in use before; it comes to the front. */
static bool matches_other(log_input *in, const char *line, size_t len, rh_log_event *out)
{
    log_follow *follow = &in->follow;

    for (size_t i = 0; i < follow->count; i++) {
        log_prefix swap = in->prefix;

        *out = (rh_log_event){0};
        if (!log_prefix_match(&follow->others[i], &in->clock, line, len, out))
            continue;
        in->prefix = follow->others[i];
        follow->others[i] = swap;
        return true;
    }
    return false;
}

static void be_patient(log_follow *follow, bool found)
{
    if (found && follow->changes < MANY_CHANGES)
        follow->patience = 0;
    else if (follow->patience < RETRY_LINES)
        follow->patience = follow->patience * 2 + 1;
    follow->wait = follow->patience;
}

rh_status log_follow_line(log_input *in, const char *line, size_t len, rh_log_event *out,
                          bool *out_matched, rh_error *err)
{
    log_follow *follow = &in->follow;
    bool found = true;
    rh_status status = RH_OK;

    *out_matched = false;
    if (!may_begin(in, line, len))
        return RH_OK;
    *out_matched = matches_other(in, line, len, out);
    if (*out_matched)
        return RH_OK;
    if (follow->wait > 0) {
        follow->wait--;
        return RH_OK;
    }
    /* Several may be ahead, and the one of most lines is found first. */
    for (int i = 0; i < ATTEMPTS && status == RH_OK && found && !*out_matched; i++) {
        status = find_out(in, line, len, &found, err);
        *out = (rh_log_event){0};
        *out_matched = found && log_prefix_match(&in->prefix, &in->clock, line, len, out);
    }
    be_patient(follow, *out_matched);
    return status;
}
