/*
 * A line of SQL with a part of it underlined, cut to the width of a terminal around that part.
 * Everything is measured in the columns that a terminal shows (core/display.h).
 */
#include <stdio.h>
#include <string.h>

#include "core/display.h"
#include "core/sql_scan.h"
#include "profiler/profile.h"

enum { LEAD = 12 };

static const char DOTS[] = "...";
enum { DOT_COLUMNS = sizeof DOTS - 1 };

/* Bytes of the text: the line, what of it is marked, what of it is shown. */
typedef struct view {
    size_t start;
    size_t stop;
    size_t mark;
    size_t mark_stop;
    size_t from;
    size_t to;
} view;

static size_t columns(const char *text, size_t from, size_t to)
{
    return to > from ? rh_display_columns(text + from, to - from) : 0;
}

static void find_line(const char *text, size_t len, size_t offset, size_t length, view *v)
{
    v->mark = offset < len ? offset : len;
    v->start = v->mark;
    v->stop = v->mark;
    while (v->start > 0 && text[v->start - 1] != '\n')
        v->start--;
    while (v->stop < len && text[v->stop] != '\n')
        v->stop++;
    if (v->stop > v->mark && text[v->stop - 1] == '\r')
        v->stop--;
    v->mark_stop = v->stop - v->mark < length ? v->stop : v->mark + length;
}

/* A line that is too long: what is marked is shown, with some of what stands on both its sides. */
static void choose_window(const char *text, size_t room, view *v)
{
    size_t lead = columns(text, v->start, v->mark);
    size_t mark = columns(text, v->mark, v->mark_stop);
    size_t tail = columns(text, v->mark_stop, v->stop);
    size_t limit = LEAD;

    v->from = v->start;
    v->to = v->stop;
    if (lead + mark + tail <= room)
        return;
    tail = tail < room / 4 ? tail : room / 4;
    if (room > mark + tail + LEAD)
        limit = room - mark - tail;
    for (bool cut = lead > limit; cut && v->from < v->mark;) {
        rh_display_char next = rh_display_next(text + v->from, v->stop - v->from);

        if (lead + DOT_COLUMNS <= limit && next.columns > 0) /* a mark goes with its base */
            break;
        lead -= next.columns;
        v->from += next.bytes;
    }
    if (v->from > v->start)
        room -= DOT_COLUMNS;
    if (columns(text, v->from, v->stop) > room)
        v->to = v->from + rh_display_fit(text + v->from, v->stop - v->from, room - DOT_COLUMNS);
}

static rh_status append_window(const char *text, const view *v, rh_buf *out, rh_error *err)
{
    rh_status status = v->from > v->start ? rh_buf_append_str(out, DOTS, err) : RH_OK;
    size_t at = out->len;

    if (status == RH_OK)
        status = rh_buf_append(out, text + v->from, v->to - v->from, err);
    if (status == RH_OK)
        rh_display_clean((char *)out->data + at, out->len - at);
    if (status == RH_OK && v->to < v->stop)
        status = rh_buf_append_str(out, DOTS, err);
    return status;
}

rh_status rh_profile_underline(const char *text, size_t len, size_t offset, size_t length,
                               size_t width, rh_buf *out, rh_error *err)
{
    char gutter[32];
    size_t line = 0;
    size_t column = 0;
    size_t room;
    size_t mark;
    view v;
    rh_status status;

    find_line(text, len, offset, length, &v);
    rh_sql_position(text, len, v.mark, &line, &column);
    (void)snprintf(gutter, sizeof gutter, "%4zu", line);
    room = strlen(gutter) + 3;
    room = width > room + 40 ? width - room : 40;
    choose_window(text, room, &v);
    status = rh_buf_printf(out, err, "%s | ", gutter);
    if (status == RH_OK)
        status = append_window(text, &v, out, err);
    if (status == RH_OK)
        status = rh_buf_printf(
            out, err, "\n%*s | %*s", (int)strlen(gutter), "",
            (int)(columns(text, v.from, v.mark) + (v.from > v.start ? (size_t)DOT_COLUMNS : 0)),
            "");
    mark = columns(text, v.mark, v.mark_stop < v.to ? v.mark_stop : v.to);
    for (size_t i = 0; status == RH_OK && (i < mark || i == 0); i++)
        status = rh_buf_append_byte(out, '^', err);
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}
