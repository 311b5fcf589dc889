/*
 * The parser on a small block: what it says, that it needs every byte, and absurd counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "block_build.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "ledger/block.h"
#include "ledger/undo.h"

/* Reads everything. The bytes are copied into a block of their exact size, for the sanitizer. */
static rh_status read_all(const uint8_t *data, size_t len, uint64_t *out_tx, rh_error *err)
{
    uint8_t *exact = rh_mem_alloc(len);
    rh_block block;
    rh_block_tx tx;
    rh_status status;

    assert_non_null(exact);
    if (len > 0)
        memcpy(exact, data, len);
    status = rh_block_open(exact, len, &block, err);
    while (status == RH_OK) {
        status = rh_block_next(&block, &tx, err);
        if (status == RH_OK)
            (*out_tx)++;
    }
    rh_mem_free(exact);
    return status;
}

static void fields_of_a_small_block(void **state)
{
    rh_buf raw = RH_BUF_INIT;
    rh_block block;
    rh_block_tx tx[4];
    rh_block_walk walk;
    rh_block_input input;
    rh_block_output output;
    char text[RH_BLOCK_OUTPOINT_TEXT];

    (void)state;
    build_block(&raw);
    assert_int_equal(rh_block_open(raw.data, raw.len, &block, NULL), RH_OK);
    assert_int_equal(block.version, 2);
    assert_int_equal(block.time, 1400000000);
    assert_int_equal(block.bits, 0x1d00ffff);
    assert_int_equal(block.nonce, 42);
    assert_int_equal(block.tx_count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rh_block_next(&block, &tx[i], NULL), RH_OK);
    assert_int_equal(rh_block_next(&block, &tx[3], NULL), RH_DONE);

    assert_true(tx[0].coinbase && !tx[1].coinbase && !tx[2].coinbase);
    assert_int_equal(rh_block_height(&block, &tx[0]), 300025);
    assert_int_equal(rh_block_height(&block, &tx[1]), -1);
    assert_true(!tx[1].segwit && tx[2].segwit);
    assert_int_equal(tx[1].lock_time, 5);
    assert_int_equal(tx[2].version, 2);

    walk = rh_block_inputs(&tx[1]);
    assert_true(rh_block_next_input(&walk, &input));
    assert_int_equal(input.script_len, 1);
    assert_true(rh_block_next_input(&walk, &input));
    assert_string_equal(rh_block_outpoint_text(input.txid, input.vout, text),
                        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:70000");
    assert_int_equal(input.sequence, UINT32_MAX);
    assert_false(rh_block_next_input(&walk, &input));
    walk = rh_block_outputs(&tx[1]);
    assert_true(rh_block_next_output(&walk, &output));
    assert_int_equal(output.value, 1000);
    assert_int_equal(output.script_len, 23);
    assert_true(rh_block_next_output(&walk, &output));
    assert_int_equal(output.script[0], 0x6a);
    assert_false(rh_block_next_output(&walk, &output));
    rh_buf_done(&raw);
}

static void merkle_root_holds_over_segwit_ids_and_an_odd_number(void **state)
{
    rh_sha256d *sha = rh_sha256d_new();
    rh_buf raw = RH_BUF_INIT;
    uint8_t ids[3][32], witness[32], root[32];
    rh_block block;
    rh_block_tx tx;

    (void)state;
    build_block(&raw);
    assert_int_equal(rh_block_open(raw.data, raw.len, &block, NULL), RH_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rh_block_next(&block, &tx, NULL), RH_OK);
        rh_block_txid(sha, &tx, ids[i]);
    }
    rh_block_wtxid(sha, &tx, witness);
    assert_memory_not_equal(witness, ids[2], 32);
    rh_block_merkle_root(sha, ids, 3, root);
    assert_memory_equal(root, block.merkle_root, 32);
    rh_buf_done(&raw);
    rh_sha256d_free(sha);
}

