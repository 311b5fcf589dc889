/*
 * Which format is it? Each line of the sample votes; a text log and a script are what is left.
 */
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "log_input.h"
#include "log_json.h"

enum {
    VOTERS = 200,
    BINARY_LOOK_BYTES = 4096,
    SEVERITY_LOOK_BYTES = 300,
    INNER_MAX_BYTES = 256 << 10
};

static const char *const names[] = {"auto", "stderr", "csvlog", "jsonlog", "syslog",
                                    "cri",  "heroku", "trace",  "script"};

const char *rh_log_format_name(rh_log_format format)
{
    return names[format];
}

/* ---- votes ---- */

static rh_log_format json_kind(const char *line, size_t len)
{
    /* The members' names, not their order, tell; texts inside strings are escaped ("\"sql\""). */
    static const char *const trace_keys[] = {"{\"rehearse_trace\"", "\"sql\":", "\"sql\" :"};

    if (!log_json_whole(line, len))
        return RH_LOG_FORMAT_JSON;
    for (size_t i = 0; i < sizeof trace_keys / sizeof trace_keys[0]; i++) {
        size_t n = strlen(trace_keys[i]);

        for (size_t at = 0; at + n <= len && at < 4096; at++) {
            if (memcmp(line + at, trace_keys[i], n) == 0 && (at == 0 || line[at - 1] != '\\'))
                return RH_LOG_FORMAT_TRACE;
        }
    }
    return RH_LOG_FORMAT_JSON;
}

/* A brace and a name: not the body of somebody's shell function. */
static bool begins_object(const char *line, size_t len)
{
    size_t at = 1;

    while (at < len && (line[at] == ' ' || line[at] == '\t'))
        at++;
    return at < len && (line[at] == '"' || line[at] == '}');
}

bool log_has_severity(const char *line, size_t len)
{
    size_t max = len < SEVERITY_LOOK_BYTES ? len : SEVERITY_LOOK_BYTES;

    for (size_t at = 0; at + 2 < max; at++) {
        const char *colon = memchr(line + at, ':', max - 2 - at);

        if (colon == NULL)
            return false;
        at = (size_t)(colon - line);
        if (at >= 3 && colon[1] == ' ' && colon[2] == ' ' && colon[-1] >= 'A' && colon[-1] <= 'Z' &&
            colon[-2] >= 'A' && colon[-2] <= 'Z' && colon[-3] >= 'A' && colon[-3] <= 'Z')
            return true;
    }
    return false;
}

/* RH_LOG_FORMAT_AUTO: no vote. */
static rh_log_format vote_of(log_clock *clock, const char *line, size_t len)
{
    log_outer outer = {0};
    size_t at = 0;
    uint64_t sequence = 0;
    bool partial = false;

    if (len == 0 || line[0] == '\t' || line[0] == ' ')
        return RH_LOG_FORMAT_AUTO;
    if (line[0] == '{')
        return begins_object(line, len) ? json_kind(line, len) : RH_LOG_FORMAT_AUTO;
    if (log_csv_head(clock, line, len))
        return RH_LOG_FORMAT_CSV;
    if (log_cri_head(clock, line, len, &outer, &at, &partial))
        return RH_LOG_FORMAT_CRI;
    if (log_heroku_head(clock, line, len, &outer, &at, &sequence))
        return RH_LOG_FORMAT_HEROKU;
    if (log_syslog_head(clock, line, len, &outer, &at, &sequence))
        return RH_LOG_FORMAT_SYSLOG;
    return log_has_severity(line, len) ? RH_LOG_FORMAT_STDERR : RH_LOG_FORMAT_AUTO;
}

static size_t line_len(const char *sample, size_t len, size_t at)
{
    const char *end = memchr(sample + at, '\n', len - at);

    return end == NULL ? len - at : (size_t)(end - sample) - at;
}

