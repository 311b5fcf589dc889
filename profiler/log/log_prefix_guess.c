/*
 * Which log_line_prefix was a log written with? Known ones are tried first (the packagers' and the
 * clouds'), then patterns put together from the looks of single lines; the one that fits most lines
 * of the sample wins, the earlier one where several do.
 */
#include <string.h>

#include "log_prefix.h"
#include "log_text.h"

enum { SAMPLE_LINES = 400, LOOKS = 12 };

static const char *const known[] = {
    "%m [%p] %q%u@%d/%a ",                             /* before Debian's: shop/web is no name */
    "%m [%p] %q%u@%d ",                                /* Debian */
    "%m [%p] ",                                        /* the default */
    "%t:%r:%u@%d:[%p]:",                               /* RDS */
    "%t-%c-",                                          /* Azure */
    "%m [%p]: [%l-1] db=%d,user=%u ",                  /* Cloud SQL */
    "%m [%p]: [%l-1] %qdb=%d,user=%u ",                /* Cloud SQL, background processes */
    "[%p]: [%l-1] db=%d,user=%u ",                     /* Cloud SQL, time beside it */
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", /* pgBadger's */
    "%t [%p]: [%l-1] %quser=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p-%l] %q%u@%d ",
    "%t [%p]: [%l-1] ",
    "%m|%u|%d|%c|", /* pgreplay's */
    "%m [%p] %quser=%u,db=%d ",
    "%m [%p] [queryid=%Q] %q%u@%d ",
    "db=%d,user=%u,app=%a,client=%h ", /* behind syslog's own fields */
    "user=%u,db=%d,app=%a,client=%h ",
    "db=%d,user=%u ",
    "user=%u,db=%d ",
    "%q%u@%d ",
    " sql_error_code = %e time_ms = \"%m\" pid=\"%p\" proc_start_time=\"%s\" session_id=\"%c\" "
    "vtid=\"%v\" tid=\"%x\" log_line=\"%l\" %qdatabase=\"%d\" connection_source=\"%r\" user=\"%u\" "
    "application_name=\"%a\" ",
    "sql_error_code = %e time_ms = \"%m\" pid=\"%p\" proc_start_time=\"%s\" session_id=\"%c\" "
    "vtid=\"%v\" tid=\"%x\" log_line=\"%l\" %qdatabase=\"%d\" connection_source=\"%r\" user=\"%u\" "
    "application_name=\"%a\" ", /* Heroku */
    " sql_error_code = %e ",
    "sql_error_code = %e ",
    "",
};

/* ---- the sample ---- */

typedef struct sample {
    rh_log_text lines[SAMPLE_LINES]; /* those that have a severity somewhere */
    size_t count;
} sample;

/* Where a severity begins in a line, at most at the prefix's longest; len when there is none. */
static size_t find_severity(rh_log_text line)
{
    rh_log_part part;
    rh_log_severity severity;
    size_t max = line.len < 600 ? line.len : 600;

    for (size_t at = 0; at < max; at++) {
        bool boundary = at == 0 || !log_is_letter(line.data[at - 1]);

        if (boundary && line.data[at] >= 'A' && line.data[at] <= 'W' &&
            log_severity_at(line.data + at, line.len - at, &part, &severity) > 0)
            return at;
    }
    return line.len;
}

static void take_sample(const char *data, size_t len, sample *out)
{
    size_t at = 0;

    out->count = 0;
    while (at < len && out->count < SAMPLE_LINES) {
        const char *end = memchr(data + at, '\n', len - at);
        rh_log_text line = {data + at, end == NULL ? len - at : (size_t)(end - data) - at};

        at += line.len + 1;
        if (line.len == 0 || line.data[0] == '\t')
            continue;
        if (find_severity(line) < line.len)
            out->lines[out->count++] = line;
    }
}

/* A name that took in what stands before or behind it, e.g. "[queryid=1] postgres". */
static bool odd_name(rh_log_text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (strchr(" =,|", name.data[i]) != NULL)
            return true;
    }
    return false;
}

enum { FULL = 4 }; /* points of a line */

static size_t score(const log_prefix *prefix, const sample *s)
{
    log_clock clock = {0};
    size_t points = 0;

    for (size_t i = 0; i < s->count; i++) {
        rh_log_event event = {0};

        if (log_prefix_match(prefix, &clock, s->lines[i].data, s->lines[i].len, &event))
            points += odd_name(event.user) || odd_name(event.database) ? 1 : FULL;
    }
    return points;
}

/* ---- patterns from looks ---- */

typedef struct look {
    char text[RH_LOG_PREFIX_BYTES];
    size_t len;
    bool seen[128]; /* escapes used */
} look;

static void put(look *l, const char *text, size_t len)
{
    if (l->len + len < sizeof l->text) {
        memcpy(l->text + l->len, text, len);
        l->len += len;
    }
}

