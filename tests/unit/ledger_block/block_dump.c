/*
 * Prints what the library reads in a block, for comparison with another decoder.
 * block_dump NETWORK BLOCK [UNDO]
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/fs.h"
#include "core/mem.h"
#include "ledger/block.h"
#include "ledger/block_file.h"
#include "ledger/script.h"
#include "ledger/undo.h"

static int fail(const rh_error *err)
{
    (void)fprintf(stderr, "block_dump: %s\n", err->text);
    return 1;
}

static void show_output(rh_sha256d *sha, const rh_network *network, const char *what,
                        const rh_block_output *output)
{
    char address[RH_SCRIPT_ADDRESS_TEXT];
    rh_script script;

    rh_script_read(output->script, output->script_len, &script);
    (void)rh_script_address(sha, network, &script, address);
    (void)printf("%s %lld %s %s\n", what, (long long)output->value,
                 rh_script_kind_name(script.kind), address);
}

static void show_tx(rh_sha256d *sha, const rh_network *network, const rh_block_tx *tx)
{
    char text[RH_BLOCK_OUTPOINT_TEXT], other[RH_BLOCK_HASH_TEXT];
    uint8_t id[32], witness[32];
    rh_block_walk inputs = rh_block_inputs(tx), outputs = rh_block_outputs(tx);
    rh_block_input input;
    rh_block_output output;

    rh_block_txid(sha, tx, id);
    rh_block_wtxid(sha, tx, witness);
    (void)printf("tx %s %s\n", rh_block_hash_text(id, text), rh_block_hash_text(witness, other));
    while (!tx->coinbase && rh_block_next_input(&inputs, &input))
        (void)printf("in %s\n", rh_block_outpoint_text(input.txid, input.vout, text));
    while (rh_block_next_output(&outputs, &output))
        show_output(sha, network, "out", &output);
}

static int show_undo(rh_sha256d *sha, const rh_network *network, const char *path)
{
    rh_error err = RH_ERROR_INIT;
    rh_buf data = RH_BUF_INIT;
    rh_block_output output;
    rh_status status = rh_fs_read(path, RH_BLOCK_MAX_BYTES, &data, &err);
    rh_undo undo = {.data = data.data, .len = data.len};

    while (status == RH_OK) {
        status = rh_undo_next(&undo, &output, &err);
        if (status == RH_OK)
            show_output(sha, network, "spent", &output);
    }
    rh_buf_done(&data);
    return status == RH_DONE ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
    rh_error err = RH_ERROR_INIT;
    rh_block_file_options options = {NULL, NULL, 0};
    rh_block_file *file = NULL;
    rh_sha256d *sha = rh_sha256d_new();
    uint8_t(*ids)[32] = NULL;
    uint8_t root[32];
    char text[RH_BLOCK_HASH_TEXT];
    const uint8_t *data;
    size_t len;
    rh_block block;
    rh_block_tx tx;
    rh_status status;

    if (argc < 3)
        return 2;
    status = rh_network_by_name(argv[1], &options.network, &err);
    if (status == RH_OK)
        status = rh_block_file_open(argv[2], &options, &file, &err);
    if (status == RH_OK)
        status = rh_block_file_next(file, &data, &len, &err);
    if (status == RH_OK)
        status = rh_block_open(data, len, &block, &err);
    if (status != RH_OK)
        return fail(&err);
    ids = rh_mem_array(block.tx_count, 32);
    rh_block_hash(sha, &block, root);
    (void)printf("block %s %llu\n", rh_block_hash_text(root, text),
                 (unsigned long long)block.tx_count);
    while ((status = rh_block_next(&block, &tx, &err)) == RH_OK) {
        if (tx.index == 0)
            (void)printf("height %lld\n", (long long)rh_block_height(&block, &tx));
        show_tx(sha, options.network, &tx);
        rh_block_txid(sha, &tx, ids[tx.index]);
    }
    if (status != RH_DONE)
        return fail(&err);
    rh_block_merkle_root(sha, ids, block.tx_count, root);
    (void)printf("merkle %s\n", rh_block_hash_text(root, text));
    rh_mem_free(ids);
    rh_block_file_close(file);
    status = argc > 3 ? (rh_status)show_undo(sha, options.network, argv[3]) : RH_OK;
    rh_sha256d_free(sha);
    return status == RH_OK ? 0 : 1;
}