static rh_log_format count_votes(log_input *in, const char *sample, size_t len)
{
    size_t votes[RH_LOG_FORMAT_SCRIPT + 1] = {0};
    rh_log_format best = RH_LOG_FORMAT_AUTO;
    size_t at = 0;

    for (int i = 0; i < VOTERS && at < len; i++) {
        size_t n = line_len(sample, len, at);

        votes[vote_of(&in->clock, sample + at, n)]++;
        at += n + 1;
    }
    for (int f = RH_LOG_FORMAT_STDERR; f <= RH_LOG_FORMAT_SCRIPT; f++) {
        if (votes[f] > 0 && (best == RH_LOG_FORMAT_AUTO || votes[f] > votes[best]))
            best = (rh_log_format)f;
    }
    /* A text log in which other lines stand; its prefix is to be found out. */
    return best == RH_LOG_FORMAT_STDERR ? RH_LOG_FORMAT_AUTO : best;
}

/* ---- lines inside wrappers ---- */

/* The text of a wrapped line of JSON, if it has one; writable copy. */
static bool json_inner(char *line, size_t len, char **out, size_t *out_len)
{
    static const char *const keys[] = {"textPayload", "log",     "msg",
                                       "message",     "MESSAGE", "@message"};
    log_json json;
    rh_log_text key;
    log_json_value value;
    bool found = false;

    if (!log_json_whole(line, len) || !log_json_open(&json, line, len))
        return false;
    while (log_json_next(&json, &key, &value)) {
        if (log_text_is(key, "error_severity") || log_text_is(key, "record"))
            return false; /* a record, not a wrapped line */
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            if (value.kind == LOG_JSON_STRING && log_text_is(key, keys[i])) {
                *out = value.data;
                *out_len = value.len;
                found = true;
            }
        }
    }
    return found;
}

static bool inner_of(log_input *in, char *line, size_t len, char **out, size_t *out_len)
{
    log_outer outer = {0};
    size_t at = 0;
    uint64_t sequence = 0;
    bool partial = false;
    bool found = false;

    if (in->format == RH_LOG_FORMAT_JSON)
        return json_inner(line, len, out, out_len);
    if (in->format == RH_LOG_FORMAT_SYSLOG)
        found = log_syslog_head(&in->clock, line, len, &outer, &at, &sequence);
    if (in->format == RH_LOG_FORMAT_HEROKU)
        found = log_heroku_head(&in->clock, line, len, &outer, &at, &sequence);
    if (in->format == RH_LOG_FORMAT_CRI)
        found = log_cri_head(&in->clock, line, len, &outer, &at, &partial);
    *out = line + at;
    *out_len = log_syslog_unescape(line + at, len - at);
    return found;
}

rh_status log_detect_inner(log_input *in, const char *sample, size_t len, rh_buf *out,
                           rh_error *err)
{
    size_t at = 0;
    rh_buf copy = RH_BUF_INIT; /* escapes are undone in place */
    rh_status status = rh_buf_append(&copy, sample, len, err);

    while (status == RH_OK && at < len && out->len < INNER_MAX_BYTES) {
        char *line = (char *)copy.data + at;
        size_t n = line_len((const char *)copy.data, len, at);
        char *inner = NULL;
        size_t inner_len = 0;

        at += n + 1;
        if (!inner_of(in, line, n, &inner, &inner_len))
            continue;
        status = rh_buf_append(out, inner, inner_len, err);
        if (status == RH_OK && (inner_len == 0 || inner[inner_len - 1] != '\n'))
            status = rh_buf_append_byte(out, '\n', err);
    }
    rh_buf_done(&copy);
    return status;
}

/* ---- prefixes ---- */

static bool any_match(log_input *in, const char *sample, size_t len)
{
    size_t at = 0;

    while (at < len) {
        rh_log_event event = {0};
        size_t n = line_len(sample, len, at);

        if (log_prefix_match(&in->prefix, &in->clock, sample + at, n, &event))
            return true;
        at += n + 1;
    }
    return false;
}

/* Choose the prefix of the lines in sample. RH_DONE: there are no log lines in it. */
static rh_status choose_prefix(log_input *in, const char *sample, size_t len, rh_error *err)
{
    log_prefix guess;
    bool guessed = log_prefix_guess(sample, len, &guess);
    rh_status status = RH_OK;

    if (in->options->prefix == NULL) {
        if (guessed)
            in->prefix = guess;
        return guessed ? RH_OK : RH_DONE;
    }
    status = log_prefix_compile(in->options->prefix, &in->prefix, err);
    if (status != RH_OK || !guessed || any_match(in, sample, len))
        return status;
    rh_error_set(err, RH_EFORMAT, "no line begins with the given log_line_prefix '%s'",
                 in->options->prefix);
    rh_error_hint(err, "its lines look like '%s'", guess.text);
    return RH_EFORMAT;
}

