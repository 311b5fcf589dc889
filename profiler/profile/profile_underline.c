/*
 * A line of SQL with a part of it underlined, cut to the width of a terminal.
 */
#include <string.h>

#include "core/sql_scan.h"
#include "core/str.h"
#include "profiler/profile.h"

enum { GUTTER = 7, LEAD = 12 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Copy with tabs as blanks, at most `columns` characters; their number. */
static rh_status append_cut(const char *text, size_t len, size_t columns, rh_buf *out,
                            rh_error *err)
{
    rh_status status = RH_OK;
    size_t count = 0;

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        if (!is_continuation(text[i]) && ++count > columns)
            return RH_OK;
        status = rh_buf_append_byte(
            out, text[i] == '\t' || text[i] == '\r' ? ' ' : (uint8_t)text[i], err);
    }
    return status;
}

static size_t characters(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += !is_continuation(text[i]);
    return count;
}

rh_status rh_profile_underline(const char *text, size_t len, size_t offset, size_t length,
                               size_t width, rh_buf *out, rh_error *err)
{
    size_t room = width > GUTTER + 20 ? width - GUTTER : 20;
    size_t start = offset < len ? offset : len;
    size_t stop = start;
    size_t line = 0;
    size_t column = 0;
    size_t mark;
    size_t lead;
    rh_status status;

    rh_sql_position(text, len, start, &line, &column);
    while (start > 0 && text[start - 1] != '\n')
        start--;
    while (stop < len && text[stop] != '\n')
        stop++;
    /* a span far to the right: begin shortly before it */
    while (characters(text + start, offset - start) > room - room / 3 &&
           characters(text + start, offset - start) > LEAD)
        start++;
    while (start < offset && is_continuation(text[start]))
        start++;
    mark = offset + length < stop ? offset + length : stop;
    mark = characters(text + offset, mark > offset ? mark - offset : 0);
    lead = characters(text + start, offset - start);
    if (mark == 0)
        mark = 1;
    if (lead + mark > room)
        mark = room > lead ? room - lead : 1;
    status = rh_buf_printf(out, err, "%4zu | ", line);
    if (status == RH_OK)
        status = append_cut(text + start, stop - start, room, out, err);
    if (status == RH_OK)
        status = rh_buf_printf(out, err, "\n     | %*s", (int)lead, "");
    for (size_t i = 0; status == RH_OK && i < mark; i++)
        status = rh_buf_append_byte(out, '^', err);
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}
