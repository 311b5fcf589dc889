/*
 * Blocks made after a model. Random numbers come from splitmix64, so that a seed gives the same
 * blocks everywhere; hashes are double SHA-256 of seed and counter.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "ledger/block.h"
#include "ledger/import.h"
#include "ledger/script.h"

typedef struct maker {
    const rh_ledger_block *model;
    const rh_network *network;
    rh_sha256d *sha;
    uint64_t seed;
    uint64_t state;
    uint64_t counter; /* of hashes */
    rh_ledger_block *out;
} maker;

/* http://prng.di.unimi.it/splitmix64.c */
static uint64_t next_random(maker *m)
{
    uint64_t z = (m->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void next_hash(maker *m, uint8_t out[32])
{
    uint8_t message[16];
    const rh_sha256d_part part = {message, sizeof message};

    rh_put_u64(message, m->seed);
    rh_put_u64(message + 8, m->counter++);
    rh_sha256d_parts(m->sha, &part, 1, out);
}

static const char *new_id(maker *m)
{
    char text[RH_BLOCK_HASH_TEXT];
    uint8_t hash[32];

    next_hash(m, hash);
    return rh_arena_strdup(m->out->arena, rh_block_hash_text(hash, text));
}

/* An address of the same kind as the model's; NULL where that has none. *good: memory. */
static const char *new_address(maker *m, const char *kind, bool *good)
{
    char text[RH_SCRIPT_ADDRESS_TEXT];
    uint8_t hash[32];
    rh_script script = {.program = hash, .program_len = 20};
    const char *copy;

    if (strcmp(kind, "p2sh") == 0)
        script.kind = RH_SCRIPT_HASH;
    else if (strcmp(kind, "p2wpkh") == 0)
        script.kind = RH_SCRIPT_WITNESS_KEY_HASH;
    else if (strcmp(kind, "p2wsh") == 0)
        script.kind = RH_SCRIPT_WITNESS_HASH;
    else if (strcmp(kind, "p2tr") == 0)
        script.kind = RH_SCRIPT_TAPROOT;
    else
        script.kind = RH_SCRIPT_KEY_HASH;
    if (script.kind == RH_SCRIPT_WITNESS_HASH || script.kind == RH_SCRIPT_TAPROOT)
        script.program_len = 32;
    script.witness_version = script.kind == RH_SCRIPT_TAPROOT ? 1 : 0;
    next_hash(m, hash);
    (void)rh_script_address(m->sha, m->network, &script, text);
    copy = rh_arena_strdup(m->out->arena, text);
    *good = *good && copy != NULL;
    return copy;
}

static bool make_inputs(maker *m, const rh_ledger_tx *like)
{
    for (size_t i = 0; i < like->input_count; i++) {
        const rh_ledger_input *from = &m->model->inputs[like->first_input + i];
        rh_ledger_input *to = rh_ledger_block_add_input(m->out);
        bool good = true;

        if (to == NULL)
            return false;
        to->coinbase = from->coinbase;
        to->vout = from->coinbase ? from->vout : (int64_t)(next_random(m) % 3);
        to->txid = from->coinbase ? rh_arena_strdup(m->out->arena, from->txid) : new_id(m);
        to->value = from->value;
        if (from->address != NULL)
            to->address = new_address(m, "p2pkh", &good);
        to->outpoint = to->txid == NULL
                           ? NULL
                           : rh_arena_printf(m->out->arena, "%s:%" PRId64, to->txid, to->vout);
        if (!good || to->outpoint == NULL)
            return false;
    }
    return true;
}

static bool make_outputs(maker *m, const rh_ledger_tx *like, const char *txid)
{
    for (size_t i = 0; i < like->output_count; i++) {
        const rh_ledger_output *from = &m->model->outputs[like->first_output + i];
        rh_ledger_output *to = rh_ledger_block_add_output(m->out);
        bool good = true;

        if (to == NULL)
            return false;
        to->vout = (int64_t)i;
        to->kind = from->kind; /* a constant text */
        to->value = from->value;
        if (from->address != NULL)
            to->address = new_address(m, from->kind, &good);
        to->outpoint = rh_arena_printf(m->out->arena, "%s:%zu", txid, i);
        if (!good || to->outpoint == NULL)
            return false;
    }
    return true;
}

static bool make_tx(maker *m, const rh_ledger_tx *like)
{
    rh_ledger_tx *tx = rh_ledger_block_add_tx(m->out);
    const char *txid = tx == NULL ? NULL : new_id(m);

    if (txid == NULL)
        return false;
    tx->txid = txid;
    return make_inputs(m, like) && make_outputs(m, like, txid);
}

/* The coinbase first; the others are drawn from the model's others, with putting back. */
static bool make_block(maker *m, uint64_t transactions)
{
    size_t others = m->model->tx_count - 1;

    m->out->hash = new_id(m);
    if (m->out->hash == NULL || !make_tx(m, &m->model->txs[0]))
        return false;
    for (uint64_t i = 1; i < transactions; i++) {
        size_t at = others == 0 ? 0 : 1 + (size_t)(next_random(m) % others);

        if (!make_tx(m, &m->model->txs[at]))
            return false;
    }
    return true;
}

static rh_status make_all(maker *m, const rh_import_options *options,
                          const rh_synthesize_options *synthesize, rh_ledger_writer *writer,
                          rh_error *err)
{
    int64_t height =
        synthesize->first_height >= 0 ? synthesize->first_height : m->model->height + 1;
    uint64_t transactions =
        synthesize->transactions == 0 ? m->model->tx_count : synthesize->transactions;
    rh_status status = RH_OK;

    for (uint64_t i = 0; status == RH_OK && i < synthesize->blocks; i++) {
        status = rh_cancel_check(options->cancel, err);
        if (status != RH_OK)
            break;
        m->out = rh_ledger_block_new();
        if (m->out == NULL || !make_block(m, transactions)) {
            status = rh_error_oom(err);
        } else {
            m->out->height = height + (int64_t)i;
            m->out->time = m->model->time + 600 * ((int64_t)i + 1);
            status = rh_ledger_writer_add(writer, m->out, err);
        }
        rh_ledger_block_free(m->out);
        rh_progress_add(options->progress, 0, 0, 1);
    }
    return status;
}

rh_status rh_import_synthesize(const char *like, const rh_import_options *options,
                               const rh_synthesize_options *synthesize, rh_ledger_writer *writer,
                               rh_error *err)
{
    const rh_block_file_options file_options = {options->network, options->xor_key, 0};
    rh_import_spent spent = RH_IMPORT_SPENT_INIT;
    maker m = {.seed = synthesize->seed, .state = synthesize->seed};
    rh_block_file *file = NULL;
    rh_ledger_block *model = NULL;
    rh_status status = rh_block_file_open(like, &file_options, &file, err);

    m.sha = rh_sha256d_new();
    if (status == RH_OK)
        status = rh_import_spent_open(like, options, rh_block_file_network(file), &spent, err);
    if (status == RH_OK)
        status = rh_import_next_block(file, m.sha, &spent, &model, err);
    if (status == RH_DONE)
        status = rh_error_set(err, RH_EFORMAT, "there is no block in it");
    if (status != RH_OK) {
        rh_error_where(err, "'%s'", like);
        goto out;
    }
    m.model = model;
    m.network = rh_block_file_network(file);
    rh_progress_stage(options->progress, "blocks", 0, 0, synthesize->blocks);
    status = make_all(&m, options, synthesize, writer, err);
out:
    rh_ledger_block_free(model);
    rh_import_spent_close(&spent);
    rh_block_file_close(file);
    rh_sha256d_free(m.sha);
    return status;
}
