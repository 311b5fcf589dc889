/*
 * Invariants:
 *  1. Lines are interned: equal lines have equal numbers, so the algorithm compares integers.
 *  2. changed_a[i] / changed_b[j] mark lines that are deleted / inserted; the unmarked lines of
 * both sides are the same sequence. Every function that marks keeps this.
 *  3. Memory is O(lines): the middle snake is found from both ends (Myers 1986, §4b), and each half
 *     is solved on its own.
 */
#include "text_diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"

/* Steps from both ends before a region is given up as "all replaced": bounds the time. */
enum { MAX_EDITS = 4096 };

typedef struct lines {
    const char **start; /* count + 1 pointers; a line is [start[i], start[i + 1]) */
    uint32_t *number;
    bool *changed;
    size_t count;
} lines;

typedef struct work {
    const uint32_t *a;
    const uint32_t *b;
    bool *changed_a;
    bool *changed_b;
    int64_t *forward; /* per diagonal (index diagonal + offset), for the two searches */
    int64_t *backward;
    int64_t offset;
} work;

/* A part of both texts: lines [a0, a1) against [b0, b1). */
typedef struct region {
    int64_t a0;
    int64_t a1;
    int64_t b0;
    int64_t b1;
} region;

static void lines_done(lines *l)
{
    rh_mem_free(l->start);
    rh_mem_free(l->number);
    rh_mem_free(l->changed);
}

static rh_status lines_init(lines *l, const rh_text_side *side, rh_error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < side->len; i++)
        count += side->text[i] == '\n' || i + 1 == side->len;
    if (side->len > RH_TEXT_DIFF_MAX_BYTES || count > RH_TEXT_DIFF_MAX_LINES)
        return rh_error_set(err, RH_ELIMIT, "'%s' is too long to be compared line by line",
                            side->name);
    l->start = rh_mem_array(count + 1, sizeof *l->start);
    l->number = rh_mem_array(count + 1, sizeof *l->number);
    l->changed = rh_mem_array(count + 1, sizeof *l->changed);
    if (l->start == NULL || l->number == NULL || l->changed == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < side->len; i++) {
        if (i == 0 || side->text[i - 1] == '\n')
            l->start[l->count++] = side->text + i;
    }
    l->start[l->count] = side->text == NULL ? "" : side->text + side->len;
    return RH_OK;
}

static size_t line_len(const lines *l, size_t i)
{
    return (size_t)(l->start[i + 1] - l->start[i]);
}

static uint64_t line_hash(const char *text, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
    return hash ^ (hash >> 29);
}

/* Open addressing over all lines seen so far; slots hold line index + 1 of the joined sequence. */
static rh_status intern(lines *a, lines *b, rh_error *err)
{
    size_t total = a->count + b->count;
    size_t slots = 16;
    uint32_t *table;

    while (slots < total * 2)
        slots *= 2;
    table = rh_mem_array(slots, sizeof *table);
    if (table == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < total; i++) {
        lines *l = i < a->count ? a : b;
        size_t at = i < a->count ? i : i - a->count;
        size_t slot = line_hash(l->start[at], line_len(l, at)) & (slots - 1);

        for (; table[slot] != 0; slot = (slot + 1) & (slots - 1)) {
            size_t known = table[slot] - 1;
            lines *k = known < a->count ? a : b;
            size_t k_at = known < a->count ? known : known - a->count;

            if (line_len(k, k_at) == line_len(l, at) &&
                memcmp(k->start[k_at], l->start[at], line_len(l, at)) == 0)
                break;
        }
        if (table[slot] == 0)
            table[slot] = (uint32_t)(i + 1);
        l->number[at] = table[slot];
    }
    rh_mem_free(table);
    return RH_OK;
}

/* The diagonals that one search has reached so far, and those it may ever reach. */
typedef struct search {
    int64_t *v; /* furthest x per diagonal; may be indexed from low - 1 to high + 1 */
    int64_t min;
    int64_t max;
    int64_t low;
    int64_t high;
} search;

/* Widen the search by one diagonal on each side, staying inside; beyond stands what nobody takes.
 */
static void widen(search *s, int64_t nothing)
{
    if (s->min > s->low)
        s->v[--s->min - 1] = nothing;
    else
        s->min++;
    if (s->max < s->high)
        s->v[++s->max + 1] = nothing;
    else
        s->max--;
}

/* One more edit from the start on all diagonals; true when the search from the end was met: *x and
 * *y are then a point of a shortest path. */
