/*
 * The parser. Format: https://developer.bitcoin.org/reference/block_chain.html, BIP 144 (witness),
 * BIP 34 (height).
 */
#include "ledger/block.h"

#include <string.h>

#include "ledger/compact_size.h"

enum {
    MIN_INPUT_BYTES = 41,
    MIN_OUTPUT_BYTES = 9,
    MIN_TX_BYTES = 60,
    OUTPOINT_BYTES = 36,
};

/* A length and so many bytes. */
static rh_fault skip_counted(rh_cursor *c)
{
    uint64_t len = 0;
    rh_fault fault = rh_cursor_compact(c, &len);

    return fault != NULL ? fault : rh_cursor_skip(c, len);
}

/* A count of things that take at least min bytes each. */
static rh_fault read_count(rh_cursor *c, size_t min, uint64_t *out)
{
    rh_fault fault = rh_cursor_compact(c, out);

    if (fault == NULL && *out > (c->len - c->at) / min)
        return "a count is larger than the bytes that are left could hold";
    return fault;
}

static rh_fault skip_inputs(rh_cursor *c, uint64_t count)
{
    rh_fault fault = NULL;

    for (uint64_t i = 0; fault == NULL && i < count; i++) {
        fault = rh_cursor_skip(c, OUTPOINT_BYTES);
        if (fault == NULL)
            fault = skip_counted(c);
        if (fault == NULL)
            fault = rh_cursor_skip(c, 4);
    }
    return fault;
}

static rh_fault skip_outputs(rh_cursor *c, uint64_t count)
{
    rh_fault fault = NULL;

    for (uint64_t i = 0; fault == NULL && i < count; i++) {
        fault = rh_cursor_skip(c, 8);
        if (fault == NULL && rh_get_u64(c->data + c->at - 8) > INT64_MAX)
            fault = "the value of an output is negative";
        if (fault == NULL)
            fault = skip_counted(c);
    }
    return fault;
}

static rh_fault skip_witness(rh_cursor *c, uint64_t inputs)
{
    rh_fault fault = NULL;

    for (uint64_t i = 0; fault == NULL && i < inputs; i++) {
        uint64_t items = 0;

        fault = read_count(c, 1, &items);
        for (uint64_t j = 0; fault == NULL && j < items; j++)
            fault = skip_counted(c);
    }
    return fault;
}

/* The count of inputs; zero is the mark of a transaction with witness (BIP 144). */
static rh_fault read_inputs_count(rh_cursor *c, rh_block_tx *tx)
{
    rh_fault fault;

    tx->body = c->data + c->at;
    fault = read_count(c, MIN_INPUT_BYTES, &tx->input_count);
    if (fault != NULL || tx->input_count != 0)
        return fault;
    fault = rh_cursor_skip(c, 1);
    if (fault != NULL)
        return fault;
    if (c->data[c->at - 1] != 1)
        return "a transaction has no inputs";
    tx->segwit = true;
    tx->body = c->data + c->at;
    fault = read_count(c, MIN_INPUT_BYTES, &tx->input_count);
    return fault == NULL && tx->input_count == 0 ? "a transaction has no inputs" : fault;
}

static bool spends_nothing(const uint8_t *outpoint)
{
    static const uint8_t none[32];

    return memcmp(outpoint, none, sizeof none) == 0 && rh_get_u32(outpoint + 32) == UINT32_MAX;
}

static rh_fault read_tx(rh_cursor *c, rh_block_tx *tx)
{
    rh_fault fault = rh_cursor_skip(c, 4);

    if (fault != NULL)
        return fault;
    tx->version = (int32_t)rh_get_u32(c->data + c->at - 4);
    fault = read_inputs_count(c, tx);
    if (fault != NULL)
        return fault;
    tx->inputs = c->data + c->at;
    fault = skip_inputs(c, tx->input_count);
    if (fault == NULL)
        fault = read_count(c, MIN_OUTPUT_BYTES, &tx->output_count);
    if (fault == NULL && tx->output_count == 0)
        fault = "a transaction has no outputs";
    if (fault != NULL)
        return fault;
    tx->outputs = c->data + c->at;
    fault = skip_outputs(c, tx->output_count);
    tx->body_end = c->data + c->at;
    if (fault == NULL && tx->segwit)
        fault = skip_witness(c, tx->input_count);
    if (fault == NULL)
        fault = rh_cursor_skip(c, 4);
    if (fault != NULL)
        return fault;
    tx->lock_time = rh_get_u32(c->data + c->at - 4);
    tx->coinbase = tx->input_count == 1 && spends_nothing(tx->inputs);
    return NULL;
}

