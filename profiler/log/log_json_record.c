/*
 * One JSON object per line: jsonlog, CloudNativePG's records, and log lines wrapped by whatever
 * collects them (Cloud SQL, Docker, journald, CloudWatch, Elastic).
 *
 * Shippers cut lines at 16 KiB (pgbadger#844): an object that is not closed goes on in the next
 * line that does not begin one of its own.
 */
#include "log_input.h"
#include "log_json.h"

enum { MAX_DEPTH = 3 };

typedef struct record {
    rh_log_event event;
    rh_log_text severity;
    char *inner; /* the wrapped text */
    size_t inner_len;
    bool is_record; /* has a severity of its own */
    bool docker;    /* the text's line end tells whether it is complete */
    bool is_trace;
    int64_t outer_us;
    uint64_t pod;
} record;

/* ---- members ---- */

typedef enum member {
    MEMBER_TIME,
    MEMBER_OUTER_TIME,
    MEMBER_USER,
    MEMBER_DATABASE,
    MEMBER_PID,
    MEMBER_CLIENT,
    MEMBER_SESSION,
    MEMBER_VXID,
    MEMBER_SEVERITY,
    MEMBER_SQLSTATE,
    MEMBER_MESSAGE,
    MEMBER_DETAIL,
    MEMBER_CONTEXT,
    MEMBER_STATEMENT,
    MEMBER_APPLICATION,
    MEMBER_INNER,
    MEMBER_DOCKER,
    MEMBER_RECORD,
    MEMBER_POD,
    MEMBER_TRACE,
} member;

/* jsonlog's names, then CloudNativePG's (those of csvlog), then the wrappers'. */
static const struct {
    const char *key;
    member member;
} members[] = {
    {"timestamp", MEMBER_TIME},
    {"user", MEMBER_USER},
    {"dbname", MEMBER_DATABASE},
    {"pid", MEMBER_PID},
    {"remote_host", MEMBER_CLIENT},
    {"session_id", MEMBER_SESSION},
    {"vxid", MEMBER_VXID},
    {"error_severity", MEMBER_SEVERITY},
    {"state_code", MEMBER_SQLSTATE},
    {"message", MEMBER_MESSAGE},
    {"detail", MEMBER_DETAIL},
    {"context", MEMBER_CONTEXT},
    {"statement", MEMBER_STATEMENT},
    {"application_name", MEMBER_APPLICATION},
    {"record", MEMBER_RECORD},
    {"log_time", MEMBER_TIME},
    {"user_name", MEMBER_USER},
    {"database_name", MEMBER_DATABASE},
    {"process_id", MEMBER_PID},
    {"connection_from", MEMBER_CLIENT},
    {"virtual_transaction_id", MEMBER_VXID},
    {"sql_state_code", MEMBER_SQLSTATE},
    {"query", MEMBER_STATEMENT},
    {"logging_pod", MEMBER_POD},
    {"textPayload", MEMBER_INNER},
    {"log", MEMBER_DOCKER},
    {"msg", MEMBER_INNER},
    {"MESSAGE", MEMBER_INNER},
    {"@message", MEMBER_INNER},
    {"time", MEMBER_OUTER_TIME},
    {"ts", MEMBER_OUTER_TIME},
    {"@timestamp", MEMBER_OUTER_TIME},
    {"__REALTIME_TIMESTAMP", MEMBER_OUTER_TIME},
    {"_PID", MEMBER_PID},
    {"sql", MEMBER_TRACE},
    {"rehearse_trace", MEMBER_TRACE},
};

static int member_of(rh_log_text key)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (key.len > 0 && members[i].key[0] == key.data[0] && log_text_is(key, members[i].key))
            return (int)members[i].member;
    }
    return -1;
}

/* An ISO time, or a number of seconds, milliseconds or microseconds since 1970. */
static int64_t any_time(log_clock *clock, const log_json_value *value)
{
    int64_t us = 0;
    uint64_t number = 0;
    size_t n;

    if (log_time_iso(clock, value->data, value->len, &us) > 0)
        return us;
    n = log_digits(value->data, value->len, &number);
    if (n < 9 || n > 16)
        return 0;
    while (n++ < 16)
        number *= 10;
    return (int64_t)number;
}

