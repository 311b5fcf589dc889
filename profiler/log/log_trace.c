/*
 * Traces: JSON lines of ours, one statement each (docs/capture.md has the members).
 *
 * SQLite tells a program the text of a statement with its values filled in, never the values
 * themselves. With both texts at hand ("sql" and "expanded") the values come out exactly: token by
 * token, each parameter of the one stands where the other has a literal.
 */
#include "core/bytes.h"
#include "core/num.h"
#include "log_input.h"
#include "log_json.h"

enum { MAX_PARAMETERS = 2000 };

typedef struct trace {
    rh_log_statement statement;
    rh_log_text expanded;
    rh_parameter parameters[MAX_PARAMETERS];
    size_t count;
    bool has_sql;
    bool header;
    const char *bad; /* what is wrong with the line */
} trace;

/* ---- values ---- */

static bool number_value(const char *text, size_t len, rh_parameter *out)
{
    out->kind = RH_PARAMETER_INTEGER;
    if (rh_num_scan_int64(text, len, &out->integer))
        return true;
    out->kind = RH_PARAMETER_REAL;
    return rh_num_scan_real(text, len, &out->real);
}

static bool hex_value(char *text, size_t len, rh_parameter *out)
{
    /* In place: two digits become one byte. */
    if (len % 2 != 0 || rh_hex_decode(text, len / 2, (uint8_t *)text) != 0)
        return false;
    out->kind = RH_PARAMETER_BLOB;
    out->data = text;
    out->len = len / 2;
    return true;
}

static bool json_value(const log_json_value *value, rh_parameter *out)
{
    log_json json;
    rh_log_text key;
    log_json_value inner;

    switch (value->kind) {
    case LOG_JSON_STRING:
        out->kind = RH_PARAMETER_TEXT;
        out->data = value->data;
        out->len = value->len;
        return true;
    case LOG_JSON_NUMBER:
        return number_value(value->data, value->len, out);
    case LOG_JSON_WORD:
        out->kind = log_starts_with(value->data, value->len, "null") ? RH_PARAMETER_NULL
                                                                     : RH_PARAMETER_INTEGER;
        out->integer = log_starts_with(value->data, value->len, "true");
        return true;
    case LOG_JSON_OBJECT: /* {"blob": "00ff"} */
        return log_json_open(&json, value->data, value->len) &&
               log_json_next(&json, &key, &inner) && log_text_is(key, "blob") &&
               inner.kind == LOG_JSON_STRING && hex_value(inner.data, inner.len, out);
    default:
        return false;
    }
}

static void take_parameters(trace *t, const log_json_value *value)
{
    log_json json;
    rh_log_text key;
    log_json_value element;

    t->statement.prepared = true;
    if (!log_json_open(&json, value->data, value->len)) {
        t->bad = "parameters that are neither a list nor an object";
        return;
    }
    while (log_json_next(&json, &key, &element)) {
        rh_parameter *p = &t->parameters[t->count];

        if (t->count == MAX_PARAMETERS) {
            t->bad = "more than 2000 parameters";
            return;
        }
        *p = (rh_parameter){0};
        if (!json_value(&element, p)) {
            t->bad = "a parameter that is no value";
            return;
        }
        if (!json.array) {
            /* The key's closing quote or an escape's rest stands there. */
            char *end = json.data + (key.data - json.data) + key.len;

            *end = '\0';
            p->name = key.data;
        }
        t->count++;
    }
    if (json.broken)
        t->bad = "no JSON";
}

/* ---- values out of the expanded text ---- */

/* '…' with doubled quotes, in place. */
static size_t unquote(char *text, size_t len)
{
    size_t out = 0;

    for (size_t at = 1; at + 1 < len; at++) {
        text[out++] = text[at];
        if (text[at] == '\'')
            at++;
    }
    return out;
}

static bool literal_value(char *text, size_t len, rh_parameter *out)
{
    *out = (rh_parameter){0};
    if (len >= 2 && text[0] == '\'') {
        out->kind = RH_PARAMETER_TEXT;
        out->len = unquote(text, len);
        out->data = text;
        return true;
    }
    if (len >= 3 && (text[0] == 'x' || text[0] == 'X'))
        return hex_value(text + 2, len - 3, out);
    if (len == 4 && (text[0] == 'N' || text[0] == 'n')) {
        out->kind = RH_PARAMETER_NULL;
        return true;
    }
    return number_value(text, len, out);
}

/* The literal at the scan's place; a sign is a token of its own. */
static bool take_literal(rh_sql_scan *scan, size_t *out_at, size_t *out_len)
{
    rh_sql_token token = rh_sql_scan_next(scan);

    *out_at = token.offset;
    if (rh_sql_token_is(&token, scan->text, "-"))
        token = rh_sql_scan_next(scan);
    *out_len = token.offset + token.len - *out_at;
    return token.kind == RH_SQL_TOKEN_STRING || token.kind == RH_SQL_TOKEN_NUMBER ||
           token.kind == RH_SQL_TOKEN_BYTES || rh_sql_token_is(&token, scan->text, "null");
}