static bool step_forward(const work *w, const region *r, search *f, const search *b, int64_t *x,
                         int64_t *y)
{
    bool odd = ((r->a0 - r->b0 - r->a1 + r->b1) & 1) != 0;

    widen(f, -1);
    for (int64_t k = f->max; k >= f->min; k -= 2) {
        int64_t at = f->v[k - 1] < f->v[k + 1] ? f->v[k + 1] : f->v[k - 1] + 1;

        while (at < r->a1 && at - k < r->b1 && w->a[at] == w->b[at - k])
            at++;
        f->v[k] = at;
        if (odd && k >= b->min && k <= b->max && b->v[k] <= at) {
            *x = at;
            *y = at - k;
            return true;
        }
    }
    return false;
}

/* The same from the end backwards. */
static bool step_backward(const work *w, const region *r, search *b, const search *f, int64_t *x,
                          int64_t *y)
{
    bool odd = ((r->a0 - r->b0 - r->a1 + r->b1) & 1) != 0;

    widen(b, INT64_MAX);
    for (int64_t k = b->max; k >= b->min; k -= 2) {
        int64_t at = b->v[k - 1] < b->v[k + 1] ? b->v[k - 1] : b->v[k + 1] - 1;

        while (at > r->a0 && at - k > r->b0 && w->a[at - 1] == w->b[at - k - 1])
            at--;
        b->v[k] = at;
        if (!odd && k >= f->min && k <= f->max && f->v[k] >= at) {
            *x = at;
            *y = at - k;
            return true;
        }
    }
    return false;
}

/* A point on a shortest path that splits the region; false when the search was given up. The
 * region's first and last lines differ. */
static bool middle(const work *w, const region *r, int64_t *x, int64_t *y)
{
    search f = {w->forward + w->offset, r->a0 - r->b0, r->a0 - r->b0, r->a0 - r->b1, r->a1 - r->b0};
    search b = {w->backward + w->offset, r->a1 - r->b1, r->a1 - r->b1, r->a0 - r->b1,
                r->a1 - r->b0};

    f.v[f.min] = r->a0;
    b.v[b.min] = r->a1;
    for (int edits = 0; edits < MAX_EDITS; edits++) {
        if (step_forward(w, r, &f, &b, x, y) || step_backward(w, r, &b, &f, x, y))
            return true;
    }
    return false;
}

static void mark_all(const work *w, const region *r)
{
    for (int64_t i = r->a0; i < r->a1; i++)
        w->changed_a[i] = true;
    for (int64_t i = r->b0; i < r->b1; i++)
        w->changed_b[i] = true;
}

/* Mark the changed lines of a region; equal lines at both ends are skipped first. Recursion halves
 * the edits each time, so its depth is at most log2 of twice MAX_EDITS. */
static void compare(const work *w, region r) /* NOLINT(misc-no-recursion): depth is bounded */
{
    int64_t x = 0;
    int64_t y = 0;

    while (r.a0 < r.a1 && r.b0 < r.b1 && w->a[r.a0] == w->b[r.b0]) {
        r.a0++;
        r.b0++;
    }
    while (r.a0 < r.a1 && r.b0 < r.b1 && w->a[r.a1 - 1] == w->b[r.b1 - 1]) {
        r.a1--;
        r.b1--;
    }
    if (r.a0 == r.a1 || r.b0 == r.b1 || !middle(w, &r, &x, &y)) {
        mark_all(w, &r);
        return;
    }
    compare(w, (region){r.a0, x, r.b0, y});
    compare(w, (region){x, r.a1, y, r.b1});
}

static rh_status mark(lines *a, lines *b, rh_error *err)
{
    size_t diagonals = a->count + b->count + 3;
    work w = {.a = a->number, .b = b->number, .changed_a = a->changed, .changed_b = b->changed};

    w.offset = (int64_t)b->count + 1;
    w.forward = rh_mem_array(diagonals, sizeof *w.forward);
    w.backward = rh_mem_array(diagonals, sizeof *w.backward);
    if (w.forward == NULL || w.backward == NULL) {
        rh_mem_free(w.forward);
        rh_mem_free(w.backward);
        return rh_error_oom(err);
    }
    compare(&w, (region){0, (int64_t)a->count, 0, (int64_t)b->count});
    rh_mem_free(w.forward);
    rh_mem_free(w.backward);
    return RH_OK;
}

/* One hunk: the lines [a0, a1) of a against [b0, b1) of b, context included. */
typedef region hunk;