static void put_escape(look *l, char escape)
{
    char text[2] = {'%', escape};

    l->seen[(unsigned char)escape] = true;
    put(l, text, 2);
}

/* What a key before '=' says about its value. */
static char escape_of_key(const char *key, size_t len)
{
    static const struct {
        const char *key;
        char escape;
    } keys[] = {
        {"user", 'u'},
        {"u", 'u'},
        {"usr", 'u'},
        {"user_name", 'u'},
        {"db", 'd'},
        {"d", 'd'},
        {"database", 'd'},
        {"dbname", 'd'},
        {"app", 'a'},
        {"a", 'a'},
        {"application", 'a'},
        {"application_name", 'a'},
        {"client", 'h'},
        {"host", 'h'},
        {"h", 'h'},
        {"ip", 'h'},
        {"remote", 'r'},
        {"r", 'r'},
        {"connection_source", 'r'},
        {"c", 'r'},
        {"pid", 'p'},
        {"p", 'p'},
        {"session", 'c'},
        {"sess", 'c'},
        {"session_id", 'c'},
        {"sid", 'c'},
        {"vxid", 'v'},
        {"vtid", 'v'},
        {"vx", 'v'},
        {"txid", 'x'},
        {"xid", 'x'},
        {"tx", 'x'},
        {"tid", 'x'},
        {"x", 'x'},
        {"line", 'l'},
        {"log_line", 'l'},
        {"l", 'l'},
        {"queryid", 'Q'},
        {"qid", 'Q'},
        {"query_id", 'Q'},
        {"code", 'e'},
        {"sqlstate", 'e'},
        {"state", 'e'},
        {"error", 'e'},
        {"cmd", 'i'},
        {"tag", 'i'},
        {"ps", 'i'},
        {"start", 's'},
        {"backend", 'b'},
        {"backend_type", 'b'},
    };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strlen(keys[i].key) == len && memcmp(keys[i].key, key, len) == 0)
            return keys[i].escape;
    }
    return 0;
}