static void take_member(log_input *in, record *r, member m, const log_json_value *value)
{
    rh_log_text text = {value->data, value->len};

    switch (m) {
    case MEMBER_TIME:
        r->event.time_us = any_time(&in->clock, value);
        break;
    case MEMBER_OUTER_TIME:
        r->outer_us = any_time(&in->clock, value);
        break;
    case MEMBER_USER:
        r->event.user = text;
        break;
    case MEMBER_DATABASE:
        r->event.database = text;
        break;
    case MEMBER_PID:
        (void)log_digits(text.data, text.len, &r->event.process);
        break;
    case MEMBER_CLIENT:
        r->event.client = text;
        break;
    case MEMBER_SESSION:
        r->event.session = text;
        break;
    case MEMBER_VXID:
        r->event.vxid = text;
        break;
    case MEMBER_SEVERITY:
        r->severity = text;
        r->is_record = true;
        break;
    case MEMBER_SQLSTATE:
        r->event.sqlstate = text;
        break;
    case MEMBER_DETAIL:
        r->event.detail = text;
        break;
    case MEMBER_CONTEXT:
        r->event.context = text;
        break;
    case MEMBER_STATEMENT:
        r->event.statement = text;
        break;
    case MEMBER_APPLICATION:
        r->event.application = text;
        break;
    case MEMBER_POD:
        r->pod = log_hash(text.data, text.len);
        break;
    case MEMBER_TRACE:
        r->is_trace = true;
        break;
    case MEMBER_MESSAGE:
        r->event.text = text;
        r->inner = value->data;
        r->inner_len = value->len;
        break;
    case MEMBER_DOCKER:
    case MEMBER_INNER:
        r->inner = value->data;
        r->inner_len = value->len;
        r->docker = m == MEMBER_DOCKER;
        break;
    default:
        break;
    }
}

static bool walk(log_input *in, record *r, char *data, size_t len, int depth)
{
    log_json json;
    rh_log_text key;
    log_json_value value;

    if (!log_json_open(&json, data, len) || json.array)
        return false;
    while (log_json_next(&json, &key, &value)) {
        int m = member_of(key);

        if (value.kind == LOG_JSON_OBJECT) {
            if (m == MEMBER_RECORD && depth < MAX_DEPTH &&
                !walk(in, r, value.data, value.len, depth + 1))
                return false;
        } else if (m >= 0 && value.kind != LOG_JSON_ARRAY &&
                   !(value.kind == LOG_JSON_WORD &&
                     log_starts_with(value.data, value.len, "null"))) {
            take_member(in, r, (member)m, &value);
        }
    }
    return !json.broken;
}

/* ---- records ---- */

static rh_status give_record(log_input *in, record *r, uint64_t line, rh_error *err)
{
    char severity[16];
    rh_log_part part;
    size_t n = r->severity.len;

    if (n + 2 > sizeof severity)
        return log_skip(in, "unknown severity (messages not in English?)", line, err);
    memcpy(severity, r->severity.data, n);
    severity[n++] = ':';
    severity[n++] = ' ';
    if (log_severity_at(severity, n, &part, &r->event.severity) == 0)
        return log_skip(in, "unknown severity (messages not in English?)", line, err);
    r->event.part = RH_LOG_MESSAGE;
    r->event.line = line;
    r->event.complete = true;
    if (r->event.time_us == 0)
        r->event.time_us = r->outer_us;
    if (r->pod != 0) /* several servers in one log: their process ids overlap */
        r->event.process |= r->pod << 32;
    in->open = false;
    return in->sink->event(in->sink->ctx, &r->event, err);
}

static rh_status object(log_input *in, char *text, size_t len, uint64_t line, int depth,
                        rh_error *err);