static void every_byte_is_needed(void **state)
{
    rh_buf raw = RH_BUF_INIT;
    uint64_t seen = 0;

    (void)state;
    build_block(&raw);
    for (size_t len = 0; len < raw.len; len++) {
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(read_all(raw.data, len, &seen, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, "byte "));
    }
    seen = 0;
    assert_int_equal(read_all(raw.data, raw.len, &seen, NULL), RH_DONE);
    assert_int_equal(seen, 3);
    assert_int_equal(rh_buf_append_byte(&raw, 0, NULL), RH_OK);
    assert_int_equal(read_all(raw.data, raw.len, &seen, NULL), RH_EFORMAT);
    rh_buf_done(&raw);
}

static void refuses(const rh_buf *raw, const char *part)
{
    rh_error err = RH_ERROR_INIT;
    uint64_t seen = 0;

    assert_int_equal(read_all(raw->data, raw->len, &seen, &err), RH_EFORMAT);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' lacks '%s'", err.text, part);
}

static void absurd_counts_are_refused_before_anybody_counts(void **state)
{
    static const uint64_t absurd[] = {0xfd,      0xffff, 0x10000, 0xffffffff, UINT64_C(1) << 40,
                                      UINT64_MAX};
    rh_buf raw = RH_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        static const uint8_t version[4] = {1};

        rh_buf_clear(&raw);
        build_header(&raw, absurd[i]);
        refuses(&raw, "could hold"); /* transactions */
        rh_buf_clear(&raw);
        build_header(&raw, 1);
        assert_int_equal(rh_buf_append(&raw, version, 4, NULL), RH_OK);
        build_compact(&raw, absurd[i]);
        for (int j = 0; j < 100; j++)
            assert_int_equal(rh_buf_append_byte(&raw, 0, NULL), RH_OK);
        refuses(&raw, "could hold"); /* inputs */
    }
    rh_buf_clear(&raw);
    build_header(&raw, 0);
    refuses(&raw, "no transactions");
    rh_buf_done(&raw);
}

static void a_count_in_too_long_a_form_is_refused(void **state)
{
    static const uint8_t forms[][9] = {
        {0xfd, 1, 0}, {0xfd, 0xfc, 0}, {0xfe, 0xff, 0xff, 0, 0}, {0xff, 1}};
    static const size_t lengths[] = {3, 3, 5, 9};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        rh_buf raw = RH_BUF_INIT;

        build_header(&raw, 0);
        raw.len--; /* the count */
        assert_int_equal(rh_buf_append(&raw, forms[i], lengths[i], NULL), RH_OK);
        for (int j = 0; j < 100; j++)
            assert_int_equal(rh_buf_append_byte(&raw, 0, NULL), RH_OK);
        refuses(&raw, "longer than it needs");
        rh_buf_done(&raw);
    }
}

static void a_transaction_without_outputs_is_refused(void **state)
{
    rh_buf raw = RH_BUF_INIT;
    rh_block block;
    rh_block_tx tx;

    (void)state;
    build_block(&raw);
    assert_int_equal(rh_block_open(raw.data, raw.len, &block, NULL), RH_OK);
    assert_int_equal(rh_block_next(&block, &tx, NULL), RH_OK);
    raw.data[tx.outputs - raw.data - 1] = 0;
    refuses(&raw, "no outputs");
    rh_buf_done(&raw);
}

static void every_flipped_bit_is_read_without_harm(void **state)
{
    rh_buf raw = RH_BUF_INIT;
    uint64_t seen = 0;

    (void)state;
    build_block(&raw);
    for (size_t bit = 0; bit < 8 * raw.len; bit++) {
        rh_status status;

        raw.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        status = read_all(raw.data, raw.len, &seen, NULL);
        assert_true(status == RH_DONE || status == RH_EFORMAT);
        raw.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    rh_buf_done(&raw);
}

static void spent_outputs_are_read_to_the_byte(void **state)
{
    static const uint8_t data[] = {0xe8, 3, 0, 0, 0, 0, 0, 0, 2, 0x51,
                                   0x52, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    rh_undo undo = {.data = data, .len = sizeof data};
    rh_block_output output;

    (void)state;
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 1000);
    assert_int_equal(output.script_len, 2);
    assert_ptr_equal(output.script, data + 9);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 1);
    assert_int_equal(output.script_len, 0);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_DONE);
    for (size_t len = 1; len < sizeof data; len++) {
        rh_undo cut = {.data = data, .len = len};
        rh_status status = rh_undo_next(&cut, &output, NULL);

        if (len == 11) { /* exactly one */
            assert_int_equal(status, RH_OK);
            status = rh_undo_next(&cut, &output, NULL);
            assert_int_equal(status, RH_DONE);
        } else if (len > 11) {
            assert_int_equal(status, RH_OK);
            assert_int_equal(rh_undo_next(&cut, &output, NULL), RH_EFORMAT);
        } else {
            assert_int_equal(status, RH_EFORMAT);
        }
    }
}

