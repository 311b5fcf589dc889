/*
 * Compile a log_line_prefix and match lines with it.
 *
 * Names may hold anything, so a field that is a string ends where the literal text behind it stands
 * and the rest matches; a line is tried with growing fields (backtracking) within a budget.
 */
#include "log_prefix.h"

#include <string.h>

#include "log_text.h"

enum { MATCH_BUDGET = 3000, FIELD_MAX_BYTES = 512 };

rh_status log_prefix_compile(const char *text, log_prefix *out, rh_error *err)
{
    size_t len = strlen(text);
    size_t at = 0;

    memset(out, 0, sizeof *out);
    if (len >= RH_LOG_PREFIX_BYTES)
        return rh_error_set(err, RH_EUSAGE, "log_line_prefix is longer than %d bytes",
                            RH_LOG_PREFIX_BYTES - 1);
    memcpy(out->text, text, len);
    while (at < len) {
        log_prefix_element *e = &out->elements[out->count];
        bool literal = text[at] != '%' || text[at + 1] == '%';

        if (out->count == LOG_PREFIX_ELEMENTS)
            return rh_error_set(err, RH_EUSAGE, "log_line_prefix has more than %d parts",
                                LOG_PREFIX_ELEMENTS);
        out->count++;
        if (literal) {
            e->at = (unsigned short)(at + (text[at] == '%'));
            at = e->at + 1u;
            while (at < len && text[at] != '%')
                at++;
            e->len = (unsigned short)(at - e->at);
            continue;
        }
        at++;
        while (at < len && (text[at] == '-' || log_is_digit(text[at]))) {
            e->padded = true;
            at++;
        }
        if (at == len || strchr("adbuhrpPtmnilcsvxqeQL", text[at]) == NULL) {
            rh_error_set(err, RH_EUSAGE, "log_line_prefix has no '%%%.1s'", text + at);
            rh_error_hint(err,
                          "give it as the server's setting shows it, e.g. '%%m [%%p] %%q%%u@%%d '");
            return RH_EUSAGE;
        }
        e->escape = text[at++];
    }
    return RH_OK;
}

/* ---- severities ---- */

static const struct severity {
    const char *word;
    rh_log_part part;
    rh_log_severity severity;
} severities[] = {
    {"LOG", RH_LOG_MESSAGE, RH_LOG_SEVERITY_LOG},
    {"DETAIL", RH_LOG_DETAIL, RH_LOG_SEVERITY_LOG},
    {"STATEMENT", RH_LOG_STATEMENT, RH_LOG_SEVERITY_LOG},
    {"ERROR", RH_LOG_MESSAGE, RH_LOG_SEVERITY_ERROR},
    {"CONTEXT", RH_LOG_CONTEXT, RH_LOG_SEVERITY_LOG},
    {"HINT", RH_LOG_HINT, RH_LOG_SEVERITY_LOG},
    {"FATAL", RH_LOG_MESSAGE, RH_LOG_SEVERITY_FATAL},
    {"PANIC", RH_LOG_MESSAGE, RH_LOG_SEVERITY_FATAL},
    {"WARNING", RH_LOG_MESSAGE, RH_LOG_SEVERITY_LOG},
    {"NOTICE", RH_LOG_MESSAGE, RH_LOG_SEVERITY_LOG},
    {"INFO", RH_LOG_MESSAGE, RH_LOG_SEVERITY_LOG},
    {"DEBUG", RH_LOG_MESSAGE, RH_LOG_SEVERITY_LOG},
    {"QUERY", RH_LOG_QUERY, RH_LOG_SEVERITY_LOG},
    {"LOCATION", RH_LOG_QUERY, RH_LOG_SEVERITY_LOG},
    {"BACKTRACE", RH_LOG_QUERY, RH_LOG_SEVERITY_LOG},
};

