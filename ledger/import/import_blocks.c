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
    if (c->has_undo && c->undo.at != c->undo.len)
        return rh_error_set(err, RH_EFORMAT, "there are more spent outputs than inputs");
    return RH_OK;
}

rh_status rh_import_next_block(rh_block_file *file, rh_sha256d *sha, const char *undo,
                               rh_ledger_block **out, rh_error *err)
{
    conversion c = {.network = rh_block_file_network(file), .sha = sha, .has_undo = undo != NULL};
    const uint8_t *data = NULL;
    size_t len = 0;
    rh_status status = rh_block_file_next(file, &data, &len, err);

    if (status != RH_OK)
        return status;
    rh_buf_init(&c.undo_bytes, RH_BLOCK_MAX_BYTES);
    if (undo != NULL)
        status = rh_fs_read(undo, RH_BLOCK_MAX_BYTES, &c.undo_bytes, err);
    c.undo = (rh_undo){c.undo_bytes.data, c.undo_bytes.len, 0};
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

/* "<block without .raw>.undo" when there is such a file; *out may stay NULL. */
static rh_status find_undo(const char *path, char **out, rh_error *err)
{
    size_t stem = strlen(path);
    char *name;

    if (rh_str_ends_with(path, ".raw") || rh_str_ends_with(path, ".blk"))
        stem -= 4;
    name = rh_mem_printf("%.*s.undo", (int)stem, path);
    if (name == NULL)
        return rh_error_oom(err);
    if (!rh_fs_exists(name)) {
        rh_mem_free(name);
        name = NULL;
    }
    *out = name;
    return RH_OK;
}

static rh_status import_file(const char *path, const rh_import_options *options, rh_sha256d *sha,
                             int64_t *height, rh_ledger_writer *writer, rh_error *err)
{
    const rh_block_file_options file_options = {options->network, options->xor_key};
    rh_block_file *file = NULL;
    char *found = NULL;
    rh_status status = rh_block_file_open(path, &file_options, &file, err);

    if (status == RH_OK && options->undo == NULL)
        status = find_undo(path, &found, err);
    for (uint64_t i = 0; status == RH_OK; i++) {
        const char *undo = options->undo != NULL ? options->undo : found;
        rh_ledger_block *block = NULL;

        status = rh_cancel_check(options->cancel, err);
        if (status == RH_OK)
            status = rh_import_next_block(file, sha, undo, &block, err);
        if (status == RH_DONE && i == 0)
            status = rh_error_set(err, RH_EFORMAT, "there is no block in it");
        if (status != RH_OK && status != RH_DONE)
            rh_error_where(err, "'%s', block %" PRIu64, path, i + 1);
        if (status != RH_OK)
            break;
        if (block->height < 0 || options->first_height >= 0)
            block->height = *height;
        *height = block->height + 1;
        status = rh_ledger_writer_add(writer, block, err);
        rh_progress_add(options->progress, 0, 0, 1);
        rh_ledger_block_free(block);
    }
    rh_block_file_close(file);
    rh_mem_free(found);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_import_blocks(const char *const *paths, const rh_import_options *options,
                           rh_ledger_writer *writer, rh_error *err)
{
    rh_sha256d *sha = rh_sha256d_new();
    int64_t height = options->first_height < 0 ? 0 : options->first_height;
    rh_status status = RH_OK;

    rh_progress_stage(options->progress, "blocks", 0, 0, 0);
    for (size_t i = 0; status == RH_OK && paths[i] != NULL; i++)
        status = import_file(paths[i], options, sha, &height, writer, err);
    rh_sha256d_free(sha);
    if (status == RH_EFORMAT)
        rh_error_hint(err, "a raw block, or a blk*.dat of mainnet, testnet3, testnet4, signet or "
                           "regtest is expected");
    return status;
}
