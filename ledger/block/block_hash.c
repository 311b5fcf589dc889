#include "ledger/block.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

enum { HASH = RH_BLOCK_HASH_BYTES };

void rh_block_hash(rh_sha256d *sha, const rh_block *block, uint8_t out[HASH])
{
    const rh_sha256d_part header = {block->data, RH_BLOCK_HEADER_BYTES};

    rh_sha256d_parts(sha, &header, 1, out);
}

void rh_block_wtxid(rh_sha256d *sha, const rh_block_tx *tx, uint8_t out[HASH])
{
    const rh_sha256d_part all = {tx->data, tx->len};

    if (tx->coinbase) /* BIP 141: it commits to the others and cannot know its own */
        memset(out, 0, HASH);
    else
        rh_sha256d_parts(sha, &all, 1, out);
}

void rh_block_txid(rh_sha256d *sha, const rh_block_tx *tx, uint8_t out[HASH])
{
    const rh_sha256d_part stripped[] = {
        {tx->data, 4}, {tx->body, (size_t)(tx->body_end - tx->body)}, {tx->data + tx->len - 4, 4}};
    const rh_sha256d_part all = {tx->data, tx->len};

    if (tx->segwit)
        rh_sha256d_parts(sha, stripped, 3, out);
    else
        rh_sha256d_parts(sha, &all, 1, out);
}

void rh_block_merkle_root(rh_sha256d *sha, uint8_t (*txids)[HASH], size_t count, uint8_t out[HASH])
{
    assert(count > 0);
    while (count > 1) {
        size_t pairs = (count + 1) / 2;

        for (size_t i = 0; i < pairs; i++) {
            const uint8_t *right = txids[2 * i + 1 < count ? 2 * i + 1 : 2 * i];
            const rh_sha256d_part pair[] = {{txids[2 * i], HASH}, {right, HASH}};

            rh_sha256d_parts(sha, pair, 2, txids[i]);
        }
        count = pairs;
    }
    memcpy(out, txids[0], HASH);
}

const char *rh_block_hash_text(const uint8_t hash[HASH], char out[RH_BLOCK_HASH_TEXT])
{
    uint8_t shown[HASH];

    for (size_t i = 0; i < HASH; i++)
        shown[i] = hash[HASH - 1 - i];
    rh_hex_encode(shown, HASH, out);
    return out;
}

const char *rh_block_outpoint_text(const uint8_t txid[HASH], uint32_t vout,
                                   char out[RH_BLOCK_OUTPOINT_TEXT])
{
    (void)rh_block_hash_text(txid, out);
    (void)snprintf(out + 2 * HASH, RH_BLOCK_OUTPOINT_TEXT - 2 * HASH, ":%lu", (unsigned long)vout);
    return out;
}
