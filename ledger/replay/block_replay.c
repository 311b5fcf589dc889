/*
 * Order of a block, as a node does it: calls per block, then transaction by transaction the calls
 * per transaction, per input, per output. A batch collects units over the whole block and runs when
 * it is full or the block ends.
 *
 * Invariants
 * 1. Everything happens in one transaction of the session; close rolls it back. With `commit` it is
 *    committed after each block.
 * 2. Where calls write (or may fail and the rest shall go on), each transaction of the chain has a
 *    savepoint, and a failed one goes back to it.
 * 3. digests[i] of a call belongs to its i-th unit in the block.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "block_replay_internal.h"
#include "core/clock.h"
#include "core/mem.h"

/* ---- opening ---- */

static rh_status find_columns(replayed_call *state, size_t step, rh_error *err)
{
    const rh_calls_step *from = &state->figures.call->steps[step];

    for (size_t i = 0; i < from->take_count; i++) {
        const char *column;
        size_t at = 0;

        while ((column = rh_call_column(state->statements[step], at)) != NULL &&
               strcmp(column, from->take[i]) != 0)
            at++;
        if (column == NULL)
            return rh_error_set(err, RH_ECONFIG,
                                "step %zu takes column '%s', which its result lacks", step + 1,
                                from->take[i]);
        state->take_columns[step][i] = (int)at;
    }
    return RH_OK;
}

/* A plan of one scan, sorted or not: twice the rows, twice the steps. */
static rh_status look_for_scan(rh_block_replay *replay, replayed_call *state, rh_error *err)
{
    json_t *lines = NULL;
    size_t scans = 0, others = 0;
    rh_status status =
        rh_call_explain(replay->session, state->figures.call->steps[0].sql, NULL, 0, &lines, err);

    for (size_t i = 0; status == RH_OK && i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_object_get(json_array_get(lines, i), "detail"));

        if (line != NULL && strncmp(line, "SCAN ", 5) == 0)
            scans++;
        else if (line == NULL || strncmp(line, "USE TEMP B-TREE", 15) != 0)
            others++;
    }
    state->one_scan = scans == 1 && others == 0;
    json_decref(lines);
    return status;
}

static rh_status prepare_call(rh_block_replay *replay, replayed_call *state, rh_error *err)
{
    const rh_calls_call *call = state->figures.call;
    rh_status status = RH_OK;

    if (call->per == RH_CALLS_PER_STATEMENT)
        return RH_OK; /* prepared when it is met */
    if (call->cache_sql != NULL)
        return rh_block_replay_cache_load(replay, state, err);
    state->statements = rh_mem_array(call->step_count, sizeof(rh_call_statement *));
    state->take_columns = rh_mem_array(call->step_count, sizeof *state->take_columns);
    if (state->statements == NULL || state->take_columns == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < call->step_count; i++) {
        status = rh_call_prepare(replay->session, call->steps[i].sql, &state->statements[i], err);
        if (status == RH_OK)
            status = find_columns(state, i, err);
    }
    if (status == RH_OK && replay->options.cut_scans && call->step_count == 1 &&
        rh_call_kind(replay->session) == RH_ENGINE_SQLITE)
        status = look_for_scan(replay, state, err);
    return status;
}

/* Where its file has it; the calls of a trace stand in none. */
static void name_call(const rh_calls *calls, const rh_calls_call *call, rh_error *err)
{
    if (calls->traced)
        rh_error_where(err, "call '%s'", call->name);
    else
        rh_error_where(err, "%s:%zu:%zu: call '%s'", calls->file, call->pos.line, call->pos.column,
                       call->name);
}

static rh_status open_session(rh_block_replay *replay, rh_error *err)
{
    const rh_block_replay_options *options = &replay->options;
    rh_call_options session = RH_CALL_OPTIONS_INIT;

    if (options->session != NULL) {
        replay->session = options->session;
        return RH_OK;
    }
    session.setup = options->calls->setup;
    session.writes = options->calls->writes;
    session.statistics = options->statistics;
    session.count_reads = options->count_reads;
    session.cancel = options->cancel;
    return rh_call_open(options->target, &session, &replay->session, err);
}

