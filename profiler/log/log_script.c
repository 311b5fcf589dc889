/*
 * Scripts: files of SQL statements, psql's and pg_dump's with their commands and COPY blocks, and
 * what the sqlite3 shell's .trace writes (`SELECT 1; -- 1234 ns` with --profile).
 */
#include "core/sql_fingerprint.h"
#include "log_input.h"

enum { WINDOW_BYTES = 256 << 10, MAX_DURATION_DIGITS = 15 };

typedef struct script {
    log_input *in;
    rh_buf window; /* whole lines that were not cut into statements yet */
    size_t wanted; /* bytes to collect before cutting */
    uint64_t line; /* of the window's first byte */
    bool copying;  /* inside COPY's data */
} script;

static uint64_t count_lines(const char *text, size_t len)
{
    uint64_t count = 0;

    for (const char *at = text; len > 0 && (at = memchr(at, '\n', len - (size_t)(at - text)));
         at++) {
        count++;
        if ((size_t)(at + 1 - text) == len)
            break;
    }
    return count;
}

/* " -- 1234 ns" behind a statement's semicolon. Returns microseconds or -1. */
static int64_t profile_comment(const char *text, size_t len)
{
    uint64_t ns = 0;
    size_t n;

    if (!log_starts_with(text, len, " -- "))
        return -1;
    n = log_digits(text + 4, len - 4, &ns);
    if (n == 0 || n > MAX_DURATION_DIGITS || !log_starts_with(text + 4 + n, len - 4 - n, " ns"))
        return -1;
    return (int64_t)((ns + 500) / 1000);
}

/* COPY t FROM stdin: its rows follow the statement, up to a line "\.". */
static bool starts_copy_data(const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_token token;
    bool from = false;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    token = rh_sql_scan_next_code(&scan);
    if (!rh_sql_token_is(&token, text, "copy"))
        return false;
    while (token.kind != RH_SQL_TOKEN_END) {
        if (from && rh_sql_token_is(&token, text, "stdin"))
            return true;
        from = rh_sql_token_is(&token, text, "from");
        token = rh_sql_scan_next_code(&scan);
    }
    return false;
}

/* psql's commands between statements are nothing that a server executes. */
static rh_status count_commands(script *s, const char *text, size_t len, uint64_t line,
                                rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_token token;
    rh_status status = RH_OK;

    if (memchr(text, '\\', len) == NULL || s->in->dialect != RH_SQL_POSTGRES)
        return RH_OK;
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    while (status == RH_OK && (token = rh_sql_scan_next(&scan)).kind != RH_SQL_TOKEN_END) {
        if (token.kind == RH_SQL_TOKEN_META)
            status = log_skip(s->in, "psql command", line + count_lines(text, token.offset), err);
    }
    return status;
}

static rh_status give(script *s, const char *text, size_t len, uint64_t line, int64_t duration_us,
                      rh_error *err)
{
    rh_log_statement statement = {
        .dialect = s->in->dialect, .line = line, .duration_us = duration_us, .sql = {text, len}};

    s->copying = s->in->dialect == RH_SQL_POSTGRES && starts_copy_data(text, len);
    if (s->copying)
        statement.unreplayable = "COPY FROM STDIN: its rows are not part of a workload";
    return s->in->sink->statement(s->in->sink->ctx, &statement, err);
}

/* Forget the first bytes of the window. */
static void consume(script *s, size_t bytes)
{
    s->line += count_lines((const char *)s->window.data, bytes);
    memmove(s->window.data, s->window.data + bytes, s->window.len - bytes);
    s->window.len -= bytes;
}

/* Leave out COPY's rows at the window's start. True when their end was found. */
static bool skip_rows(script *s)
{
    size_t at = 0;

    while (at < s->window.len) {
        const char *text = (const char *)s->window.data + at;
        const char *end = memchr(text, '\n', s->window.len - at);
        size_t len = end == NULL ? s->window.len - at : (size_t)(end - text);

        at += end == NULL ? len : len + 1;
        if (len >= 2 && text[0] == '\\' && text[1] == '.') {
            consume(s, at);
            s->copying = false;
            return true;
        }
    }
    consume(s, at);
    return false;
}

/* Cut statements off the window; the last piece stays unless the input is at its end. */
static rh_status cut(script *s, bool last, rh_error *err)
{
    const char *text = (const char *)s->window.data;
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t done = 0;
    uint64_t line = s->line;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, s->in->dialect, text, s->window.len);
    while (status == RH_OK && !s->copying && rh_sql_split_next(&scan, &piece)) {
        size_t end = piece.offset + piece.len;
        size_t behind;

        if (!piece.complete && !last)
            break;
        status = count_commands(s, text + done, piece.offset - done, line, err);
        line += count_lines(text + done, piece.offset - done);
        while (piece.complete && end < s->window.len && text[end] != ';')
            end++;
        behind = end < s->window.len ? end + 1 : end;
        if (status == RH_OK)
            status = give(s, text + piece.offset, piece.len, line,
                          profile_comment(text + behind, s->window.len - behind), err);
        line += count_lines(text + piece.offset, behind - piece.offset);
        done = behind;
        if (s->copying) { /* the rest of COPY's line, then rows */
            const char *rest = memchr(text + done, '\n', s->window.len - done);

            done = rest == NULL ? s->window.len : (size_t)(rest - text) + 1;
        }
    }
    if (status == RH_OK && last && !s->copying)
        status = count_commands(s, text + done, s->window.len - done, line, err);
    if (last && !s->copying)
        done = s->window.len;
    s->wanted = done == 0 ? s->wanted * 2 : WINDOW_BYTES;
    if (s->window.len > 0)
        consume(s, done);
    return status;
}

/* Cut, skip rows, cut what is behind them ... */
static rh_status work(script *s, bool last, rh_error *err)
{
    rh_status status = RH_OK;

    for (;;) {
        if (s->copying && !skip_rows(s))
            return RH_OK;
        if (s->window.len == 0)
            return RH_OK;
        status = cut(s, last, err);
        if (status != RH_OK || !s->copying)
            return status;
    }
}

static rh_status add_line(script *s, const char *line, size_t len, rh_error *err)
{
    rh_status status = RH_OK;

    if (s->window.len == 0)
        s->line = s->in->lines.number;
    if (s->window.len + len + 1 > s->window.max) {
        rh_buf_clear(&s->window);
        s->wanted = WINDOW_BYTES;
        return log_skip(s->in, "statement too long", s->line, err);
    }
    status = rh_buf_append(&s->window, line, len, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&s->window, '\n', err);
    if (status == RH_OK && (s->copying || s->window.len >= s->wanted))
        status = work(s, false, err);
    return status;
}

rh_status log_script_read(log_input *in, rh_error *err)
{
    script s = {.in = in, .wanted = WINDOW_BYTES};
    rh_status status = RH_OK;

    rh_buf_init(&s.window, in->lines.max_line);
    for (;;) {
        char *line = NULL;
        size_t len = 0;

        status = rh_cancel_check(in->options->cancel, err);
        if (status == RH_OK)
            status = log_lines_next(&in->lines, &line, &len, err);
        if (status == RH_SKIPPED)
            status = log_skip(in, "line too long", in->lines.number, err);
        else if (status == RH_OK)
            status = add_line(&s, line, len, err);
        if (status != RH_OK)
            break;
    }
    if (status == RH_DONE)
        status = work(&s, true, err);
    rh_buf_done(&s.window);
    return status;
}