static void spent_outputs_of_a_node_are_expanded(void **state)
{
    /* two transactions with 1 and 3 inputs: 50 BTC to a key's hash at height 1, coinbase; then 0 at
     * height 0, 12345 to a script's hash, 1e9 to a whole key, the last one in a long script */
    static const uint8_t data[] = {
        2, 1, 3, 0, 50, 0, 1,  1,    1,    1, 1, 1,    1,    1,   1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 3, 0, 0,  7, 81, 0x80, 0x80, 0, 0, 0x85, 0xe2, 125, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
        2, 2, 2, 2, 2,  2, 2,  2,    2,    2, 2, 4,    0,    10,  5, 3, 3, 3, 3, 3, 3, 3, 3, 3,
        3, 3, 3, 3, 3,  3, 3,  3,    3,    3, 3, 3,    3,    3,   3, 3, 3, 3, 3, 3, 3, 3, 3};
    rh_undo undo = {.data = data, .len = sizeof data, .node = true};
    rh_block_output output;

    (void)state;
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 5000000000);
    assert_int_equal(output.script_len, 25);
    assert_memory_equal(output.script, "\x76\xa9\x14\1\1", 5);
    assert_memory_equal(output.script + 22, "\1\x88\xac", 3);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 0);
    assert_int_equal(output.script_len, 1);
    assert_int_equal(output.script[0], 0x51);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 12345);
    assert_int_equal(output.script_len, 23);
    assert_memory_equal(output.script, "\xa9\x14\2", 3);
    assert_int_equal(output.script[22], 0x87);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_OK);
    assert_int_equal(output.value, 1000000000);
    assert_int_equal(output.script_len, 35);
    assert_memory_equal(output.script, "\x21\3\3", 3);
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_DONE);
    for (size_t len = 0; len < sizeof data; len++) {
        rh_undo cut = {.data = data, .len = len, .node = true};
        rh_status status;

        do
            status = rh_undo_next(&cut, &output, NULL);
        while (status == RH_OK);
        assert_int_equal(status, RH_EFORMAT);
    }
}

static void absurd_numbers_of_a_node_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\1\1\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 15}, /* 64 bits and more */
        {"\1\1\0\x9c\x8c\xa4\x93\x9f\x00\6", 10},                       /* value */
        {"\1\1\0\0\xff\xff\xff\x7f\1", 9},                              /* script's length */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 10},                 /* transactions */
        {"\1\1\0\0\6x", 6},                                             /* a byte too many */
    };
    rh_block_output output;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_undo undo = {.data = (const uint8_t *)cases[i].bytes, .len = cases[i].len, .node = true};
        rh_status status;

        do
            status = rh_undo_next(&undo, &output, NULL);
        while (status == RH_OK);
        assert_int_equal(status, RH_EFORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_small_block),
        cmocka_unit_test(merkle_root_holds_over_segwit_ids_and_an_odd_number),
        cmocka_unit_test(every_byte_is_needed),
        cmocka_unit_test(absurd_counts_are_refused_before_anybody_counts),
        cmocka_unit_test(a_count_in_too_long_a_form_is_refused),
        cmocka_unit_test(a_transaction_without_outputs_is_refused),
        cmocka_unit_test(every_flipped_bit_is_read_without_harm),
        cmocka_unit_test(spent_outputs_are_read_to_the_byte),
        cmocka_unit_test(spent_outputs_of_a_node_are_expanded),
        cmocka_unit_test(absurd_numbers_of_a_node_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