size_t log_severity_at(const char *line, size_t len, rh_log_part *out_part,
                       rh_log_severity *out_severity)
{
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        const struct severity *s = &severities[i];
        size_t n = strlen(s->word);

        if (len <= n || line[0] != s->word[0] || memcmp(line, s->word, n) != 0)
            continue;
        if (n < len && log_is_digit(line[n]) && s->word[1] == 'E') /* DEBUG1 to DEBUG5 */
            n++;
        if (n >= len || line[n] != ':')
            continue;
        n++;
        for (int spaces = 0; spaces < 2 && n < len && line[n] == ' '; spaces++)
            n++;
        *out_part = s->part;
        *out_severity = s->severity;
        return n;
    }
    return 0;
}

/* ---- matching ---- */

typedef struct matcher {
    const log_prefix *prefix;
    log_clock *clock;
    const char *line;
    size_t len;
    rh_log_event *out;
    int budget;
    uint64_t session_process; /* that the session id names */
} matcher;

static bool match_from(matcher *m, size_t index, size_t at);

/* "42P01: " behind a severity: log_error_verbosity is verbose. */
static bool begins_with_sqlstate(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && n < 5 && (log_is_digit(text[n]) || (text[n] >= 'A' && text[n] <= 'Z')))
        n++;
    return n == 5 && len > 6 && text[5] == ':' && text[6] == ' ';
}

/* The end: what is left must begin with a severity. */
static bool match_severity(matcher *m, size_t at)
{
    size_t n = log_severity_at(m->line + at, m->len - at, &m->out->part, &m->out->severity);

    if (n == 0)
        return false;
    at += n;
    if (m->out->part == RH_LOG_MESSAGE && begins_with_sqlstate(m->line + at, m->len - at)) {
        m->out->sqlstate = (rh_log_text){m->line + at, 5};
        at += 7;
    }
    m->out->text = (rh_log_text){m->line + at, m->len - at};
    return true;
}

/* Digits, and a sign before them. */
static size_t signed_digits(const matcher *m, size_t at)
{
    size_t n = at < m->len && m->line[at] == '-' ? 1 : 0;

    while (at + n < m->len && log_is_digit(m->line[at + n]))
        n++;
    return n;
}

