/*
 * Log lines inside other lines: syslog, Heroku's logplex, Kubernetes' CRI files.
 */
#include "log_input.h"

/* "[7-2] ": sequence and piece. Returns its bytes with the blank behind it, or 0. */
static size_t pieces(const char *text, size_t len, uint64_t *out_sequence, uint64_t *out_piece)
{
    size_t n;
    size_t more;

    if (len < 5 || text[0] != '[')
        return 0;
    n = log_digits(text + 1, len - 1, out_sequence);
    if (n == 0 || n + 1 >= len || text[n + 1] != '-')
        return 0;
    more = log_digits(text + n + 2, len - n - 2, out_piece);
    n += 2 + more;
    if (more == 0 || n >= len || text[n] != ']')
        return 0;
    n++;
    return n < len && text[n] == ' ' ? n + 1 : n;
}

static size_t word_end(const char *text, size_t len, size_t at)
{
    while (at < len && text[at] != ' ')
        at++;
    return at;
}

/* "<13>", "<13>1 " */
static size_t priority(const char *line, size_t len)
{
    uint64_t value;
    size_t n;

    if (len < 3 || line[0] != '<')
        return 0;
    n = 1 + log_digits(line + 1, len - 1, &value);
    if (n >= len || line[n] != '>')
        return 0;
    n++;
    if (n + 1 < len && line[n] == '1' && line[n + 1] == ' ')
        n += 2;
    return n;
}

/* Behind time and host: "postgres[123]: " (BSD), or "postgres 123 - - " (RFC 5424). */
static size_t syslog_program(const char *line, size_t len, size_t at, log_outer *out)
{
    size_t from = at;

    while (at < len && line[at] != '[' && line[at] != ' ' && line[at] != ':')
        at++;
    if (at == from || at + 2 >= len)
        return 0;
    if (line[at] == '[') {
        size_t n = log_digits(line + at + 1, len - at - 1, &out->process);

        at += n + 1;
        if (n == 0 || at + 1 >= len || line[at] != ']' || line[at + 1] != ':')
            return 0;
        at += 2;
        return at < len && line[at] == ' ' ? at + 1 : at;
    }
    if (line[at] != ' ')
        return 0;
    at += 1 + log_digits(line + at + 1, len - at - 1, &out->process);
    for (int dashes = 0; dashes < 2; dashes++) { /* message id, structured data */
        if (at + 1 >= len || line[at] != ' ' || line[at + 1] != '-')
            return 0;
        at += 2;
    }
    return at < len && line[at] == ' ' ? at + 1 : at;
}

bool log_syslog_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                     uint64_t *out_sequence)
{
    size_t at = priority(line, len);
    size_t n = log_time_syslog(clock, line + at, len - at, &out->time_us);

    if (n == 0)
        n = log_time_iso(clock, line + at, len - at, &out->time_us);
    at += n;
    if (n == 0 || at >= len || line[at] != ' ')
        return false;
    at = word_end(line, len, at + 1); /* host */
    if (at >= len)
        return false;
    at = syslog_program(line, len, at + 1, out);
    if (at == 0)
        return false;
    *out_at = at + pieces(line + at, len - at, out_sequence, &out->piece);
    return true;
}

size_t log_syslog_unescape(char *text, size_t len)
{
    char *hash = memchr(text, '#', len);
    size_t at = hash == NULL ? len : (size_t)(hash - text);
    size_t out = at;

    while (at < len) {
        if (text[at] == '#' && at + 3 < len && text[at + 1] == '0' && text[at + 2] >= '0' &&
            text[at + 2] <= '3' && text[at + 3] >= '0' && text[at + 3] <= '7') {
            text[out++] = (char)((text[at + 2] - '0') * 8 + (text[at + 3] - '0'));
            at += 4;
        } else {
            text[out++] = text[at++];
        }
    }
    return out;
}

rh_status log_syslog_line(log_input *in, char *line, size_t len, rh_error *err)
{
    log_outer outer = {.line = in->lines.number};
    uint64_t sequence = 0;
    size_t at = 0;

    if (len == 0)
        return RH_OK;
    if (!log_syslog_head(&in->clock, line, len, &outer, &at, &sequence))
        return log_skip(in, "no line of syslog", outer.line, err);
    len = log_syslog_unescape(line + at, len - at);
    return log_stderr_line(in, line + at, len, &outer, err);
}

