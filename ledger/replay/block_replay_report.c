#include <stdlib.h>
#include <string.h>

#include "block_replay_internal.h"
#include "core/mem.h"

size_t rh_block_replay_call_count(const rh_block_replay *replay)
{
    return replay->count;
}

const rh_block_replay_call *rh_block_replay_call_at(const rh_block_replay *replay, size_t at)
{
    return &replay->calls[at].figures;
}

const rh_block_replay_block_figures *rh_block_replay_last_block(const rh_block_replay *replay)
{
    return &replay->block;
}

const rh_block_replay_digest *rh_block_replay_digests(const rh_block_replay *replay, size_t call,
                                                      size_t *out_count)
{
    *out_count = replay->calls[call].digest_count;
    return replay->calls[call].digests;
}

static json_t *counter(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

/* What is known of a trace's statements only. */
static bool describe_trace(const rh_block_replay_call *c, json_t *entry)
{
    return json_object_set_new(entry, "sql", json_string(c->call->shape)) == 0 &&
           json_object_set_new(entry, "captured_us", json_integer((json_int_t)c->captured_us)) ==
               0 &&
           json_object_set_new(entry, "unreplayable", json_integer((json_int_t)c->unreplayable)) ==
               0;
}

static json_t *describe_call(const rh_block_replay_call *c)
{
    const rh_call_counters *n = &c->counters;
    json_t *entry =
        json_pack("{s:s, s:s, s:{s:I, s:I}, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, "
                  "s:I, s:I, s:I, s:s?}",
                  "name", c->call->name, "per", rh_calls_per_name(c->call->per), "units_per_block",
                  "least", (json_int_t)c->least_units, "most", (json_int_t)c->most_units, "units",
                  (json_int_t)c->units, "measured", (json_int_t)c->measured, "sampled",
                  c->measured < c->units || c->cut > 0, "cut", (json_int_t)c->cut, "executions",
                  (json_int_t)n->executions, "statements", (json_int_t)(c->statements + 0.5),
                  "rows", (json_int_t)n->rows, "vm_steps", counter(n->vm_steps), "full_scan_steps",
                  counter(n->full_scan_steps), "sorts", counter(n->sorts), "auto_index_rows",
                  counter(n->auto_index_rows), "elapsed_us", (json_int_t)n->elapsed_us,
                  "predicted_us", (json_int_t)c->predicted_us, "errors", (json_int_t)c->errors,
                  "first_error", c->errors > 0 ? c->first_error : NULL);

    if (entry != NULL && c->call->per == RH_CALLS_PER_STATEMENT && !describe_trace(c, entry)) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

static int by_number(const void *left, const void *right)
{
    const replayed_block *a = left, *b = right;

    return (a->number > b->number) - (a->number < b->number);
}

static json_t *describe_block(const rh_block_replay_block_figures *b)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "height", (json_int_t)b->height,
                     "transactions", (json_int_t)b->transactions, "inputs", (json_int_t)b->inputs,
                     "outputs", (json_int_t)b->outputs, "statements",
                     (json_int_t)(b->statements + 0.5), "elapsed_us", (json_int_t)b->elapsed_us,
                     "predicted_us", (json_int_t)b->predicted_us);
}

/* New reference; NULL: no memory. */
static json_t *describe_blocks(const replayed_blocks *from)
{
    replayed_block *sorted = rh_mem_array(from->count + 1, sizeof *sorted);
    json_t *list = sorted == NULL ? NULL : json_array();

    if (sorted != NULL && from->count > 0) {
        memcpy(sorted, from->heap, from->count * sizeof *sorted);
        qsort(sorted, from->count, sizeof *sorted, by_number);
    }
    for (size_t i = 0; list != NULL && i < from->count; i++) {
        if (json_array_append_new(list, describe_block(&sorted[i].figures)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    rh_mem_free(sorted);
    return list;
}

static json_t *describe_per_block(const replayed_blocks *from, double statements)
{
    return json_pack(
        "{s:I, s:f, s:I, s:I}", "least_statements", (json_int_t)(from->least_statements + 0.5),
        "mean_statements", from->seen == 0 ? 0 : statements / (double)from->seen, "most_statements",
        (json_int_t)(from->most_statements + 0.5), "costliest_height", (json_int_t)from->costliest);
}

static json_t *describe_calls(const rh_block_replay *replay)
{
    json_t *calls = json_array();

    for (size_t i = 0; calls != NULL && i < replay->count; i++) {
        if (json_array_append_new(calls, describe_call(&replay->calls[i].figures)) != 0) {
            json_decref(calls);
            calls = NULL;
        }
    }
    return calls;
}

rh_status rh_block_replay_report(const rh_block_replay *replay, json_t **out, rh_error *err)
{
    const replayed_blocks *blocks = &replay->blocks;
    double statements = 0, predicted = 0;
    int64_t elapsed = 0;

    for (size_t i = 0; i < replay->count; i++) {
        const rh_block_replay_call *c = &replay->calls[i].figures;

        statements += c->statements;
        predicted += c->predicted_us;
        elapsed += c->counters.elapsed_us;
    }
    /* A description that is NULL for want of memory fails the pack. */
    *out = json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "engine",
                     rh_engine_name(rh_call_kind(replay->session)), "version",
                     rh_call_version(replay->session), "calls", describe_calls(replay), "blocks",
                     describe_blocks(blocks), "per_block", describe_per_block(blocks, statements),
                     "totals", "blocks", (json_int_t)blocks->seen, "blocks_listed",
                     (json_int_t)blocks->count, "statements", (json_int_t)(statements + 0.5),
                     "passed_over", (json_int_t)replay->passed_over, "elapsed_us",
                     (json_int_t)elapsed, "predicted_us", (json_int_t)predicted);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}