static bool is_word(char c)
{
    return log_is_letter(c) || log_is_digit(c) || c == '_' || c == '-' || c == '.' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* A value behind a key: up to what ends it. */
static size_t value_len(const char *text, size_t len, const char *ends)
{
    size_t n = 0;

    if (len > 0 && text[0] == '[') { /* [unknown], [local] */
        while (n < len && text[n] != ']')
            n++;
        return n < len ? n + 1 : n;
    }
    while (n < len && strchr(ends, text[n]) == NULL)
        n++;
    return n;
}

/* The key before '=' (spaces around it allowed) that ends at `at`. */
static char key_before(const char *text, size_t at)
{
    size_t end = at;
    size_t from;

    while (end > 0 && (text[end - 1] == '"' || text[end - 1] == ' '))
        end--;
    if (end == 0 || (text[end - 1] != '=' && text[end - 1] != ':'))
        return 0;
    end--;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    from = end;
    while (from > 0 && (log_is_letter(text[from - 1]) || text[from - 1] == '_'))
        from--;
    return escape_of_key(text + from, end - from);
}

/* Numbers, times and ids, told by their looks. Returns the bytes taken, 0 for none. */
static size_t look_at_number(look *l, const char *text, size_t len, size_t at)
{
    log_clock clock = {0};
    int64_t us;
    uint64_t value;
    size_t n = log_time_iso(&clock, text + at, len - at, &us);
    size_t digits;
    size_t hex = 0;

    if (n > 0) {
        put_escape(l, l->seen['m'] || l->seen['t'] ? 's' : text[at + 19] == '.' ? 'm' : 't');
        return n;
    }
    digits = log_digits(text + at, len - at, &value);
    if (digits == 10 && log_time_epoch(text + at, len - at, &us) == 14) {
        put_escape(l, 'n');
        return 14;
    }
    while (at + hex < len && log_is_hex(text[at + hex]))
        hex++;
    if (hex >= 6 && at + hex + 1 < len && text[at + hex] == '.' && log_is_hex(text[at + hex + 1])) {
        for (n = hex + 1; at + n < len && log_is_hex(text[at + n]);)
            n++;
        if (at + n == len || !log_is_letter(text[at + n])) {
            put_escape(l, 'c');
            return n;
        }
    }
    if (digits == 0)
        return 0;
    n = at + digits;
    if (n + 1 < len && text[n] == '/' && log_is_digit(text[n + 1])) {
        put_escape(l, 'v');
        return digits + 1 + log_digits(text + n + 1, len - n - 1, &value);
    }
    if (n + 2 < len && text[n] == '-' && text[n + 1] == '1' && text[n + 2] == ']') {
        put_escape(l, 'l');
        return digits;
    }
    if (n < len && is_word(text[n]) && text[n] != '-')
        return 0;
    put_escape(l, !l->seen['p'] ? 'p' : !l->seen['l'] ? 'l' : 'x');
    return digits;
}

/* A word: user, database, application in this order; user@database; host(port). */
static size_t look_at_word(look *l, const char *text, size_t len, size_t at)
{
    size_t n = 0;
    bool bracket = text[at] == '[';

    if (bracket && !log_starts_with(text + at, len - at, "[unknown]") &&
        !log_starts_with(text + at, len - at, "[local]"))
        return 0;
    if (bracket)
        n = value_len(text + at, len - at, "");
    while (!bracket && at + n < len && is_word(text[at + n]))
        n++;
    if (n == 0)
        return 0;
    if (at + n < len && text[at + n] == '=')
        return 0; /* a key */
    if (log_starts_with(text + at, len - at, "[local]") || (at + n < len && text[at + n] == '(')) {
        while (at + n < len && text[at + n - 1] != ')' && text[at + n - 1] != ']')
            n++;
        put_escape(l, 'r');
        return n;
    }
    put_escape(l, !l->seen['u'] ? 'u' : !l->seen['d'] ? 'd' : !l->seen['a'] ? 'a' : 'i');
    return n;
}

/* Turn the part of a line before its severity into a pattern. */
static void look_at(const char *text, size_t len, look *l)
{
    size_t at = 0;

    memset(l, 0, sizeof *l);
    while (at < len) {
        char escape = at > 0 ? key_before(text, at) : 0;
        bool starts = at == 0 || !is_word(text[at - 1]);
        size_t n = 0;

        if (escape != 0 && text[at] != ' ' && text[at] != '"' && !l->seen[(unsigned char)escape]) {
            n = value_len(text + at, len - at, escape == 'v' ? " ,;|\"'])" : " ,;|\"'])/");
            if (escape == 'h' && n > 0 && text[at + n - 1] == ')')
                escape = 'r';
            put_escape(l, escape);
        } else if (starts) {
            n = look_at_number(l, text, len, at);
            if (n == 0)
                n = look_at_word(l, text, len, at);
        }
        if (n == 0) {
            size_t key = 0;

            while (at + key < len && (log_is_letter(text[at + key]) || text[at + key] == '_'))
                key++;
            n = key == 0 ? 1 : key;
            if (text[at] == '%')
                put(l, "%", 1);
            put(l, text + at, n);
        }
        at += n;
    }
}

/* Background processes stop at %q: put it where the shorter of two patterns ends. */
static bool join_looks(const look *longer, const look *shorter, look *out)
{
    bool timed = longer->seen['m'] || longer->seen['t'] || longer->seen['n'];

    if (shorter->len >= longer->len || memcmp(longer->text, shorter->text, shorter->len) != 0)
        return false;
    if (shorter->len == 0 && timed) /* nobody writes %q before the time: another program's line */
        return false;
    memset(out, 0, sizeof *out);
    put(out, longer->text, shorter->len);
    put(out, "%q", 2);
    put(out, longer->text + shorter->len, longer->len - shorter->len);
    return true;
}

typedef struct best {
    log_prefix prefix;
    size_t score;
} best;

static void try_pattern(const char *text, const sample *s, best *b)
{
    log_prefix prefix;
    size_t matched;

    if (log_prefix_compile(text, &prefix, NULL) != RH_OK)
        return;
    matched = score(&prefix, s);
    if (matched > b->score) {
        b->score = matched;
        b->prefix = prefix;
    }
}

/* Patterns of lines spread over the sample, alone and in pairs. */
static void try_looks(const sample *s, best *b)
{
    look looks[LOOKS];
    size_t count = s->count < LOOKS ? s->count : LOOKS;

    for (size_t i = 0; i < count; i++) {
        rh_log_text line = s->lines[i * s->count / count];

        look_at(line.data, find_severity(line), &looks[i]);
        try_pattern(looks[i].text, s, b);
    }
    for (size_t i = 0; i < count && b->score < FULL * s->count; i++) {
        for (size_t j = 0; j < count; j++) {
            look joined;

            if (join_looks(&looks[i], &looks[j], &joined))
                try_pattern(joined.text, s, b);
        }
    }
}

bool log_prefix_look(const char *line, size_t len, log_prefix *out)
{
    size_t end = find_severity((rh_log_text){line, len});
    look l;

    if (end == len)
        return false;
    look_at(line, end, &l);
    return log_prefix_compile(l.text, out, NULL) == RH_OK;
}

bool log_prefix_guess(const char *data, size_t len, log_prefix *out)
{
    best b = {.score = 0};
    static const size_t known_count = sizeof known / sizeof known[0];
    sample s;

    take_sample(data, len, &s);
    if (s.count == 0)
        return false;
    for (size_t i = 0; i < known_count && b.score < FULL * s.count; i++)
        try_pattern(known[i], &s, &b);
    if (b.score < FULL * s.count)
        try_looks(&s, &b);
    *out = b.prefix;
    return b.score > 0;
}
