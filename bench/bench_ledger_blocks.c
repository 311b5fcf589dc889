/*
 * How fast blocks are parsed on one core: walking every input and output, with addresses, and with
 * the hashes of transactions and the merkle root.
 *
 * rehearse_bench_ledger_blocks [MILLISECONDS] BLOCK...: processor time, megabytes (10^6) a second.
 * Exit code 1 when walking stays below the bar of 200 MB/s.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "ledger/block.h"
#include "ledger/script.h"

enum { BAR_MB = 200 };

typedef struct bench {
    rh_sha256d *sha;
    const rh_network *network;
    uint8_t (*ids)[32];
    uint64_t sum; /* keeps the work alive */
} bench;

typedef void (*tx_step)(bench *b, const rh_block_tx *tx);

static void step_walk(bench *b, const rh_block_tx *tx)
{
    rh_block_walk inputs = rh_block_inputs(tx), outputs = rh_block_outputs(tx);
    rh_block_input input;
    rh_block_output output;

    while (rh_block_next_input(&inputs, &input))
        b->sum += input.vout;
    while (rh_block_next_output(&outputs, &output))
        b->sum += (uint64_t)output.value;
}

static void step_addresses(bench *b, const rh_block_tx *tx)
{
    rh_block_walk outputs = rh_block_outputs(tx);
    rh_block_output output;
    rh_script script;
    char address[RH_SCRIPT_ADDRESS_TEXT];

    while (rh_block_next_output(&outputs, &output)) {
        rh_script_read(output.script, output.script_len, &script);
        b->sum += rh_script_address(b->sha, b->network, &script, address);
    }
}

static void step_hashes(bench *b, const rh_block_tx *tx)
{
    step_walk(b, tx);
    rh_block_txid(b->sha, tx, b->ids[tx->index]);
}

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool pass(bench *b, tx_step step, const rh_buf *raw)
{
    rh_block block;
    rh_block_tx tx;
    uint8_t root[32];
    rh_status status = rh_block_open(raw->data, raw->len, &block, NULL);

    while (status == RH_OK) {
        status = rh_block_next(&block, &tx, NULL);
        if (status == RH_OK)
            step(b, &tx);
    }
    if (status != RH_DONE || step != step_hashes)
        return status == RH_DONE;
    rh_block_merkle_root(b->sha, b->ids, block.tx_count, root);
    return memcmp(root, block.merkle_root, sizeof root) == 0;
}

/* Megabytes a second, or a negative number for a block that is none. */
static double measure(bench *b, tx_step step, const rh_buf *raw, double seconds)
{
    double start = now(), end = start;
    uint64_t bytes = 0;

    while (end - start < seconds) {
        if (!pass(b, step, raw))
            return -1;
        bytes += raw->len;
        end = now();
    }
    return (double)bytes / (end - start) / 1e6;
}

static int bench_file(bench *b, const char *path, double seconds)
{
    rh_error err = RH_ERROR_INIT;
    rh_buf raw = RH_BUF_INIT;
    rh_block block;
    double walk, addresses, hashes;
    rh_status status = rh_fs_read(path, RH_BLOCK_MAX_BYTES, &raw, &err);

    if (status == RH_OK)
        status = rh_block_open(raw.data, raw.len, &block, &err);
    b->ids = status == RH_OK ? rh_mem_array((size_t)block.tx_count, 32) : NULL;
    if (b->ids == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, err.text);
        rh_buf_done(&raw);
        return 2;
    }
    walk = measure(b, step_walk, &raw, seconds);
    addresses = measure(b, step_addresses, &raw, seconds);
    hashes = measure(b, step_hashes, &raw, seconds);
    (void)printf("%-32s %9zu %9.0f %9.0f %9.0f %6d %s\n", strrchr(path, '/') + 1, raw.len, walk,
                 addresses, hashes, BAR_MB, walk >= BAR_MB ? "ok" : "BELOW");
    rh_mem_free(b->ids);
    rh_buf_done(&raw);
    return walk >= BAR_MB && hashes > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    bench b = {.sha = rh_sha256d_new()};
    int64_t ms = 300;
    int first = 1, result = 0;

    if (argc > 1 && rh_num_scan_int64(argv[1], strlen(argv[1]), &ms))
        first = 2;
    if (argc <= first || rh_network_by_name("mainnet", &b.network, NULL) != RH_OK) {
        (void)fprintf(stderr, "usage: rehearse_bench_ledger_blocks [MILLISECONDS] BLOCK...\n");
        return 2;
    }
    (void)printf("%-32s %9s %9s %9s %9s %6s\n", "MB/s on one core", "bytes", "walk", "addresses",
                 "hashes", "bar");
    for (int i = first; i < argc; i++) {
        int one = bench_file(&b, argv[i], (double)ms / 1000);

        result = one > result ? one : result;
    }
    rh_sha256d_free(b.sha);
    return result;
}
