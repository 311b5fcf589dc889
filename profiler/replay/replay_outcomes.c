/*
 * An external merge sort: batches are sorted in memory and appended to a file; the cursor merges
 * them with what is still held. Reading a batch takes a share of the memory that holding took, so
 * ten times the outcomes need no more of it.
 */
/* mkstemp(3) */
#define _XOPEN_SOURCE 700

#include "replay_outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "replay_map.h"

enum {
    FIRST_CAP = 1024,
    LEAST_READ = 16, /* outcomes of a batch that are read at once */
};

int rp_outcome_order(const rp_outcome *a, const rp_outcome *b)
{
    if (a->loop != b->loop)
        return a->loop < b->loop ? -1 : 1;
    return a->execution < b->execution ? -1 : a->execution > b->execution;
}

static int by_execution(const void *a, const void *b)
{
    return rp_outcome_order(a, b);
}

static void sort(rp_outcomes *outcomes)
{
    if (outcomes->count > 1)
        qsort(outcomes->held, outcomes->count, sizeof *outcomes->held, by_execution);
}

/* ---- the file ---- */

static rh_status open_file(rp_outcomes *outcomes, rh_error *err)
{
    const char *dir = getenv("TMPDIR");
    char path[512];
    int fd;

    if (dir == NULL || dir[0] == '\0')
        dir = "/var/tmp"; /* /tmp may be memory */
    if (snprintf(path, sizeof path, "%s/rehearse-run-XXXXXX", dir) >= (int)sizeof path)
        return rh_error_set(err, RH_ELIMIT, "TMPDIR is too long");
    fd = mkstemp(path);
    if (fd < 0)
        return rh_error_errno(err, errno, "cannot create a temporary file in '%s'", dir);
    (void)unlink(path);
    outcomes->fd = fd;
    outcomes->spilled = true;
    return RH_OK;
}

static rh_status spill(rp_outcomes *outcomes, rh_error *err)
{
    const char *at = (const char *)outcomes->held;
    size_t left = outcomes->count * sizeof *outcomes->held;
    rh_status status = outcomes->spilled ? RH_OK : open_file(outcomes, err);

    sort(outcomes);
    while (status == RH_OK && left > 0) {
        ssize_t written = write(outcomes->fd, at, left);

        if (written < 0 && errno != EINTR)
            status = rh_error_errno(err, errno, "cannot write the temporary file of the run");
        if (written > 0) {
            at += written;
            left -= (size_t)written;
        }
    }
    if (status == RH_OK) {
        outcomes->batches++;
        outcomes->count = 0;
    }
    return status;
}

static rh_status read_at(int fd, void *out, size_t len, uint64_t offset, rh_error *err)
{
    char *at = out;

    while (len > 0) {
        ssize_t got = pread(fd, at, len, (off_t)offset);

        if (got == 0 || (got < 0 && errno != EINTR))
            return rh_error_errno(err, got == 0 ? EIO : errno,
                                  "cannot read the temporary file of the run");
        if (got > 0) {
            at += got;
            len -= (size_t)got;
            offset += (uint64_t)got;
        }
    }
    return RH_OK;
}

/* ---- collecting ---- */

static rh_status grow(rp_outcomes *outcomes, rh_error *err)
{
    size_t cap = outcomes->cap == 0 ? FIRST_CAP : outcomes->cap * 2;
    rp_outcome *larger;

    if (cap > outcomes->limit)
        cap = outcomes->limit;
    larger = rh_mem_rearray(outcomes->held, cap, sizeof *larger);
    if (larger == NULL)
        return rh_error_oom(err);
    outcomes->held = larger;
    outcomes->cap = cap;
    return RH_OK;
}

rh_status rp_outcomes_add(rp_outcomes *outcomes, const rp_outcome *outcome, rh_error *err)
{
    rh_status status = RH_OK;

    if (outcomes->limit == 0)
        outcomes->limit = RP_OUTCOMES_HELD;
    if (outcomes->count == outcomes->limit)
        status = spill(outcomes, err);
    else if (outcomes->count == outcomes->cap)
        status = grow(outcomes, err);
    if (status == RH_OK)
        outcomes->held[outcomes->count++] = *outcome;
    return status;
}

