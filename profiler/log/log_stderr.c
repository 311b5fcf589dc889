/*
 * Text logs: a prefix, a severity, a message; more lines of it begin with a tab.
 */
#include "log_input.h"

rh_status log_skip(log_input *in, const char *reason, uint64_t line, rh_error *err)
{
    return in->sink->skipped(in->sink->ctx, reason, line, err);
}

static rh_status give(log_input *in, rh_log_event *event, const log_outer *outer, rh_error *err)
{
    event->line = outer->line;
    event->piece = outer->piece;
    if (event->time_us == 0)
        event->time_us = outer->time_us;
    if (outer->process != 0)
        event->process = outer->process;
    in->open = true;
    return in->sink->event(in->sink->ctx, event, err);
}

static rh_status give_more(log_input *in, rh_log_part part, const char *text, size_t len,
                           const log_outer *outer, rh_error *err)
{
    rh_log_event event = {.part = part, .text = {text, len}};

    return give(in, &event, outer, err);
}

/* A line that does not begin with a tab. */
static rh_status whole_line(log_input *in, const char *line, size_t len, const log_outer *outer,
                            rh_error *err)
{
    rh_log_event event = {0};
    bool matched = log_prefix_match(&in->prefix, &in->clock, line, len, &event);
    rh_status status = RH_OK;

    if (!matched)
        status = log_follow_line(in, line, len, &event, &matched, err);
    if (status != RH_OK)
        return status;
    if (matched)
        return give(in, &event, outer, err);
    if (outer->piece > 1 && in->open)
        return give_more(in, RH_LOG_GLUE, line, len, outer, err);
    if (len == 0)
        return RH_OK; /* PostgreSQL writes a tab before the empty lines of a message */
    if (line[0] == ' ' && in->open) /* tabs that became spaces on the way */
        return give_more(in, RH_LOG_MORE, line, len, outer, err);
    if (log_has_severity(line, len)) { /* further lines are of this message */
        in->open = false;
        in->unread = true;
    }
    return log_skip(in, "not a log line of this prefix", outer->line, err);
}

rh_status log_stderr_line(log_input *in, const char *line, size_t len, const log_outer *outer,
                          rh_error *err)
{
    if (len == 0 || line[0] != '\t')
        return whole_line(in, line, len, outer, err);
    if (!in->open)
        return log_skip(in,
                        in->unread ? "continuation of a message that could not be read"
                                   : "continuation of a message that begins before this file",
                        outer->line, err);
    return give_more(in, RH_LOG_MORE, line + 1, len - 1, outer, err);
}