rh_status rh_block_replay_open(const rh_block_replay_options *options, rh_block_replay **out,
                               rh_error *err)
{
    rh_block_replay *replay = rh_mem_zalloc(sizeof *replay);
    rh_status status = RH_OK;

    if (replay == NULL)
        return rh_error_oom(err);
    replay->options = *options;
    replay->calls = rh_mem_array(options->calls->count, sizeof *replay->calls);
    replay->taken = rh_arena_new(0);
    if (replay->calls == NULL || replay->taken == NULL)
        status = rh_error_oom(err);
    else
        status = open_session(replay, err);
    for (size_t i = 0; status == RH_OK && i < options->calls->count; i++) {
        replay->calls[i].figures.call = &options->calls->calls[i];
        replay->count++;
        status = prepare_call(replay, &replay->calls[i], err);
        if (status != RH_OK)
            name_call(options->calls, &options->calls->calls[i], err);
    }
    replay->savepoints = options->calls->writes || options->keep_going;
    if (status != RH_OK) {
        rh_block_replay_close(replay);
        return status;
    }
    *out = replay;
    return RH_OK;
}

void rh_block_replay_close(rh_block_replay *replay)
{
    if (replay == NULL)
        return;
    rh_block_replay_trace_free(replay);
    for (size_t i = 0; i < replay->count; i++) {
        replayed_call *state = &replay->calls[i];

        for (size_t j = 0; state->statements != NULL && j < state->figures.call->step_count; j++)
            rh_call_statement_free(state->statements[j]);
        rh_mem_free(state->statements);
        rh_mem_free(state->text);
        rh_mem_free(state->take_columns);
        rh_mem_free(state->digests);
        json_decref(state->cache);
    }
    if (replay->options.session == NULL)
        rh_call_close(replay->session);
    rh_mem_free(replay->calls);
    rh_mem_free(replay->values);
    rh_arena_free(replay->taken);
    rh_mem_free(replay->blocks.heap);
    rh_mem_free(replay);
}

/* ---- one block ---- */

static size_t units_of(const replayed_call *state, const rh_ledger_block *block)
{
    switch (state->figures.call->per) {
    case RH_CALLS_PER_BLOCK:
        return 1;
    case RH_CALLS_PER_TRANSACTION:
        return block->tx_count;
    case RH_CALLS_PER_INPUT:
        return block->input_count;
    case RH_CALLS_PER_OUTPUT:
        return block->output_count;
    case RH_CALLS_PER_STATEMENT:
        return state->block_statements;
    }
    return 0;
}

