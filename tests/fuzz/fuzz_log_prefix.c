/*
 * log_line_prefix: the first line is the pattern, the rest a log. A pattern is compiled or refused,
 * what matches points into its line, and the pattern guessed for a log can be compiled again.
 *
 * modules: core_base core_io core_sql profiler_log
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "log_prefix.h"

static void inside(rh_log_text text, const char *line, size_t len)
{
    assert(text.len == 0 || (text.data >= line && text.data + text.len <= line + len));
}

static void match(const log_prefix *prefix, const char *line, size_t len)
{
    log_clock clock = {0};
    rh_log_event event = {0};
    log_prefix own;

    if (log_prefix_match(prefix, &clock, line, len, &event)) {
        inside(event.text, line, len);
        inside(event.user, line, len);
        inside(event.database, line, len);
        inside(event.application, line, len);
        inside(event.session, line, len);
        inside(event.vxid, line, len);
    }
    if (log_prefix_look(line, len, &own))
        assert(own.count <= LOG_PREFIX_ELEMENTS);
}

static void match_lines(const log_prefix *prefix, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line = (size_t)((newline == NULL ? end : newline) - text);

        match(prefix, text, line);
        text += line + (newline == NULL ? 0 : 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
    size_t first = newline == NULL ? size : (size_t)(newline - data);
    size_t rest = newline == NULL ? 0 : size - first - 1;
    char *pattern = rh_mem_strndup((const char *)data, first);
    char *log = rh_mem_alloc(rest); /* exactly as long, for the sanitizer */
    log_prefix prefix;
    log_prefix again;

    if (pattern != NULL && log != NULL) {
        if (rest > 0)
            memcpy(log, newline + 1, rest);
        if (log_prefix_compile(pattern, &prefix, NULL) == RH_OK)
            match_lines(&prefix, log, rest);
        if (log_prefix_guess(log, rest, &prefix)) {
            assert(log_prefix_compile(prefix.text, &again, NULL) == RH_OK);
            match_lines(&prefix, log, rest);
        }
    }
    rh_mem_free(pattern);
    rh_mem_free(log);
    return 0;
}
