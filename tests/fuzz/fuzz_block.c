/*
 * Blocks and spent outputs on hostile bytes: no crash, nothing outside of the bytes, and a block
 * that is read whole is made of exactly its bytes.
 *
 * modules: core_base core_io core_chain ledger_block
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "ledger/block.h"
#include "ledger/script.h"
#include "ledger/undo.h"

static const rh_network *network;

static void check_output(const uint8_t *data, size_t size, const rh_block_output *output)
{
    char address[RH_SCRIPT_ADDRESS_TEXT];
    rh_script script;

    assert(output->value >= 0 && output->script >= data &&
           output->script_len <= (size_t)(data + size - output->script));
    rh_script_read(output->script, output->script_len, &script);
    size_t len = rh_script_address(NULL, network, &script, address);
    assert(len == strlen(address));
    (void)rh_script_kind_name(script.kind);
}

static void check_tx(const uint8_t *data, size_t size, const rh_block_tx *tx)
{
    rh_block_walk inputs = rh_block_inputs(tx), outputs = rh_block_outputs(tx);
    rh_block_input input;
    rh_block_output output;
    uint8_t hash[32];
    uint64_t count = 0;

    while (rh_block_next_input(&inputs, &input)) {
        assert(input.script >= data && input.script + input.script_len <= data + size);
        count++;
    }
    assert(count == tx->input_count);
    for (count = 0; rh_block_next_output(&outputs, &output); count++)
        check_output(data, size, &output);
    assert(count == tx->output_count && outputs.at == tx->body_end);
    rh_block_txid(NULL, tx, hash);
    rh_block_wtxid(NULL, tx, hash);
}

static void check_block(const uint8_t *data, size_t size)
{
    rh_block block;
    rh_block_tx tx;
    size_t at;

    if (rh_block_open(data, size, &block, NULL) != RH_OK)
        return;
    at = block.at;
    while (rh_block_next(&block, &tx, NULL) == RH_OK) {
        assert(tx.data == data + at && tx.len >= 60);
        at += tx.len;
        check_tx(data, size, &tx);
        (void)rh_block_height(&block, &tx);
    }
    assert(at <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = rh_mem_alloc(size); /* exactly as long, for the sanitizer */
    rh_undo undo = {.data = exact, .len = size};
    rh_block_output output;

    if (exact == NULL || rh_network_by_name("mainnet", &network, NULL) != RH_OK)
        return 0;
    if (size > 0)
        memcpy(exact, data, size);
    check_block(exact, size);
    while (rh_undo_next(&undo, &output, NULL) == RH_OK)
        check_output(exact, size, &output);
    rh_mem_free(exact);
    return 0;
}
