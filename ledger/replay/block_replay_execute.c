#include <string.h>

#include "block_replay_internal.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"

enum { CUT_FACTOR = 100 };

/* ---- results ---- */

static void hash_value(rh_block_replay_digest *sum, const rh_parameter *value)
{
    uint8_t head[48] = {(uint8_t)value->kind}, out[RH_STORED_HASH_BYTES];

    rh_put_u64(head + 1, sum->low);
    rh_put_u64(head + 9, sum->high);
    if (value->kind == RH_PARAMETER_INTEGER)
        rh_put_u64(head + 17, (uint64_t)value->integer);
    else if (value->kind == RH_PARAMETER_REAL)
        memcpy(head + 17, &value->real, sizeof value->real);
    else if (value->data != NULL)
        rh_hash_stored(value->data, value->len, head + 17);
    rh_hash_stored(head, sizeof head, out);
    sum->low = rh_get_u64(out);
    sum->high = rh_get_u64(out + 8);
}

void rh_block_replay_hash_row(const rh_parameter *values, size_t count, rh_block_replay_digest *out)
{
    *out = (rh_block_replay_digest){1, count, true};
    for (size_t i = 0; i < count; i++)
        hash_value(out, &values[i]);
}

static void add_digest(rh_calls_result result, rh_block_replay_digest *sum,
                       const rh_block_replay_digest *row)
{
    if (result == RH_CALLS_EXISTS) {
        sum->low = 1;
    } else if (result == RH_CALLS_ORDERED) {
        const rh_parameter position = {
            .kind = RH_PARAMETER_BLOB, .data = row, .len = 2 * sizeof row->low};

        hash_value(sum, &position);
    } else {
        sum->low += row->low;
        sum->high += row->high;
    }
}

static rh_status take_values(replay_row *r, const rh_parameter *values, size_t count, rh_error *err)
{
    for (size_t i = 0; i < r->step->take_count; i++) {
        size_t at = (size_t)r->take_columns[i];
        rh_parameter *to = &r->taken[r->step->first_taken + i];

        if (at >= count)
            continue;
        *to = values[at];
        if (to->data == NULL)
            continue;
        to->data = rh_arena_strndup(r->replay->taken, values[at].data, values[at].len);
        if (to->data == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

rh_status rh_block_replay_take_row(void *ctx, const rh_parameter *values, size_t count,
                                   rh_error *err)
{
    replay_row *r = ctx;
    rh_block_replay_digest row;

    r->rows++;
    if (r->digest != NULL) {
        if (r->call->result != RH_CALLS_EXISTS)
            rh_block_replay_hash_row(values, count, &row);
        add_digest(r->call->result, r->digest, &row);
    }
    return r->rows == 1 ? take_values(r, values, count, err) : RH_OK;
}

/* ---- parameters ---- */

static rh_status room(rh_block_replay *replay, size_t count, rh_error *err)
{
    rh_parameter *grown;

    if (count <= replay->value_cap)
        return RH_OK;
    grown = rh_mem_rearray(replay->values, count, sizeof *grown);
    if (grown == NULL)
        return rh_error_oom(err);
    replay->values = grown;
    replay->value_cap = count;
    return RH_OK;
}

/* Values in the order of their numbers; the last batch repeats its last unit. */
static rh_status fill_values(rh_block_replay *replay, const rh_calls_call *call,
                             const rh_calls_step *step, const rh_calls_unit *units,
                             size_t unit_count, const rh_parameter *taken, size_t *out_count,
                             rh_error *err)
{
    size_t at = 0;
    rh_status status = room(replay, step->parameter_count * call->batch + 1, err);

    for (size_t i = 0; status == RH_OK && i < step->parameter_count; i++) {
        const rh_calls_parameter *p = &step->parameters[i];
        size_t count = p->list ? call->batch : 1;

        for (size_t j = 0; j < count; j++) {
            size_t unit = j < unit_count ? j : unit_count - 1;

            replay->values[at++] =
                p->taken >= 0 ? taken[p->taken] : rh_calls_value(&units[unit], p->field);
        }
    }
    *out_count = at;
    return status;
}

/* ---- steps ---- */

static bool due(const rh_calls_step *step, uint64_t rows_before)
{
    return step->when == RH_CALLS_ALWAYS || (step->when == RH_CALLS_FOUND) == (rows_before > 0);
}

static void note_most(rh_block_replay_call *figures, const rh_call_counters *before,
                      const rh_call_counters *after)
{
    if (after->vm_steps - before->vm_steps > figures->most_steps)
        figures->most_steps = after->vm_steps - before->vm_steps;
    if (after->rows - before->rows > figures->most_rows)
        figures->most_rows = after->rows - before->rows;
}

void rh_block_replay_note_pace(replayed_call *state, const rh_call_counters *before)
{
    double steps = (double)(state->block_counters.vm_steps - before->vm_steps);

    if (steps > 0 && state->pace_count < REPLAYED_PACES)
        state->paces[state->pace_count++] =
            (replayed_pace){(double)(state->block_counters.elapsed_us - before->elapsed_us), steps};
}

/* VM steps that end an execution; 0: none. */
static int64_t limit_of(const rh_block_replay *replay, const replayed_call *state)
{
    const rh_block_replay_options *o = &replay->options;

    if (o->step_budget <= 0 || o->cut_steps > 0)
        return o->cut_steps;
    return state->one_scan ? o->step_budget : CUT_FACTOR * o->step_budget;
}

rh_status rh_block_replay_step(rh_block_replay *replay, replayed_call *state,
                               rh_call_statement *statement, rh_call_run *run, rh_error *err)
{
    rh_call_counters before = state->block_counters;
    rh_status status;

    run->max_steps = limit_of(replay, state);
    status = rh_call_execute(statement, run, &state->block_counters, err);
    note_most(&state->figures, &before, &state->block_counters);
    return status;
}

rh_status rh_block_replay_execute(rh_block_replay *replay, size_t number,
                                  const rh_calls_unit *units, size_t unit_count,
                                  rh_block_replay_digest *digest, rh_error *err)
{
    replayed_call *state = &replay->calls[number];
    const rh_calls_call *call = state->figures.call;
    rh_parameter taken[RH_CALLS_MAX_PARAMETERS] = {{.kind = RH_PARAMETER_NULL}};
    replay_row row = {.replay = replay, .call = call, .taken = taken};
    rh_status status = RH_OK;

    rh_call_counters start = state->block_counters;

    rh_arena_reset(replay->taken);
    for (size_t i = 0; status == RH_OK && i < call->step_count; i++) {
        rh_call_run run = {.row = rh_block_replay_take_row, .ctx = &row};

        if (!due(&call->steps[i], row.rows))
            continue;
        row.step = &call->steps[i];
        row.take_columns = state->take_columns[i];
        row.digest = digest;
        row.rows = 0;
        status = fill_values(replay, call, row.step, units, unit_count, taken, &run.parameter_count,
                             err);
        run.parameters = replay->values;
        if (status == RH_OK)
            status = rh_block_replay_step(replay, state, state->statements[i], &run, err);
    }
    rh_block_replay_note_pace(state, &start);
    if (status == RH_SKIPPED) {
        digest->measured = false; /* its rows up to there are no result */
        state->figures.cut++;
        state->figures.scans_cut += state->one_scan && replay->options.cut_steps == 0 ? 1 : 0;
        status = RH_OK;
    }
    return status;
}