static rh_status begin_call(replayed_call *state, const rh_ledger_block *block, rh_error *err)
{
    const rh_calls_call *call = state->figures.call;

    state->block_units = 0;
    state->block_measured = 0;
    state->block_counters = (rh_call_counters){0};
    state->block_full = false;
    state->pace_count = 0;
    state->digest_count =
        block->height >= 0 && block->height < call->active_from ? 0 : units_of(state, block);
    if (state->digest_count > state->digest_cap) {
        rh_block_replay_digest *grown =
            rh_mem_rearray(state->digests, state->digest_count, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        state->digests = grown;
        state->digest_cap = state->digest_count;
    }
    if (state->digest_count > 0)
        memset(state->digests, 0, state->digest_count * sizeof *state->digests);
    return RH_OK;
}

/* Is the n-th unit of total one of the sample? Evenly spread, the first one among them. */
static bool sampled(const rh_block_replay *replay, const replayed_call *state, uint64_t n)
{
    uint64_t want = replay->options.sample, total = state->digest_count;

    if (want == 0 || want >= total)
        return true;
    return !state->block_full && n * want / total != (n + 1) * want / total;
}

static bool always_first(const rh_block_replay *replay, const replayed_call *state)
{
    return replay->options.sample > 0 && state->block_measured == 0;
}

bool rh_block_replay_due(const rh_block_replay *replay, const replayed_call *state, uint64_t number)
{
    return sampled(replay, state, number) || always_first(replay, state);
}

void rh_block_replay_spend(const rh_block_replay *replay, replayed_call *state)
{
    if (replay->options.step_budget > 0 &&
        (state->block_counters.vm_steps >= replay->options.step_budget ||
         state->block_counters.rows_read >= replay->options.step_budget))
        state->block_full = true;
}

/* Go back to the last savepoint and forget the error, where the rest shall go on. */
static rh_status settle(rh_block_replay *replay, replayed_call *state, rh_status status,
                        rh_error *detail, rh_error *err)
{
    if (status == RH_OK)
        return RH_OK;
    rh_error_where(detail, "block %" PRId64 ", call '%s'", replay->block.height,
                   state->figures.call->name);
    if (!replay->options.keep_going || status == RH_ECANCELED || status == RH_ENOMEM ||
        status == RH_ECONNECT) {
        if (err != NULL && err->code == RH_OK)
            *err = *detail;
        return status;
    }
    if (state->figures.errors++ == 0)
        memcpy(state->figures.first_error, detail->text, sizeof detail->text);
    return rh_call_exec(replay->session, "ROLLBACK TO SAVEPOINT rehearse_unit", err);
}

/* units: one, or those of a batch whose first one is number `first` in the block. */
static rh_status run_units(rh_block_replay *replay, size_t number, const rh_calls_unit *units,
                           size_t count, size_t first, rh_error *err)
{
    replayed_call *state = &replay->calls[number];
    rh_block_replay_digest *digest = &state->digests[first];
    rh_error detail = RH_ERROR_INIT;
    rh_status status;

    state->block_units += count;
    if (state->figures.call->cache_sql != NULL) {
        digest->measured = true;
        rh_block_replay_cache_look(state, units, digest);
        state->block_measured += count;
        return RH_OK;
    }
    if (!rh_block_replay_due(replay, state, first))
        return RH_OK;
    digest->measured = true;
    status = rh_block_replay_execute(replay, number, units, count, digest, &detail);
    state->block_measured += count;
    rh_block_replay_spend(replay, state);
    if (status != RH_OK) /* a result of its own */
        *digest = (rh_block_replay_digest){UINT64_MAX, UINT64_MAX, true};
    return settle(replay, state, status, &detail, err);
}

/* ---- batches ---- */

/* All units of the block for one call. */
typedef struct unit_walk {
    const rh_ledger_block *block;
    rh_calls_per per;
    size_t tx;
    size_t at; /* input or output */
} unit_walk;

static bool next_unit(unit_walk *walk, rh_calls_unit *out)
{
    const rh_ledger_block *block = walk->block;
    bool inputs = walk->per == RH_CALLS_PER_INPUT;

    if (walk->per == RH_CALLS_PER_TRANSACTION) {
        if (walk->tx == block->tx_count)
            return false;
        *out = (rh_calls_unit){.block = block, .tx = &block->txs[walk->tx++]};
        return true;
    }
    if (walk->at == (inputs ? block->input_count : block->output_count))
        return false;
    for (;;) {
        const rh_ledger_tx *tx = &block->txs[walk->tx];
        size_t end =
            inputs ? tx->first_input + tx->input_count : tx->first_output + tx->output_count;

        if (walk->at < end)
            break;
        walk->tx++;
    }
    *out = (rh_calls_unit){.block = block, .tx = &block->txs[walk->tx]};
    if (inputs)
        out->input = &block->inputs[walk->at++];
    else
        out->output = &block->outputs[walk->at++];
    return true;
}

static rh_status run_batches(rh_block_replay *replay, size_t number, const rh_ledger_block *block,
                             rh_error *err)
{
    const rh_calls_call *call = replay->calls[number].figures.call;
    unit_walk walk = {.block = block, .per = call->per};
    rh_calls_unit *units = rh_mem_array(call->batch, sizeof *units);
    size_t count = 0, first = 0;
    rh_status status = units == NULL ? rh_error_oom(err) : RH_OK;

    while (status == RH_OK && next_unit(&walk, &units[count])) {
        if (++count < call->batch)
            continue;
        status = run_units(replay, number, units, count, first, err);
        first += count;
        count = 0;
    }
    if (status == RH_OK && count > 0)
        status = run_units(replay, number, units, count, first, err);
    rh_mem_free(units);
    return status;
}

static rh_status run_per(rh_block_replay *replay, rh_calls_per per, const rh_calls_unit *unit,
                         size_t number_of_unit, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < replay->count; i++) {
        const rh_calls_call *call = replay->calls[i].figures.call;

        if (call->per == per && call->batch == 1 && replay->calls[i].digest_count > 0)
            status = run_units(replay, i, unit, 1, number_of_unit, err);
    }
    return status;
}