/* The next change at or behind (i, j): skips the unchanged lines that both sides share. */
static bool next_change(const lines *a, const lines *b, int64_t *i, int64_t *j)
{
    while (*i < (int64_t)a->count && *j < (int64_t)b->count && !a->changed[*i] && !b->changed[*j]) {
        ++*i;
        ++*j;
    }
    return *i < (int64_t)a->count || *j < (int64_t)b->count;
}

static void skip_change(const lines *a, const lines *b, int64_t *i, int64_t *j)
{
    while (*i < (int64_t)a->count && a->changed[*i])
        ++*i;
    while (*j < (int64_t)b->count && b->changed[*j])
        ++*j;
}

/* The hunk that starts with the change at (i, j): takes in the next change while the unchanged
 * lines between them are context of both. */
static hunk next_hunk(const lines *a, const lines *b, int64_t *i, int64_t *j)
{
    int64_t before = *i < RH_TEXT_DIFF_CONTEXT ? *i : RH_TEXT_DIFF_CONTEXT;
    hunk h = {*i - before, 0, *j - before, 0};
    int64_t after;

    for (;;) {
        int64_t end = 0;

        skip_change(a, b, i, j);
        end = *i;
        after = (int64_t)a->count - end;
        if (!next_change(a, b, i, j) || *i - end > (int64_t)2 * RH_TEXT_DIFF_CONTEXT) {
            after = after < RH_TEXT_DIFF_CONTEXT ? after : RH_TEXT_DIFF_CONTEXT;
            h.a1 = end + after;
            h.b1 = *j - (*i - end) + after;
            return h;
        }
    }
}

static rh_status put_line(const lines *l, int64_t i, char mark_byte, rh_buf *out, rh_error *err)
{
    size_t len = line_len(l, (size_t)i);
    rh_status status = rh_buf_append_byte(out, (uint8_t)mark_byte, err);

    if (status == RH_OK)
        status = rh_buf_append(out, l->start[i], len, err);
    if (status == RH_OK && l->start[i][len - 1] != '\n')
        status = rh_buf_append_str(out, "\n\\ No newline at end of file\n", err);
    return status;
}

/* "12,3" as diff writes it: the count is left out when 1, the line is the one before when 0. */
static rh_status put_span(int64_t from, int64_t to, rh_buf *out, rh_error *err)
{
    long long count = to - from;
    long long line = count == 0 ? from : from + 1;

    if (count == 1)
        return rh_buf_printf(out, err, "%lld", line);
    return rh_buf_printf(out, err, "%lld,%lld", line, count);
}

static rh_status put_hunk(const lines *a, const lines *b, const hunk *h, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "@@ -", err);
    int64_t i = h->a0;
    int64_t j = h->b0;

    if (status == RH_OK)
        status = put_span(h->a0, h->a1, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " +", err);
    if (status == RH_OK)
        status = put_span(h->b0, h->b1, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " @@\n", err);
    while (status == RH_OK && (i < h->a1 || j < h->b1)) {
        if (i < h->a1 && a->changed[i]) {
            status = put_line(a, i++, '-', out, err);
        } else if (j < h->b1 && b->changed[j]) {
            status = put_line(b, j++, '+', out, err);
        } else {
            status = put_line(a, i++, ' ', out, err);
            j++;
        }
    }
    return status;
}

static rh_status put_hunks(const lines *a, const lines *b, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    int64_t i = 0;
    int64_t j = 0;

    while (status == RH_OK && next_change(a, b, &i, &j)) {
        hunk h = next_hunk(a, b, &i, &j);

        status = put_hunk(a, b, &h, out, err);
    }
    return status;
}

rh_status rh_text_diff(const rh_text_side *a, const rh_text_side *b, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    lines la = {0};
    lines lb = {0};
    size_t before = out->len;

    if (a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0))
        return RH_OK;
    status = lines_init(&la, a, err);
    if (status == RH_OK)
        status = lines_init(&lb, b, err);
    if (status == RH_OK)
        status = intern(&la, &lb, err);
    if (status == RH_OK)
        status = mark(&la, &lb, err);
    if (status == RH_OK)
        status = rh_buf_printf(out, err, "--- %s\n+++ %s\n", a->name, b->name);
    if (status == RH_OK)
        status = put_hunks(&la, &lb, out, err);
    if (status != RH_OK && out->data != NULL) {
        out->len = before;
        out->data[before] = 0;
    }
    lines_done(&la);
    lines_done(&lb);
    return status;
}