/* The wrapped text: a line, an object, or several lines of one message. */
static rh_status give_inner(log_input *in, const record *r, char *text, size_t len, uint64_t line,
                            int depth, rh_error *err)
{
    log_outer outer = {.time_us = r->outer_us != 0 ? r->outer_us : r->event.time_us,
                       .process = r->event.process,
                       .line = line};
    size_t at = 0;
    rh_status status = RH_OK;

    if (len > 0 && text[0] == '{' && depth < MAX_DEPTH && log_json_whole(text, len))
        return object(in, text, len, line, depth + 1, err);
    while (status == RH_OK && at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end == NULL ? len - at : (size_t)(end - text) - at;

        status = log_stderr_line(in, text + at, n, &outer, err);
        at += n + 1;
    }
    return status;
}

/* Docker writes long lines in pieces; only the last one has the line end. */
static rh_status give_docker(log_input *in, const record *r, uint64_t line, rh_error *err)
{
    bool complete = r->inner_len > 0 && r->inner[r->inner_len - 1] == '\n';
    rh_buf whole;
    rh_status status;

    if (in->pending.len == 0 && complete)
        return give_inner(in, r, r->inner, r->inner_len - 1, line, 1, err);
    if (in->pending.len == 0)
        in->pending_line = line;
    in->pending_pieces = true;
    status = rh_buf_append(&in->pending, r->inner, r->inner_len, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        rh_buf_clear(&in->pending);
        return log_skip(in, "record too long", in->pending_line, err);
    }
    if (status != RH_OK || !complete)
        return status;
    whole = in->pending;
    rh_buf_init(&in->pending, whole.max);
    status = give_inner(in, r, (char *)whole.data, whole.len - 1, in->pending_line, 1, err);
    rh_buf_done(&whole);
    return status;
}

static rh_status object(log_input *in, char *text, size_t len, uint64_t line, int depth,
                        rh_error *err)
{
    record r = {.event = {.part = RH_LOG_MESSAGE}};

    if (!walk(in, &r, text, len, depth))
        return log_skip(in, "no JSON", line, err);
    if (r.is_record)
        return give_record(in, &r, line, err);
    if (r.docker)
        return give_docker(in, &r, line, err);
    if (r.inner != NULL)
        return give_inner(in, &r, r.inner, r.inner_len, line, depth, err);
    return log_skip(in, r.is_trace ? "a trace's line in a log" : "JSON without a log line", line,
                    err);
}

/* ---- lines ---- */

/* The line does not close its object: keep it for the next one. */
static rh_status keep(log_input *in, const char *line, size_t len, rh_error *err)
{
    rh_status status;

    if (in->pending.len == 0)
        in->pending_line = in->lines.number;
    in->pending_pieces = false;
    status = rh_buf_append(&in->pending, line, len, err);
    if (status != RH_ELIMIT)
        return status;
    rh_error_clear(err);
    rh_buf_clear(&in->pending);
    return log_skip(in, "record too long", in->pending_line, err);
}

/* True while pending holds an object's beginning. */
static bool cut_object(const log_input *in)
{
    return in->pending.len > 0 && !in->pending_pieces;
}

rh_status log_json_line(log_input *in, char *line, size_t len, rh_error *err)
{
    rh_status status = RH_OK;
    rh_buf whole;

    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\r' || line[len - 1] == ','))
        len--;
    if (len == 0 || (len == 1 && (line[0] == '[' || line[0] == ']'))) /* an array of them */
        return RH_OK;
    if (log_json_whole(line, len)) {
        if (cut_object(in)) {
            rh_buf_clear(&in->pending);
            status = log_skip(in, "JSON without its end", in->pending_line, err);
        }
        return status == RH_OK ? object(in, line, len, in->lines.number, 0, err) : status;
    }
    if (in->pending.len == 0 && line[0] != '{')
        return log_skip(in, "no JSON", in->lines.number, err);
    if (in->pending.len > 0 && !cut_object(in))
        return log_skip(in, "no JSON", in->lines.number, err);
    status = keep(in, line, len, err);
    if (status != RH_OK || in->pending.len == 0 ||
        !log_json_whole((const char *)in->pending.data, in->pending.len))
        return status;
    whole = in->pending;
    rh_buf_init(&in->pending, whole.max);
    status = object(in, (char *)whole.data, whole.len, in->pending_line, 0, err);
    rh_buf_done(&whole);
    return status;
}
