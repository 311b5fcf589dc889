#include <inttypes.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "ledger/block.h"
#include "ledger/import.h"
#include "ledger/script.h"
#include "ledger/undo.h"

/* One block on its way from bytes to fields. */
typedef struct conversion {
    const rh_network *network;
    rh_sha256d *sha;
    rh_ledger_block *out;
    uint8_t (*ids)[RH_BLOCK_HASH_BYTES];
    rh_buf undo_bytes;
    rh_import_spent *spent;
    rh_undo undo;
    bool has_undo;
} conversion;

static const char *address_of(conversion *c, const rh_block_output *output, const char **out_kind,
                              rh_error *err)
{
    char address[RH_SCRIPT_ADDRESS_TEXT];
    rh_script script;
    const char *copy;

    rh_script_read(output->script, output->script_len, &script);
    if (out_kind != NULL)
        *out_kind = rh_script_kind_name(script.kind);
    if (rh_script_address(c->sha, c->network, &script, address) == 0)
        return NULL;
    copy = rh_arena_strdup(c->out->arena, address);
    if (copy == NULL)
        rh_error_oom(err);
    return copy;
}

static rh_status add_spent(conversion *c, rh_ledger_input *input, rh_error *err)
{
    rh_block_output spent;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_undo_next(&c->undo, &spent, err);

    if (status == RH_DONE)
        return rh_error_set(err, RH_EFORMAT, "there are fewer spent outputs than inputs");
    if (status != RH_OK)
        return status;
    input->value = spent.value;
    input->address = address_of(c, &spent, NULL, &detail);
    return detail.code == RH_OK ? RH_OK : rh_error_oom(err);
}

static rh_status end_spent(conversion *c, rh_error *err)
{
    rh_block_output more;
    rh_status status = rh_undo_next(&c->undo, &more, err);

    if (status == RH_OK)
        return rh_error_set(err, RH_EFORMAT, "there are more spent outputs than inputs");
    return status == RH_DONE ? RH_OK : status;
}

static rh_status add_inputs(conversion *c, const rh_block_tx *tx, rh_error *err)
{
    rh_block_walk walk = rh_block_inputs(tx);
    rh_block_input input;
    rh_status status = RH_OK;

    while (status == RH_OK && rh_block_next_input(&walk, &input)) {
        char text[RH_BLOCK_OUTPOINT_TEXT];
        rh_ledger_input *to = rh_ledger_block_add_input(c->out);

        if (to == NULL)
            return rh_error_oom(err);
        to->coinbase = tx->coinbase;
        to->vout = input.vout;
        to->outpoint =
            rh_arena_strdup(c->out->arena, rh_block_outpoint_text(input.txid, input.vout, text));
        to->txid = rh_arena_strdup(c->out->arena, rh_block_hash_text(input.txid, text));
        if (to->outpoint == NULL || to->txid == NULL)
            return rh_error_oom(err);
        if (c->has_undo && !tx->coinbase)
            status = add_spent(c, to, err);
    }
    return status;
}

