/*
 * Lines of a stream, see log_lines.h.
 */
#include "log_lines.h"

#include <string.h>

#include "core/mem.h"

enum { FIRST_BYTES = 1 << 20 };

rh_status log_lines_init(log_lines *lines, rh_reader *reader, size_t max_line, rh_error *err)
{
    *lines = (log_lines){.reader = reader, .max_line = max_line};
    lines->buffer = rh_mem_alloc(FIRST_BYTES);
    if (lines->buffer == NULL) {
        log_lines_done(lines);
        return rh_error_oom(err);
    }
    lines->cap = FIRST_BYTES;
    return RH_OK;
}

void log_lines_done(log_lines *lines)
{
    rh_reader_free(lines->reader);
    rh_mem_free(lines->buffer);
    lines->reader = NULL;
    lines->buffer = NULL;
}

/* Read once more into the room behind end. What a broken archive gave before stays. */
static rh_status read_more(log_lines *lines, rh_error *err)
{
    size_t got = 0;
    rh_status status = rh_reader_get(lines->reader, lines->buffer + lines->end,
                                     lines->cap - lines->end, &got, &lines->why);

    if (status == RH_DONE) {
        lines->done = true;
        return RH_OK;
    }
    if (status == RH_EFORMAT && lines->bytes + lines->end > 0) {
        lines->done = true;
        lines->broken = status;
        return RH_OK;
    }
    if (status != RH_OK) {
        if (err != NULL)
            *err = lines->why;
        return status;
    }
    lines->end += got;
    return RH_OK;
}

static void move_to_front(log_lines *lines)
{
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
}

rh_status log_lines_peek(log_lines *lines, const char **out, size_t *out_len, rh_error *err)
{
    rh_status status = RH_OK;

    move_to_front(lines);
    while (status == RH_OK && !lines->done && lines->end < lines->cap)
        status = read_more(lines, err);
    if (status != RH_OK)
        return status;
    *out = lines->buffer;
    *out_len = lines->end;
    return RH_OK;
}

/* Make room behind end: move what is left to the front, or grow. */
static rh_status make_room(log_lines *lines, rh_error *err)
{
    char *larger;
    size_t cap;

    if (lines->at > 0) {
        move_to_front(lines);
        return RH_OK;
    }
    cap = lines->cap * 2 > lines->max_line + 2 ? lines->max_line + 2 : lines->cap * 2;
    larger = rh_mem_realloc(lines->buffer, cap);
    if (larger == NULL)
        return rh_error_oom(err);
    lines->buffer = larger;
    lines->cap = cap;
    return RH_OK;
}

/* Drop bytes up to and including the next line end. */
static rh_status pass_over(log_lines *lines, rh_error *err)
{
    rh_status status = RH_OK;
    const char *end = NULL;

    for (;;) {
        end = memchr(lines->buffer + lines->at, '\n', lines->end - lines->at);
        if (end != NULL || lines->done)
            break;
        lines->bytes += lines->end - lines->at;
        lines->at = lines->end = 0;
        status = read_more(lines, err);
        if (status != RH_OK)
            return status;
    }
    size_t next = end == NULL ? lines->end : (size_t)(end - lines->buffer) + 1;

    lines->bytes += next - lines->at;
    lines->at = next;
    lines->number++;
    return RH_SKIPPED;
}

static void give(log_lines *lines, size_t len, size_t taken, char **out, size_t *out_len)
{
    *out = lines->buffer + lines->at;
    lines->at += taken;
    lines->bytes += taken;
    lines->number++;
    if (lines->crlf && len > 0 && (*out)[len - 1] == '\r')
        len--;
    *out_len = len;
}

rh_status log_lines_next(log_lines *lines, char **out, size_t *out_len, rh_error *err)
{
    size_t looked = 0;

    for (;;) {
        size_t left = lines->end - lines->at;
        const char *start = lines->buffer + lines->at;
        const char *end = memchr(start + looked, '\n', left - looked);
        rh_status status = RH_OK;

        if (end != NULL) {
            give(lines, (size_t)(end - start), (size_t)(end - start) + 1, out, out_len);
            return RH_OK;
        }
        if (lines->done) {
            if (left == 0)
                return RH_DONE;
            give(lines, left, left, out, out_len);
            return RH_OK;
        }
        if (left > lines->max_line)
            return pass_over(lines, err);
        looked = left;
        if (lines->end == lines->cap)
            status = make_room(lines, err);
        if (status == RH_OK)
            status = read_more(lines, err);
        if (status != RH_OK)
            return status;
    }
}