static rh_status run_tx(rh_block_replay *replay, const rh_ledger_block *block, size_t number,
                        rh_error *err)
{
    const rh_ledger_tx *tx = &block->txs[number];
    rh_calls_unit unit = {.block = block, .tx = tx};
    rh_status status = RH_OK;

    if (replay->savepoints)
        status = rh_call_exec(replay->session, "SAVEPOINT rehearse_unit", err);
    if (status == RH_OK)
        status = run_per(replay, RH_CALLS_PER_TRANSACTION, &unit, number, err);
    for (size_t i = 0; status == RH_OK && i < tx->input_count; i++) {
        unit.input = &block->inputs[tx->first_input + i];
        status = run_per(replay, RH_CALLS_PER_INPUT, &unit, tx->first_input + i, err);
    }
    unit.input = NULL;
    for (size_t i = 0; status == RH_OK && i < tx->output_count; i++) {
        unit.output = &block->outputs[tx->first_output + i];
        status = run_per(replay, RH_CALLS_PER_OUTPUT, &unit, tx->first_output + i, err);
    }
    if (status == RH_OK && replay->savepoints)
        status = rh_call_exec(replay->session, "RELEASE SAVEPOINT rehearse_unit", err);
    return status;
}

static rh_status run_whole(rh_block_replay *replay, const rh_ledger_block *block, rh_error *err)
{
    const rh_calls_unit unit = {.block = block};
    rh_status status = RH_OK;

    if (replay->savepoints)
        status = rh_call_exec(replay->session, "SAVEPOINT rehearse_unit", err);
    if (status == RH_OK)
        status = run_per(replay, RH_CALLS_PER_BLOCK, &unit, 0, err);
    for (size_t i = 0; status == RH_OK && i < replay->count; i++) {
        const replayed_call *state = &replay->calls[i];

        if (state->figures.call->batch > 1 && state->digest_count > 0)
            status = run_batches(replay, i, block, err);
    }
    if (status == RH_OK && replay->savepoints)
        status = rh_call_exec(replay->session, "RELEASE SAVEPOINT rehearse_unit", err);
    return status;
}

/* ---- figures ---- */

static int by_pace(const void *left, const void *right)
{
    const replayed_pace *a = left, *b = right;
    double x = a->us * b->steps, y = b->us * a->steps;

    return (x > y) - (x < y);
}

static void add_counters(rh_call_counters *to, const rh_call_counters *from)
{
    to->executions += from->executions;
    to->rows += from->rows;
    to->elapsed_us += from->elapsed_us;
    to->rows_read = from->rows_read < 0 ? -1 : to->rows_read + from->rows_read;
    if (from->vm_steps < 0) {
        to->vm_steps = to->full_scan_steps = to->sorts = to->auto_index_rows = -1;
        return;
    }
    to->vm_steps += from->vm_steps;
    to->full_scan_steps += from->full_scan_steps;
    to->sorts += from->sorts;
    to->auto_index_rows += from->auto_index_rows;
}

