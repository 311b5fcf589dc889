/*
 * What a message of PostgreSQL's log says, see capture_message.h. Written after
 * check_log_duration() and errdetail_*() of the server (src/backend/tcop/postgres.c) and
 * auto_explain.c.
 */
#include "capture_message.h"

#include <string.h>

#include "core/sql_fingerprint.h"

enum {
    MAX_NAME_BYTES = 256,
    VERB_LOOK_BYTES =
        24, /* of a statement: enough for its first word; this is done for each line */
};

static bool take(rh_log_text *text, const char *word)
{
    size_t n = strlen(word);

    if (text->len < n || memcmp(text->data, word, n) != 0)
        return false;
    text->data += n;
    text->len -= n;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12.345 ms" */
static bool take_duration(rh_log_text *text, int64_t *out_us)
{
    int64_t us = 0;
    int64_t unit = 100;
    size_t n = 0;

    while (n < text->len && n < 15 && is_digit(text->data[n]))
        us = us * 10 + (text->data[n++] - '0');
    if (n == 0)
        return false;
    us *= 1000;
    if (n < text->len && text->data[n] == '.') {
        for (n++; n < text->len && is_digit(text->data[n]); n++, unit /= 10)
            us += unit * (text->data[n] - '0');
    }
    text->data += n;
    text->len -= n;
    *out_us = us;
    return take(text, " ms");
}

/* The next ": " from `at` on where a name may end; text.len: none. */
static size_t next_end(rh_log_text text, size_t at)
{
    size_t limit = text.len < MAX_NAME_BYTES ? text.len : MAX_NAME_BYTES;

    while (at < limit) {
        const char *colon = memchr(text.data + at, ':', limit - at);

        if (colon == NULL)
            break;
        at = (size_t)(colon - text.data) + 1;
        if (at < text.len && *(colon + 1) == ' ')
            return at - 1;
    }
    return text.len;
}

/* Where the name ends: at ": ", the first one behind which a statement stands. Names may hold it.
 * Most lines have a single one: then nothing needs to be read. */
static size_t name_len(rh_log_text text)
{
    size_t first = next_end(text, 0);

    if (first == text.len || next_end(text, first + 2) == text.len)
        return first;
    for (size_t n = first; n < text.len; n = next_end(text, n + 2)) {
        size_t left = text.len - n - 2;

        if (left > VERB_LOOK_BYTES)
            left = VERB_LOOK_BYTES;
        if (rh_sql_command_of(RH_SQL_POSTGRES, text.data + n + 2, left).kind !=
            RH_SQL_COMMAND_UNKNOWN)
            return n;
    }
    return first;
}

/* "NAME[/PORTAL]: TEXT" */
static bool take_name(rh_log_text *text, capture_message *out)
{
    size_t n = name_len(*text);
    const char *slash;

    if (n == text->len)
        return false;
    out->name = (rh_log_text){text->data, n};
    slash = memchr(text->data, '/', n);
    if (slash != NULL) {
        out->name.len = (size_t)(slash - text->data);
        out->portal = (rh_log_text){slash + 1, n - out->name.len - 1};
    }
    if (out->name.len == 9 && memcmp(out->name.data, "<unnamed>", 9) == 0)
        out->name.len = 0;
    out->text = (rh_log_text){text->data + n + 2, text->len - n - 2};
    return true;
}

static void read_statement(rh_log_text text, capture_message *out)
{
    if (take(&text, "statement: ")) {
        out->kind = CAPTURE_STATEMENT;
        out->text = text;
    } else if (take(&text, "execute fetch from ")) {
        out->kind = take_name(&text, out) ? CAPTURE_FETCH : CAPTURE_OTHER;
    } else if (take(&text, "execute ")) {
        out->kind = take_name(&text, out) ? CAPTURE_EXECUTE : CAPTURE_OTHER;
    } else if (take(&text, "parse ")) {
        out->kind = take_name(&text, out) ? CAPTURE_PARSE : CAPTURE_OTHER;
    } else if (take(&text, "bind ")) {
        out->kind = take_name(&text, out) ? CAPTURE_BIND : CAPTURE_OTHER;
    } else if (take(&text, "plan:")) {
        out->kind = CAPTURE_PLAN;
        if (text.len > 0 && text.data[0] == '\n')
            (void)take(&text, "\n");
        out->text = text;
    } else if (take(&text, "fastpath function call: ")) {
        out->kind = CAPTURE_FASTPATH;
        out->text = text;
    }
}

void capture_message_read(rh_log_text text, capture_message *out)
{
    *out = (capture_message){.kind = CAPTURE_OTHER, .duration_us = -1};
    if (text.len < 9)
        return;
    switch (text.data[0]) {
    case 'd':
        if (take(&text, "duration: ") && take_duration(&text, &out->duration_us)) {
            while (text.len > 0 && text.data[0] == ' ') {
                text.data++;
                text.len--;
            }
            if (text.len == 0)
                out->kind = CAPTURE_DURATION;
            else
                read_statement(text, out);
        } else if (take(&text, "disconnection: ")) {
            out->kind = CAPTURE_DISCONNECTION;
        }
        break;
    case 'c':
        if (take(&text, "connection received: "))
            out->kind = CAPTURE_CONNECTION_RECEIVED;
        else if (take(&text, "connection authorized: "))
            out->kind = CAPTURE_CONNECTION_AUTHORIZED;
        out->text = text;
        break;
    case 's':
    case 'e':
    case 'f':
        read_statement(text, out);
        break;
    default:
        break;
    }
}

rh_log_text capture_word_after(rh_log_text text, const char *key)
{
    size_t n = strlen(key);

    for (size_t at = 0; at + n <= text.len; at++) {
        size_t end = at + n;

        if (memcmp(text.data + at, key, n) != 0 || (at > 0 && text.data[at - 1] != ' '))
            continue;
        while (end < text.len && text.data[end] != ' ')
            end++;
        return (rh_log_text){text.data + at + n, end - at - n};
    }
    return (rh_log_text){NULL, 0};
}