void rp_outcomes_done(rp_outcomes *outcomes)
{
    if (outcomes->spilled)
        (void)close(outcomes->fd);
    rh_mem_free(outcomes->held);
    memset(outcomes, 0, sizeof *outcomes);
}

/* ---- merging ---- */

/* A batch of the file, or (read == NULL) what is held. */
typedef struct batch {
    rp_outcome *read; /* part of the cursor's block */
    const rp_outcome *next;
    size_t ready;    /* from next on */
    uint64_t offset; /* of what is not read yet, in outcomes */
    size_t left;
} batch;

struct rp_outcome_cursor {
    rp_outcomes *outcomes;
    rp_outcome *block;
    size_t share; /* of each batch */
    batch *batches;
    rp_heap heap;
};

/* Put the batch back for its next outcome; nothing when it is at its end. */
static rh_status put_back(rp_outcome_cursor *cursor, batch *from, rh_error *err)
{
    rh_status status = RH_OK;

    if (from->ready == 0 && from->left > 0) {
        size_t count = from->left < cursor->share ? from->left : cursor->share;

        status = read_at(cursor->outcomes->fd, from->read, count * sizeof *from->read,
                         from->offset * sizeof *from->read, err);
        from->next = from->read;
        from->ready = count;
        from->offset += count;
        from->left -= count;
    }
    if (status == RH_OK && from->ready > 0)
        rp_heap_add(&cursor->heap, (int64_t)from->next->loop, from->next->execution, from);
    return status;
}

static rh_status fill(rp_outcome_cursor *cursor, rh_error *err)
{
    const rp_outcomes *outcomes = cursor->outcomes;
    size_t count = outcomes->batches;
    rh_status status = rp_heap_reserve(&cursor->heap, count + 1, err);

    for (size_t i = 0; status == RH_OK && i <= count; i++) {
        batch *one = &cursor->batches[i];

        if (i == count) {
            one->next = outcomes->held;
            one->ready = outcomes->count;
        } else {
            one->read = cursor->block + i * cursor->share;
            one->offset = i * outcomes->limit;
            one->left = outcomes->limit;
        }
        status = put_back(cursor, one, err);
    }
    return status;
}

rh_status rp_outcome_cursor_open(rp_outcomes *outcomes, rp_outcome_cursor **out, rh_error *err)
{
    size_t count = outcomes->batches;
    rp_outcome_cursor *cursor = rh_mem_zalloc(sizeof *cursor);
    rh_status status = RH_OK;

    if (cursor == NULL)
        return rh_error_oom(err);
    sort(outcomes);
    cursor->outcomes = outcomes;
    cursor->share = count == 0 ? 1 : outcomes->limit / count;
    if (cursor->share < LEAST_READ)
        cursor->share = LEAST_READ;
    cursor->batches = rh_mem_array(count + 1, sizeof *cursor->batches);
    cursor->block = rh_mem_array(count == 0 ? 1 : count * cursor->share, sizeof *cursor->block);
    if (cursor->batches == NULL || cursor->block == NULL)
        status = rh_error_oom(err);
    else
        status = fill(cursor, err);
    if (status == RH_OK)
        *out = cursor;
    else
        rp_outcome_cursor_close(cursor);
    return status;
}

rh_status rp_outcome_cursor_next(rp_outcome_cursor *cursor, rp_outcome *out, rh_error *err)
{
    batch *from;

    if (rp_heap_top(&cursor->heap) == NULL)
        return RH_DONE;
    from = rp_heap_take(&cursor->heap);
    *out = *from->next++;
    from->ready--;
    return put_back(cursor, from, err);
}

void rp_outcome_cursor_close(rp_outcome_cursor *cursor)
{
    if (cursor == NULL)
        return;
    rp_heap_done(&cursor->heap);
    rh_mem_free(cursor->batches);
    rh_mem_free(cursor->block);
    rh_mem_free(cursor);
}
