#include "ledger/ledger_block.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"

enum { ARENA_BYTES = 64 << 10 };

rh_ledger_block *rh_ledger_block_new(void)
{
    rh_ledger_block *block = rh_mem_zalloc(sizeof *block);

    if (block == NULL)
        return NULL;
    block->height = -1;
    block->arena = rh_arena_new(ARENA_BYTES);
    if (block->arena == NULL) {
        rh_mem_free(block);
        return NULL;
    }
    return block;
}

void rh_ledger_block_free(rh_ledger_block *block)
{
    if (block == NULL)
        return;
    rh_mem_free(block->txs);
    rh_mem_free(block->inputs);
    rh_mem_free(block->outputs);
    rh_mem_free(block->statements);
    rh_arena_free(block->arena);
    rh_mem_free(block);
}

/* Room for one more element, zeroed; counts it. */
static void *append(void **array, size_t *count, size_t *cap, size_t size)
{
    void *element;

    if (*count == *cap) {
        size_t more = *cap == 0 ? 64 : 2 * *cap;
        void *grown = rh_mem_rearray(*array, more, size);

        if (grown == NULL)
            return NULL;
        *array = grown;
        *cap = more;
    }
    element = (char *)*array + *count * size;
    memset(element, 0, size);
    (*count)++;
    return element;
}

rh_ledger_tx *rh_ledger_block_add_tx(rh_ledger_block *block)
{
    void *array = block->txs;
    rh_ledger_tx *tx = append(&array, &block->tx_count, &block->caps[0], sizeof *tx);

    block->txs = array;
    if (tx == NULL)
        return NULL;
    tx->index = (int64_t)block->tx_count - 1;
    tx->first_input = block->input_count;
    tx->first_output = block->output_count;
    return tx;
}

rh_ledger_input *rh_ledger_block_add_input(rh_ledger_block *block)
{
    void *array = block->inputs;
    rh_ledger_input *input = append(&array, &block->input_count, &block->caps[1], sizeof *input);

    assert(block->tx_count > 0);
    block->inputs = array;
    if (input == NULL)
        return NULL;
    block->txs[block->tx_count - 1].input_count++;
    input->vout = -1;
    input->value = -1;
    return input;
}

rh_ledger_output *rh_ledger_block_add_output(rh_ledger_block *block)
{
    void *array = block->outputs;
    rh_ledger_output *output =
        append(&array, &block->output_count, &block->caps[2], sizeof *output);

    assert(block->tx_count > 0);
    block->outputs = array;
    if (output == NULL)
        return NULL;
    block->txs[block->tx_count - 1].output_count++;
    output->vout = -1;
    output->value = -1;
    return output;
}

rh_ledger_statement *rh_ledger_block_add_statement(rh_ledger_block *block)
{
    void *array = block->statements;
    rh_ledger_statement *statement =
        append(&array, &block->statement_count, &block->caps[3], sizeof *statement);

    block->statements = array;
    return statement;
}
