/*
 * The blocks that a report lists: those that cost most, so that a replay of years takes no more
 * memory than one of a week. A heap with the cheapest of them on top; of equals the earlier stay.
 */
#include "block_replay_internal.h"
#include "core/mem.h"

enum { FIRST_ROOM = 16 };

static bool cheaper(const replayed_block *a, const replayed_block *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->number > b->number;
}

static void swap(replayed_block *a, replayed_block *b)
{
    replayed_block held = *a;

    *a = *b;
    *b = held;
}

static void sink(replayed_block *heap, size_t count)
{
    size_t at = 0, child;

    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && cheaper(&heap[child + 1], &heap[child]))
            child++;
        if (!cheaper(&heap[child], &heap[at]))
            return;
        swap(&heap[child], &heap[at]);
        at = child;
    }
}

static void rise(replayed_block *heap, size_t at)
{
    while (at > 0 && cheaper(&heap[at], &heap[(at - 1) / 2])) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static rh_status room(replayed_blocks *blocks, rh_error *err)
{
    size_t cap = blocks->cap == 0 ? FIRST_ROOM : 2 * blocks->cap;
    replayed_block *grown;

    if (blocks->count < blocks->cap)
        return RH_OK;
    if (cap > RH_BLOCK_REPLAY_LISTED)
        cap = RH_BLOCK_REPLAY_LISTED;
    grown = rh_mem_rearray(blocks->heap, cap, sizeof *grown);
    if (grown == NULL)
        return rh_error_oom(err);
    blocks->heap = grown;
    blocks->cap = cap;
    return RH_OK;
}

rh_status rh_block_replay_list(replayed_blocks *blocks, const rh_block_replay_block_figures *block,
                               double cost, rh_error *err)
{
    replayed_block entry = {.figures = *block, .cost = cost, .number = blocks->seen};

    if (blocks->count < RH_BLOCK_REPLAY_LISTED) {
        rh_status status = room(blocks, err);

        if (status != RH_OK)
            return status;
        blocks->heap[blocks->count] = entry;
        rise(blocks->heap, blocks->count++);
    } else if (cheaper(&blocks->heap[0], &entry)) {
        blocks->heap[0] = entry;
        sink(blocks->heap, blocks->count);
    }
    if (blocks->seen == 0 || block->statements < blocks->least_statements)
        blocks->least_statements = block->statements;
    if (blocks->seen == 0 || block->statements > blocks->most_statements)
        blocks->most_statements = block->statements;
    if (blocks->seen == 0 || cost > blocks->most_cost) {
        blocks->most_cost = cost;
        blocks->costliest = block->height;
    }
    blocks->seen++;
    return RH_OK;
}