/* Hex digits, a dot, hex digits; their value is the process. */
static size_t session_id(const matcher *m, size_t at, uint64_t *out_process)
{
    size_t dot = at;
    size_t end;
    uint64_t value = 0;

    while (dot < m->len && log_is_hex(m->line[dot]))
        dot++;
    if (dot == at || dot == m->len || m->line[dot] != '.')
        return 0;
    for (end = dot + 1; end < m->len && log_is_hex(m->line[end]); end++) {
        char c = m->line[end];

        value = value * 16 + (uint64_t)(log_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *out_process = value;
    return end == dot + 1 ? 0 : end - at;
}

/* "3/45" */
static size_t virtual_xid(const matcher *m, size_t at)
{
    uint64_t ignored;
    size_t n = log_digits(m->line + at, m->len - at, &ignored);
    size_t more = 0;

    if (n == 0 || at + n >= m->len || m->line[at + n] != '/')
        return 0;
    more = log_digits(m->line + at + n + 1, m->len - at - n - 1, &ignored);
    return more == 0 ? 0 : n + 1 + more;
}

/* Fields of a fixed look. Returns false when the escape is no such field; *out_n: bytes. */
static bool fixed_field(matcher *m, char escape, size_t at, size_t *out_n)
{
    const char *text = m->line + at;
    size_t left = m->len - at;
    int64_t ignored;
    uint64_t value;

    switch (escape) {
    case 't':
    case 'm':
        *out_n = log_time_iso(m->clock, text, left, &m->out->time_us);
        return true;
    case 's':
        *out_n = log_time_iso(m->clock, text, left, &ignored);
        return true;
    case 'n':
        *out_n = log_time_epoch(text, left, &m->out->time_us);
        return true;
    case 'p':
        *out_n = log_digits(text, left, &value);
        m->out->process = value;
        return true;
    case 'l':
    case 'x':
        *out_n = log_digits(text, left, &value);
        return true;
    case 'Q':
        *out_n = signed_digits(m, at);
        return true;
    case 'c':
        *out_n = session_id(m, at, &m->session_process);
        m->out->session = (rh_log_text){text, *out_n};
        return true;
    default:
        return false;
    }
}

static void set_string(matcher *m, char escape, size_t at, size_t n)
{
    rh_log_text text = {m->line + at, n};

    switch (escape) {
    case 'u':
        m->out->user = text;
        break;
    case 'd':
        m->out->database = text;
        break;
    case 'a':
        m->out->application = text;
        break;
    case 'h':
    case 'r':
        m->out->client = text;
        break;
    case 'v':
        m->out->vxid = text;
        break;
    case 'e':
        m->out->sqlstate = text;
        break;
    default:
        break;
    }
}

/* The field ends at n bytes: take padding off, go on behind it. */
static bool match_string_of(matcher *m, size_t index, size_t at, size_t n)
{
    size_t from = at;
    size_t to = at + n;

    if (m->prefix->elements[index].padded) {
        while (from < to && m->line[from] == ' ')
            from++;
        while (to > from && m->line[to - 1] == ' ')
            to--;
    }
    if (!match_from(m, index + 1, at + n))
        return false;
    set_string(m, m->prefix->elements[index].escape, from, to - from);
    return true;
}

/* A field that may hold anything: up to each place where the next literal text stands. */
static bool match_string(matcher *m, size_t index, size_t at)
{
    const log_prefix *p = m->prefix;
    const log_prefix_element *next = index + 1 < p->count ? &p->elements[index + 1] : NULL;
    bool literal = next != NULL && next->escape == 0 && next->len > 0;
    size_t max = m->len - at < FIELD_MAX_BYTES ? m->len - at : FIELD_MAX_BYTES;

    for (size_t n = 0; n <= max; n++) {
        if (literal) {
            const char *found = memchr(m->line + at + n, p->text[next->at], max - n);

            if (found == NULL)
                return false;
            n = (size_t)(found - m->line) - at;
        }
        if (m->budget-- <= 0)
            return false;
        if (match_string_of(m, index, at, n))
            return true;
    }
    return false;
}

/* Takes the field off when it may end there. */
static bool take_fixed(const matcher *m, const log_prefix_element *e, size_t n, size_t *at)
{
    if (n == 0 && e->escape != 'x' && e->escape != 'Q' && e->escape != 'c')
        return false;
    *at += n;
    while (e->padded && *at < m->len && m->line[*at] == ' ')
        ++*at;
    return true;
}

static bool take_literal(const matcher *m, const log_prefix_element *e, size_t *at)
{
    const char *line = m->line + *at;
    const char *literal = m->prefix->text + e->at;

    /* Most are one sign: no call for those. */
    if (m->len - *at < e->len || line[0] != literal[0] ||
        (e->len > 1 && memcmp(line, literal, e->len) != 0))
        return false;
    *at += e->len;
    return true;
}

/* A loop as long as there is one way only. */
static bool match_from(matcher *m, size_t index, size_t at)
{
    for (; index < m->prefix->count; index++) {
        const log_prefix_element *e = &m->prefix->elements[index];
        size_t n = 0;

        if (e->escape == 0) {
            if (!take_literal(m, e, &at))
                return false;
            continue;
        }
        if (e->escape == 'q') /* background processes stop here */
            return match_from(m, index + 1, at) || match_severity(m, at);
        while (e->padded && at < m->len && m->line[at] == ' ' &&
               strchr("adbuhrivePL", e->escape) == NULL)
            at++;
        if (fixed_field(m, e->escape, at, &n)) {
            if (!take_fixed(m, e, n, &at))
                return false;
            continue;
        }
        if (e->escape == 'v') {
            n = virtual_xid(m, at);
            if (n > 0)
                return match_string_of(m, index, at, n);
        }
        return match_string(m, index, at);
    }
    return match_severity(m, at);
}

bool log_prefix_match(const log_prefix *prefix, log_clock *clock, const char *line, size_t len,
                      rh_log_event *out)
{
    matcher m = {prefix, clock, line, len, out, MATCH_BUDGET, 0};

    if (!match_from(&m, 0, 0))
        return false;
    /* Without %p the session id tells: its second half is the process id in hex. */
    if (out->process == 0 && out->session.len > 0)
        out->process = m.session_process;
    return true;
}
