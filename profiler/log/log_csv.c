/*
 * csvlog: 23 columns up to PostgreSQL 12, 24 in 13, 26 since 14. Quotes are doubled, values may
 * hold line ends, so a record may take several lines.
 */
#include "log_input.h"

enum {
    CSV_TIME = 0,
    CSV_USER = 1,
    CSV_DATABASE = 2,
    CSV_PID = 3,
    CSV_CLIENT = 4,
    CSV_SESSION = 5,
    CSV_VXID = 9,
    CSV_SEVERITY = 11,
    CSV_SQLSTATE = 12,
    CSV_MESSAGE = 13,
    CSV_DETAIL = 14,
    CSV_CONTEXT = 18,
    CSV_QUERY = 19,
    CSV_APPLICATION = 22,
    CSV_COLUMNS_12 = 23,
    CSV_COLUMNS_13 = 24,
    CSV_COLUMNS_14 = 26,
};

bool log_csv_head(log_clock *clock, const char *line, size_t len)
{
    int64_t us;
    size_t n = log_time_iso(clock, line, len, &us);

    return n > 0 && n + 1 < len && line[n] == ',' &&
           (line[n + 1] == '"' || line[n + 1] == ',' || log_is_letter(line[n + 1]));
}

static bool odd_quotes(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += text[i] == '"';
    return count % 2 == 1;
}

/* A quoted field in place, from behind its opening quote. Returns the place behind it. */
static size_t quoted(char *text, size_t len, size_t at, rh_log_text *out)
{
    size_t from = at;
    size_t to = at;

    for (;;) {
        char *quote = memchr(text + at, '"', len - at);
        size_t end = quote == NULL ? len : (size_t)(quote - text);

        if (to != at)
            memmove(text + to, text + at, end - at);
        to += end - at;
        at = end + 1;
        if (quote == NULL || at >= len || text[at] != '"')
            break;
        text[to++] = '"';
        at++;
    }
    *out = (rh_log_text){text + from, to - from};
    return at > len ? len : at;
}

/* Cut a record into fields, in place. Returns their number; more than CSV_COLUMNS_14: too many. */
static size_t cut(char *text, size_t len, rh_log_text fields[CSV_COLUMNS_14])
{
    size_t count = 0;
    size_t at = 0;

    for (;;) {
        rh_log_text field = {text + at, 0};

        if (at < len && text[at] == '"') {
            at = quoted(text, len, at + 1, &field);
        } else {
            const char *comma = at < len ? memchr(text + at, ',', len - at) : NULL;
            size_t end = comma == NULL ? len : (size_t)(comma - text);

            field.len = end - at;
            at = end;
        }
        if (count == CSV_COLUMNS_14)
            return count + 1;
        fields[count++] = field;
        if (at >= len)
            return count;
        if (text[at] != ',')
            return 0;
        at++;
    }
}

static rh_status give(log_input *in, const rh_log_text *fields, uint64_t line, rh_error *err)
{
    rh_log_event event = {.part = RH_LOG_MESSAGE, .complete = true, .line = line};
    char severity[16];
    size_t n = fields[CSV_SEVERITY].len;
    rh_log_part part;

    if (log_time_iso(&in->clock, fields[CSV_TIME].data, fields[CSV_TIME].len, &event.time_us) ==
            0 ||
        n + 2 > sizeof severity)
        return log_skip(in, "no csvlog record", line, err);
    memcpy(severity, fields[CSV_SEVERITY].data, n);
    severity[n++] = ':';
    severity[n] = ' ';
    if (log_severity_at(severity, n + 1, &part, &event.severity) == 0)
        return log_skip(in, "unknown severity (messages not in English?)", line, err);
    (void)log_digits(fields[CSV_PID].data, fields[CSV_PID].len, &event.process);
    event.session = fields[CSV_SESSION];
    event.user = fields[CSV_USER];
    event.database = fields[CSV_DATABASE];
    event.client = fields[CSV_CLIENT];
    event.vxid = fields[CSV_VXID];
    event.sqlstate = fields[CSV_SQLSTATE];
    event.application = fields[CSV_APPLICATION];
    event.text = fields[CSV_MESSAGE];
    event.detail = fields[CSV_DETAIL];
    event.context = fields[CSV_CONTEXT];
    event.statement = fields[CSV_QUERY];
    return in->sink->event(in->sink->ctx, &event, err);
}

static rh_status record(log_input *in, char *text, size_t len, uint64_t line, rh_error *err)
{
    rh_log_text fields[CSV_COLUMNS_14];
    size_t count = cut(text, len, fields);

    if (count != CSV_COLUMNS_12 && count != CSV_COLUMNS_13 && count != CSV_COLUMNS_14)
        return log_skip(in, "no csvlog record", line, err);
    return give(in, fields, line, err);
}

rh_status log_csv_line(log_input *in, char *line, size_t len, rh_error *err)
{
    bool odd = odd_quotes(line, len);
    rh_status status = RH_OK;

    if (in->pending.len > 0) {
        /* A record that was cut off would take all that follows into its open quote. */
        if (log_csv_head(&in->clock, line, len)) {
            rh_buf_clear(&in->pending);
            status = log_skip(in, "csvlog record without its end", in->pending_line, err);
        } else {
            status = rh_buf_append_byte(&in->pending, '\n', err);
            if (status == RH_OK)
                status = rh_buf_append(&in->pending, line, len, err);
            if (status == RH_ELIMIT) {
                rh_error_clear(err);
                rh_buf_clear(&in->pending);
                return log_skip(in, "record too long", in->pending_line, err);
            }
            if (status != RH_OK || !odd)
                return status;
            status = record(in, (char *)in->pending.data, in->pending.len, in->pending_line, err);
            rh_buf_clear(&in->pending);
            return status;
        }
    }
    if (status != RH_OK || len == 0)
        return status;
    if (!odd)
        return record(in, line, len, in->lines.number, err);
    if (!log_csv_head(&in->clock, line, len))
        return log_skip(in, "no csvlog record", in->lines.number, err);
    in->pending_line = in->lines.number;
    return rh_buf_append(&in->pending, line, len, err);
}

rh_status log_pending_end(log_input *in, rh_error *err)
{
    if (in->pending.len == 0)
        return RH_OK;
    rh_buf_clear(&in->pending);
    return log_skip(in, "the input ends in the middle of a record", in->pending_line, err);
}