/*
 * Microseconds that all units take at the pace of the measured ones, the quickest and the slowest
 * quarter of them left out: what a busy machine does to one of them does not count, what it does to
 * all of them does. The quickest alone told a quarter too little of a full run.
 */
static double steady_us(replayed_call *state, double factor)
{
    size_t drop = state->pace_count / 4;
    double us = 0, steps = 0;

    if (state->block_counters.vm_steps <= 0 || state->pace_count == 0)
        return factor * (double)state->block_counters.elapsed_us;
    qsort(state->paces, state->pace_count, sizeof state->paces[0], by_pace);
    for (size_t i = drop; i < state->pace_count - drop; i++) {
        us += state->paces[i].us;
        steps += state->paces[i].steps;
    }
    return factor * (double)state->block_counters.vm_steps * us / steps;
}

static void end_call(rh_block_replay *replay, replayed_call *state)
{
    rh_block_replay_call *figures = &state->figures;
    double factor =
        state->block_measured == 0 ? 0 : (double)state->block_units / (double)state->block_measured;
    /* A trace's statements are counted whether they can be run or not. */
    double statements = figures->call->per == RH_CALLS_PER_STATEMENT
                            ? (double)state->block_units
                            : factor * (double)state->block_counters.executions;

    add_counters(&figures->counters, &state->block_counters);
    if (replay->blocks.seen == 0 || state->block_units < figures->least_units)
        figures->least_units = state->block_units;
    if (state->block_units > figures->most_units)
        figures->most_units = state->block_units;
    figures->units += state->block_units;
    figures->measured += state->block_measured;
    figures->statements += statements;
    figures->steady_us += steady_us(state, factor);
    figures->predicted_us += factor * (double)state->block_counters.elapsed_us;
    figures->predicted_steps += factor * (double)state->block_counters.vm_steps;
    if (state->block_counters.rows_read > 0)
        figures->predicted_reads += factor * (double)state->block_counters.rows_read;
    replay->block.statements += statements;
    replay->block_cost += state->block_counters.vm_steps >= 0
                              ? factor * (double)state->block_counters.vm_steps
                              : statements + factor * (double)state->block_counters.rows_read;
    replay->block.predicted_us += factor * (double)state->block_counters.elapsed_us;
}

rh_status rh_block_replay_block(rh_block_replay *replay, const rh_ledger_block *block,
                                rh_error *err)
{
    int64_t start = rh_clock_mono_us();
    rh_status status = rh_cancel_check(replay->options.cancel, err);

    replay->block_cost = 0;
    replay->block = (rh_block_replay_block_figures){.height = block->height,
                                                    .transactions = block->tx_count,
                                                    .inputs = block->input_count,
                                                    .outputs = block->output_count};
    if (status == RH_OK && replay->options.calls->traced)
        status = rh_block_replay_trace_begin(replay, block, err);
    for (size_t i = 0; status == RH_OK && i < replay->count; i++)
        status = begin_call(&replay->calls[i], block, err);
    if (status == RH_OK)
        status = run_whole(replay, block, err);
    for (size_t i = 0; status == RH_OK && i < block->tx_count; i++)
        status = run_tx(replay, block, i, err);
    if (status == RH_OK && replay->options.calls->traced)
        status = rh_block_replay_trace_run(replay, block, err);
    if (status == RH_OK && replay->options.commit && replay->options.calls->writes)
        status = rh_call_commit(replay->session, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < replay->count; i++)
        end_call(replay, &replay->calls[i]);
    replay->block.elapsed_us = rh_clock_mono_us() - start;
    return rh_block_replay_list(&replay->blocks, &replay->block, replay->block_cost, err);
}

rh_call_session *rh_block_replay_session(rh_block_replay *replay)
{
    return replay->session;
}
