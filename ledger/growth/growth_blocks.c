/*
 * Blocks of rising size with the same mix: every eighth, fourth, second transaction of the block,
 * and all of them. Their texts are the block's own.
 */
#include "core/mem.h"
#include "growth_internal.h"

static rh_status add_tx(const rh_ledger_block *from, const rh_ledger_tx *tx, rh_ledger_block *to,
                        rh_error *err)
{
    rh_ledger_tx *added = rh_ledger_block_add_tx(to);

    if (added == NULL)
        return rh_error_oom(err);
    added->txid = tx->txid;
    added->index = tx->index;
    for (size_t i = 0; i < tx->input_count; i++) {
        rh_ledger_input *input = rh_ledger_block_add_input(to);

        if (input == NULL)
            return rh_error_oom(err);
        *input = from->inputs[tx->first_input + i];
    }
    for (size_t i = 0; i < tx->output_count; i++) {
        rh_ledger_output *output = rh_ledger_block_add_output(to);

        if (output == NULL)
            return rh_error_oom(err);
        *output = from->outputs[tx->first_output + i];
    }
    return RH_OK;
}

static rh_status thin(const rh_ledger_block *from, size_t every, rh_ledger_block **out,
                      rh_error *err)
{
    rh_ledger_block *to = rh_ledger_block_new();
    rh_status status = to == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK) {
        to->height = from->height;
        to->hash = from->hash;
        to->previous = from->previous;
        to->time = from->time;
    }
    for (size_t i = 0; status == RH_OK && i < from->tx_count; i += every)
        status = add_tx(from, &from->txs[i], to, err);
    if (status == RH_OK)
        *out = to;
    else
        rh_ledger_block_free(to);
    return status;
}

/* Each block starts from the same copies: what the calls of the one before wrote is undone. */
static rh_status run_block(growth *g, const rh_calls *calls, const rh_ledger_block *block,
                           size_t number, double *out_statements, rh_error *err)
{
    const rh_ledger_growth_options *o = g->options;
    const rh_block_replay_options options = {.target = o->target,
                                             .calls = calls,
                                             .session = g->copies,
                                             .sample = o->sample,
                                             .step_budget = o->step_budget,
                                             .cut_steps = o->step_budget,
                                             .cancel = o->cancel};
    double units = (double)(block->input_count + block->output_count);
    rh_block_replay *replay = NULL;
    rh_status status = rh_call_exec(g->copies, "SAVEPOINT rehearse_block", err);

    if (status == RH_OK)
        status = rh_block_replay_open(&options, &replay, err);
    if (status == RH_OK)
        status = rh_block_replay_block(replay, block, err);
    for (size_t i = 0; status == RH_OK && i < g->count; i++) {
        double statements = rh_block_replay_call_at(replay, i)->statements;

        g->calls[i].statements[number] = (rh_power_point){units, statements};
        *out_statements += statements;
    }
    rh_block_replay_close(replay);
    if (status == RH_OK)
        status = rh_call_exec(g->copies, "ROLLBACK TO SAVEPOINT rehearse_block", err);
    return status;
}

rh_status rh_growth_run_blocks(growth *g, rh_error *err)
{
    rh_power_point all[GROWTH_BLOCKS];
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < GROWTH_BLOCKS; i++) {
        rh_ledger_block *block = NULL;
        double statements = 0;

        status = thin(g->options->block, (size_t)1 << (GROWTH_BLOCKS - 1 - i), &block, err);
        if (status == RH_OK)
            status = run_block(g, g->options->calls, block, i, &statements, err);
        if (status == RH_OK)
            all[i] =
                (rh_power_point){(double)(block->input_count + block->output_count), statements};
        rh_ledger_block_free(block);
    }
    if (status != RH_OK)
        return status;
    rh_power_fit_points(all, GROWTH_BLOCKS, &g->block_fit);
    for (size_t i = 0; i < g->count; i++)
        rh_power_fit_points(g->calls[i].statements, GROWTH_BLOCKS, &g->calls[i].statement_fit);
    return RH_OK;
}