static rh_status add_outputs(conversion *c, const rh_block_tx *tx, const char *txid, rh_error *err)
{
    rh_block_walk walk = rh_block_outputs(tx);
    rh_block_output output;
    int64_t vout = 0;

    for (; rh_block_next_output(&walk, &output); vout++) {
        rh_ledger_output *to = rh_ledger_block_add_output(c->out);
        rh_error detail = RH_ERROR_INIT;

        if (to == NULL)
            return rh_error_oom(err);
        to->vout = vout;
        to->value = output.value;
        to->address = address_of(c, &output, &to->kind, &detail);
        to->outpoint = rh_arena_printf(c->out->arena, "%s:%" PRId64, txid, vout);
        if (detail.code != RH_OK || to->outpoint == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

static rh_status add_tx(conversion *c, const rh_block_tx *tx, rh_error *err)
{
    char text[RH_BLOCK_HASH_TEXT];
    rh_ledger_tx *to = rh_ledger_block_add_tx(c->out);
    const char *txid;
    rh_status status;

    if (to == NULL)
        return rh_error_oom(err);
    rh_block_txid(c->sha, tx, c->ids[tx->index]);
    txid = rh_arena_strdup(c->out->arena, rh_block_hash_text(c->ids[tx->index], text));
    if (txid == NULL)
        return rh_error_oom(err);
    to->txid = txid;
    status = add_inputs(c, tx, err);
    return status == RH_OK ? add_outputs(c, tx, txid, err) : status;
}

static rh_status set_header(conversion *c, const rh_block *block, rh_error *err)
{
    char text[RH_BLOCK_HASH_TEXT];
    uint8_t hash[RH_BLOCK_HASH_BYTES];

    rh_block_hash(c->sha, block, hash);
    c->out->time = block->time;
    c->out->hash = rh_arena_strdup(c->out->arena, rh_block_hash_text(hash, text));
    c->out->previous = rh_arena_strdup(c->out->arena, rh_block_hash_text(block->previous, text));
    return c->out->hash == NULL || c->out->previous == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status convert(conversion *c, const uint8_t *data, size_t len, rh_error *err)
{
    uint8_t root[RH_BLOCK_HASH_BYTES];
    rh_block block;
    rh_block_tx tx;
    rh_status status = rh_block_open(data, len, &block, err);

    if (status != RH_OK)
        return status;
    c->ids = rh_mem_array((size_t)block.tx_count, sizeof *c->ids);
    if (c->ids == NULL)
        return rh_error_oom(err);
    if (c->spent->node != NULL) {
        c->has_undo = rh_rev_file_find(c->spent->node, c->sha, &block, &c->undo);
        c->spent->not_in_rev += !c->has_undo;
    }
    status = set_header(c, &block, err);
    while (status == RH_OK && (status = rh_block_next(&block, &tx, err)) == RH_OK) {
        if (tx.coinbase)
            c->out->height = rh_block_height(&block, &tx);
        status = add_tx(c, &tx, err);
    }
    if (status != RH_DONE)
        return status;
    rh_block_merkle_root(c->sha, c->ids, (size_t)block.tx_count, root);
    if (memcmp(root, block.merkle_root, sizeof root) != 0)
        return rh_error_set(err, RH_EFORMAT,
                            "the transactions do not have the header's merkle root");
    return c->has_undo ? end_spent(c, err) : RH_OK;
}

rh_status rh_import_next_block(rh_block_file *file, rh_sha256d *sha, rh_import_spent *spent,
                               rh_ledger_block **out, rh_error *err)
{
    conversion c = {.network = rh_block_file_network(file),
                    .sha = sha,
                    .spent = spent,
                    .has_undo = spent->path != NULL};
    const uint8_t *data = NULL;
    size_t len = 0;
    rh_status status = rh_block_file_next(file, &data, &len, err);

    if (status != RH_OK)
        return status;
    rh_buf_init(&c.undo_bytes, RH_BLOCK_MAX_BYTES);
    if (spent->path != NULL)
        status = rh_fs_read(spent->path, RH_BLOCK_MAX_BYTES, &c.undo_bytes, err);
    c.undo = (rh_undo){.data = c.undo_bytes.data, .len = c.undo_bytes.len};
    if (status == RH_OK && (c.out = rh_ledger_block_new()) == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = convert(&c, data, len, err);
    rh_mem_free(c.ids);
    rh_buf_done(&c.undo_bytes);
    if (status != RH_OK) {
        rh_ledger_block_free(c.out);
        return status;
    }
    *out = c.out;
    return RH_OK;
}

/* ---- files ---- */

/* All files of one import. */
typedef struct import {
    const rh_import_options *options;
    rh_ledger_writer *writer;
    rh_sha256d *sha;
    int64_t height; /* of the next block that does not tell its own */
    bool several;
    uint64_t not_in_rev;
} import;

static rh_status import_block(import *all, rh_block_file *file, rh_import_spent *spent,
                              rh_error *err)
{
    rh_ledger_block *block = NULL;
    rh_status status = rh_cancel_check(all->options->cancel, err);

    if (status == RH_OK)
        status = rh_import_next_block(file, all->sha, spent, &block, err);
    if (status != RH_OK)
        return status;
    if (block->height < 0 || all->options->first_height >= 0)
        block->height = all->height;
    all->height = block->height + 1;
    status = rh_ledger_writer_add(all->writer, block, err);
    rh_progress_add(all->options->progress, 0, 0, 1);
    rh_ledger_block_free(block);
    return status;
}

/* What the file's reader said names the file already. */
static void name_place(const char *path, uint64_t block, const rh_block_file *file, rh_error *err)
{
    if (err == NULL)
        return;
    if (err->code == RH_EFORMAT && block == 0 && !rh_block_file_is_sequence(file))
        rh_error_hint(err, "it begins with the magic of no known network, so it was read as one "
                           "raw block; obfuscated files need the node's xor.dat");
    if (err->text[0] != '\'' || !rh_str_starts_with(err->text + 1, path))
        rh_error_where(err, "'%s', block %" PRIu64, path, block + 1);
}

static rh_status import_file(import *all, const char *path, rh_error *err)
{
    const rh_import_options *options = all->options;
    const rh_block_file_options file_options = {options->network, options->xor_key, 0};
    rh_import_spent spent = RH_IMPORT_SPENT_INIT;
    rh_block_file *file = NULL;
    rh_status status = rh_block_file_open(path, &file_options, &file, err);

    if (status == RH_OK)
        status = rh_import_spent_open(path, options, rh_block_file_network(file), &spent, err);
    if (status == RH_OK && options->undo != NULL && spent.path != NULL && all->several)
        status = rh_error_set(err, RH_EUSAGE, "'%s' goes with one block: it is no rev*.dat",
                              options->undo);
    for (uint64_t i = 0; status == RH_OK; i++) {
        status = import_block(all, file, &spent, err);
        if (status == RH_DONE && i == 0)
            status = rh_error_set(err, RH_EFORMAT, "there is no block in it");
        if (status != RH_OK && status != RH_DONE)
            name_place(path, i, file, err);
    }
    all->not_in_rev += spent.not_in_rev;
    rh_import_spent_close(&spent);
    rh_block_file_close(file);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_import_blocks(const char *const *paths, const rh_import_options *options,
                           rh_ledger_writer *writer, uint64_t *out_not_in_rev, rh_error *err)
{
import all = {.options = options, .writer = writer, .sha = rh_sha256d_new(), .height = options->first_height< 0 ? 0 : options->first_height,
                  .several = paths[0] != NULL && paths[1] != NULL};
    rh_status status = RH_OK;

    rh_progress_stage(options->progress, "blocks", 0, 0, 0);
    for (size_t i = 0; status == RH_OK && paths[i] != NULL; i++)
        status = import_file(&all, paths[i], err);
    rh_sha256d_free(all.sha);
    if (status == RH_OK)
        *out_not_in_rev = all.not_in_rev;
    if (status == RH_EFORMAT && err != NULL && err->hint[0] == '\0')
        rh_error_hint(err, "a raw block, or a blk*.dat of mainnet, testnet3, testnet4, signet or "
                           "regtest is expected");
    return status;
}
