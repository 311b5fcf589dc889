#include "ledger/undo.h"

#include <string.h>

#include "ledger/compact_size.h"

/* Bitcoin Core, compressor.h: CTxOutCompression. */
enum {
    SHORT_KEY_HASH = 0,
    SHORT_SCRIPT_HASH = 1,
    SHORT_KEY = 2,       /* 2, 3: a compressed key; the number is its first byte */
    SHORT_KEY_WHOLE = 4, /* 4, 5: one that was stored uncompressed */
    SHORT_FORMS = 6,     /* of longer ones: how many more bytes */
};

static rh_fault next_plain(rh_cursor *c, rh_block_output *out)
{
    uint64_t script_len = 0;
    rh_fault fault = rh_cursor_skip(c, 8);

    if (fault != NULL)
        return fault;
    if (rh_get_u64(c->data + c->at - 8) > INT64_MAX)
        return "a value is negative";
    out->value = (int64_t)rh_get_u64(c->data + c->at - 8);
    fault = rh_cursor_compact(c, &script_len);
    if (fault == NULL)
        fault = rh_cursor_skip(c, script_len);
    if (fault != NULL)
        return fault;
    out->script_len = (size_t)script_len;
    out->script = c->data + c->at - script_len;
    return NULL;
}

/* ---- a node's ---- */

/*
 * DecompressAmount(): 0, or 1 + 10 * (9 * n + d - 1) + e for the amount (10 * n + d) * 10^e with a
 * last digit d, or 1 + 10 * (n - 1) + 9 for n * 10^9.
 */
static rh_fault decompress_amount(uint64_t x, int64_t *out)
{
    uint64_t n, power = 1;

    *out = 0;
    if (x == 0)
        return NULL;
    x--;
    for (uint64_t e = x % 10; e > 0; e--)
        power *= 10;
    n = x / 10;
    n = power == 1000000000 ? n + 1 : n / 9 * 10 + n % 9 + 1;
    if (n > (uint64_t)INT64_MAX / power)
        return "an amount is too large";
    *out = (int64_t)(n * power);
    return NULL;
}

static rh_fault expand(rh_undo *undo, rh_cursor *c, uint64_t form, rh_block_output *out)
{
    static const uint8_t key_hash[] = {0x76, 0xa9, 0x14}, script_hash[] = {0xa9, 0x14};
    uint8_t *script = undo->script;
    size_t len = form < SHORT_KEY ? 20 : 32;
    rh_fault fault = rh_cursor_skip(c, len);
    const uint8_t *bytes = c->data + c->at - len;

    if (fault != NULL)
        return fault;
    out->script = script;
    if (form == SHORT_KEY_HASH) {
        memcpy(script, key_hash, sizeof key_hash);
        memcpy(script + 3, bytes, len);
        script[23] = 0x88; /* OP_EQUALVERIFY OP_CHECKSIG */
        script[24] = 0xac;
        out->script_len = 25;
    } else if (form == SHORT_SCRIPT_HASH) {
        memcpy(script, script_hash, sizeof script_hash);
        memcpy(script + 2, bytes, len);
        script[22] = 0x87; /* OP_EQUAL */
        out->script_len = 23;
    } else {
        script[0] = 33;
        script[1] = (uint8_t)(form >= SHORT_KEY_WHOLE ? form - 2 : form);
        memcpy(script + 2, bytes, len);
        script[34] = 0xac;
        out->script_len = 35;
    }
    return NULL;
}

/* Height and coinbase in one number; behind it, unless that is 0, a version that nobody uses. */
static rh_fault next_stored(rh_undo *undo, rh_cursor *c, rh_block_output *out)
{
    uint64_t code = 0, ignored = 0, amount = 0, form = 0;
    rh_fault fault = rh_cursor_varint(c, &code);

    if (fault == NULL && code > 1)
        fault = rh_cursor_varint(c, &ignored);
    if (fault == NULL)
        fault = rh_cursor_varint(c, &amount);
    if (fault == NULL)
        fault = decompress_amount(amount, &out->value);
    if (fault == NULL)
        fault = rh_cursor_varint(c, &form);
    if (fault != NULL)
        return fault;
    if (form < SHORT_FORMS)
        return expand(undo, c, form, out);
    fault = rh_cursor_skip(c, form - SHORT_FORMS);
    if (fault != NULL)
        return fault;
    out->script_len = (size_t)(form - SHORT_FORMS);
    out->script = c->data + c->at - out->script_len;
    return NULL;
}

/* *out_done: there is none behind the last. */
static rh_fault next_of_node(rh_undo *undo, rh_cursor *c, rh_block_output *out, bool *out_done)
{
    rh_fault fault = NULL;

    if (!undo->begun) {
        fault = rh_cursor_compact(c, &undo->txs_left);
        if (fault != NULL)
            return fault;
        undo->begun = true;
    }
    while (undo->inputs_left == 0) {
        if (undo->txs_left == 0) {
            *out_done = true;
            return c->at == c->len ? NULL : "bytes stand behind the last spent output";
        }
        fault = rh_cursor_compact(c, &undo->inputs_left);
        if (fault != NULL)
            return fault;
        undo->txs_left--;
    }
    fault = next_stored(undo, c, out);
    undo->inputs_left--;
    return fault;
}

rh_status rh_undo_next(rh_undo *undo, rh_block_output *out, rh_error *err)
{
    rh_cursor c = {undo->data, undo->len, undo->at};
    rh_block_output next = {0};
    bool ended = !undo->node && undo->at == undo->len;
    rh_fault fault = NULL;

    if (undo->node)
        fault = next_of_node(undo, &c, &next, &ended);
    else if (!ended)
        fault = next_plain(&c, &next);
    if (fault != NULL)
        return rh_error_set(err, RH_EFORMAT, "byte %zu of the spent outputs: %s", c.at, fault);
    undo->at = c.at;
    if (ended)
        return RH_DONE;
    *out = next;
    return RH_OK;
}