rh_status rh_block_open(const uint8_t *data, size_t len, rh_block *out, rh_error *err)
{
    rh_cursor c = {data, len, 0};
    rh_block block = {.data = data, .len = len};
    rh_fault fault = len > RH_BLOCK_MAX_BYTES ? "a block is longer than 32 MiB" : NULL;

    if (fault == NULL)
        fault = rh_cursor_skip(&c, RH_BLOCK_HEADER_BYTES);
    if (fault == NULL)
        fault = read_count(&c, MIN_TX_BYTES, &block.tx_count);
    if (fault == NULL && block.tx_count == 0)
        fault = "a block has no transactions";
    if (fault != NULL)
        return rh_error_set(err, RH_EFORMAT, "byte %zu of the block: %s", c.at, fault);
    block.version = (int32_t)rh_get_u32(data);
    block.previous = data + 4;
    block.merkle_root = data + 36;
    block.time = rh_get_u32(data + 68);
    block.bits = rh_get_u32(data + 72);
    block.nonce = rh_get_u32(data + 76);
    block.at = c.at;
    *out = block;
    return RH_OK;
}

rh_status rh_block_next(rh_block *block, rh_block_tx *out, rh_error *err)
{
    rh_cursor c = {block->data, block->len, block->at};
    rh_block_tx tx = {.index = block->tx_index, .data = block->data + block->at};
    rh_fault fault;

    if (block->tx_index == block->tx_count) {
        if (block->at == block->len)
            return RH_DONE;
        return rh_error_set(err, RH_EFORMAT, "byte %zu of the block: %zu bytes too many", block->at,
                            block->len - block->at);
    }
    fault = read_tx(&c, &tx);
    if (fault == NULL && tx.coinbase != (tx.index == 0))
        fault = tx.coinbase ? "a coinbase stands behind the first transaction"
                            : "the first transaction is no coinbase";
    if (fault != NULL)
        return rh_error_set(err, RH_EFORMAT, "byte %zu of the block, transaction %llu: %s", c.at,
                            (unsigned long long)tx.index, fault);
    tx.len = c.at - block->at;
    block->at = c.at;
    block->tx_index++;
    *out = tx;
    return RH_OK;
}

/* ---- walks over what was checked ---- */

rh_block_walk rh_block_inputs(const rh_block_tx *tx)
{
    return (rh_block_walk){tx->inputs, tx->input_count};
}

rh_block_walk rh_block_outputs(const rh_block_tx *tx)
{
    return (rh_block_walk){tx->outputs, tx->output_count};
}

/* A length that was checked before; at moves behind it. */
static size_t checked_length(const uint8_t **at)
{
    rh_cursor c = {*at, 9, 0};
    uint64_t len = 0;

    (void)rh_cursor_compact(&c, &len);
    *at += c.at;
    return (size_t)len;
}

bool rh_block_next_input(rh_block_walk *walk, rh_block_input *out)
{
    if (walk->left == 0)
        return false;
    walk->left--;
    out->txid = walk->at;
    out->vout = rh_get_u32(walk->at + 32);
    walk->at += OUTPOINT_BYTES;
    out->script_len = checked_length(&walk->at);
    out->script = walk->at;
    walk->at += out->script_len;
    out->sequence = rh_get_u32(walk->at);
    walk->at += 4;
    return true;
}

bool rh_block_next_output(rh_block_walk *walk, rh_block_output *out)
{
    if (walk->left == 0)
        return false;
    walk->left--;
    out->value = (int64_t)rh_get_u64(walk->at);
    walk->at += 8;
    out->script_len = checked_length(&walk->at);
    out->script = walk->at;
    walk->at += out->script_len;
    return true;
}

int64_t rh_block_height(const rh_block *block, const rh_block_tx *coinbase)
{
    rh_block_walk walk = rh_block_inputs(coinbase);
    rh_block_input input;
    int64_t height = 0;
    size_t len;

    if (block->version < 2 || !coinbase->coinbase || !rh_block_next_input(&walk, &input) ||
        input.script_len == 0)
        return -1;
    len = input.script[0];
    if (len >= 0x51 && len <= 0x60) /* OP_1 to OP_16: the first blocks of regtest */
        return (int64_t)len - 0x50;
    if (len == 0 || len > 4 || len >= input.script_len)
        return -1;
    for (size_t i = len; i > 0; i--)
        height = height << 8 | input.script[i];
    return height > INT32_MAX ? -1 : height;
}