static rh_status wrapped_prefix(log_input *in, const char *sample, size_t len, rh_error *err)
{
    rh_buf inner = RH_BUF_INIT;
    rh_status status = log_detect_inner(in, sample, len, &inner, err);

    if (status == RH_OK)
        status = choose_prefix(in, rh_buf_cstr(&inner), inner.len, err);
    rh_buf_done(&inner);
    return status == RH_DONE ? RH_OK : status; /* maybe further on; else every line is counted */
}

static rh_status text_or_script(log_input *in, const char *sample, size_t len, rh_error *err)
{
    rh_status status = choose_prefix(in, sample, len, err);
    rh_sql_scan scan;
    rh_sql_piece piece;

    if (status != RH_DONE) {
        in->format = RH_LOG_FORMAT_STDERR;
        return status;
    }
    rh_sql_scan_init(&scan, in->dialect, sample, len);
    if (rh_sql_split_next(&scan, &piece)) {
        rh_sql_command command = rh_sql_command_of(in->dialect, sample + piece.offset, piece.len);

        if (command.kind != RH_SQL_COMMAND_UNKNOWN) {
            in->format = RH_LOG_FORMAT_SCRIPT;
            return RH_OK;
        }
    }
    rh_error_set(err, RH_EFORMAT, "this is no log, trace or script that is known");
    rh_error_hint(err, "--format and --prefix (the server's log_line_prefix) tell what it is");
    return RH_EFORMAT;
}

static bool is_script_name(const char *name)
{
    return rh_str_ends_with(name, ".sql") || rh_str_ends_with(name, ".sql.gz") ||
           rh_str_ends_with(name, ".sql.bz2") || rh_str_ends_with(name, ".sql.zst");
}

static rh_status refuse_binary(const char *sample, size_t len, rh_error *err)
{
    size_t look = len < BINARY_LOOK_BYTES ? len : BINARY_LOOK_BYTES;
    size_t zeros = 0;

    for (size_t i = 0; i < look; i++)
        zeros += sample[i] == '\0';
    if (log_starts_with(sample, len, "SQLite format 3") || log_starts_with(sample, len, "PGDMP"))
        return rh_error_set(err, RH_EFORMAT, "this is a %s, not a log",
                            sample[0] == 'S' ? "database" : "dump");
    if (zeros > look / 20 ||
        (look > 2 && (unsigned char)sample[0] == 0xff && (unsigned char)sample[1] == 0xfe)) {
        rh_error_set(err, RH_EFORMAT, "it holds no text");
        rh_error_hint(err, "logs in UTF-16 have to be converted to UTF-8 first");
        return RH_EFORMAT;
    }
    return RH_OK;
}

rh_status log_detect(log_input *in, const char *sample, size_t len, rh_error *err)
{
    rh_status status = refuse_binary(sample, len, err);
    const char *first = memchr(sample, '\n', len);

    if (status != RH_OK)
        return status;
    in->lines.crlf = first != NULL && first > sample && first[-1] == '\r';
    in->format = in->options->format;
    if (in->format == RH_LOG_FORMAT_AUTO && is_script_name(in->name))
        in->format = RH_LOG_FORMAT_SCRIPT;
    if (in->format == RH_LOG_FORMAT_AUTO)
        in->format = count_votes(in, sample, len);
    switch (in->format) {
    case RH_LOG_FORMAT_AUTO:
        return text_or_script(in, sample, len, err);
    case RH_LOG_FORMAT_STDERR:
        status = choose_prefix(in, sample, len, err);
        if (status != RH_DONE)
            return status;
        return rh_error_set(err, RH_EFORMAT, "it has no log lines");
    case RH_LOG_FORMAT_JSON:
    case RH_LOG_FORMAT_SYSLOG:
    case RH_LOG_FORMAT_CRI:
    case RH_LOG_FORMAT_HEROKU:
        return wrapped_prefix(in, sample, len, err);
    default:
        return RH_OK;
    }
}