/* ---- Heroku: "TIME app[postgres.24]: [DATABASE] [7-1]  ...", "<190>1 TIME HOST app postgres.24 -
 * " The process is not the server's, so that the sequence number tells what belongs together. ----
 */

bool log_heroku_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                     uint64_t *out_sequence)
{
    static const char *const marks[] = {"app[postgres", "app postgres"};
    size_t at = priority(line, len);
    size_t n = log_time_iso(clock, line + at, len - at, &out->time_us);
    size_t found = 0;

    if (n == 0)
        return false;
    for (at += n; at < len && found == 0 && at < 200; at++) {
        for (size_t i = 0; i < 2; i++) {
            if (line[at] == 'a' && log_starts_with(line + at, len - at, marks[i]))
                found = at + strlen(marks[i]);
        }
    }
    if (found == 0)
        return false;
    for (at = found; at < len && at < found + 200; at++) {
        n = line[at] == '[' ? pieces(line + at, len - at, out_sequence, &out->piece) : 0;
        if (n > 0) {
            at += n;
            while (at < len && line[at] == ' ')
                at++;
            *out_at = at;
            return true;
        }
    }
    return false;
}

rh_status log_heroku_line(log_input *in, char *line, size_t len, rh_error *err)
{
    log_outer outer = {.line = in->lines.number};
    uint64_t sequence = 0;
    size_t at = 0;

    if (len == 0)
        return RH_OK;
    if (!log_heroku_head(&in->clock, line, len, &outer, &at, &sequence))
        return log_skip(in, "no line of logplex", outer.line, err);
    if (outer.piece > 1 && sequence != in->last_sequence)
        return log_skip(in, "piece of a message that does not go on here", outer.line, err);
    in->last_sequence = sequence;
    len = log_syslog_unescape(line + at, len - at);
    return log_stderr_line(in, line + at, len, &outer, err);
}

/* ---- CRI: "2021-03-04T05:06:07.123456789Z stderr F line", P for a line that goes on ---- */

bool log_cri_head(log_clock *clock, const char *line, size_t len, log_outer *out, size_t *out_at,
                  bool *out_partial)
{
    size_t at = log_time_iso(clock, line, len, &out->time_us);

    if (at == 0 || !(log_starts_with(line + at, len - at, " stdout ") ||
                     log_starts_with(line + at, len - at, " stderr ")))
        return false;
    at += 8;
    if (at >= len || (line[at] != 'F' && line[at] != 'P'))
        return false;
    *out_partial = line[at] == 'P';
    at++;
    *out_at = at < len && line[at] == ' ' ? at + 1 : at;
    return true;
}

static rh_status inner_line(log_input *in, char *line, size_t len, const log_outer *outer,
                            rh_error *err)
{
    if (len > 0 && line[0] == '{')
        return log_json_line(in, line, len, err);
    return log_stderr_line(in, line, len, outer, err);
}

rh_status log_cri_line(log_input *in, char *line, size_t len, rh_error *err)
{
    log_outer outer = {.line = in->lines.number};
    bool partial = false;
    size_t at = 0;
    rh_status status = RH_OK;
    rh_buf whole = RH_BUF_INIT;

    if (len == 0)
        return RH_OK;
    if (!log_cri_head(&in->clock, line, len, &outer, &at, &partial))
        return log_skip(in, "no line of a container's log", outer.line, err);
    if (!partial && in->pending.len == 0)
        return inner_line(in, line + at, len - at, &outer, err);
    if (in->pending.len == 0)
        in->pending_line = outer.line;
    status = rh_buf_append(&in->pending, line + at, len - at, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        rh_buf_clear(&in->pending);
        return log_skip(in, "record too long", in->pending_line, err);
    }
    if (status != RH_OK || partial)
        return status;
    /* The line inside may need `pending` itself. */
    whole = in->pending;
    rh_buf_init(&in->pending, whole.max);
    outer.line = in->pending_line;
    status = inner_line(in, (char *)whole.data, whole.len, &outer, err);
    rh_buf_done(&whole);
    return status;
}