/* Named and numbered parameters stand several times and are bound once. */
static bool bound_before(const trace *t, rh_log_text sql, const rh_sql_token *token,
                         const size_t *offsets, const size_t *lens)
{
    if (token->len == 1)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        if (lens[i] == token->len &&
            memcmp(sql.data + offsets[i], sql.data + token->offset, token->len) == 0)
            return true;
    }
    return false;
}

/* False when the texts do not belong together. `expanded` is changed where values stand. */
static bool compare_texts(trace *t)
{
    rh_log_text sql = t->statement.sql;
    char *expanded = (char *)(uintptr_t)t->expanded.data; /* part of the writable line */
    size_t offsets[MAX_PARAMETERS];
    size_t lens[MAX_PARAMETERS];
    rh_sql_scan a;
    rh_sql_scan b;

    rh_sql_scan_init(&a, RH_SQL_SQLITE, sql.data, sql.len);
    rh_sql_scan_init(&b, RH_SQL_SQLITE, expanded, t->expanded.len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&a);
        rh_sql_token other;
        size_t at = 0;
        size_t len = 0;

        if (token.kind != RH_SQL_TOKEN_PARAMETER) {
            other = rh_sql_scan_next(&b);
            if (token.kind == RH_SQL_TOKEN_END || other.kind == RH_SQL_TOKEN_END)
                return token.kind == other.kind;
            if (token.len != other.len ||
                memcmp(sql.data + token.offset, expanded + other.offset, token.len) != 0)
                return false;
            continue;
        }
        if (!take_literal(&b, &at, &len))
            return false;
        if (bound_before(t, sql, &token, offsets, lens))
            continue;
        if (t->count == MAX_PARAMETERS ||
            !literal_value(expanded + at, len, &t->parameters[t->count]))
            return false;
        offsets[t->count] = token.offset;
        lens[t->count] = token.len;
        t->count++;
    }
}

/* ---- the line ---- */

static int64_t whole_number(const log_json_value *value, int64_t missing)
{
    int64_t number = missing;

    return value->kind == LOG_JSON_NUMBER && rh_num_scan_int64(value->data, value->len, &number)
               ? number
               : missing;
}

static int64_t time_value(log_clock *clock, const log_json_value *value)
{
    int64_t us = 0;

    if (value->kind == LOG_JSON_STRING)
        return log_time_iso(clock, value->data, value->len, &us) > 0 ? us : 0;
    return whole_number(value, 0);
}

static void take_member(log_input *in, trace *t, rh_log_text key, const log_json_value *value)
{
    rh_log_text text = {value->data, value->len};
    rh_log_statement *s = &t->statement;

    if (log_text_is(key, "sql")) {
        s->sql = text;
        t->has_sql = value->kind == LOG_JSON_STRING;
    } else if (log_text_is(key, "expanded")) {
        t->expanded = text;
    } else if (log_text_is(key, "parameters")) {
        take_parameters(t, value);
    } else if (log_text_is(key, "time")) {
        s->time_us = time_value(&in->clock, value);
    } else if (log_text_is(key, "duration_us")) {
        s->duration_us = whole_number(value, -1);
    } else if (log_text_is(key, "session")) {
        s->session = text;
    } else if (log_text_is(key, "database")) {
        s->database = text;
    } else if (log_text_is(key, "user")) {
        s->user = text;
    } else if (log_text_is(key, "application")) {
        s->application = text;
    } else if (log_text_is(key, "error")) {
        s->sqlstate = text;
    } else if (log_text_is(key, "rehearse_trace")) {
        t->header = true;
    } else if (log_text_is(key, "engine")) {
        in->sqlite = log_text_is(text, "sqlite");
    }
}

rh_status log_trace_line(log_input *in, char *line, size_t len, rh_error *err)
{
    trace t;
    log_json json;
    rh_log_text key;
    log_json_value value;

    if (len == 0)
        return RH_OK;
    /* The list of parameters is large and set as it grows. */
    memset(&t, 0, offsetof(trace, parameters));
    t.count = 0;
    t.has_sql = t.header = false;
    t.bad = NULL;
    t.statement.duration_us = -1;
    t.statement.line = in->lines.number;
    if (!log_json_whole(line, len) || !log_json_open(&json, line, len))
        return log_skip(in, "no JSON", in->lines.number, err);
    while (log_json_next(&json, &key, &value))
        take_member(in, &t, key, &value);
    if (json.broken || t.bad != NULL)
        return log_skip(in, t.bad != NULL ? t.bad : "no JSON", in->lines.number, err);
    if (!t.has_sql)
        return t.header ? RH_OK : log_skip(in, "no member \"sql\"", in->lines.number, err);
    if (t.expanded.len > 0 && t.count == 0) {
        t.statement.prepared = true;
        if (!compare_texts(&t))
            t.statement.unreplayable = "values could not be told from the expanded text";
    }
    t.statement.dialect = in->sqlite ? RH_SQL_SQLITE : RH_SQL_POSTGRES;
    t.statement.parameters = t.parameters;
    t.statement.parameter_count = t.count;
    return in->sink->statement(in->sink->ctx, &t.statement, err);
}
